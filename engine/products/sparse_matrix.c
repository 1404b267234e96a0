/* sparse_matrix.c - compresses the rows of matrices that are mostly zeros. */
#include "sparse_matrix.h"

#include <math.h>
#include <string.h>

/* Nonzero if x is, NaN included. An integer, because integers compare faster. */
static inline uint32_t weight_float(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits << 1; /* -0 is 0 */
}
static inline uint32_t weight_uint8_t(uint8_t x) { return x; }
static inline uint32_t weight_int32_t(int32_t x) { return (uint32_t)x; }

/* Run `body` for the groups of row r, in order; blocks of zeros are skipped. In `body`, x is the group, and `filled` is
 * how many of its numbers are nonzero. The last group is padded with zeros. */
#define FOR_GROUPS(type, body)                                                                                         \
  for (int64_t from = 0; from < columns; from += BLOCK) {                                                              \
    const type *numbers = (const type *)tensor->data + r * columns + from;                                             \
    const int64_t left = columns - from;                                                                               \
    uint32_t any = left < BLOCK;                                                                                       \
    if (left >= BLOCK)                                                                                                 \
      for (int k = 0; k < BLOCK; k++)                                                                                  \
        any |= weight_##type(numbers[k]);                                                                              \
    for (int64_t k = 0; any && k < BLOCK && k < left; k += NN_GROUP) {                                                 \
      nn_group x = {.at = (int32_t)((from + k) / NN_GROUP)};                                                           \
      int64_t filled = 0;                                                                                              \
      for (int64_t i = 0; i < NN_GROUP && k + i < left; i++) {                                                         \
        x.number[i] = (float)numbers[k + i];                                                                           \
        filled += weight_##type(numbers[k + i]) != 0;                                                                  \
      }                                                                                                                \
      body                                                                                                             \
    }                                                                                                                  \
  }

#define FOR_GROUPS_OF_ROW(body)                                                                                        \
  switch (tensor->dtype) {                                                                                             \
  case NN_FLOAT32: FOR_GROUPS(float, body) break;                                                                      \
  case NN_UINT8: FOR_GROUPS(uint8_t, body) break;                                                                      \
  case NN_INT32: FOR_GROUPS(int32_t, body) break;                                                                      \
  }

enum { BLOCK = 5 * NN_GROUP };

/* Divisors that are tried: 1 for pixels as they are, 255 for pixels scaled to 0 .. 1. */
static const float divisors[] = {1, UINT8_MAX};
enum { DIVISORS = sizeof divisors / sizeof *divisors };

static float code_of(float x, float divisor) { return floorf(x * divisor + 0.5f); }

static bool has_code(float x, float divisor) {
  return x >= 0 && x * divisor <= UINT8_MAX && code_of(x, divisor) / divisor == x;
}

/* Groups of zeros to insert before a group that is `places` after the last. They cost time in products, so codes are
 * used only if there is at most one of them for MOST_ZEROS other groups. */
static int64_t steps_before(int64_t places) { return places > 0 ? (places - 1) / UINT8_MAX : 0; }
enum { MOST_ZEROS = 8 };

bool nn_sparse_measure(nn_sparse *m, const nn_tensor *tensor, int64_t most) {
  int64_t rows = tensor->shape.dim[0], columns = rows ? nn_shape_count(&tensor->shape) / rows : 0;
  int64_t codes = 0, longest_coded = 0;
  bool fits[DIVISORS] = {true, true};
  *m = (nn_sparse){.rows = rows, .columns = columns};
  for (int64_t r = 0; r < rows && m->count <= most; r++) {
    int64_t groups = 0, count = 0, coded = 0, last = 0;
    FOR_GROUPS_OF_ROW(if (filled) {
      count += filled;
      groups++;
      coded += 1 + steps_before(x.at - last);
      last = x.at;
      for (int d = 0; d < DIVISORS; d++)
        for (int i = 0; fits[d] && i < NN_GROUP; i++)
          fits[d] = has_code(x.number[i], divisors[d]);
    })
    m->count += count;
    m->group_count += groups;
    m->longest = groups > m->longest ? groups : m->longest;
    codes += coded;
    longest_coded = coded > longest_coded ? coded : longest_coded;
  }
  if (codes <= m->group_count + m->group_count / MOST_ZEROS && (fits[0] || fits[1]))
    m->divisor = divisors[fits[0] ? 0 : 1], m->group_count = codes, m->longest = longest_coded;
  return m->count <= most;
}

size_t nn_sparse_size(const nn_sparse *m) {
  return sizeof(int64_t) * (size_t)(m->rows + 1) + nn_kept_size(m) * (size_t)m->group_count;
}

/* Store a group as code, after groups of zeros if it is far from place `last`. Returns how many codes were stored. */
static int64_t keep_code(nn_code *to, const nn_group *x, int64_t last, float divisor) {
  const int64_t places = x->at - last;
  int64_t used = 0;
  for (; used < steps_before(places); used++)
    to[used] = (nn_code)UINT8_MAX << NN_STEP;
  to[used] = (nn_code)(places - used * UINT8_MAX) << NN_STEP;
  for (int i = 0; i < NN_GROUP; i++)
    to[used] |= (nn_code)code_of(x->number[i], divisor) << 8 * i;
  return used + 1;
}

void nn_sparse_fill(nn_sparse *m, const nn_tensor *tensor, void *memory) {
  int64_t *start = memory, used = 0, columns = m->columns;
  nn_group *groups = (nn_group *)(start + m->rows + 1);
  nn_code *codes = (nn_code *)groups;
  for (int64_t r = 0; r < m->rows; r++) {
    int64_t last = 0;
    start[r] = used;
    FOR_GROUPS_OF_ROW(if (filled) {
      if (m->divisor != 0)
        used += keep_code(codes + used, &x, last, m->divisor);
      else
        groups[used++] = x;
      last = x.at;
    })
  }
  start[m->rows] = used;
  m->start = start, m->groups = groups;
}
