/* adam.c - Adam (Kingma and Ba 2015), in the form of keras/optimizers/adam.py: epsilon is added to the root of the
 * uncorrected second moment, and the step size is computed in single precision (in double, weights are 3e-2 away from
 * Keras' after an epoch).
 *
 * m += (1 - beta_1)(g - m);  v += (1 - beta_2)(g^2 - v);  amsgrad: s = max(s, v), otherwise s = v
 * w -= rate sqrt(1 - beta_2^t) / (1 - beta_1^t) m / (sqrt(s) + epsilon) */
#include <math.h>

#include "optimizer.h"
#include "products/kernels/kernels.h"

typedef struct adam_config {
  double beta_1, beta_2, epsilon;
  bool amsgrad;
} adam_config;

static const nn_field fields[] = {{"beta_1", NN_FIELD_FLOAT, offsetof(adam_config, beta_1), 0.9, 0, 1, NULL},
                                  {"beta_2", NN_FIELD_FLOAT, offsetof(adam_config, beta_2), 0.999, 0, 1, NULL},
                                  {"epsilon", NN_FIELD_FLOAT, offsetof(adam_config, epsilon), 1e-7, 0, INFINITY, NULL},
                                  {"amsgrad", NN_FIELD_BOOL, offsetof(adam_config, amsgrad), false, 0, 1, NULL},
                                  {0}};

static const char *const slot_names[] = {"momentum", "velocity", "velocity_hat"};

static int slot_count(const void *config) { return ((const adam_config *)config)->amsgrad ? 3 : 2; }

static void update_with_largest(const nn_adam_step *step, float *restrict w, const float *restrict grad,
                                float *restrict m, float *restrict v, float *restrict largest, int64_t n) {
  for (int64_t i = 0; i < n; i++) {
    m[i] += (grad[i] - m[i]) * step->rest_1;
    v[i] += (grad[i] * grad[i] - v[i]) * step->rest_2;
    largest[i] = largest[i] > v[i] ? largest[i] : v[i];
    w[i] -= m[i] * step->alpha / (sqrtf(largest[i]) + step->epsilon);
  }
}

static void update(const void *config, const nn_update *given, float *weight, const float *grad, float *const *slots,
                   int64_t n) {
  const adam_config *c = config;
  const float t = (float)(given->iteration + 1);
  const nn_adam_step step = {.alpha = given->learning_rate * sqrtf(1 - powf((float)c->beta_2, t)) /
                                      (1 - powf((float)c->beta_1, t)),
                             .rest_1 = (float)(1 - c->beta_1),
                             .rest_2 = (float)(1 - c->beta_2),
                             .epsilon = (float)c->epsilon};
  if (c->amsgrad)
    update_with_largest(&step, weight, grad, slots[0], slots[1], slots[2], n);
  else
    nn_kernels_at(0)->adam(&step, weight, grad, slots[0], slots[1], n);
}

const nn_optimizer nn_optimizer_adam = {.name = "adam",
                                        .config_size = sizeof(adam_config),
                                        .fields = fields,
                                        .slot_count = slot_count,
                                        .slot_names = slot_names,
                                        .update = update};
