/* masked_softmax.c - softmax over the last axis of x (rows, width) where mask (rows, width) is not 0; exactly 0
 * elsewhere, also in a row that is masked altogether. Backward as softmax: dx_j = y_j (dy_j - sum_k dy_k y_k). */
#include <math.h>
#include <string.h>

#include "graph/node.h"

static const nn_field fields[] = {{0}};

static int build(nn_error *error, nn_node *node) {
  char x[NN_SHAPE_TEXT], mask[NN_SHAPE_TEXT];
  if (node->input_count != 2 || !nn_shape_equal(&node->inputs[0]->shape, &node->inputs[1]->shape))
    return nn_fail(error, "wants a mask of its input's shape %s, got %s", nn_shape_text(&node->inputs[0]->shape, x),
                   nn_shape_text(&node->inputs[node->input_count - 1]->shape, mask));
  node->output->shape = node->inputs[0]->shape;
  return NN_OK;
}

static void softmax_row(float *y, const float *x, const float *mask, int64_t width) {
  float most = -INFINITY, sum = 0;
  for (int64_t j = 0; j < width; j++)
    if (mask[j] != 0)
      most = fmaxf(most, x[j]);
  for (int64_t j = 0; j < width; j++) {
    y[j] = mask[j] != 0 ? expf(x[j] - most) : 0;
    sum += y[j];
  }
  for (int64_t j = 0; j < width && sum > 0; j++)
    y[j] /= sum;
}

static int64_t last_axis(const nn_node *node) {
  return node->output->shape.ndim ? node->output->shape.dim[node->output->shape.ndim - 1] : 1;
}

static void forward(nn_node *node, const nn_pass *pass) {
  int64_t width = last_axis(node), n = pass->rows * node->output->width;
  for (int64_t i = 0; i < n; i += width)
    softmax_row(node->output->data + i, node->inputs[0]->data + i, node->inputs[1]->data + i, width);
}

static void backward(nn_node *node, const nn_pass *pass) {
  int64_t width = last_axis(node), n = pass->rows * node->output->width;
  if (node->input_grad[1])
    memset(node->input_grad[1], 0, sizeof(float) * (size_t)n);
  for (int64_t i = 0; i < n && node->input_grad[0]; i += width) {
    float dot = 0;
    for (int64_t j = i; j < i + width; j++)
      dot += node->output->grad[j] * node->output->data[j];
    for (int64_t j = i; j < i + width; j++)
      node->input_grad[0][j] = node->output->data[j] * (node->output->grad[j] - dot);
  }
}

const nn_layer nn_layer_masked_softmax = {
    .name = "masked_softmax", .fields = fields, .build = build, .forward = forward, .backward = backward};
