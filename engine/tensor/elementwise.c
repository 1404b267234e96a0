/* elementwise.c - operations on one element at a time: arithmetic with broadcasting, functions, copies, gathering. */
#include <math.h>
#include <string.h>

#include "walk.h"

/* ---------------------------------------------------------------- operations */

nn_dtype nn_binary_dtype(nn_binary_op op, nn_dtype a, nn_dtype b) {
  if (op >= NN_EQ)
    return NN_UINT8;
  return op == NN_DIV || op == NN_POW || a == NN_FLOAT32 || b == NN_FLOAT32 ? NN_FLOAT32 : NN_INT32;
}

#define EACH(expression)                                                                                               \
  for (int64_t i = 0; i < n; i++)                                                                                      \
    a[i] = (expression);                                                                                               \
  break

/* a = a op b. NaN wins a maximum or minimum. */
static void apply_binary(nn_binary_op op, double *restrict a, const double *restrict b, int64_t n) {
  switch (op) {
  case NN_ADD: EACH(a[i] + b[i]);
  case NN_SUB: EACH(a[i] - b[i]);
  case NN_MUL: EACH(a[i] * b[i]);
  case NN_DIV: EACH(a[i] / b[i]);
  case NN_POW: EACH(b[i] == 2 ? a[i] * a[i] : pow(a[i], b[i]));
  case NN_MAXIMUM: EACH(a[i] >= b[i] || a[i] != a[i] ? a[i] : b[i]);
  case NN_MINIMUM: EACH(a[i] <= b[i] || a[i] != a[i] ? a[i] : b[i]);
  case NN_EQ: EACH(a[i] == b[i]);
  case NN_NE: EACH(a[i] != b[i]);
  case NN_LT: EACH(a[i] < b[i]);
  case NN_LE: EACH(a[i] <= b[i]);
  case NN_GT: EACH(a[i] > b[i]);
  case NN_GE: EACH(a[i] >= b[i]);
  }
}

/* a = op(a). ROUND takes halves to the even neighbour. */
static void apply_unary(nn_unary_op op, double *a, int64_t n) {
  switch (op) {
  case NN_NEG: EACH(-a[i]);
  case NN_ABS: EACH(fabs(a[i]));
  case NN_SQRT: EACH(sqrt(a[i]));
  case NN_EXP: EACH(exp(a[i]));
  case NN_LOG: EACH(log(a[i]));
  case NN_SIN: EACH(sin(a[i]));
  case NN_COS: EACH(cos(a[i]));
  case NN_TANH: EACH(tanh(a[i]));
  case NN_FLOOR: EACH(floor(a[i]));
  case NN_ROUND: EACH(rint(a[i]));
  }
}

/* The shape an operation gives must be that of the tensor it is written to. */
static int check_shape(nn_error *error, const nn_tensor *out, const nn_shape *shape) {
  char has[NN_SHAPE_TEXT], wants[NN_SHAPE_TEXT];
  if (nn_shape_equal(&out->shape, shape))
    return NN_OK;
  return nn_fail(error, "a result of shape %s does not fit into a tensor of shape %s", nn_shape_text(shape, has),
                 nn_shape_text(&out->shape, wants));
}

int nn_tensor_binary(nn_error *error, nn_binary_op op, nn_tensor *out, const nn_tensor *a, const nn_tensor *b) {
  nn_shape shape;
  if (nn_shape_broadcast(error, &shape, &a->shape, &b->shape) || check_shape(error, out, &shape))
    return NN_ERROR;
  double x[NN_BLOCK], y[NN_BLOCK];
  for (nn_walk walk = nn_walk_start(3, (const nn_tensor *[]){out, a, b}); nn_walk_next(&walk);) {
    nn_block_load(x, a, walk.offset[1], walk.step[1], walk.n);
    nn_block_load(y, b, walk.offset[2], walk.step[2], walk.n);
    apply_binary(op, x, y, walk.n);
    if (nn_block_store(error, out, walk.offset[0], walk.step[0], x, walk.n))
      return NN_ERROR;
  }
  return NN_OK;
}

int nn_tensor_unary(nn_error *error, nn_unary_op op, nn_tensor *out, const nn_tensor *in) {
  if (check_shape(error, out, &in->shape))
    return NN_ERROR;
  double x[NN_BLOCK];
  for (nn_walk walk = nn_walk_start(2, (const nn_tensor *[]){out, in}); nn_walk_next(&walk);) {
    nn_block_load(x, in, walk.offset[1], walk.step[1], walk.n);
    apply_unary(op, x, walk.n);
    if (nn_block_store(error, out, walk.offset[0], walk.step[0], x, walk.n))
      return NN_ERROR;
  }
  return NN_OK;
}

/* ---------------------------------------------------------------- copies */

int nn_tensor_copy(nn_error *error, nn_tensor *out, const nn_tensor *in) {
  nn_shape shape;
  if (nn_shape_broadcast(error, &shape, &in->shape, &out->shape) || check_shape(error, out, &shape))
    return NN_ERROR;
  if (in->dtype == out->dtype && nn_shape_equal(&in->shape, &out->shape) && nn_tensor_is_contiguous(in) &&
      nn_tensor_is_contiguous(out)) {
    memmove(out->data, in->data, (size_t)nn_shape_count(&in->shape) * nn_dtype_size(in->dtype));
    return NN_OK;
  }
  double x[NN_BLOCK];
  for (nn_walk walk = nn_walk_start(2, (const nn_tensor *[]){out, in}); nn_walk_next(&walk);) {
    nn_block_load(x, in, walk.offset[1], walk.step[1], walk.n);
    if (nn_block_store(error, out, walk.offset[0], walk.step[0], x, walk.n))
      return NN_ERROR;
  }
  return NN_OK;
}

int nn_tensor_copy_where(nn_error *error, nn_tensor *out, const nn_tensor *condition, const nn_tensor *in) {
  nn_shape shape;
  if (nn_shape_broadcast(error, &shape, &in->shape, &out->shape) || check_shape(error, out, &shape) ||
      nn_shape_broadcast(error, &shape, &condition->shape, &out->shape) || check_shape(error, out, &shape))
    return NN_ERROR;
  double x[NN_BLOCK], y[NN_BLOCK], flag[NN_BLOCK];
  for (nn_walk walk = nn_walk_start(3, (const nn_tensor *[]){out, condition, in}); nn_walk_next(&walk);) {
    nn_block_load(x, out, walk.offset[0], walk.step[0], walk.n);
    nn_block_load(flag, condition, walk.offset[1], walk.step[1], walk.n);
    nn_block_load(y, in, walk.offset[2], walk.step[2], walk.n);
    for (int64_t i = 0; i < walk.n; i++)
      x[i] = flag[i] != 0 ? y[i] : x[i];
    if (nn_block_store(error, out, walk.offset[0], walk.step[0], x, walk.n))
      return NN_ERROR;
  }
  return NN_OK;
}

int nn_tensor_gather(nn_error *error, nn_tensor *out, const nn_tensor *in, const nn_tensor *index) {
  if (index->dtype != NN_INT32 || index->shape.ndim != 1)
    return nn_fail(error, "gather: expected int32 positions along one axis");
  if (in->shape.ndim == 0 || out->shape.ndim != in->shape.ndim || out->shape.dim[0] != index->shape.dim[0])
    return nn_fail(error, "gather: expected one row of the result for each position");
  for (int64_t i = 0; i < index->shape.dim[0]; i++) {
    nn_tensor to, from;
    int32_t position = ((const int32_t *)index->data)[i * index->stride[0]];
    if (nn_tensor_index(error, &to, out, 0, i) || nn_tensor_index(error, &from, in, 0, position) ||
        nn_tensor_copy(error, &to, &from))
      return NN_ERROR;
  }
  return NN_OK;
}
