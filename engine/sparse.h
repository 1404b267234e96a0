/* sparse.h - batches of inputs that are mostly zeros, as a rule gathered by columns, and products with them. */
#ifndef NN_SPARSE_H
#define NN_SPARSE_H

#include "arena.h"
#include "compressed.h"

enum { NN_SPARSE_PART = 512 }; /* the most rows of a part */

/* A row as the matrix keeps it. */
typedef struct nn_kept_row {
  const char *from, *end;
} nn_kept_row;

/* A row's groups, as they are multiplied. */
typedef struct nn_span {
  const nn_group *from, *end;
} nn_span;

/* Rows that are fetched into the cache, some at a time, while something else is computed. */
typedef struct nn_fetch {
  const nn_kept_row *next, *end;
  int64_t at_a_time;
} nn_fetch;

enum { NN_LISTS_AT_A_TIME = 8 }; /* whose dw is computed between two such fetches */

static inline void nn_fetch_some(nn_fetch *rows) {
  enum { LINE = 64 };
  for (int64_t i = 0; i < rows->at_a_time && rows->next < rows->end; i++, rows->next++)
    for (const char *line = rows->next->from - (uintptr_t)rows->next->from % LINE; line < rows->next->end; line += LINE)
      __builtin_prefetch(line, 0, 2);
}

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
  int32_t *planned;  /* (lists + 1): where lists begin that have no more rows than they should */
  int32_t *start;    /* (parts, lists): where they begin in a part that is counted */
  int32_t *end;      /* (parts, lists) */
  bool *is_counted;  /* (parts) */
  bool counts;       /* all parts from now on */
  int64_t room;      /* groups of a part */
  nn_group *groups;  /* (parts, room); without lists the rows' own, where the matrix has codes */
  nn_span *row;      /* (batch size), or NULL where there are lists */
  nn_kept_row *next; /* (part_rows): the first rows that come after the batch */
  int64_t coming;    /* how many of these there are */
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
/* dw(columns, units) = x' dy, overwritten. Rows that come after the batch are fetched into the cache meanwhile. */
void nn_sparse_product_transposed(nn_team *team, float *dw, const nn_sparse_batch *x, const float *dy, int64_t units);

#endif
