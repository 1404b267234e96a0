/* tensor.c - types, shapes and views: everything about a tensor but the numbers in it. */
#include "walk.h"

#include <stdio.h>
#include <string.h>

/* ---------------------------------------------------------------- types and shapes */

size_t nn_dtype_size(nn_dtype dtype) { return dtype == NN_UINT8 ? sizeof(uint8_t) : sizeof(float); }

const char *nn_dtype_name(nn_dtype dtype) {
  static const char *const names[] = {[NN_FLOAT32] = "float32", [NN_UINT8] = "uint8", [NN_INT32] = "int32"};
  return names[dtype];
}

int64_t nn_shape_count(const nn_shape *shape) {
  int64_t count = 1;
  for (int axis = 0; axis < shape->ndim; axis++)
    count *= shape->dim[axis];
  return count;
}

bool nn_shape_fits_memory(const nn_shape *shape) {
  const int64_t most = INT64_C(1) << 40;
  int64_t count = 1;
  bool fits = true;
  for (int axis = 0; axis < shape->ndim && fits; axis++)
    fits = shape->dim[axis] == 0 || (!__builtin_mul_overflow(count, shape->dim[axis], &count) && count <= most);
  return fits;
}

bool nn_shape_equal(const nn_shape *a, const nn_shape *b) {
  return a->ndim == b->ndim && memcmp(a->dim, b->dim, (size_t)a->ndim * sizeof a->dim[0]) == 0;
}

char *nn_shape_text(const nn_shape *shape, char text[NN_SHAPE_TEXT]) {
  size_t used = 0;
  snprintf(text, NN_SHAPE_TEXT, "scalar");
  for (int axis = 0; axis < shape->ndim && used < NN_SHAPE_TEXT; axis++)
    used += (size_t)snprintf(text + used, NN_SHAPE_TEXT - used, axis ? "x%lld" : "%lld", (long long)shape->dim[axis]);
  return text;
}

/* The length of an axis counted from the right, as broadcasting aligns them. */
static int64_t length_from_right(const nn_shape *shape, int from_right) {
  return from_right < shape->ndim ? shape->dim[shape->ndim - 1 - from_right] : 1;
}

int nn_shape_broadcast(nn_error *error, nn_shape *out, const nn_shape *a, const nn_shape *b) {
  char text_a[NN_SHAPE_TEXT], text_b[NN_SHAPE_TEXT];
  nn_shape shape = {.ndim = a->ndim > b->ndim ? a->ndim : b->ndim};
  for (int i = 0; i < shape.ndim; i++) {
    int64_t length_a = length_from_right(a, i), length_b = length_from_right(b, i);
    if (length_a != length_b && length_a != 1 && length_b != 1)
      return nn_fail(error, "shapes %s and %s do not fit together: axis %d is %lld in the first and %lld in the second",
                     nn_shape_text(a, text_a), nn_shape_text(b, text_b), -1 - i, (long long)length_a,
                     (long long)length_b);
    shape.dim[shape.ndim - 1 - i] = length_a == 1 ? length_b : length_a;
  }
  *out = shape;
  return NN_OK;
}

/* ---------------------------------------------------------------- views */

nn_tensor nn_tensor_over(nn_dtype dtype, const nn_shape *shape, void *data) {
  nn_tensor tensor = {.dtype = dtype, .shape = *shape, .data = data};
  int64_t stride = 1;
  for (int axis = shape->ndim - 1; axis >= 0; axis--) {
    tensor.stride[axis] = stride;
    stride *= shape->dim[axis];
  }
  return tensor;
}

bool nn_tensor_is_contiguous(const nn_tensor *tensor) {
  int64_t stride = 1;
  bool in_order = true;
  for (int axis = tensor->shape.ndim - 1; axis >= 0; axis--) {
    int64_t length = tensor->shape.dim[axis];
    if (length == 0)
      return true;
    in_order = in_order && (length == 1 || tensor->stride[axis] == stride);
    stride *= length;
  }
  return in_order;
}

static void *element(const nn_tensor *tensor, int64_t offset) {
  return (char *)tensor->data + offset * (int64_t)nn_dtype_size(tensor->dtype);
}

static int check_range(nn_error *error, const nn_tensor *in, int axis, int64_t first, int64_t count) {
  char text[NN_SHAPE_TEXT];
  if (axis < 0 || axis >= in->shape.ndim)
    return nn_fail(error, "a tensor of shape %s has no axis %d", nn_shape_text(&in->shape, text), axis + 1);
  if (first < 0 || count < 0 || first > in->shape.dim[axis] - count)
    return nn_fail(error, "positions %lld to %lld are out of range for axis %d of a tensor of shape %s",
                   (long long)first + 1, (long long)(first + count), axis + 1, nn_shape_text(&in->shape, text));
  return NN_OK;
}

int nn_tensor_index(nn_error *error, nn_tensor *out, const nn_tensor *in, int axis, int64_t position) {
  if (check_range(error, in, axis, position, 1))
    return NN_ERROR;
  nn_tensor view = *in;
  view.data = element(in, position * in->stride[axis]);
  view.shape.ndim--;
  for (int i = axis; i < view.shape.ndim; i++) {
    view.shape.dim[i] = in->shape.dim[i + 1];
    view.stride[i] = in->stride[i + 1];
  }
  *out = view;
  return NN_OK;
}

int nn_tensor_range(nn_error *error, nn_tensor *out, const nn_tensor *in, int axis, int64_t first, int64_t count) {
  if (check_range(error, in, axis, first, count))
    return NN_ERROR;
  *out = *in;
  out->data = element(in, first * in->stride[axis]);
  out->shape.dim[axis] = count;
  return NN_OK;
}

int nn_tensor_permute(nn_error *error, nn_tensor *out, const nn_tensor *in, const int *axes) {
  char text[NN_SHAPE_TEXT];
  nn_tensor view = *in;
  unsigned seen = 0;
  for (int i = 0; i < in->shape.ndim; i++) {
    int axis = axes[i];
    if (axis < 0 || axis >= in->shape.ndim || (seen & 1u << axis))
      return nn_fail(error, "transpose: expected each axis of a tensor of shape %s once",
                     nn_shape_text(&in->shape, text));
    seen |= 1u << axis;
    view.shape.dim[i] = in->shape.dim[axis];
    view.stride[i] = in->stride[axis];
  }
  *out = view;
  return NN_OK;
}

int nn_tensor_view(nn_error *error, nn_tensor *out, const nn_tensor *in, const nn_shape *shape) {
  char from[NN_SHAPE_TEXT], to[NN_SHAPE_TEXT];
  int64_t has = nn_shape_count(&in->shape), wants = nn_shape_count(shape);
  if (has != wants)
    return nn_fail(error, "cannot reshape %s (%lld elements) to %s (%lld elements)", nn_shape_text(&in->shape, from),
                   (long long)has, nn_shape_text(shape, to), (long long)wants);
  if (!nn_tensor_is_contiguous(in))
    return nn_fail(error, "cannot see a tensor of shape %s that is not contiguous as %s",
                   nn_shape_text(&in->shape, from), nn_shape_text(shape, to));
  *out = nn_tensor_over(in->dtype, shape, in->data);
  return NN_OK;
}
