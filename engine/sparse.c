/* sparse.c - inputs that are mostly zeros.
 *
 * MNIST's pixels are 81 % zeros, multi-hot text 98 % and more. Kept as compressed rows, such an input is read five and
 * more times faster when a batch is gathered in random order, and its zeros are not multiplied. Gathering turns the
 * rows of a batch into lists by columns, once for the products forward and backward (kernels/sparse_product.c). */
#include <string.h>

#include "kernels/kernels.h"

/* ---- compressing ---- */

/* The pairs of row r in order: calls `body` with p and the pair x. An odd last column stands beside a zero. */
#define FOR_PAIRS(type, body)                                                                                          \
  for (int64_t p = 0; p < (columns + 1) / 2; p++) {                                                                    \
    const type *numbers = (const type *)tensor->data + r * columns + 2 * p;                                            \
    nn_pair x = {(float)numbers[0], 2 * p + 1 < columns ? (float)numbers[1] : 0};                                      \
    body                                                                                                               \
  }

#define FOR_PAIRS_OF(body)                                                                                             \
  switch (tensor->dtype) {                                                                                             \
  case NN_FLOAT32: FOR_PAIRS(float, body) break;                                                                       \
  case NN_UINT8: FOR_PAIRS(uint8_t, body) break;                                                                       \
  case NN_INT32: FOR_PAIRS(int32_t, body) break;                                                                       \
  }

nn_sparse nn_sparse_measure(const nn_tensor *tensor) {
  int64_t rows = tensor->shape.dim[0], columns = rows ? nn_shape_count(&tensor->shape) / rows : 0;
  nn_sparse m = {.rows = rows, .columns = columns};
  for (int64_t r = 0; r < rows; r++) {
    int64_t pairs = 0, count = 0;
    FOR_PAIRS_OF(count += (x.first != 0) + (x.second != 0); pairs += (x.first != 0) | (x.second != 0);)
    m.count += count;
    m.pair_count += pairs;
    m.longest = pairs > m.longest ? pairs : m.longest;
  }
  return m;
}

/* One pair more than there are: filling writes each pair, and keeps it by moving on. */
size_t nn_sparse_size(const nn_sparse *m) {
  return sizeof(int64_t) * (size_t)(m->rows + 1) + (sizeof(nn_pair) + sizeof(int32_t)) * (size_t)(m->pair_count + 1);
}

void nn_sparse_fill(nn_sparse *m, const nn_tensor *tensor, void *memory) {
  int64_t *start = memory, used = 0, columns = m->columns;
  nn_pair *value = (nn_pair *)(start + m->rows + 1);
  int32_t *pair = (int32_t *)(value + m->pair_count + 1);
  for (int64_t r = 0; r < m->rows; r++) {
    start[r] = used;
    FOR_PAIRS_OF(value[used] = x; pair[used] = (int32_t)p; used += (x.first != 0) | (x.second != 0);) /* NaN too */
  }
  start[m->rows] = used;
  m->start = start, m->pair = pair, m->value = value;
}

/* ---- gathering ---- */

static int64_t pairs_of(const nn_sparse *m) { return (m->columns + 1) / 2; }

static int64_t parts_of(const nn_sparse_batch *batch, int64_t rows) {
  return (rows + batch->part_rows - 1) / batch->part_rows;
}

/* Small enough for the sums of 64 units to stay in the first-level cache, unless lists become too short for that. */
static int64_t part_rows(const nn_sparse *m) {
  enum { LEAST = 128, SAMPLES = 24 /* in a list, in the mean */ };
  double lists = (double)m->rows * (double)pairs_of(m);
  double rows = m->pair_count ? SAMPLES * lists / (double)m->pair_count : NN_SPARSE_PART;
  return rows < LEAST ? LEAST : rows > NN_SPARSE_PART ? NN_SPARSE_PART : (int64_t)rows;
}

static void *take(void *block, size_t *used, size_t size) {
  void *piece = block ? (char *)block + *used : NULL;
  *used += (size + 63) & ~(size_t)63;
  return piece;
}

size_t nn_sparse_batch_plan(nn_sparse_batch *batch, int64_t rows, void *block) {
  const nn_sparse *m = batch->matrix;
  size_t used = 0, most = (size_t)(rows * m->longest);
  batch->part_rows = part_rows(m);
  batch->start = take(block, &used, sizeof(int32_t) * (size_t)(parts_of(batch, rows) * (pairs_of(m) + 1)));
  batch->row = take(block, &used, sizeof(int32_t) * most);
  batch->value = take(block, &used, sizeof(nn_pair) * most);
  return used;
}

/* Rows in random order come from main memory; asked for a few rows ahead they are there in time. */
static void prefetch_row(const nn_sparse *m, int64_t row) {
  enum { LINE = 64 };
  for (int64_t i = m->start[row]; i < m->start[row + 1]; i += LINE / (int64_t)sizeof *m->pair)
    __builtin_prefetch(m->pair + i);
  for (int64_t i = m->start[row]; i < m->start[row + 1]; i += LINE / (int64_t)sizeof *m->value)
    __builtin_prefetch(m->value + i);
}

static int64_t row_at(const int32_t *order, int64_t i) { return order ? order[i] : i; }

/* By counting: how long each list is, where it begins, then each pair into its place, from `begin` on. Returns the
 * end. */
static int32_t gather_part(nn_sparse_batch *batch, int32_t *start, int32_t begin, const int32_t *order, int64_t first,
                           int64_t rows) {
  enum { AHEAD = 6 };
  const nn_sparse *m = batch->matrix;
  const int64_t pairs = pairs_of(m);
  memset(start, 0, sizeof *start * (size_t)(pairs + 1));
  for (int64_t r = 0; r < rows; r++) {
    if (r + AHEAD < rows)
      prefetch_row(m, row_at(order, first + r + AHEAD));
    int64_t row = row_at(order, first + r);
    for (int64_t i = m->start[row]; i < m->start[row + 1]; i++)
      start[m->pair[i]]++;
  }
  int32_t end = begin;
  for (int64_t p = 0; p <= pairs; p++) {
    int32_t length = start[p];
    start[p] = end;
    end += length;
  }
  for (int64_t r = 0; r < rows; r++) {
    int64_t row = row_at(order, first + r);
    for (int64_t i = m->start[row]; i < m->start[row + 1]; i++) {
      int32_t place = start[m->pair[i]]++;
      batch->row[place] = (int32_t)r;
      batch->value[place] = m->value[i];
    }
  }
  memmove(start + 1, start, sizeof *start * (size_t)pairs); /* each start had moved to its list's end */
  start[0] = begin;
  return end;
}

void nn_sparse_gather(nn_sparse_batch *batch, const int32_t *order, int64_t first, int64_t rows) {
  int32_t used = 0;
  batch->rows = rows;
  for (int64_t part = 0; part < parts_of(batch, rows); part++) {
    int64_t done = part * batch->part_rows, left = rows - done;
    used = gather_part(batch, batch->start + part * (pairs_of(batch->matrix) + 1), used, order, first + done,
                       left < batch->part_rows ? left : batch->part_rows);
  }
}

/* ---- products ---- */

static nn_sparse_part part_at(const nn_sparse_batch *x, int64_t part) {
  const nn_sparse *m = x->matrix;
  int64_t left = x->rows - part * x->part_rows;
  return (nn_sparse_part){left < x->part_rows ? left : x->part_rows,    m->columns, pairs_of(m),
                          x->start + part * (pairs_of(m) + 1), x->row, x->value};
}

void nn_sparse_product(float *y, const nn_sparse_batch *x, const float *w, int64_t units) {
  for (int64_t i = 0; i < parts_of(x, x->rows); i++) {
    nn_sparse_part part = part_at(x, i);
    nn_kernels_at(0)->sparse_product(y + i * x->part_rows * units, &part, w, units);
  }
}

void nn_sparse_product_transposed(float *dw, const nn_sparse_batch *x, const float *dy, int64_t units) {
  for (int64_t i = 0; i < parts_of(x, x->rows); i++) {
    nn_sparse_part part = part_at(x, i);
    nn_kernels_at(0)->sparse_product_transposed(dw, &part, dy + i * x->part_rows * units, units, i > 0);
  }
}
