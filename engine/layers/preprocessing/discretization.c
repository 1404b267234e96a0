/* discretization.c - the number of the bin a value falls into: how many boundaries are at or below it. */
#include <math.h>
#include <string.h>

#include "graph/node.h"

typedef struct discretization_config {
  int boundaries; /* how many, in ascending order */
} discretization_config;

static const nn_field fields[] = {
    {"boundaries", NN_FIELD_INT, offsetof(discretization_config, boundaries), NAN, 1, INT32_MAX, NULL}, {0}};

static int build(nn_error *error, nn_node *node) {
  (void)error;
  int count = ((const discretization_config *)node->config)->boundaries;
  node->output->shape = node->inputs[0]->shape;
  node->params[0] = (nn_param){.name = "boundaries", .shape = {1, {count}}, .is_state = true};
  node->param_count = 1;
  return NN_OK;
}

static int64_t bin(const float *boundary, int64_t count, float x) {
  int64_t low = 0, high = count;
  while (low < high) {
    int64_t middle = (low + high) / 2;
    if (boundary[middle] <= x)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static void forward(nn_node *node, const nn_pass *pass) {
  int64_t count = ((const discretization_config *)node->config)->boundaries;
  for (int64_t i = 0; i < pass->rows * node->output->width; i++)
    node->output->data[i] = (float)bin(node->params[0].value, count, node->inputs[0]->data[i]);
}

static void backward(nn_node *node, const nn_pass *pass) {
  if (node->input_grad[0])
    memset(node->input_grad[0], 0, sizeof(float) * (size_t)(pass->rows * node->output->width));
}

const nn_layer nn_layer_discretization = {.name = "discretization",
                                          .config_size = sizeof(discretization_config),
                                          .fields = fields,
                                          .most_params = 1,
                                          .build = build,
                                          .forward = forward,
                                          .backward = backward};
