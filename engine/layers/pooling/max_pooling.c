/* max_pooling.c - the largest number in each window, channel by channel; the first of several takes the gradient. */
#include "window.h"

static int build(nn_error *error, nn_node *node) {
  if (nn_pool_build(error, node) != NN_OK)
    return NN_ERROR;
  const nn_window w = nn_pool_window(node);
  node->saved_size = nn_max_pool_places_size(&w);
  return NN_OK;
}

static void forward(nn_node *node, const nn_pass *pass) {
  const nn_window w = nn_pool_window(node);
  const nn_pooling pooling = nn_pool_begin(&w, pass);
  nn_max_pool(&pooling, node->output->data, node->saved, node->inputs[0]->data);
}

static void backward(nn_node *node, const nn_pass *pass) {
  const nn_window w = nn_pool_window(node);
  const nn_pooling pooling = nn_pool_begin(&w, pass);
  if (node->input_grad[0])
    nn_max_pool_gradient(&pooling, node->input_grad[0], node->saved, node->output->grad);
}

const nn_layer nn_layer_max_pooling = {.name = "max_pooling",
                                       .config_size = sizeof(nn_pool_config),
                                       .fields = nn_pool_fields,
                                       .build = build,
                                       .forward = forward,
                                       .backward = backward};
