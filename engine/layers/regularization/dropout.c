/* dropout.c - in training, each value is kept with probability 1 - rate and scaled by 1 / (1 - rate), otherwise 0;
 * in inference values pass unchanged (Srivastava et al. 2014, in the inverted form Keras uses). With a noise_shape, all
 * values along an axis of length 1 there are kept or dropped together. */
#include "dropout.h"

static const nn_field fields[] = {NN_DROPOUT_FIELDS, {0}};

static void forward(nn_node *node, const nn_pass *pass) {
  const nn_dropout_config *config = (const nn_dropout_config *)node->config;
  const float *x = node->inputs[0]->data;
  int64_t n = pass->rows * node->output->width;
  if (!nn_drops(node, pass)) {
    memcpy(node->output->data, x, sizeof(float) * (size_t)n);
    return;
  }
  nn_drop(node, pass, config->rate < 1 ? (float)(1 / (1 - config->rate)) : 0);
  for (int64_t i = 0; i < n; i++)
    node->output->data[i] = x[i] * node->saved[i];
}

const nn_layer nn_layer_dropout = {.name = "dropout",
                                   .config_size = sizeof(nn_dropout_config),
                                   .fields = fields,
                                   .build = nn_dropout_build,
                                   .forward = forward,
                                   .backward = nn_dropout_backward};
