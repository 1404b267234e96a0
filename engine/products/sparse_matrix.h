/* sparse_matrix.h - matrices that are mostly zeros, row by row without them, and how what is kept of a row is read. */
#ifndef NN_SPARSE_MATRIX_H
#define NN_SPARSE_MATRIX_H

#include <string.h>

#include "tensor/tensor.h"

/* Three numbers and their place fill one register of 16 bytes. */
enum { NN_GROUP = 3 };

/* Numbers beside each other, from column NN_GROUP * p on; where they are: in a row p, in the list of p the row. */
typedef struct nn_group {
  float number[NN_GROUP];
  int32_t at;
} nn_group;

/* A group of numbers that are k / divisor with k from 0 to 255, as pixels and counts of words are: the k from the
 * lowest byte on, and in the highest how many places the group is behind the one before it, or behind the row's
 * beginning. */
typedef uint32_t nn_code;

enum { NN_STEP = 8 * NN_GROUP }; /* the bit at which that begins */

/* A matrix, row by row those of its groups that are not all zeros: of row r at start[r] .. start[r + 1] - 1. Codes
 * where all numbers have one: they take a quarter of the bytes, and reading rows in random order is bound by memory.
 * Steps too long for a code are made in several, by groups of zeros. */
typedef struct nn_sparse {
  int64_t rows, columns;
  int64_t count;        /* of numbers other than zero */
  int64_t group_count;  /* of groups as they are kept */
  int64_t longest;      /* groups of the row that has most */
  float divisor;        /* of codes; 0 where groups are kept as they are */
  const int64_t *start; /* (rows + 1) */
  const void *groups;   /* (group_count) nn_code or nn_group */
} nn_sparse;

/* The sizes of the compressed rows of a contiguous tensor (n, ...), the memory they want, and the rows laid there.
 * Measuring is given up, false, once there are more than `most` numbers other than zero. */
bool nn_sparse_measure(nn_sparse *matrix, const nn_tensor *tensor, int64_t most);
size_t nn_sparse_size(const nn_sparse *matrix);
void nn_sparse_fill(nn_sparse *matrix, const nn_tensor *tensor, void *memory);

/* ---- reading ---- */

static inline int64_t nn_lists_of(const nn_sparse *m) { return (m->columns + NN_GROUP - 1) / NN_GROUP; }

static inline size_t nn_kept_size(const nn_sparse *m) { return m->divisor != 0 ? sizeof(nn_code) : sizeof(nn_group); }

/* The place of the group that is kept there, behind one whose place was `before`. */
static inline int64_t nn_place_of(const char *kept, int64_t before, float divisor) {
  if (divisor == 0)
    return ((const nn_group *)(const void *)kept)->at;
  return before + (*(const nn_code *)(const void *)kept >> NN_STEP);
}

typedef uint32_t nn_four_words __attribute__((vector_size(16)));
typedef int32_t nn_four_ints __attribute__((vector_size(16)));
typedef float nn_four_floats __attribute__((vector_size(16)));

/* Its numbers, at a place of the caller's. Of a code all are found at once, the step being the fourth. */
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
