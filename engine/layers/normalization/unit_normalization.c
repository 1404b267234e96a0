/* unit_normalization.c - rows of the last axes divided by their length: y = x / |x|, with |x|^2 at least 1e-12.
 *
 * Backward: dx = (dy - y (dy . y)) / |x|; where the length is below the limit, dx = dy / limit. */
#include <math.h>

#include "graph/node.h"

typedef struct unit_config {
  int axes; /* how many of the last axes make a row */
} unit_config;

static const nn_field fields[] = {{"axes", NN_FIELD_INT, offsetof(unit_config, axes), 1, 1, NN_MAX_NDIM, NULL}, {0}};

#define LEAST_SQUARE 1e-12f

static int build(nn_error *error, nn_node *node) {
  node->output->shape = node->inputs[0]->shape;
  if (((const unit_config *)node->config)->axes > node->output->shape.ndim)
    return nn_fail(error, "wants samples with at least %d axes, got %d", ((const unit_config *)node->config)->axes,
                   node->output->shape.ndim);
  return NN_OK;
}

static int64_t row_width(const nn_node *node) {
  int64_t width = 1;
  for (int i = node->output->shape.ndim - ((const unit_config *)node->config)->axes; i < node->output->shape.ndim; i++)
    width *= node->output->shape.dim[i];
  return width;
}

static float dot(const float *a, const float *b, int64_t n) {
  float sum = 0;
  for (int64_t i = 0; i < n; i++)
    sum += a[i] * b[i];
  return sum;
}

static void forward(nn_node *node, const nn_pass *pass) {
  int64_t width = row_width(node), n = pass->rows * node->output->width;
  for (int64_t first = 0; first < n; first += width) {
    const float *x = node->inputs[0]->data + first;
    float scale = 1 / sqrtf(fmaxf(dot(x, x, width), LEAST_SQUARE));
    for (int64_t j = 0; j < width; j++)
      node->output->data[first + j] = x[j] * scale;
  }
}

static void backward(nn_node *node, const nn_pass *pass) {
  int64_t width = row_width(node), n = pass->rows * node->output->width;
  for (int64_t first = 0; node->input_grad[0] && first < n; first += width) {
    const float *x = node->inputs[0]->data + first, *y = node->output->data + first, *dy = node->output->grad + first;
    float square = dot(x, x, width), along = square > LEAST_SQUARE ? dot(dy, y, width) : 0;
    float scale = 1 / sqrtf(fmaxf(square, LEAST_SQUARE));
    for (int64_t j = 0; j < width; j++)
      node->input_grad[0][first + j] = (dy[j] - y[j] * along) * scale;
  }
}

const nn_layer nn_layer_unit_normalization = {.name = "unit_normalization",
                                              .config_size = sizeof(unit_config),
                                              .fields = fields,
                                              .build = build,
                                              .forward = forward,
                                              .backward = backward};
