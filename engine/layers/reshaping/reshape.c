/* reshape.c - the same elements of each sample under another shape; one -1 is inferred. A view: nothing is moved. */
#include <math.h>

#include "graph/node.h"

typedef struct reshape_config {
  nn_shape target_shape;
} reshape_config;

static const nn_field fields[] = {
    {"target_shape", NN_FIELD_SHAPE, offsetof(reshape_config, target_shape), NAN, -1, 0, NULL}, {0}};

static int build(nn_error *error, nn_node *node) {
  nn_shape shape = ((const reshape_config *)node->config)->target_shape;
  int64_t count = nn_shape_count(&node->inputs[0]->shape), known = 1;
  int inferred = -1;
  for (int i = 0; i < shape.ndim; i++) {
    if (shape.dim[i] != -1)
      known *= shape.dim[i];
    else if (inferred >= 0)
      return nn_fail(error, "target_shape: only one axis can be -1");
    else
      inferred = i;
  }
  if (inferred >= 0 && known > 0)
    shape.dim[inferred] = count / known;
  char from[NN_SHAPE_TEXT], to[NN_SHAPE_TEXT];
  if (nn_shape_count(&shape) != count)
    return nn_fail(error, "cannot reshape samples of %s (%lld values) to %s",
                   nn_shape_text(&node->inputs[0]->shape, from), (long long)count, nn_shape_text(&shape, to));
  node->output->shape = shape;
  node->is_view = true;
  return NN_OK;
}

const nn_layer nn_layer_reshape = {
    .name = "reshape", .config_size = sizeof(reshape_config), .fields = fields, .build = build};
