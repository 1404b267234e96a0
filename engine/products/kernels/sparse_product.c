/* sparse_product.c - products with one part of a batch that is mostly zeros, gathered into lists by groups of columns
 * (sparse_batch.h).
 *
 * Adjacent numbers are often nonzero together, as the pixels of a stroke. So a group of them shares one load and one
 * store of a row of sums. Forward, a group's rows of w stay in registers, while the sums of all samples that have the
 * group are updated in the first-level cache. Backward, the sums of a group's rows of dw stay in registers, while rows
 * of dy are read. */
#include "kernels.h"
#include "vector.h"

enum { VECTORS = 4, PANEL = VECTORS * LANES };

/* How many numbers register v of a row holds. All but the last are full. */
INLINE int lanes_at(int v, int vectors, int columns) {
  return v + 1 < vectors || columns - v * LANES > LANES ? LANES : columns - v * LANES;
}

/* A row of a panel: `columns` numbers in `vectors` registers, with zeros in the tail. */
INLINE void load_row(lanes *row, const float *from, const int vectors, const int columns) {
  UNROLL for (int v = 0; v < vectors; v++) row[v] = load_part(from + v * LANES, lanes_at(v, vectors, columns));
}

INLINE void store_row(float *to, const lanes *row, const int vectors, const int columns, const bool add) {
  UNROLL for (int v = 0; v < vectors; v++) {
    int n = lanes_at(v, vectors, columns);
    store_part(to + v * LANES, add ? load_part(to + v * LANES, n) + row[v] : row[v], n);
  }
}

/* Whether row i of list p exists in w and dw. The last list may have fewer than NN_GROUP rows. */
INLINE bool has_row(const nn_sparse_part *x, int64_t p, int i) { return NN_GROUP * p + i < x->columns; }

/* Row i of w that belongs to list p. Zeros if w has no such row. */
INLINE void load_row_of(lanes *row, const nn_sparse_part *x, int64_t p, int i, const float *w, int64_t stride,
                        const int vectors, const int columns) {
  if (has_row(x, p, i))
    load_row(row, w + (NN_GROUP * p + i) * stride, vectors, columns);
  else
    UNROLL for (int v = 0; v < vectors; v++) row[v] = (lanes){0};
}

/* ---- y = x w ---- */

/* sums(x->rows, vectors * LANES) += x w for one panel of columns. Add up the products of a group before adding them to
 * the sum, because this rounds less. */
INLINE void add_groups(float *sums, const nn_sparse_part *x, const float *w, int64_t stride, const int vectors,
                       int columns) {
  for (int64_t p = 0; p < x->lists; p++) {
    const nn_group *group = x->groups + x->start[p], *end = x->groups + x->end[p];
    if (group == end)
      continue;
    lanes row[NN_GROUP][VECTORS];
    UNROLL for (int i = 0; i < NN_GROUP; i++) load_row_of(row[i], x, p, i, w, stride, vectors, columns);
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

INLINE void product(float *y, const nn_sparse_part *x, const float *w, int64_t stride, const int vectors, int columns) {
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

/* ---- dw = x' dy ---- */

/* dw = or += x' dy for one panel of columns, with dy packed: panel(x->rows, vectors * LANES). */
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
      UNROLL for (int v = 0; v < vectors; v++) row[v] = load(dy + v * LANES);
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

INLINE void product_transposed(float *dw, const nn_sparse_part *x, const float *dy, int64_t stride, const int vectors,
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

/* ---- panel by panel, with the number of registers as a constant ---- */

#define FOR_PANELS(CASE)                                                                                               \
  for (int64_t j = 0; j < columns; j += PANEL) {                                                                       \
    const int width = (int)(columns - j < PANEL ? columns - j : PANEL);                                                \
    switch ((width + LANES - 1) / LANES) { CASE(1) CASE(2) CASE(3) CASE(4) }                                           \
  }

void NN_LEVELLED(nn_sparse_product)(float *y, const nn_sparse_part *x, const float *w, int64_t stride,
                                    int64_t columns) {
#define PRODUCT(vectors)                                                                                               \
  case vectors: product(y + j, x, w + j, stride, vectors, width); break;
  FOR_PANELS(PRODUCT)
}

void NN_LEVELLED(nn_sparse_product_transposed)(float *dw, const nn_sparse_part *x, const float *dy, int64_t stride,
                                               int64_t columns, bool add) {
#define TRANSPOSED(vectors)                                                                                            \
  case vectors: product_transposed(dw + j, x, dy + j, stride, vectors, width, add); break;
  FOR_PANELS(TRANSPOSED)
}
