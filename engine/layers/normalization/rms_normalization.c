/* rms_normalization.c - rows of the last axes divided by their root mean square: y = scale x s,
 * s = 1 / sqrt(mean x^2 + epsilon) (Zhang and Sennrich 2019). Backward, g = dy scale: dx = s (g - x s^2 mean(g x)). */
#include <math.h>
#include <string.h>

#include "graph/node.h"

typedef struct rms_config {
  int axes; /* how many of the last axes make a row */
  double epsilon;
} rms_config;

static const nn_field fields[] = {{"axes", NN_FIELD_INT, offsetof(rms_config, axes), 1, 1, NN_MAX_NDIM, NULL},
                                  {"epsilon", NN_FIELD_FLOAT, offsetof(rms_config, epsilon), 1e-6, 0, INFINITY, NULL},
                                  {0}};

static int build(nn_error *error, nn_node *node) {
  int axes = ((const rms_config *)node->config)->axes;
  nn_shape shape = node->inputs[0]->shape;
  node->output->shape = shape;
  if (axes > shape.ndim)
    return nn_fail(error, "wants samples with at least %d axes, got %d", axes, shape.ndim);
  memcpy(shape.dim, node->output->shape.dim + shape.ndim - axes, sizeof(int64_t) * (size_t)axes);
  shape.ndim = axes;
  node->params[0] = (nn_param){.name = "scale", .shape = shape};
  node->param_count = 1;
  return NN_OK;
}

static float inverse_rms(const float *x, int64_t width, double epsilon) {
  float square = 0;
  for (int64_t j = 0; j < width; j++)
    square += x[j] * x[j];
  return 1 / sqrtf(square / (float)width + (float)epsilon);
}

static void forward(nn_node *node, const nn_pass *pass) {
  int64_t width = nn_shape_count(&node->params[0].shape), n = pass->rows * node->output->width;
  for (int64_t first = 0; first < n; first += width) {
    const float *x = node->inputs[0]->data + first;
    float s = inverse_rms(x, width, ((const rms_config *)node->config)->epsilon);
    for (int64_t j = 0; j < width; j++)
      node->output->data[first + j] = x[j] * s * node->params[0].value[j];
  }
}

static void backward(nn_node *node, const nn_pass *pass) {
  int64_t width = nn_shape_count(&node->params[0].shape), n = pass->rows * node->output->width;
  float *grad = node->params[0].grad, *dx = node->input_grad[0];
  const float *scale = node->params[0].value;
  if (grad)
    memset(grad, 0, sizeof(float) * (size_t)width);
  for (int64_t first = 0; first < n; first += width) {
    const float *x = node->inputs[0]->data + first, *dy = node->output->grad + first;
    float s = inverse_rms(x, width, ((const rms_config *)node->config)->epsilon), sum = 0;
    for (int64_t j = 0; j < width; j++) {
      sum += dy[j] * scale[j] * x[j];
      if (grad)
        grad[j] += dy[j] * x[j] * s;
    }
    for (int64_t j = 0; dx && j < width; j++)
      dx[first + j] = s * (dy[j] * scale[j] - x[j] * s * s * sum / (float)width);
  }
}

const nn_layer nn_layer_rms_normalization = {.name = "rms_normalization",
                                             .config_size = sizeof(rms_config),
                                             .fields = fields,
                                             .most_params = 1,
                                             .build = build,
                                             .forward = forward,
                                             .backward = backward};
