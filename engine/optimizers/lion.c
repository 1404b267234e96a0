/* lion.c - the sign of the momentum alone (Chen et al., "Symbolic discovery of optimization algorithms", 2023).
 *
 * w -= rate sign(beta_1 m + (1 - beta_1) g);  m = beta_2 m + (1 - beta_2) g */
#include "optimizer.h"

typedef struct lion_config {
  double beta_1, beta_2;
} lion_config;

static const nn_field fields[] = {{"beta_1", NN_FIELD_FLOAT, offsetof(lion_config, beta_1), 0.9, 0, 1, NULL},
                                  {"beta_2", NN_FIELD_FLOAT, offsetof(lion_config, beta_2), 0.99, 0, 1, NULL},
                                  {0}};

static const char *const slot_names[] = {"momentum"};

static int slot_count(const void *config) {
  (void)config;
  return 1;
}

/* -1, 0 or 1; NaN stays NaN. */
static float sign(float x) { return x > 0 ? 1 : x < 0 ? -1 : x; }

static void update(const void *config, const nn_update *step, float *weight, const float *grad, float *const *slots,
                   int64_t n) {
  const lion_config *c = config;
  const float beta_1 = (float)c->beta_1, beta_2 = (float)c->beta_2, rate = step->learning_rate;
  const float rest_1 = (float)(1 - c->beta_1), rest_2 = (float)(1 - c->beta_2);
  float *restrict m = slots[0], *restrict w = weight;
  for (int64_t i = 0; i < n; i++) {
    w[i] -= rate * sign(m[i] * beta_1 + grad[i] * rest_1);
    m[i] = m[i] * beta_2 + grad[i] * rest_2;
  }
}

const nn_optimizer nn_optimizer_lion = {.name = "lion",
                                        .config_size = sizeof(lion_config),
                                        .fields = fields,
                                        .slot_count = slot_count,
                                        .slot_names = slot_names,
                                        .update = update};
