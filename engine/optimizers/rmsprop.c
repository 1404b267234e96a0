/* rmsprop.c - the gradient divided by a running root mean square (Tieleman and Hinton 2012;
 * keras/optimizers/rmsprop.py: epsilon inside the root, the rate inside the momentum).
 *
 * v = rho v + (1 - rho) g^2;  centered: a = rho a + (1 - rho) g, d = v - a^2, otherwise d = v
 * u = rate g / sqrt(d + epsilon);  momentum > 0: b = momentum b + u, w -= b, otherwise w -= u */
#include <math.h>

#include "optimizer.h"
#include "products/kernels/kernels.h"

typedef struct rmsprop_config {
  double rho, momentum, epsilon;
  bool centered;
} rmsprop_config;

static const nn_field fields[] = {
    {"rho", NN_FIELD_FLOAT, offsetof(rmsprop_config, rho), 0.9, 0, 1, NULL},
    {"momentum", NN_FIELD_FLOAT, offsetof(rmsprop_config, momentum), 0, 0, 1, NULL},
    {"epsilon", NN_FIELD_FLOAT, offsetof(rmsprop_config, epsilon), 1e-7, 0, INFINITY, NULL},
    {"centered", NN_FIELD_BOOL, offsetof(rmsprop_config, centered), false, 0, 1, NULL},
    {0}};

static const char *const slot_names[] = {"velocity", "momentum", "average_gradient"};

static int slot_count(const void *config) {
  const rmsprop_config *c = config;
  return c->centered ? 3 : c->momentum > 0 ? 2 : 1;
}

static void update(const void *config, const nn_update *step, float *weight, const float *grad, float *const *slots,
                   int64_t n) {
  const rmsprop_config *c = config;
  const float rate = step->learning_rate, rho = (float)c->rho, rest = (float)(1 - c->rho);
  const float momentum = (float)c->momentum, epsilon = (float)c->epsilon;
  if (!c->centered && momentum == 0) {
    nn_kernels_at(0)->rmsprop(&(nn_rmsprop_step){rate, rho, rest, epsilon}, weight, grad, slots[0], n);
    return;
  }
  for (int64_t i = 0; i < n; i++) {
    float g = grad[i], v = rho * slots[0][i] + rest * g * g, spread = v;
    slots[0][i] = v;
    if (c->centered) {
      float average = rho * slots[2][i] + rest * g;
      slots[2][i] = average;
      spread -= average * average;
    }
    float pull = rate * g / sqrtf(spread + epsilon);
    if (momentum > 0)
      pull = slots[1][i] = momentum * slots[1][i] + pull;
    weight[i] -= pull;
  }
}

const nn_optimizer nn_optimizer_rmsprop = {.name = "rmsprop",
                                           .config_size = sizeof(rmsprop_config),
                                           .fields = fields,
                                           .slot_count = slot_count,
                                           .slot_names = slot_names,
                                           .update = update};
