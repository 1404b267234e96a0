/* spectral_normalization.c - in training, divides the kernel of the layer behind it by the kernel's largest singular
 * value, which power iterations estimate (Miyato et al. 2018). What it is given passes unchanged. */
#include <math.h>
#include <string.h>

#include "graph/node.h"

/* The kernel's shape comes with the config, as it belongs to the next layer. */
typedef struct spectral_config {
  int power_iterations;
  nn_shape kernel;
} spectral_config;

static const nn_field fields[] = {
    {"power_iterations", NN_FIELD_INT, offsetof(spectral_config, power_iterations), 1, 1, INT32_MAX, NULL},
    {"kernel", NN_FIELD_SHAPE, offsetof(spectral_config, kernel), NAN, 1, 0, NULL},
    {0}};

enum { KERNEL, VECTOR_U };

static int build(nn_error *error, nn_node *node) {
  const nn_shape *kernel = &((const spectral_config *)node->config)->kernel;
  (void)error;
  const int64_t columns = kernel->dim[kernel->ndim - 1];
  node->output->shape = node->inputs[0]->shape;
  node->params[KERNEL] = (nn_param){.name = "kernel", .shape = *kernel};
  node->params[VECTOR_U] = (nn_param){.name = "vector_u", .shape = {2, {1, columns}}, .is_state = true};
  node->param_count = 2;
  node->fixed_scratch_size = nn_shape_count(kernel) / columns;
  return NN_OK;
}

/* Gives x (n) the length 1, if it is not 0. */
static void normalize(float *x, int64_t n) {
  double sum = 0;
  for (int64_t i = 0; i < n; i++)
    sum += (double)x[i] * x[i];
  for (int64_t i = 0; sum > 0 && i < n; i++)
    x[i] = (float)(x[i] / sqrt(sum));
}

/* v (rows) = w u; w (rows, columns) */
static void multiply(float *v, const float *w, const float *u, int64_t rows, int64_t columns) {
  for (int64_t i = 0; i < rows; i++) {
    double sum = 0;
    for (int64_t j = 0; j < columns; j++)
      sum += (double)w[i * columns + j] * u[j];
    v[i] = (float)sum;
  }
}

/* u (columns) = v w */
static void multiply_transposed(float *u, const float *w, const float *v, int64_t rows, int64_t columns) {
  memset(u, 0, sizeof *u * (size_t)columns);
  for (int64_t i = 0; i < rows; i++)
    for (int64_t j = 0; j < columns; j++)
      u[j] += v[i] * w[i * columns + j];
}

static bool is_zero(const float *w, int64_t n) {
  for (int64_t i = 0; i < n; i++)
    if (w[i] != 0)
      return false;
  return true;
}

/* The kernel itself is replaced, as in Keras. */
static void normalize_kernel(nn_node *node) {
  const spectral_config *config = (const spectral_config *)node->config;
  float *w = node->params[KERNEL].value, *u = node->params[VECTOR_U].value, *v = node->scratch;
  const int64_t columns = config->kernel.dim[config->kernel.ndim - 1], rows = nn_shape_count(&config->kernel) / columns;
  if (is_zero(w, rows * columns))
    return;
  for (int i = 0; i < config->power_iterations; i++) {
    multiply(v, w, u, rows, columns);
    normalize(v, rows);
    multiply_transposed(u, w, v, rows, columns);
    normalize(u, columns);
  }
  double sigma = 0;
  for (int64_t i = 0; i < rows; i++)
    for (int64_t j = 0; j < columns; j++)
      sigma += (double)v[i] * w[i * columns + j] * u[j];
  for (int64_t i = 0; i < rows * columns; i++)
    w[i] = (float)(w[i] / sigma);
}

static void forward(nn_node *node, const nn_pass *pass) {
  if (pass->training)
    normalize_kernel(node);
  memcpy(node->output->data, node->inputs[0]->data, sizeof(float) * (size_t)(pass->rows * node->output->width));
}

/* The next layer has the gradient of the kernel; this one adds nothing to it. */
static void backward(nn_node *node, const nn_pass *pass) {
  float *grad = node->params[KERNEL].grad;
  if (grad)
    memset(grad, 0, sizeof *grad * (size_t)nn_shape_count(&node->params[KERNEL].shape));
  if (node->input_grad[0])
    memcpy(node->input_grad[0], node->output->grad, sizeof(float) * (size_t)(pass->rows * node->output->width));
}

const nn_layer nn_layer_spectral_normalization = {.name = "spectral_normalization",
                                                  .config_size = sizeof(spectral_config),
                                                  .fields = fields,
                                                  .most_params = 2,
                                                  .build = build,
                                                  .forward = forward,
                                                  .backward = backward};
