/* adamax.c - Adam with the largest gradient in the place of the second moment (Kingma and Ba 2015, section 7).
 *
 * m += (1 - beta_1)(g - m);  u = max(beta_2 u, |g|);  w -= rate m / ((1 - beta_1^t)(u + epsilon)) */
#include <math.h>

#include "optimizer.h"

typedef struct adamax_config {
  double beta_1, beta_2, epsilon;
} adamax_config;

static const nn_field fields[] = {
    {"beta_1", NN_FIELD_FLOAT, offsetof(adamax_config, beta_1), 0.9, 0, 1, NULL},
    {"beta_2", NN_FIELD_FLOAT, offsetof(adamax_config, beta_2), 0.999, 0, 1, NULL},
    {"epsilon", NN_FIELD_FLOAT, offsetof(adamax_config, epsilon), 1e-7, 0, INFINITY, NULL},
    {0}};

static const char *const slot_names[] = {"momentum", "norm"};

static int slot_count(const void *config) {
  (void)config;
  return 2;
}

static void update(const void *config, const nn_update *step, float *weight, const float *grad, float *const *slots,
                   int64_t n) {
  const adamax_config *c = config;
  const float rest_1 = (float)(1 - c->beta_1), beta_2 = (float)c->beta_2, epsilon = (float)c->epsilon;
  const float alpha = step->learning_rate / (1 - powf((float)c->beta_1, (float)(step->iteration + 1)));
  float *restrict m = slots[0], *restrict u = slots[1], *restrict w = weight;
  for (int64_t i = 0; i < n; i++) {
    float size = fabsf(grad[i]), faded = beta_2 * u[i];
    m[i] += (grad[i] - m[i]) * rest_1;
    u[i] = faded > size ? faded : size;
    w[i] -= alpha * m[i] / (u[i] + epsilon);
  }
}

const nn_optimizer nn_optimizer_adamax = {.name = "adamax",
                                          .config_size = sizeof(adamax_config),
                                          .fields = fields,
                                          .slot_count = slot_count,
                                          .slot_names = slot_names,
                                          .update = update};
