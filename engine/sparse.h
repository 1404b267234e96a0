/* sparse.h - inputs that are mostly zeros: compressed rows, and batches of them, as a rule gathered by columns. */
#ifndef NN_SPARSE_H
#define NN_SPARSE_H

#include "arena.h"
#include "nn.h"

/* Three numbers and their place are one small register; two make a step of 784x50, batch 100 last 1.05 times as long,
 * four just as long, but there is more to multiply. */
enum { NN_GROUP = 3 };

/* Numbers beside each other, from column NN_GROUP * p on; where they are: in a row p, in the list of p the row. */
typedef struct nn_group {
  float number[NN_GROUP];
  int32_t at;
} nn_group;

/* A matrix, row by row those of its groups that are not all zeros: of row r at start[r] .. start[r + 1] - 1. */
typedef struct nn_sparse {
  int64_t rows, columns;
  int64_t count;          /* of numbers other than zero */
  int64_t group_count;    /* of groups with such a number */
  int64_t longest;        /* groups of the row that has most */
  const int64_t *in_list; /* ((columns + NN_GROUP - 1) / NN_GROUP): how many rows have group p */
  const int64_t *start;   /* (rows + 1) */
  const nn_group *groups; /* (group_count) */
} nn_sparse;

/* The sizes of the compressed rows of a contiguous tensor (n, ...), the memory they want, and the rows laid there.
 * Measuring is given up, false, once there are more than `most` numbers other than zero. */
bool nn_sparse_measure(nn_sparse *matrix, const nn_tensor *tensor, int64_t most);
size_t nn_sparse_size(const nn_sparse *matrix);
void nn_sparse_fill(nn_sparse *matrix, const nn_tensor *tensor, void *memory);

enum { NN_SPARSE_PART = 512 }; /* the most rows of a part */

/* The groups of a row of the matrix. */
typedef struct nn_span {
  const nn_group *from, *end;
} nn_span;

/* Rows that are fetched into the cache, some at a time, while something else is computed. */
typedef struct nn_fetch {
  const nn_span *next, *end;
  int64_t at_a_time;
} nn_fetch;

enum { NN_LISTS_AT_A_TIME = 8 }; /* whose dw is computed between two such fetches */

static inline void nn_fetch_some(nn_fetch *rows) {
  enum { GROUPS_IN_LINE = 64 / sizeof(nn_group) };
  for (int64_t i = 0; i < rows->at_a_time && rows->next < rows->end; i++, rows->next++)
    for (const nn_group *group = rows->next->from; group < rows->next->end; group += GROUPS_IN_LINE)
      __builtin_prefetch(group, 0, 2);
}

/* Some rows of a batch as lists: the rows that have group p at start[p] .. end[p] - 1. Or, where lists would be
 * too short to be worth the trouble, as they stand in the matrix. */
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
  int32_t *planned; /* (lists + 1): where lists begin that have no more rows than they should */
  int32_t *start;   /* (parts, lists): where they begin in a part that is counted */
  int32_t *end;     /* (parts, lists) */
  bool *is_counted; /* (parts) */
  bool counts;      /* all parts from now on */
  int64_t room;     /* groups of a part */
  nn_group *groups; /* (parts, room) */
  nn_span *row;     /* (batch size), or NULL where there are lists */
  nn_span *next;    /* (part_rows): the first rows that come after the batch */
  int64_t coming;   /* how many of these there are */
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
