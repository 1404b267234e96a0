/* ftrl.c - "follow the regularized leader" (McMahan et al., "Ad click prediction", 2013; keras/optimizers/ftrl.py).
 *
 * With p = -learning_rate_power:  a' = a + g^2;  l += g + 2 shrinkage w - (a'^p - a^p) w / rate
 * w = (clip(l, -l1, l1) - l) / (a'^p / rate + 2 (l2 + beta / (2 rate))) */
#include <math.h>

#include "optimizer.h"

typedef struct ftrl_config {
  double learning_rate_power, initial_accumulator_value;
  double l1_regularization_strength, l2_regularization_strength, l2_shrinkage_regularization_strength, beta;
} ftrl_config;

#define FLOAT(name, default_value, min, max)                                                                           \
  { #name, NN_FIELD_FLOAT, offsetof(ftrl_config, name), default_value, min, max, NULL }

static const nn_field fields[] = {FLOAT(learning_rate_power, -0.5, -INFINITY, 0),
                                  FLOAT(initial_accumulator_value, 0.1, 0, INFINITY),
                                  FLOAT(l1_regularization_strength, 0, 0, INFINITY),
                                  FLOAT(l2_regularization_strength, 0, 0, INFINITY),
                                  FLOAT(l2_shrinkage_regularization_strength, 0, 0, INFINITY),
                                  FLOAT(beta, 0, 0, INFINITY),
                                  {0}};

static const char *const slot_names[] = {"accumulator", "linear"};

static int slot_count(const void *config) {
  (void)config;
  return 2;
}

static double slot_start(const void *config, int slot) {
  return slot == 0 ? ((const ftrl_config *)config)->initial_accumulator_value : 0;
}

static float root(float x, float power) { return power == 0.5F ? sqrtf(x) : powf(x, power); }

static void update(const void *config, const nn_update *step, float *weight, const float *grad, float *const *slots,
                   int64_t n) {
  const ftrl_config *c = config;
  const float rate = step->learning_rate, power = (float)-c->learning_rate_power;
  const float l1 = (float)c->l1_regularization_strength, shrinkage = (float)c->l2_shrinkage_regularization_strength;
  const float l2 = (float)(c->l2_regularization_strength + c->beta / (2 * (double)rate));
  float *restrict a = slots[0], *restrict linear = slots[1], *restrict w = weight;
  for (int64_t i = 0; i < n; i++) {
    float next = a[i] + grad[i] * grad[i], next_root = root(next, power);
    float l = linear[i] + grad[i] + 2 * shrinkage * w[i] - (next_root - root(a[i], power)) / rate * w[i];
    float clipped = l > l1 ? l1 : l < -l1 ? -l1 : l;
    a[i] = next;
    linear[i] = l;
    w[i] = (clipped - l) / (next_root / rate + 2 * l2);
  }
}

const nn_optimizer nn_optimizer_ftrl = {.name = "ftrl",
                                        .config_size = sizeof(ftrl_config),
                                        .fields = fields,
                                        .slot_count = slot_count,
                                        .slot_names = slot_names,
                                        .slot_start = slot_start,
                                        .update = update};
