/* layer_normalization.c - over the last axes of each sample: y = gamma (x - mean) s + beta, s = 1 / sqrt(variance +
 * epsilon) (Ba et al. 2016). With rms_scaling nothing is centred: y = gamma x s, with the same s, as Keras does.
 *
 * Backward, with x^ = (x - mean) s, g = dy gamma and means over the row:
 *   dx = s (g - mean g - x^ mean(g x^));  with rms_scaling  dx = s (g - x^ mean(g x s)). */
#include <math.h>
#include <string.h>

#include "graph/node.h"

typedef struct layer_config {
  int axes; /* how many of the last axes make a row */
  double epsilon;
  bool center, scale, rms_scaling;
} layer_config;

static const nn_field fields[] = {
    {"axes", NN_FIELD_INT, offsetof(layer_config, axes), 1, 1, NN_MAX_NDIM, NULL},
    {"epsilon", NN_FIELD_FLOAT, offsetof(layer_config, epsilon), 1e-3, 0, INFINITY, NULL},
    {"center", NN_FIELD_BOOL, offsetof(layer_config, center), true, 0, 1, NULL},
    {"scale", NN_FIELD_BOOL, offsetof(layer_config, scale), true, 0, 1, NULL},
    {"rms_scaling", NN_FIELD_BOOL, offsetof(layer_config, rms_scaling), false, 0, 1, NULL},
    {0}};

static int build(nn_error *error, nn_node *node) {
  const layer_config *config = (const layer_config *)node->config;
  nn_shape shape = node->inputs[0]->shape;
  node->output->shape = shape;
  if (config->axes > shape.ndim)
    return nn_fail(error, "wants samples with at least %d axes, got %d", config->axes, shape.ndim);
  shape.ndim = config->axes;
  memcpy(shape.dim, node->output->shape.dim + node->output->shape.ndim - config->axes,
         sizeof(int64_t) * (size_t)config->axes);
  if (config->scale)
    node->params[node->param_count++] = (nn_param){.name = "gamma", .shape = shape};
  if (config->center && !config->rms_scaling)
    node->params[node->param_count++] = (nn_param){.name = "beta", .shape = shape};
  return NN_OK;
}

static int64_t row_width(const nn_node *node) {
  int axes = ((const layer_config *)node->config)->axes;
  int64_t width = 1;
  for (int i = node->output->shape.ndim - axes; i < node->output->shape.ndim; i++)
    width *= node->output->shape.dim[i];
  return width;
}

typedef struct statistics {
  float mean, scale;
} statistics;

static statistics measure(const float *x, int64_t width, float epsilon) {
  float mean = 0, variance = 0;
  for (int64_t j = 0; j < width; j++)
    mean += x[j];
  mean /= (float)width;
  for (int64_t j = 0; j < width; j++)
    variance += (x[j] - mean) * (x[j] - mean);
  return (statistics){mean, 1 / sqrtf(variance / (float)width + epsilon)};
}

static nn_param *gamma_of(nn_node *node) {
  return ((const layer_config *)node->config)->scale ? &node->params[0] : NULL;
}

static nn_param *beta_of(nn_node *node) {
  const layer_config *config = (const layer_config *)node->config;
  return config->center && !config->rms_scaling ? &node->params[config->scale] : NULL;
}

static void forward(nn_node *node, const nn_pass *pass) {
  const layer_config *config = (const layer_config *)node->config;
  const nn_param *gamma = gamma_of(node), *beta = beta_of(node);
  int64_t width = row_width(node), n = pass->rows * node->output->width;
  for (int64_t first = 0; first < n; first += width) {
    const float *x = node->inputs[0]->data + first;
    statistics s = measure(x, width, (float)config->epsilon);
    float center = config->rms_scaling ? 0 : s.mean;
    for (int64_t j = 0; j < width; j++)
      node->output->data[first + j] =
          (x[j] - center) * s.scale * (gamma ? gamma->value[j] : 1) + (beta ? beta->value[j] : 0);
  }
}

static void backward_row(float *dx, const float *dy, const float *x, const float *gamma, int64_t width, statistics s,
                         bool rms_scaling) {
  float sum = 0, sum_hat = 0;
  for (int64_t j = 0; j < width; j++) {
    float g = dy[j] * (gamma ? gamma[j] : 1);
    sum += g;
    sum_hat += g * (x[j] - (rms_scaling ? 0 : s.mean)) * s.scale;
  }
  for (int64_t j = 0; j < width; j++) {
    float g = dy[j] * (gamma ? gamma[j] : 1), hat = (x[j] - s.mean) * s.scale;
    dx[j] = s.scale * (g - (rms_scaling ? 0 : sum / (float)width) - hat * sum_hat / (float)width);
  }
}

static void backward(nn_node *node, const nn_pass *pass) {
  const layer_config *config = (const layer_config *)node->config;
  nn_param *gamma = gamma_of(node), *beta = beta_of(node);
  int64_t width = row_width(node), n = pass->rows * node->output->width;
  if (gamma && gamma->grad)
    memset(gamma->grad, 0, sizeof(float) * (size_t)width);
  if (beta && beta->grad)
    memset(beta->grad, 0, sizeof(float) * (size_t)width);
  for (int64_t first = 0; first < n; first += width) {
    const float *x = node->inputs[0]->data + first, *dy = node->output->grad + first;
    statistics s = measure(x, width, (float)config->epsilon);
    float center = config->rms_scaling ? 0 : s.mean;
    for (int64_t j = 0; gamma && gamma->grad && j < width; j++)
      gamma->grad[j] += dy[j] * (x[j] - center) * s.scale;
    for (int64_t j = 0; beta && beta->grad && j < width; j++)
      beta->grad[j] += dy[j];
    if (node->input_grad[0])
      backward_row(node->input_grad[0] + first, dy, x, gamma ? gamma->value : NULL, width, s, config->rms_scaling);
  }
}

const nn_layer nn_layer_layer_normalization = {.name = "layer_normalization",
                                               .config_size = sizeof(layer_config),
                                               .fields = fields,
                                               .most_params = 2,
                                               .build = build,
                                               .forward = forward,
                                               .backward = backward};
