/* shapes.c - what operations share of shapes: axes, and the commonest rules for the shape of a result. */
#include "shapes.h"

int nn_find_axis(nn_error *error, int *out, int64_t axis, int ndim) {
  if (axis == 0 || axis > ndim || axis < -ndim)
    return nn_fail(error, "axis: a tensor of %d axes has no axis %lld", ndim, (long long)axis);
  *out = (int)(axis > 0 ? axis - 1 : axis + ndim);
  return NN_OK;
}

int nn_find_axes(nn_error *error, bool is_in[NN_MAX_NDIM], const nn_shape *axes, int ndim) {
  for (int i = 0; i < NN_MAX_NDIM; i++)
    is_in[i] = axes->ndim == 0 && i < ndim;
  for (int i = 0; i < axes->ndim; i++) {
    int axis = 0;
    if (nn_find_axis(error, &axis, axes->dim[i], ndim) != NN_OK)
      return NN_ERROR;
    if (is_in[axis])
      return nn_fail(error, "axis: axis %d is there twice", axis + 1);
    is_in[axis] = true;
  }
  return NN_OK;
}

int nn_infer_first(nn_error *error, const void *config, const nn_shape *in, int count, nn_shape *out) {
  (void)error, (void)config, (void)count;
  *out = in[0];
  return NN_OK;
}

int nn_infer_broadcast(nn_error *error, const void *config, const nn_shape *in, int count, nn_shape *out) {
  (void)config;
  *out = in[0];
  for (int i = 1; i < count; i++)
    if (nn_shape_broadcast(error, out, out, &in[i]) != NN_OK)
      return NN_ERROR;
  return NN_OK;
}
