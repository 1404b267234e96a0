/* sparse.h - inputs that are mostly zeros, kept as compressed rows. */
#ifndef NN_SPARSE_H
#define NN_SPARSE_H

#include "nn.h"

/* The numbers other than zero of a matrix, row by row: those of row r at start[r] .. start[r + 1] - 1. */
typedef struct nn_sparse {
  int64_t rows, columns;
  const int64_t *start;  /* (rows + 1) */
  const int32_t *column; /* (start[rows]) */
  const float *value;    /* (start[rows]) */
} nn_sparse;

/* Some rows of a matrix: a batch. */
typedef struct nn_sparse_rows {
  const nn_sparse *matrix;
  const int32_t *order; /* which row comes when; NULL: as they stand */
  int64_t first;
  float *scratch; /* nn_sparse_scratch floats */
} nn_sparse_rows;

/* How many numbers of a contiguous tensor (n, ...) are not zero. */
int64_t nn_sparse_count(const nn_tensor *tensor);
/* Bytes for the compressed rows of a tensor with that many numbers, and the rows laid into that memory. */
size_t nn_sparse_size(int64_t rows, int64_t count);
nn_sparse nn_sparse_fill(const nn_tensor *tensor, int64_t count, void *memory);

/* y(rows, units) = x w for the rows of a batch; w(columns, units). */
void nn_sparse_product(float *y, const nn_sparse_rows *x, int64_t rows, const float *w, int64_t units);

/* Floats of working memory that products with batches of up to that many rows want. */
int64_t nn_sparse_scratch(const nn_sparse *matrix, int64_t rows);
/* dw(columns, units) = x' dy, overwritten. */
void nn_sparse_product_transposed(float *dw, const nn_sparse_rows *x, int64_t rows, const float *dy, int64_t units);

#endif
