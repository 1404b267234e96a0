/* activation.c - a function applied to what the layer before gives. */
#include "nn.h"

typedef struct activation_config {
  nn_activation_config activation;
} activation_config;

static const nn_field fields[] = {NN_ACTIVATION_FIELDS("activation", activation_config, activation), {0}};

static int build(nn_error *error, nn_node *node) {
  const activation_config *config = (const activation_config *)node->config;
  node->shape = node->inputs[0]->shape;
  if (nn_activation_by_row(&config->activation) && node->shape.ndim == 0)
    return nn_fail(error, "%s wants samples with at least one axis, got single numbers",
                   nn_activation_names[config->activation.function]);
  return NN_OK;
}

static int64_t last_axis(const nn_node *node) { return node->shape.ndim ? node->shape.dim[node->shape.ndim - 1] : 1; }

static void forward(nn_node *node, const nn_pass *pass) {
  const activation_config *config = (const activation_config *)node->config;
  int64_t width = last_axis(node);
  nn_activate(&config->activation, node->value, node->inputs[0]->value, pass->rows * node->width / width, width);
}

static void backward(nn_node *node, const nn_pass *pass) {
  const activation_config *config = (const activation_config *)node->config;
  int64_t width = last_axis(node);
  if (node->input_grad[0])
    nn_activate_backward(&config->activation, node->input_grad[0], node->grad, node->value, node->inputs[0]->value,
                         pass->rows * node->width / width, width);
}

const nn_layer nn_layer_activation = {.name = "activation",
                                      .config_size = sizeof(activation_config),
                                      .fields = fields,
                                      .build = build,
                                      .forward = forward,
                                      .backward = backward};
