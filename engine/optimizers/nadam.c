/* nadam.c - Adam with Nesterov's momentum (Dozat 2016; keras/optimizers/nadam.py).
 *
 * u_t = beta_1 (1 - 0.96^t / 2);  p = u_1 u_2 ... u_t
 * m += (1 - beta_1)(g - m);  v += (1 - beta_2)(g^2 - v)
 * w -= rate (u_{t+1} m / (1 - p u_{t+1}) + (1 - u_t) g / (1 - p)) / (sqrt(v / (1 - beta_2^t)) + epsilon) */
#include <math.h>

#include "optimizer.h"

typedef struct nadam_config {
  double beta_1, beta_2, epsilon;
} nadam_config;

static const nn_field fields[] = {{"beta_1", NN_FIELD_FLOAT, offsetof(nadam_config, beta_1), 0.9, 0, 1, NULL},
                                  {"beta_2", NN_FIELD_FLOAT, offsetof(nadam_config, beta_2), 0.999, 0, 1, NULL},
                                  {"epsilon", NN_FIELD_FLOAT, offsetof(nadam_config, epsilon), 1e-7, 0, INFINITY, NULL},
                                  {0}};

static const char *const slot_names[] = {"momentum", "velocity"};

static int slot_count(const void *config) {
  (void)config;
  return 2;
}

static double momentum_at(double beta_1, double t) { return beta_1 * (1 - 0.5 * pow(0.96, t)); }

/* u_1 u_2 ... u_t, from t alone, so that no state has to be kept. What 0.96^k adds after 500 factors, or to a product
 * that small, is beyond single precision. */
static double momentum_product(double beta_1, int64_t t) {
  enum { FACTORS = 500 };
  const double least = 1e-12;
  double product = 1, power = 1;
  int64_t k = 0;
  for (; k < t && k < FACTORS && product > least; k++) {
    power *= 0.96;
    product *= beta_1 * (1 - 0.5 * power);
  }
  return product * pow(beta_1, (double)(t - k));
}

static void update(const void *config, const nn_update *step, float *weight, const float *grad, float *const *slots,
                   int64_t n) {
  const nadam_config *c = config;
  const int64_t t = step->iteration + 1;
  const double now = momentum_at(c->beta_1, (double)t), next = momentum_at(c->beta_1, (double)t + 1);
  const double product = momentum_product(c->beta_1, t);
  const float of_m = (float)(next / (1 - product * next)), of_g = (float)((1 - now) / (1 - product));
  const float rest_1 = (float)(1 - c->beta_1), rest_2 = (float)(1 - c->beta_2), epsilon = (float)c->epsilon;
  const float correction = 1 - powf((float)c->beta_2, (float)t), rate = step->learning_rate;
  float *restrict m = slots[0], *restrict v = slots[1], *restrict w = weight;
  for (int64_t i = 0; i < n; i++) {
    float g = grad[i];
    m[i] += (g - m[i]) * rest_1;
    v[i] += (g * g - v[i]) * rest_2;
    w[i] -= rate * (of_m * m[i] + of_g * g) / (sqrtf(v[i] / correction) + epsilon);
  }
}

const nn_optimizer nn_optimizer_nadam = {.name = "nadam",
                                         .config_size = sizeof(nadam_config),
                                         .fields = fields,
                                         .slot_count = slot_count,
                                         .slot_names = slot_names,
                                         .update = update};
