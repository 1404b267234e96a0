/* axes.c - axes of samples: which one an argument means, and their order. */
#include "axes.h"

int nn_sample_axis(nn_error *error, int *out, int64_t axis, int ndim) {
  int64_t position = axis < 0 ? axis + ndim : axis - 1;
  if (axis == 0)
    return nn_fail(error, "axis 1 counts the samples; expected one from 2 to %d, or from -%d to -1", ndim + 1, ndim);
  if (position < 0 || position >= ndim)
    return nn_fail(error, "there is no axis %lld: with the samples' axis there are %d",
                   (long long)(axis < 0 ? axis : axis + 1), ndim + 1);
  *out = (int)position;
  return NN_OK;
}

void nn_permute(float *out, const float *x, int64_t rows, const nn_shape *sample, const int *order) {
  int64_t stride[NN_MAX_NDIM], index[NN_MAX_NDIM] = {0}, width = nn_shape_count(sample);
  for (int i = 0; i < sample->ndim; i++) {
    stride[i] = 1;
    for (int j = order[i] + 1; j < sample->ndim; j++)
      stride[i] *= sample->dim[j];
  }
  for (int64_t r = 0; r < rows; r++)
    for (int64_t i = 0, from = 0; i < width; i++) {
      out[r * width + i] = x[r * width + from];
      for (int axis = sample->ndim - 1; axis >= 0; axis--) {
        from += stride[axis];
        if (++index[axis] < sample->dim[order[axis]])
          break;
        from -= stride[axis] * index[axis];
        index[axis] = 0;
      }
    }
}
