/* matrices.h - what operations on square matrices share: the last two axes are a matrix, those before a batch. They
 * compute in double precision. */
#ifndef NN_OPERATION_MATRICES_H
#define NN_OPERATION_MATRICES_H

#include "operations/shapes.h"

/* Matrices are row by row, unless a comment says column by column. */

static inline int64_t nn_rows_of(const nn_shape *shape) { return shape->dim[shape->ndim - 2]; }
static inline int64_t nn_columns_of(const nn_shape *shape) { return shape->dim[shape->ndim - 1]; }

/* How many matrices of rows x columns a tensor holds. */
static inline int64_t nn_matrix_count(const nn_tensor *tensor) {
  const int64_t size = nn_rows_of(&tensor->shape) * nn_columns_of(&tensor->shape);
  return size ? nn_count(tensor) / size : 0;
}

/* to(rows x columns) = from, as doubles. */
static inline void nn_to_doubles(double *to, const float *from, int64_t count) {
  for (int64_t i = 0; i < count; i++)
    to[i] = (double)from[i];
}

/* to(columns x rows) = from(rows x columns) transposed: column by column. */
static inline void nn_to_columns(double *to, const float *from, int64_t rows, int64_t columns) {
  for (int64_t i = 0; i < rows; i++)
    for (int64_t j = 0; j < columns; j++)
      to[j * rows + i] = (double)from[i * columns + j];
}

/* to(rows x columns) = from, which is column by column. */
static inline void nn_from_columns(float *to, const double *from, int64_t rows, int64_t columns) {
  for (int64_t i = 0; i < rows; i++)
    for (int64_t j = 0; j < columns; j++)
      to[i * columns + j] = (float)from[j * rows + i];
}

/* Errors if the shape is none of square matrices, or too large for LAPACK. */
int nn_check_square(nn_error *, const nn_shape *);
/* Errors if the shape has no two last axes of known length. */
int nn_check_matrix(nn_error *, const nn_shape *);

#endif
