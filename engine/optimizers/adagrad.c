/* adagrad.c - the gradient divided by the root of the sum of all squares so far (Duchi et al. 2011;
 * keras/optimizers/adagrad.py: epsilon inside the root).
 *
 * a += g^2;  w -= rate g / sqrt(a + epsilon) */
#include <math.h>

#include "optimizer.h"

typedef struct adagrad_config {
  double initial_accumulator_value, epsilon;
} adagrad_config;

static const nn_field fields[] = {
    {"initial_accumulator_value", NN_FIELD_FLOAT, offsetof(adagrad_config, initial_accumulator_value), 0.1, 0, INFINITY,
     NULL},
    {"epsilon", NN_FIELD_FLOAT, offsetof(adagrad_config, epsilon), 1e-7, 0, INFINITY, NULL},
    {0}};

static const char *const slot_names[] = {"accumulator"};

static int slot_count(const void *config) {
  (void)config;
  return 1;
}

static double slot_start(const void *config, int slot) {
  (void)slot;
  return ((const adagrad_config *)config)->initial_accumulator_value;
}

static void update(const void *config, const nn_update *step, float *weight, const float *grad, float *const *slots,
                   int64_t n) {
  const float rate = step->learning_rate, epsilon = (float)((const adagrad_config *)config)->epsilon;
  float *restrict sum = slots[0], *restrict w = weight;
  for (int64_t i = 0; i < n; i++) {
    sum[i] += grad[i] * grad[i];
    w[i] -= rate * grad[i] / sqrtf(sum[i] + epsilon);
  }
}

const nn_optimizer nn_optimizer_adagrad = {.name = "adagrad",
                                           .config_size = sizeof(adagrad_config),
                                           .fields = fields,
                                           .slot_count = slot_count,
                                           .slot_names = slot_names,
                                           .slot_start = slot_start,
                                           .update = update};
