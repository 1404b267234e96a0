/* activation.c - a function applied to what the layer before gives. */
#include "tensor/activation.h"
#include "graph/node.h"

typedef struct activation_config {
  nn_activation_config activation;
} activation_config;

static const nn_field fields[] = {
    NN_ACTIVATION_FIELDS("activation", activation_config, activation),
    {"axes", NN_FIELD_INT, offsetof(activation_config, activation.axes), 1, 1, NN_MAX_NDIM, NULL},
    {0}};

static int build(nn_error *error, nn_node *node) {
  const activation_config *config = (const activation_config *)node->config;
  node->output->shape = node->inputs[0]->shape;
  if (nn_activation_by_row(&config->activation) && node->output->shape.ndim == 0)
    return nn_fail(error, "%s wants samples with at least one axis, got single numbers",
                   nn_activation_names[config->activation.function]);
  return NN_OK;
}

static int64_t row_width(const nn_node *node) {
  const int axes = ((const activation_config *)node->config)->activation.axes, ndim = node->output->shape.ndim;
  int64_t width = 1;
  for (int i = 0; i < axes && i < ndim; i++)
    width *= node->output->shape.dim[ndim - 1 - i];
  return width;
}

static void forward(nn_node *node, const nn_pass *pass) {
  const activation_config *config = (const activation_config *)node->config;
  int64_t width = row_width(node);
  nn_activate(&config->activation, node->output->data, node->inputs[0]->data, pass->rows * node->output->width / width,
              width);
}

static void backward(nn_node *node, const nn_pass *pass) {
  const activation_config *config = (const activation_config *)node->config;
  int64_t width = row_width(node);
  if (node->input_grad[0])
    nn_activate_backward(&config->activation, node->input_grad[0], node->output->grad, node->output->data,
                         node->inputs[0]->data, pass->rows * node->output->width / width, width);
}

const nn_layer nn_layer_activation = {.name = "activation",
                                      .config_size = sizeof(activation_config),
                                      .fields = fields,
                                      .traits = NN_IS_ACTIVATION,
                                      .build = build,
                                      .forward = forward,
                                      .backward = backward};
