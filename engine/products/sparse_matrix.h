/* sparse_matrix.h - compressed rows: matrices that are mostly zeros, stored without most of them. */
#ifndef NN_SPARSE_MATRIX_H
#define NN_SPARSE_MATRIX_H

#include <string.h>

#include "tensor/tensor.h"

/* Three numbers and their position are 16 bytes, one vector register. */
enum { NN_GROUP = 3 };

/* Adjacent numbers of one row, columns NN_GROUP * p to NN_GROUP * p + NN_GROUP - 1. */
typedef struct nn_group {
  float number[NN_GROUP];
  int32_t at; /* p in a stored row; the number of the row in list p of a batch (sparse_batch.h) */
} nn_group;

/* A group as one word, if its numbers are k / divisor with k from 0 to 255, as pixels and word counts are. The low
 * bytes hold the k. The high byte holds p minus the p of the group before, or p itself for the first group of a row. */
typedef uint32_t nn_code;

enum { NN_STEP = 8 * NN_GROUP }; /* the lowest bit of the high byte */

/* Compressed rows: the groups that are not all zeros. Those of row r are at start[r] .. start[r + 1] - 1. They are
 * codes if all numbers have one, because reading rows in random order is bound by memory, and codes are a quarter as
 * long. Groups of zeros are inserted between codes that are further apart than the high byte can say. */
typedef struct nn_sparse {
  int64_t rows, columns;
  int64_t count;        /* of nonzero numbers */
  int64_t group_count;  /* of stored groups */
  int64_t longest;      /* the most groups of a row */
  float divisor;        /* of codes; 0 if nn_group is stored */
  const int64_t *start; /* (rows + 1) */
  const void *groups;   /* (group_count) nn_code or nn_group */
} nn_sparse;

/* To compress the rows of a contiguous tensor (n, ...): measure, take nn_sparse_size bytes, fill them.
 * nn_sparse_measure returns false once there are more than `most` nonzero numbers. */
bool nn_sparse_measure(nn_sparse *matrix, const nn_tensor *tensor, int64_t most);
size_t nn_sparse_size(const nn_sparse *matrix);
void nn_sparse_fill(nn_sparse *matrix, const nn_tensor *tensor, void *memory);

/* ---- reading ---- */

static inline int64_t nn_lists_of(const nn_sparse *m) { return (m->columns + NN_GROUP - 1) / NN_GROUP; }

static inline size_t nn_kept_size(const nn_sparse *m) { return m->divisor != 0 ? sizeof(nn_code) : sizeof(nn_group); }

/* p of the stored group; `before` is p of the group before it in the row, 0 if there is none. */
static inline int64_t nn_place_of(const char *kept, int64_t before, float divisor) {
  if (divisor == 0)
    return ((const nn_group *)(const void *)kept)->at;
  return before + (*(const nn_code *)(const void *)kept >> NN_STEP);
}

typedef uint32_t nn_four_words __attribute__((vector_size(16)));
typedef int32_t nn_four_ints __attribute__((vector_size(16)));
typedef float nn_four_floats __attribute__((vector_size(16)));

/* The stored group's numbers, with `at` as given. A code is decoded by one vector operation, whose fourth lane is
 * masked out for `at`. */
static inline nn_group nn_numbers_of(const char *kept, int32_t at, float divisor) {
  nn_group x;
  if (divisor == 0) {
    memcpy(&x, kept, sizeof x);
    x.at = at;
    return x;
  }
  const nn_code code = *(const nn_code *)(const void *)kept;
  const nn_four_words shift = {0, 8, 16, 24}, mask = {UINT8_MAX, UINT8_MAX, UINT8_MAX, 0},
                      all = {code, code, code, code};
  const nn_four_floats numbers = __builtin_convertvector((nn_four_ints)(all >> shift & mask), nn_four_floats) / divisor;
  const nn_four_ints place = {0, 0, 0, at}, group = (nn_four_ints)numbers | place;
  memcpy(&x, &group, sizeof x);
  return x;
}

#endif
