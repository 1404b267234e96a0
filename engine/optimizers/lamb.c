/* lamb.c - Adam whose step is as long as the variable is large (You et al., "Large batch optimization for deep
 * learning", 2019; keras/optimizers/lamb.py: epsilon outside the root of the corrected second moment).
 *
 * m += (1 - beta_1)(g - m);  v += (1 - beta_2)(g^2 - v)
 * d = m / (1 - beta_1^t) / (sqrt(v / (1 - beta_2^t)) + epsilon);  w -= rate d |w| / |d|, without the ratio where |w| or
 * |d| is 0 */
#include <math.h>

#include "optimizer.h"

typedef struct lamb_config {
  double beta_1, beta_2, epsilon;
} lamb_config;

static const nn_field fields[] = {{"beta_1", NN_FIELD_FLOAT, offsetof(lamb_config, beta_1), 0.9, 0, 1, NULL},
                                  {"beta_2", NN_FIELD_FLOAT, offsetof(lamb_config, beta_2), 0.999, 0, 1, NULL},
                                  {"epsilon", NN_FIELD_FLOAT, offsetof(lamb_config, epsilon), 1e-7, 0, INFINITY, NULL},
                                  {0}};

static const char *const slot_names[] = {"momentum", "velocity"};

static int slot_count(const void *config) {
  (void)config;
  return 2;
}

static float direction(float m, float v, float correct_1, float correct_2, float epsilon) {
  return m / correct_1 / (sqrtf(v / correct_2) + epsilon);
}

static void update(const void *config, const nn_update *step, float *weight, const float *grad, float *const *slots,
                   int64_t n) {
  const lamb_config *c = config;
  const float t = (float)(step->iteration + 1), epsilon = (float)c->epsilon;
  const float rest_1 = (float)(1 - c->beta_1), rest_2 = (float)(1 - c->beta_2);
  const float correct_1 = 1 - powf((float)c->beta_1, t), correct_2 = 1 - powf((float)c->beta_2, t);
  float *restrict m = slots[0], *restrict v = slots[1], *restrict w = weight;
  double weight_square = 0, step_square = 0;
  for (int64_t i = 0; i < n; i++) {
    m[i] += (grad[i] - m[i]) * rest_1;
    v[i] += (grad[i] * grad[i] - v[i]) * rest_2;
    double d = (double)direction(m[i], v[i], correct_1, correct_2, epsilon);
    step_square += d * d;
    weight_square += (double)w[i] * (double)w[i];
  }
  const bool scaled = weight_square > 0 && step_square > 0;
  const float rate = step->learning_rate * (scaled ? (float)sqrt(weight_square / step_square) : 1);
  for (int64_t i = 0; i < n; i++)
    w[i] -= rate * direction(m[i], v[i], correct_1, correct_2, epsilon);
}

const nn_optimizer nn_optimizer_lamb = {.name = "lamb",
                                        .config_size = sizeof(lamb_config),
                                        .fields = fields,
                                        .slot_count = slot_count,
                                        .slot_names = slot_names,
                                        .by_variable = true,
                                        .update = update};
