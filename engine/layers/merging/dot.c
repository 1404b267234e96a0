/* dot.c - products of two inputs along the last axis of each: a (rows, ..., k), b (rows, ..., k), y (rows, m, n) with
 * m and n the other elements of a and b; a sample without other axes than k counts as one row.
 *
 * y = a b',  da = dy b,  db = dy' a. */
#include <string.h>

#include "graph/node.h"
#include "products/blas.h"

static const nn_field fields[] = {{0}};

static int64_t last_axis(const nn_value *value) { return value->shape.dim[value->shape.ndim - 1]; }

static int build(nn_error *error, nn_node *node) {
  if (node->input_count != 2)
    return nn_fail(error, "multiplies two inputs, got %d", node->input_count);
  const nn_shape *a = &node->inputs[0]->shape, *b = &node->inputs[1]->shape;
  char first[NN_SHAPE_TEXT], second[NN_SHAPE_TEXT];
  if (a->ndim == 0 || b->ndim == 0 || a->ndim + b->ndim - 2 > NN_MAX_NDIM - 1 ||
      last_axis(node->inputs[0]) != last_axis(node->inputs[1]))
    return nn_fail(error, "cannot multiply samples of %s and %s along their last axes", nn_shape_text(a, first),
                   nn_shape_text(b, second));
  node->output->shape.ndim = a->ndim + b->ndim - 2;
  memcpy(node->output->shape.dim, a->dim, sizeof(int64_t) * (size_t)(a->ndim - 1));
  memcpy(node->output->shape.dim + a->ndim - 1, b->dim, sizeof(int64_t) * (size_t)(b->ndim - 1));
  if (node->output->shape.ndim == 0)
    node->output->shape = (nn_shape){1, {1}};
  return NN_OK;
}

static void forward(nn_node *node, const nn_pass *pass) {
  const nn_value *a = node->inputs[0], *b = node->inputs[1];
  int64_t k = last_axis(a), m = a->width / k, n = b->width / k;
  for (int64_t r = 0; r < pass->rows; r++)
    nn_gemm(pass->team, false, true, m, n, k, a->data + r * m * k, k, b->data + r * n * k, k,
            node->output->data + r * m * n, n);
}

static void backward(nn_node *node, const nn_pass *pass) {
  const nn_value *a = node->inputs[0], *b = node->inputs[1];
  int64_t k = last_axis(a), m = a->width / k, n = b->width / k;
  for (int64_t r = 0; r < pass->rows; r++) {
    const float *dy = node->output->grad + r * m * n;
    if (node->input_grad[0])
      nn_gemm(pass->team, false, false, m, k, n, dy, n, b->data + r * n * k, k, node->input_grad[0] + r * m * k, k);
    if (node->input_grad[1])
      nn_gemm(pass->team, true, false, n, k, m, dy, n, a->data + r * m * k, k, node->input_grad[1] + r * n * k, k);
  }
}

const nn_layer nn_layer_dot = {
    .name = "dot", .fields = fields, .build = build, .forward = forward, .backward = backward};
