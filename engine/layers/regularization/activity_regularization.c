/* activity_regularization.c - values pass unchanged; l1 sum |x| + l2 sum x^2 over the batch is added to the loss. */
#include <string.h>

#include "graph/node.h"

static int build(nn_error *error, nn_node *node) {
  if (((const nn_regularizer *)node->config)->kind == NN_REGULARIZE_ORTHOGONAL)
    return nn_fail(error, "an orthogonal regularizer is for weights of two axes, not for what a layer gives");
  node->output->shape = node->inputs[0]->shape;
  return NN_OK;
}

static nn_shape flat(const nn_node *node, const nn_pass *pass) {
  return (nn_shape){1, {pass->rows * node->output->width}};
}

static void forward(nn_node *node, const nn_pass *pass) {
  memcpy(node->output->data, node->inputs[0]->data, sizeof(float) * (size_t)(pass->rows * node->output->width));
}

static void backward(nn_node *node, const nn_pass *pass) {
  nn_shape shape = flat(node, pass);
  if (!node->input_grad[0])
    return;
  memcpy(node->input_grad[0], node->output->grad, sizeof(float) * (size_t)shape.dim[0]);
  if (!pass->without_penalties)
    nn_regularize((const nn_regularizer *)node->config, node->input_grad[0], node->output->data, &shape);
}

static double penalty(const nn_node *node, const nn_pass *pass) {
  nn_shape shape = flat(node, pass);
  return nn_regularize((const nn_regularizer *)node->config, NULL, node->output->data, &shape);
}

const nn_layer nn_layer_activity_regularization = {.name = "activity_regularization",
                                                   .config_size = sizeof(nn_regularizer),
                                                   .fields = nn_regularizer_fields,
                                                   .build = build,
                                                   .forward = forward,
                                                   .backward = backward,
                                                   .penalty = penalty};
