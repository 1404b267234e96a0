/* alpha_dropout.c - in training, dropped values become selu's limit far below 0, and all are scaled and shifted so that
 * mean and variance stay (Klambauer et al. 2017): y = a x + b where kept, a limit + b where dropped, with
 * a = ((1 - rate) (1 + rate limit^2))^-1/2 and b = -a limit rate. Otherwise values pass unchanged. noise_shape as for
 * dropout. */
#include "dropout.h"

#define LIMIT (-1.7580993408473766f) /* -scale alpha of selu */

static const nn_field fields[] = {NN_DROPOUT_FIELDS, {0}};

static int build(nn_error *error, nn_node *node) {
  if (((const nn_dropout_config *)node->config)->rate == 1)
    return nn_fail(error, "rate: expected a number from 0 to below 1, got 1");
  return nn_dropout_build(error, node);
}

static void forward(nn_node *node, const nn_pass *pass) {
  const float *x = node->inputs[0]->data, rate = (float)((const nn_dropout_config *)node->config)->rate;
  const float a = 1 / sqrtf((1 - rate) * (1 + rate * LIMIT * LIMIT)), b = -a * LIMIT * rate;
  int64_t n = pass->rows * node->output->width;
  if (!nn_drops(node, pass)) {
    memcpy(node->output->data, x, sizeof(float) * (size_t)n);
    return;
  }
  nn_drop(node, pass, a);
  for (int64_t i = 0; i < n; i++)
    node->output->data[i] = a * (node->saved[i] > 0 ? x[i] : LIMIT) + b;
}

const nn_layer nn_layer_alpha_dropout = {.name = "alpha_dropout",
                                         .config_size = sizeof(nn_dropout_config),
                                         .fields = fields,
                                         .build = build,
                                         .forward = forward,
                                         .backward = nn_dropout_backward};
