/* sparse_batch.h - batches of inputs that are mostly zeros, gathered by columns, and products with them. */
#ifndef NN_SPARSE_BATCH_H
#define NN_SPARSE_BATCH_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/team.h"
#include "sparse_matrix.h"

enum { NN_SPARSE_PART = 512 }; /* the most rows of a part */

/* Some rows of a batch, as lists. List p holds the rows that have group p: groups[start[p]] to groups[end[p] - 1]. */
typedef struct nn_sparse_part {
  int64_t rows, columns, lists;
  const int32_t *start, *end; /* (lists) */
  const nn_group *groups;
} nn_sparse_part;

/* A batch, in parts that are small enough for the sums of a panel to stay in the cache. */
typedef struct nn_sparse_batch {
  const nn_sparse *matrix;
  int64_t rows, part_rows;
  int32_t *start, *end; /* (parts, lists) */
  int64_t room;         /* groups that a part may have */
  nn_group *groups;     /* (parts, room) */
} nn_sparse_batch;

/* Take memory for a batch of up to `rows` rows of its matrix, which must be set. */
void nn_sparse_batch_plan(nn_sparse_batch *batch, int64_t rows, nn_arena *memory);
/* Gather rows order[first] to order[first + rows - 1], or rows first to first + rows - 1 if `order` is NULL. The order
 * has an entry for each row of the matrix. The team shares the work; it may be NULL. */
void nn_sparse_gather(nn_team *team, nn_sparse_batch *batch, const int32_t *order, int64_t first, int64_t rows);

/* Part i of the batch, from 0. Returns false past the last. */
bool nn_sparse_part_at(nn_sparse_part *part, const nn_sparse_batch *batch, int64_t i);

/* y(rows, units) = x w; w(columns, units). */
void nn_sparse_product(nn_team *team, float *y, const nn_sparse_batch *x, const float *w, int64_t units);
/* dw(columns, units) = x' dy, overwritten. */
void nn_sparse_product_transposed(nn_team *team, float *dw, const nn_sparse_batch *x, const float *dy, int64_t units);

#endif
