/* matrices.c - shapes of matrices. */
#include "operations/matrices.h"

enum { MOST = 1 << 14 };

int nn_check_matrix(nn_error *error, const nn_shape *shape) {
  char text[NN_SHAPE_TEXT];
  if (shape->ndim < 2)
    return nn_fail(error, "expected matrices, with at least two axes, got shape %s", nn_shape_text(shape, text));
  for (int axis = shape->ndim - 2; axis < shape->ndim; axis++)
    if (shape->dim[axis] < 1 || shape->dim[axis] > MOST)
      return nn_fail(error, "expected matrices of 1 to %d rows and columns, got shape %s", MOST,
                     nn_shape_text(shape, text));
  return NN_OK;
}

int nn_check_square(nn_error *error, const nn_shape *shape) {
  char text[NN_SHAPE_TEXT];
  if (nn_check_matrix(error, shape) != NN_OK)
    return NN_ERROR;
  if (nn_rows_of(shape) != nn_columns_of(shape))
    return nn_fail(error, "expected square matrices, got shape %s", nn_shape_text(shape, text));
  return NN_OK;
}
