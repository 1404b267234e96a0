/* alpha_dropout.c - in training, dropped values become selu's limit far below 0, and all are scaled and shifted so that
 * mean and variance stay (Klambauer et al. 2017): y = a x + b where kept, a limit + b where dropped, with
 * a = ((1 - rate) (1 + rate limit^2))^-1/2 and b = -a limit rate. Otherwise values pass unchanged. */
#include <string.h>

#include "nn.h"

#define LIMIT (-1.7580993408473766f) /* -scale alpha of selu */

typedef struct dropout_config {
  double rate;
  int seed;
} dropout_config;

static const nn_field fields[] = {
    {"rate", NN_FIELD_FLOAT, offsetof(dropout_config, rate), NAN, 0, 1, NULL},
    {"seed", NN_FIELD_INT, offsetof(dropout_config, seed), NN_NO_SEED, NN_NO_SEED, INT32_MAX, NULL},
    {0}};

static int build(nn_error *error, nn_node *node) {
  if (((const dropout_config *)node->config)->rate == 1)
    return nn_fail(error, "rate: expected a number from 0 to below 1, got 1");
  node->shape = node->inputs[0]->shape;
  node->saved_width = nn_shape_count(&node->shape);
  return NN_OK;
}

/* saved: a where kept, 0 where dropped. */
static void forward(nn_node *node, const nn_pass *pass) {
  const dropout_config *config = (const dropout_config *)node->config;
  const float *x = node->inputs[0]->value;
  float rate = (float)config->rate, a = 1 / sqrtf((1 - rate) * (1 + rate * LIMIT * LIMIT)), b = -a * LIMIT * rate;
  int64_t n = pass->rows * node->width;
  if (!pass->training || rate == 0) {
    memcpy(node->value, x, sizeof(float) * (size_t)n);
    return;
  }
  nn_rng rng = nn_noise_stream(node, pass, config->seed);
  for (int64_t i = 0; i < n; i++) {
    bool is_kept = nn_rng_float(&rng) >= rate;
    node->saved[i] = is_kept ? a : 0;
    node->value[i] = a * (is_kept ? x[i] : LIMIT) + b;
  }
}

static void backward(nn_node *node, const nn_pass *pass) {
  bool acts = pass->training && ((const dropout_config *)node->config)->rate > 0;
  int64_t n = pass->rows * node->width;
  for (int64_t i = 0; node->input_grad[0] && i < n; i++)
    node->input_grad[0][i] = node->grad[i] * (acts ? node->saved[i] : 1);
}

const nn_layer nn_layer_alpha_dropout = {.name = "alpha_dropout",
                                         .config_size = sizeof(dropout_config),
                                         .fields = fields,
                                         .build = build,
                                         .forward = forward,
                                         .backward = backward};
