/* variable.c - a tensor that belongs to no sample: a weight that operations read, or a constant. */
#include <math.h>
#include <string.h>

#include "graph/node.h"

typedef struct variable_config {
  nn_shape shape;
} variable_config;

static const nn_field fields[] = {{"shape", NN_FIELD_SHAPE, offsetof(variable_config, shape), NAN, 1, 0, NULL}, {0}};

static int build(nn_error *error, nn_node *node) {
  (void)error;
  const nn_shape *shape = &((const variable_config *)node->config)->shape;
  node->params[0] = (nn_param){.name = "variable", .shape = *shape};
  node->param_count = 1;
  node->output->shape = *shape;
  node->output->is_whole = true;
  node->is_view = true;
  return NN_OK;
}

static void backward(nn_node *node, const nn_pass *pass) {
  (void)pass;
  if (node->params[0].grad)
    memcpy(node->params[0].grad, node->output->grad, sizeof(float) * (size_t)node->output->width);
}

const nn_layer nn_layer_variable = {.name = "variable",
                                    .config_size = sizeof(variable_config),
                                    .fields = fields,
                                    .most_params = 1,
                                    .build = build,
                                    .backward = backward};
