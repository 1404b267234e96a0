/* input.c - where data enters a graph. The batch loop sets its value; there is nothing to compute. */
#include <math.h>

#include "graph/node.h"

typedef struct input_config {
  nn_shape shape;
} input_config;

static const nn_field fields[] = {{"shape", NN_FIELD_SHAPE, offsetof(input_config, shape), NAN, 1, 0, NULL}, {0}};

static int build(nn_error *error, nn_node *node) {
  (void)error;
  node->output->shape = ((const input_config *)node->config)->shape;
  return NN_OK;
}

const nn_layer nn_layer_input = {
    .name = "input", .config_size = sizeof(input_config), .fields = fields, .build = build};
