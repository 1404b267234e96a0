/* permute.c - the axes of each sample in another order. */
#include <math.h>

#include "graph/node.h"
#include "tensor/axes.h"

typedef struct permute_config {
  nn_shape dims; /* the output's axes, each by its place in the input, from 1: the samples' own axis is not counted */
} permute_config;

static const nn_field fields[] = {{"dims", NN_FIELD_SHAPE, offsetof(permute_config, dims), NAN, 1, 0, NULL}, {0}};

static int build(nn_error *error, nn_node *node) {
  const nn_shape *dims = &((const permute_config *)node->config)->dims, *in = &node->inputs[0]->shape;
  bool seen[NN_MAX_NDIM] = {false};
  char text[NN_SHAPE_TEXT];
  if (dims->ndim != in->ndim)
    return nn_fail(error, "dims: samples of %s have %d axes, dims names %d", nn_shape_text(in, text), in->ndim,
                   dims->ndim);
  node->output->shape.ndim = in->ndim;
  for (int i = 0; i < dims->ndim; i++) {
    int64_t from = dims->dim[i] - 1;
    if (from < 0 || from >= in->ndim || seen[from])
      return nn_fail(error, "dims: expected each of 1 to %d once", in->ndim);
    seen[from] = true;
    node->output->shape.dim[i] = in->dim[from];
  }
  return NN_OK;
}

static void forward(nn_node *node, const nn_pass *pass) {
  const nn_shape *dims = &((const permute_config *)node->config)->dims;
  int order[NN_MAX_NDIM];
  for (int i = 0; i < dims->ndim; i++)
    order[i] = (int)dims->dim[i] - 1;
  nn_permute(node->output->data, node->inputs[0]->data, pass->rows, &node->inputs[0]->shape, order);
}

static void backward(nn_node *node, const nn_pass *pass) {
  const nn_shape *dims = &((const permute_config *)node->config)->dims;
  int order[NN_MAX_NDIM];
  for (int i = 0; i < dims->ndim; i++)
    order[dims->dim[i] - 1] = i;
  if (node->input_grad[0])
    nn_permute(node->input_grad[0], node->output->grad, pass->rows, &node->output->shape, order);
}

const nn_layer nn_layer_permute = {.name = "permute",
                                   .config_size = sizeof(permute_config),
                                   .fields = fields,
                                   .build = build,
                                   .forward = forward,
                                   .backward = backward};
