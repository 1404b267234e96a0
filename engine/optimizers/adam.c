/* adam.c - Adam (Kingma and Ba 2015), in the form of keras/optimizers/adam.py: epsilon is added to the root of the
 * uncorrected second moment, and the step size is computed in single precision (in double, weights are 3e-2 away from
 * Keras' after an epoch).
 *
 * m += (1 - beta_1)(g - m);  v += (1 - beta_2)(g^2 - v);  amsgrad: s = max(s, v), otherwise s = v
 * w -= rate sqrt(1 - beta_2^t) / (1 - beta_1^t) m / (sqrt(s) + epsilon) */
#include "nn.h"

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

static void update(const void *config, const nn_update *step, float *weight, const float *grad, float *const *slots,
                   int64_t n) {
  const adam_config *c = config;
  const float t = (float)(step->iteration + 1);
  const float alpha = step->learning_rate * sqrtf(1 - powf((float)c->beta_2, t)) / (1 - powf((float)c->beta_1, t));
  const float rest_1 = (float)(1 - c->beta_1), rest_2 = (float)(1 - c->beta_2), epsilon = (float)c->epsilon;
  float *restrict m = slots[0], *restrict v = slots[1], *restrict w = weight;
  if (c->amsgrad) {
    float *restrict largest = slots[2];
    for (int64_t i = 0; i < n; i++) {
      m[i] += (grad[i] - m[i]) * rest_1;
      v[i] += (grad[i] * grad[i] - v[i]) * rest_2;
      largest[i] = largest[i] > v[i] ? largest[i] : v[i];
      w[i] -= m[i] * alpha / (sqrtf(largest[i]) + epsilon);
    }
    return;
  }
  for (int64_t i = 0; i < n; i++) {
    float g = grad[i], first = m[i] + (g - m[i]) * rest_1, second = v[i] + (g * g - v[i]) * rest_2;
    m[i] = first;
    v[i] = second;
    w[i] -= first * alpha / (sqrtf(second) + epsilon);
  }
}

const nn_optimizer nn_optimizer_adam = {.name = "adam",
                                        .config_size = sizeof(adam_config),
                                        .fields = fields,
                                        .slot_count = slot_count,
                                        .slot_names = slot_names,
                                        .update = update};
