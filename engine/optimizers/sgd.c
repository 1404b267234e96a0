/* sgd.c - gradient descent, with momentum where asked (keras/optimizers/sgd.py: the rate is inside the velocity).
 *
 * momentum 0:  w -= rate g
 * otherwise:   v = momentum v - rate g;  w += v, or with nesterov  w += momentum v - rate g */
#include "optimizer.h"

typedef struct sgd_config {
  double momentum;
  bool nesterov;
} sgd_config;

static const nn_field fields[] = {{"momentum", NN_FIELD_FLOAT, offsetof(sgd_config, momentum), 0, 0, 1, NULL},
                                  {"nesterov", NN_FIELD_BOOL, offsetof(sgd_config, nesterov), false, 0, 1, NULL},
                                  {0}};

static const char *const slot_names[] = {"velocity"};

static int slot_count(const void *config) { return ((const sgd_config *)config)->momentum != 0; }

static void update(const void *config, const nn_update *step, float *weight, const float *grad, float *const *slots,
                   int64_t n) {
  const sgd_config *c = config;
  const float rate = step->learning_rate, momentum = (float)c->momentum;
  if (momentum == 0) {
    for (int64_t i = 0; i < n; i++)
      weight[i] -= rate * grad[i];
    return;
  }
  float *velocity = slots[0];
  for (int64_t i = 0; i < n; i++) {
    float pull = rate * grad[i], v = momentum * velocity[i] - pull;
    velocity[i] = v;
    weight[i] += c->nesterov ? momentum * v - pull : v;
  }
}

const nn_optimizer nn_optimizer_sgd = {.name = "sgd",
                                       .config_size = sizeof(sgd_config),
                                       .fields = fields,
                                       .slot_count = slot_count,
                                       .slot_names = slot_names,
                                       .update = update};
