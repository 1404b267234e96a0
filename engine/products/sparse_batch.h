/* sparse_batch.h - batches of inputs that are mostly zeros, as a rule gathered by columns, and products with them. */
#ifndef NN_SPARSE_BATCH_H
#define NN_SPARSE_BATCH_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/team.h"
#include "sparse_matrix.h"

enum { NN_SPARSE_PART = 512 }; /* the most rows of a part */

/* A row's groups, as they are multiplied. */
typedef struct nn_span {
  const nn_group *from, *end;
} nn_span;

/* Some rows of a batch as lists: the rows that have group p at start[p] .. end[p] - 1. Or, where lists would be
 * too short to be worth the trouble, row by row. */
typedef struct nn_sparse_part {
  int64_t rows, columns, lists;
  const int32_t *start, *end; /* (lists) */
  const nn_group *groups;
  const nn_span *row; /* (rows), or NULL where there are lists */
} nn_sparse_part;

/* A batch, in parts whose sums the cache holds. */
typedef struct nn_sparse_batch {
  const nn_sparse *matrix;
  int64_t rows, part_rows;
  int32_t *start, *end; /* (parts, lists) */
  int64_t room;         /* groups of a part */
  nn_group *groups;     /* (parts, room); without lists the rows' own, where the matrix has codes */
  nn_span *row;         /* (batch size), or NULL where there are lists */
} nn_sparse_batch;

/* Room for a batch of up to that many rows of its matrix. */
void nn_sparse_batch_plan(nn_sparse_batch *batch, int64_t rows, nn_arena *memory);
/* Rows first .. first + rows - 1 of the order, which has as many entries as the matrix has rows, or of the matrix where
 * it is NULL. The team, which may be NULL, shares this work and that of the products. */
void nn_sparse_gather(nn_team *team, nn_sparse_batch *batch, const int32_t *order, int64_t first, int64_t rows);

/* Part i of the batch, from 0; false past the last. */
bool nn_sparse_part_at(nn_sparse_part *part, const nn_sparse_batch *batch, int64_t i);

/* y(rows, units) = x w; w(columns, units). */
void nn_sparse_product(nn_team *team, float *y, const nn_sparse_batch *x, const float *w, int64_t units);
/* dw(columns, units) = x' dy, overwritten. */
void nn_sparse_product_transposed(nn_team *team, float *dw, const nn_sparse_batch *x, const float *dy, int64_t units);

#endif
