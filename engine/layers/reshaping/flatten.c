/* flatten.c - one axis for each sample, row-major. A view: nothing is moved. */
#include "graph/node.h"

static const nn_field fields[] = {{0}};

static int build(nn_error *error, nn_node *node) {
  (void)error;
  node->output->shape = (nn_shape){1, {nn_shape_count(&node->inputs[0]->shape)}};
  node->is_view = true;
  return NN_OK;
}

const nn_layer nn_layer_flatten = {.name = "flatten", .fields = fields, .build = build};
