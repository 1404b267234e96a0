/* average_pooling.c - the mean of each window, channel by channel, over the cells that lie in the image. */
#include "window.h"

static void forward(nn_node *node, const nn_pass *pass) {
  const nn_window w = nn_pool_window(node);
  const nn_pooling pooling = nn_pool_begin(&w, pass);
  nn_average_pool(&pooling, node->output->data, node->inputs[0]->data);
}

static void backward(nn_node *node, const nn_pass *pass) {
  const nn_window w = nn_pool_window(node);
  const nn_pooling pooling = nn_pool_begin(&w, pass);
  if (node->input_grad[0])
    nn_average_pool_gradient(&pooling, node->input_grad[0], node->output->grad);
}

const nn_layer nn_layer_average_pooling = {.name = "average_pooling",
                                           .config_size = sizeof(nn_pool_config),
                                           .fields = nn_pool_fields,
                                           .build = nn_pool_build,
                                           .forward = forward,
                                           .backward = backward};
