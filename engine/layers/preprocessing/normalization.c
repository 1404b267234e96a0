/* normalization.c - by statistics known beforehand: y = (x - mean) / max(sqrt(variance), 1e-7), or with invert the way
 * back. mean and variance have one number for each place along the last axes, or one altogether. */
#include <math.h>

#include "graph/node.h"

typedef struct normalization_config {
  int axes; /* how many of the last axes have statistics of their own; 0: one number for all */
  bool invert;
} normalization_config;

static const nn_field fields[] = {{"axes", NN_FIELD_INT, offsetof(normalization_config, axes), 1, 0, NN_MAX_NDIM, NULL},
                                  {"invert", NN_FIELD_BOOL, offsetof(normalization_config, invert), false, 0, 1, NULL},
                                  {0}};

#define LEAST_STDDEV 1e-7f

static int build(nn_error *error, nn_node *node) {
  int axes = ((const normalization_config *)node->config)->axes;
  node->output->shape = node->inputs[0]->shape;
  if (axes > node->output->shape.ndim)
    return nn_fail(error, "wants samples with at least %d axes, got %d", axes, node->output->shape.ndim);
  nn_shape shape = {.ndim = axes};
  for (int i = 0; i < axes; i++)
    shape.dim[i] = node->output->shape.dim[node->output->shape.ndim - axes + i];
  node->params[0] = (nn_param){.name = "mean", .shape = shape, .is_state = true};
  node->params[1] = (nn_param){.name = "variance", .shape = shape, .is_state = true};
  node->params[2] = (nn_param){.name = "count", .shape = {0}, .is_state = true};
  node->param_count = 3;
  return NN_OK;
}

static float stddev(const nn_node *node, int64_t j) { return fmaxf(sqrtf(node->params[1].value[j]), LEAST_STDDEV); }

static void forward(nn_node *node, const nn_pass *pass) {
  bool invert = ((const normalization_config *)node->config)->invert;
  const float *x = node->inputs[0]->data, *mean = node->params[0].value;
  int64_t width = nn_shape_count(&node->params[0].shape), n = pass->rows * node->output->width;
  for (int64_t i = 0; i < n; i++) {
    int64_t j = i % width;
    node->output->data[i] = invert ? mean[j] + x[i] * stddev(node, j) : (x[i] - mean[j]) / stddev(node, j);
  }
}

static void backward(nn_node *node, const nn_pass *pass) {
  bool invert = ((const normalization_config *)node->config)->invert;
  int64_t width = nn_shape_count(&node->params[0].shape), n = pass->rows * node->output->width;
  for (int64_t i = 0; node->input_grad[0] && i < n; i++)
    node->input_grad[0][i] =
        invert ? node->output->grad[i] * stddev(node, i % width) : node->output->grad[i] / stddev(node, i % width);
}

const nn_layer nn_layer_normalization = {.name = "normalization",
                                         .config_size = sizeof(normalization_config),
                                         .fields = fields,
                                         .most_params = 3,
                                         .build = build,
                                         .forward = forward,
                                         .backward = backward};
