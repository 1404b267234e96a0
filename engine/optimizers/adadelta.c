/* adadelta.c - steps in the units of the variable (Zeiler 2012; keras/optimizers/adadelta.py).
 *
 * a = rho a + (1 - rho) g^2;  d = g sqrt(b + epsilon) / sqrt(a + epsilon);  b = rho b + (1 - rho) d^2;  w -= rate d */
#include <math.h>

#include "optimizer.h"

typedef struct adadelta_config {
  double rho, epsilon;
} adadelta_config;

static const nn_field fields[] = {
    {"rho", NN_FIELD_FLOAT, offsetof(adadelta_config, rho), 0.95, 0, 1, NULL},
    {"epsilon", NN_FIELD_FLOAT, offsetof(adadelta_config, epsilon), 1e-7, 0, INFINITY, NULL},
    {0}};

static const char *const slot_names[] = {"accumulated_grad", "accumulated_delta_var"};

static int slot_count(const void *config) {
  (void)config;
  return 2;
}

static void update(const void *config, const nn_update *step, float *weight, const float *grad, float *const *slots,
                   int64_t n) {
  const adadelta_config *c = config;
  const float rate = step->learning_rate, epsilon = (float)c->epsilon, rho = (float)c->rho, rest = (float)(1 - c->rho);
  float *restrict a = slots[0], *restrict b = slots[1], *restrict w = weight;
  for (int64_t i = 0; i < n; i++) {
    a[i] = rho * a[i] + rest * grad[i] * grad[i];
    float delta = sqrtf(b[i] + epsilon) * grad[i] / sqrtf(a[i] + epsilon);
    b[i] = rho * b[i] + rest * delta * delta;
    w[i] -= rate * delta;
  }
}

const nn_optimizer nn_optimizer_adadelta = {.name = "adadelta",
                                            .config_size = sizeof(adadelta_config),
                                            .fields = fields,
                                            .slot_count = slot_count,
                                            .slot_names = slot_names,
                                            .update = update};
