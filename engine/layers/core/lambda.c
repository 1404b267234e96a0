/* lambda.c - a function that the engine does not know, but whoever runs the graph does (nn_pass.foreign). */
#include <math.h>

#include "graph/node.h"

typedef struct lambda_config {
  nn_shape shape; /* of a sample's result */
} lambda_config;

static const nn_field fields[] = {{"shape", NN_FIELD_SHAPE, offsetof(lambda_config, shape), NAN, 1, 0, NULL}, {0}};

static int build(nn_error *error, nn_node *node) {
  (void)error;
  node->output->shape = ((const lambda_config *)node->config)->shape;
  return NN_OK;
}

static void call(nn_node *node, const nn_pass *pass, bool backward) {
  if (pass->foreign && !pass->foreign->failed)
    pass->foreign->failed = !pass->foreign->call(pass->foreign, node, pass, backward);
}

static void forward(nn_node *node, const nn_pass *pass) { call(node, pass, false); }

static void backward(nn_node *node, const nn_pass *pass) { call(node, pass, true); }

const nn_layer nn_layer_lambda = {.name = "lambda",
                                  .config_size = sizeof(lambda_config),
                                  .fields = fields,
                                  .traits = NN_CALLS_OUT,
                                  .build = build,
                                  .forward = forward,
                                  .backward = backward};
