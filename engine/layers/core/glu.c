/* glu.c - a gated linear unit (Dauphin et al. 2017) over the last axis, whose first half a passes through a gate that
 * its second half b opens: y = a sigmoid(b). dL/da = dL/dy sigmoid(b), dL/db = dL/dy y (1 - sigmoid(b)). */
#include "base/vmath.h"
#include "graph/node.h"

static const nn_field fields[] = {{0}};

static int build(nn_error *error, nn_node *node) {
  char text[NN_SHAPE_TEXT];
  node->output->shape = node->inputs[0]->shape;
  int last = node->output->shape.ndim - 1;
  if (last < 0 || node->output->shape.dim[last] % 2 != 0)
    return nn_fail(error, "glu halves an axis, whose length must be even; got samples of %s",
                   nn_shape_text(&node->output->shape, text));
  node->output->shape.dim[last] /= 2;
  return NN_OK;
}

static void forward(nn_node *node, const nn_pass *pass) {
  int64_t width = node->output->shape.dim[node->output->shape.ndim - 1],
          rows = width ? pass->rows * node->output->width / width : 0;
  for (int64_t r = 0; r < rows; r++) {
    const float *a = node->inputs[0]->data + r * 2 * width, *b = a + width;
    for (int64_t j = 0; j < width; j++)
      node->output->data[r * width + j] = a[j] * nn_sigmoidf(b[j]);
  }
}

static void backward(nn_node *node, const nn_pass *pass) {
  int64_t width = node->output->shape.dim[node->output->shape.ndim - 1],
          rows = width ? pass->rows * node->output->width / width : 0;
  for (int64_t r = 0; r < rows && node->input_grad[0]; r++) {
    const float *dy = node->output->grad + r * width, *y = node->output->data + r * width;
    const float *b = node->inputs[0]->data + r * 2 * width + width;
    float *da = node->input_grad[0] + r * 2 * width, *db = da + width;
    for (int64_t j = 0; j < width; j++) {
      float gate = nn_sigmoidf(b[j]);
      da[j] = dy[j] * gate;
      db[j] = dy[j] * y[j] * (1 - gate);
    }
  }
}

const nn_layer nn_layer_glu = {
    .name = "glu", .fields = fields, .build = build, .forward = forward, .backward = backward};
