/* layer_normalization.c - over the last axes of each sample: y = gamma (x - mean) s + beta, s = 1 / sqrt(variance +
 * epsilon) (Ba et al. 2016). With rms_scaling nothing is centred: y = gamma x s, with the same s, as Keras does.
 *
 * Backward, with x^ = (x - mean) s, g = dy gamma and means over the row:
 *   dx = s (g - mean g - x^ mean(g x^));  with rms_scaling  dx = s (g - x^ mean(g x s)). */
#include <math.h>
#include <string.h>

#include "graph/node.h"
#include "tensor/row_sums.h"

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

NN_ROW_SUM(sum, x[j])
NN_ROW_SUM(sum_of_squares, (x[j] - c) * (x[j] - c))
NN_ROW_SUM(dot_centred, x[j] * (y[j] - c))

static statistics measure(const float *x, int64_t width, float epsilon) {
  const float mean = sum(x, NULL, 0, width) / (float)width;
  const float variance = sum_of_squares(x, NULL, mean, width) / (float)width;
  return (statistics){mean, 1 / sqrtf(variance + epsilon)};
}

static nn_param *gamma_of(nn_node *node) {
  return ((const layer_config *)node->config)->scale ? &node->params[0] : NULL;
}

static nn_param *beta_of(nn_node *node) {
  const layer_config *config = (const layer_config *)node->config;
  return config->center && !config->rms_scaling ? &node->params[config->scale] : NULL;
}

/* y = (x - center) s gamma + beta; gamma and beta may be NULL. */
static void normalize_row(float *restrict y, const float *restrict x, const float *restrict gamma,
                          const float *restrict beta, int64_t width, float center, float s) {
  for (int64_t j = 0; j < width; j++)
    y[j] = (x[j] - center) * s * (gamma ? gamma[j] : 1) + (beta ? beta[j] : 0);
}

static void forward(nn_node *node, const nn_pass *pass) {
  const layer_config *config = (const layer_config *)node->config;
  const nn_param *gamma = gamma_of(node), *beta = beta_of(node);
  int64_t width = row_width(node), n = pass->rows * node->output->width;
  for (int64_t first = 0; first < n; first += width) {
    const float *x = node->inputs[0]->data + first;
    statistics s = measure(x, width, (float)config->epsilon);
    normalize_row(node->output->data + first, x, gamma ? gamma->value : NULL, beta ? beta->value : NULL, width,
                  config->rms_scaling ? 0 : s.mean, s.scale);
  }
}

/* Adds a row's part to the gradients of gamma and beta; either may be NULL. */
static void add_to_params(float *restrict dgamma, float *restrict dbeta, const float *restrict dy,
                          const float *restrict x, int64_t width, float center, float s) {
  for (int64_t j = 0; dgamma && j < width; j++)
    dgamma[j] += dy[j] * (x[j] - center) * s;
  for (int64_t j = 0; dbeta && j < width; j++)
    dbeta[j] += dy[j];
}

/* dx from g = dy gamma, which dx holds at first. */
static void backward_row(float *restrict dx, const float *restrict x, int64_t width, statistics s, bool rms_scaling) {
  const float center = rms_scaling ? 0 : s.mean, mean = rms_scaling ? 0 : sum(dx, NULL, 0, width) / (float)width;
  const float slope = dot_centred(dx, x, center, width) * s.scale / (float)width;
  for (int64_t j = 0; j < width; j++)
    dx[j] = s.scale * (dx[j] - mean - (x[j] - s.mean) * s.scale * slope);
}

static void multiply_row(float *restrict to, const float *restrict x, const float *restrict factors, int64_t width) {
  for (int64_t j = 0; j < width; j++)
    to[j] = factors ? x[j] * factors[j] : x[j];
}

static void backward(nn_node *node, const nn_pass *pass) {
  const layer_config *config = (const layer_config *)node->config;
  nn_param *gamma = gamma_of(node), *beta = beta_of(node);
  int64_t width = row_width(node), n = pass->rows * node->output->width;
  float *dgamma = gamma ? gamma->grad : NULL, *dbeta = beta ? beta->grad : NULL;
  if (dgamma)
    memset(dgamma, 0, sizeof(float) * (size_t)width);
  if (dbeta)
    memset(dbeta, 0, sizeof(float) * (size_t)width);
  for (int64_t first = 0; first < n; first += width) {
    const float *x = node->inputs[0]->data + first, *dy = node->output->grad + first;
    float *dx = node->input_grad[0] ? node->input_grad[0] + first : NULL;
    statistics s = measure(x, width, (float)config->epsilon);
    add_to_params(dgamma, dbeta, dy, x, width, config->rms_scaling ? 0 : s.mean, s.scale);
    if (!dx)
      continue;
    multiply_row(dx, dy, gamma ? gamma->value : NULL, width);
    backward_row(dx, x, width, s, config->rms_scaling);
  }
}

const nn_layer nn_layer_layer_normalization = {.name = "layer_normalization",
                                               .config_size = sizeof(layer_config),
                                               .fields = fields,
                                               .most_params = 2,
                                               .build = build,
                                               .forward = forward,
                                               .backward = backward};
