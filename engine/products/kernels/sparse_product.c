/* sparse_product.c - products with one part of a batch that is mostly zeros, gathered by groups of columns
 * (sparse_batch.h).
 *
 * Neighbouring numbers are zero together more often than not (pixels of a stroke), and a group needs but one load and
 * store of a row of sums where single numbers need one each. A group's rows of w stay in registers while the sums of
 * all samples that have the group, in the first-level cache, grow by it; backward the sums of its rows of dw stay in
 * registers while rows of dy are read. Taking rows one by one instead, with the sums in registers, reads w from the
 * second-level cache for each: twice as slow at 784x50, batch 100. It is done where hardly two rows share a group. */
#include "kernels.h"
#include "vector.h"

enum { VECTORS = 4, PANEL = VECTORS * LANES };

/* How many numbers register v of a row holds: only the last is ever less than full. */
INLINE int lanes_at(int v, int vectors, int columns) {
  return v + 1 < vectors || columns - v * LANES > LANES ? LANES : columns - v * LANES;
}

/* Registers of a row of w or dw from column 0 of a panel on. */
INLINE void load_row(lanes *row, const float *from, const int vectors, const int columns) {
  UNROLL for (int v = 0; v < vectors; v++) row[v] = load_part(from + v * LANES, lanes_at(v, vectors, columns));
}

INLINE void store_row(float *to, const lanes *row, const int vectors, const int columns, const bool add) {
  UNROLL for (int v = 0; v < vectors; v++) {
    int n = lanes_at(v, vectors, columns);
    store_part(to + v * LANES, add ? load_part(to + v * LANES, n) + row[v] : row[v], n);
  }
}

/* Whether list p has a row i of w, or of dw: the last may have fewer. */
INLINE bool has_row(const nn_sparse_part *x, int64_t p, int i) { return NN_GROUP * p + i < x->columns; }

/* Row i of w, or of dw, that belongs to list p; where not all are there, zeros for those that are not. */
INLINE void load_row_of(lanes *row, const nn_sparse_part *x, int64_t p, int i, const float *w, int64_t stride,
                        const int vectors, const int columns, const bool all_there) {
  if (all_there || has_row(x, p, i))
    load_row(row, w + (NN_GROUP * p + i) * stride, vectors, columns);
  else
    UNROLL for (int v = 0; v < vectors; v++) row[v] = (lanes){0};
}

/* Where the groups of a row end that have all their rows of w: only the last may not. */
static inline const nn_group *end_of_whole(const nn_sparse_part *x, const nn_span *row) {
  return row->end - (row->end > row->from && !has_row(x, row->end[-1].at, NN_GROUP - 1));
}

/* ---- y = x w ---- */

/* sums(x->rows, registers) += x w for one panel of columns. A group's products are added up first, which rounds less:
 * added one by one they let a unit near zero come out on the other side than Keras' within an epoch. */
INLINE void add_groups(float *sums, const nn_sparse_part *x, const float *w, int64_t stride, const int vectors,
                       int columns) {
  for (int64_t p = 0; p < x->lists; p++) {
    const nn_group *group = x->groups + x->start[p], *end = x->groups + x->end[p];
    if (group == end)
      continue;
    lanes row[NN_GROUP][VECTORS];
    UNROLL for (int i = 0; i < NN_GROUP; i++) load_row_of(row[i], x, p, i, w, stride, vectors, columns, false);
    for (; group < end; group++) {
      const nn_group part = *group;
      float *to = sums + (int64_t)part.at * vectors * LANES;
      UNROLL for (int v = 0; v < vectors; v++) {
        lanes sum = part.number[0] * row[0][v];
        UNROLL for (int i = 1; i < NN_GROUP; i++) sum += part.number[i] * row[i][v];
        store(to + v * LANES, load(to + v * LANES) + sum);
      }
    }
  }
}

INLINE void product_by_lists(float *y, const nn_sparse_part *x, const float *w, int64_t stride, const int vectors,
                             int columns) {
  _Alignas(64) float sums[NN_SPARSE_PART * PANEL];
  const int width = vectors * LANES;
  memset(sums, 0, sizeof *sums * (size_t)(x->rows * width));
  add_groups(sums, x, w, stride, vectors, columns);
  for (int64_t r = 0; r < x->rows; r++) {
    lanes row[VECTORS];
    load_row(row, sums + r * width, vectors, vectors * LANES);
    store_row(y + r * stride, row, vectors, columns, false);
  }
}

INLINE void add_group_of_row(lanes *sum, const nn_sparse_part *x, const nn_group *group, const float *w, int64_t stride,
                             const int vectors, int columns, const bool all_there) {
  UNROLL for (int i = 0; i < NN_GROUP; i++) {
    lanes row[VECTORS];
    load_row_of(row, x, group->at, i, w, stride, vectors, columns, all_there);
    UNROLL for (int v = 0; v < vectors; v++) sum[v] += group->number[i] * row[v];
  }
}

INLINE void product_by_rows(float *y, const nn_sparse_part *x, const float *w, int64_t stride, const int vectors,
                            int columns) {
  for (int64_t r = 0; r < x->rows; r++) {
    lanes sum[VECTORS] = {{0}};
    const nn_group *group = x->row[r].from, *whole = end_of_whole(x, &x->row[r]);
    for (; group < whole; group++)
      add_group_of_row(sum, x, group, w, stride, vectors, columns, true);
    if (group < x->row[r].end)
      add_group_of_row(sum, x, group, w, stride, vectors, columns, false);
    store_row(y + r * stride, sum, vectors, columns, false);
  }
}

/* ---- dw = x' dy ---- */

/* All lists, with dy in a panel. */
INLINE void product_of_lists(float *dw, const nn_sparse_part *x, const float *panel, int64_t stride, const int vectors,
                             int columns, bool add) {
  for (int64_t p = 0; p < x->lists; p++) {
    const nn_group *group = x->groups + x->start[p], *end = x->groups + x->end[p];
    if (add && group == end)
      continue;
    lanes sum[NN_GROUP][VECTORS] = {{{0}}};
    for (; group < end; group++) {
      const nn_group part = *group;
      const float *dy = panel + (int64_t)part.at * vectors * LANES;
      lanes row[VECTORS];
      UNROLL for (int v = 0; v < vectors; v++) row[v] = kept(load(dy + v * LANES));
      UNROLL for (int i = 0; i < NN_GROUP; i++) {
        UNROLL for (int v = 0; v < vectors; v++) sum[i][v] += part.number[i] * row[v];
      }
    }
    UNROLL for (int i = 0; i < NN_GROUP; i++) {
      if (has_row(x, p, i))
        store_row(dw + (NN_GROUP * p + i) * stride, sum[i], vectors, columns, add);
    }
  }
}

INLINE void transposed_by_lists(float *dw, const nn_sparse_part *x, const float *dy, int64_t stride, const int vectors,
                                int columns, bool add) {
  _Alignas(64) float panel[NN_SPARSE_PART * PANEL];
  const int width = vectors * LANES;
  for (int64_t r = 0; r < x->rows; r++) {
    lanes row[VECTORS];
    load_row(row, dy + r * stride, vectors, columns);
    store_row(panel + r * width, row, vectors, vectors * LANES, false);
  }
  product_of_lists(dw, x, panel, stride, vectors, columns, add);
}

/* All at once where the columns are all there are. */
static void clear(float *dw, int64_t rows, int64_t columns, int64_t stride) {
  const bool is_whole = columns == stride;
  for (int64_t k = 0; k < (is_whole ? 1 : rows); k++)
    memset(dw + k * stride, 0, sizeof *dw * (size_t)(is_whole ? rows * columns : columns));
}

/* The rows of a group are read before one is written: a store that hides some of its lanes holds up the next load of
 * that line. */
INLINE void add_to_rows_of_group(float *dw, const nn_sparse_part *x, const nn_group *group, const lanes *dy,
                                 int64_t stride, const int vectors, int columns, const bool all_there) {
  lanes sum[NN_GROUP][VECTORS];
  UNROLL for (int i = 0; i < NN_GROUP; i++) {
    load_row_of(sum[i], x, group->at, i, dw, stride, vectors, columns, all_there);
    UNROLL for (int v = 0; v < vectors; v++) sum[i][v] += group->number[i] * dy[v];
  }
  UNROLL for (int i = 0; i < NN_GROUP; i++) {
    if (all_there || has_row(x, group->at, i))
      store_row(dw + (NN_GROUP * group->at + i) * stride, sum[i], vectors, columns, false);
  }
}

/* dw += x' dy */
INLINE void transposed_by_rows(float *dw, const nn_sparse_part *x, const float *dy, int64_t stride, const int vectors,
                               int columns) {
  for (int64_t r = 0; r < x->rows; r++) {
    lanes row[VECTORS];
    load_row(row, dy + r * stride, vectors, columns);
    const nn_group *group = x->row[r].from, *whole = end_of_whole(x, &x->row[r]);
    for (; group < whole; group++)
      add_to_rows_of_group(dw, x, group, row, stride, vectors, columns, true);
    if (group < x->row[r].end)
      add_to_rows_of_group(dw, x, group, row, stride, vectors, columns, false);
  }
}

/* ---- panel by panel, with the number of registers known ---- */

#define FOR_PANELS(CASE)                                                                                               \
  for (int64_t j = 0; j < columns; j += PANEL) {                                                                       \
    const int width = (int)(columns - j < PANEL ? columns - j : PANEL);                                                \
    switch ((width + LANES - 1) / LANES) { CASE(1) CASE(2) CASE(3) CASE(4) }                                           \
  }

/* Each in a function of its own: in one, compilers share out registers among both ways, and lists take 1.1 times as
 * long with AVX2. */
#define ALONE static __attribute__((noinline))

ALONE void all_by_lists(float *y, const nn_sparse_part *x, const float *w, int64_t stride, int64_t columns) {
#define BY_LISTS(vectors)                                                                                              \
  case vectors: product_by_lists(y + j, x, w + j, stride, vectors, width); break;
  FOR_PANELS(BY_LISTS)
}

ALONE void all_by_rows(float *y, const nn_sparse_part *x, const float *w, int64_t stride, int64_t columns) {
#define BY_ROWS(vectors)                                                                                               \
  case vectors: product_by_rows(y + j, x, w + j, stride, vectors, width); break;
  FOR_PANELS(BY_ROWS)
}

ALONE void all_transposed_by_lists(float *dw, const nn_sparse_part *x, const float *dy, int64_t stride, int64_t columns,
                                   bool add) {
#define TRANSPOSED_BY_LISTS(vectors)                                                                                   \
  case vectors: transposed_by_lists(dw + j, x, dy + j, stride, vectors, width, add); break;
  FOR_PANELS(TRANSPOSED_BY_LISTS)
}

ALONE void all_transposed_by_rows(float *dw, const nn_sparse_part *x, const float *dy, int64_t stride,
                                  int64_t columns) {
#define TRANSPOSED_BY_ROWS(vectors)                                                                                    \
  case vectors: transposed_by_rows(dw + j, x, dy + j, stride, vectors, width); break;
  FOR_PANELS(TRANSPOSED_BY_ROWS)
}

void NN_LEVELLED(nn_sparse_product)(float *y, const nn_sparse_part *x, const float *w, int64_t stride,
                                    int64_t columns) {
  (x->row ? all_by_rows : all_by_lists)(y, x, w, stride, columns);
}

void NN_LEVELLED(nn_sparse_product_transposed)(float *dw, const nn_sparse_part *x, const float *dy, int64_t stride,
                                               int64_t columns, bool add) {
  if (x->row && !add)
    clear(dw, x->columns, columns, stride);
  if (x->row)
    all_transposed_by_rows(dw, x, dy, stride, columns);
  else
    all_transposed_by_lists(dw, x, dy, stride, columns, add);
}
