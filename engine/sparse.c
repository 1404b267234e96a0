/* sparse.c - products with inputs that are mostly zeros.
 *
 * MNIST's pixels are 81 % zeros, multi-hot text 98 % and more. Kept as compressed rows, such an input is read five and
 * more times faster when a batch is gathered in random order, and its zeros are not multiplied. The columns of w are
 * taken in panels whose part of w stays in the second-level cache; a panel's sums stay in registers. */
#include <string.h>

#include "sparse.h"

/* ---- compressing ---- */

#define FOR_ELEMENTS(type, body)                                                                                       \
  for (int64_t i = 0; i < n; i++) {                                                                                    \
    const type x = ((const type *)tensor->data)[i];                                                                    \
    body                                                                                                               \
  }

int64_t nn_sparse_count(const nn_tensor *tensor) {
  int64_t n = nn_shape_count(&tensor->shape), count = 0;
  switch (tensor->dtype) {
  case NN_FLOAT32: FOR_ELEMENTS(float, count += x != 0;) break;
  case NN_UINT8: FOR_ELEMENTS(uint8_t, count += x != 0;) break;
  case NN_INT32: FOR_ELEMENTS(int32_t, count += x != 0;) break;
  }
  return count;
}

size_t nn_sparse_size(int64_t rows, int64_t count) {
  return sizeof(int64_t) * (size_t)(rows + 1) + (sizeof(int32_t) + sizeof(float)) * (size_t)count;
}

static float element(const nn_tensor *tensor, int64_t i) {
  switch (tensor->dtype) {
  case NN_FLOAT32: return ((const float *)tensor->data)[i];
  case NN_UINT8: return ((const uint8_t *)tensor->data)[i];
  default: return (float)((const int32_t *)tensor->data)[i];
  }
}

nn_sparse nn_sparse_fill(const nn_tensor *tensor, int64_t count, void *memory) {
  int64_t rows = tensor->shape.dim[0], columns = rows ? nn_shape_count(&tensor->shape) / rows : 0, used = 0;
  int64_t *start = memory;
  float *value = (float *)(start + rows + 1);
  int32_t *column = (int32_t *)(value + count);
  for (int64_t r = 0; r < rows; r++) {
    start[r] = used;
    for (int64_t j = 0; j < columns; j++) {
      float x = element(tensor, r * columns + j);
      if (x != 0) { /* NaN included */
        column[used] = (int32_t)j;
        value[used++] = x;
      }
    }
  }
  start[rows] = used;
  return (nn_sparse){rows, columns, start, column, value};
}

/* ---- products ----
 *
 * Both are sums of scaled rows of a dense matrix: y[r] = sum of value * w[column], dw[c] = sum of value * dy[row]. Sums
 * of up to 64 columns stay in registers while the rows they are made of come from the cache. */

enum { LANES = 16, PANEL = 4 * LANES };

/* Compiles to one register where the processor has them that wide, to several elsewhere. */
typedef float lanes __attribute__((vector_size(LANES * sizeof(float))));

static inline lanes load(const float *from) {
  lanes x;
  memcpy(&x, from, sizeof x);
  return x;
}

static inline void store(float *to, lanes x) { memcpy(to, &x, sizeof x); }

/* out(width) = sum of value[i] * m[index[i]][0 .. width), by `count` vectors; the last one ends at width, over the one
 * before it where width is no multiple of LANES. Two sums a vector: they halve both the wait for the one before and
 * the rounding error. */
static inline __attribute__((always_inline)) void weighted_sum(float *out, const int32_t *index, const float *value,
                                                               int64_t n, const float *m, int64_t stride, int width,
                                                               const int count) {
  lanes even[4] = {{0}, {0}, {0}, {0}}, odd[4] = {{0}, {0}, {0}, {0}};
  const int last = width - LANES;
#define AT(k) ((k) < count - 1 ? (k)*LANES : last)
  int64_t i = 0;
  for (; i + 1 < n; i += 2) {
    const float *row = m + index[i] * stride, *next = m + index[i + 1] * stride;
    for (int k = 0; k < count; k++) {
      even[k] += value[i] * load(row + AT(k));
      odd[k] += value[i + 1] * load(next + AT(k));
    }
  }
  for (int k = 0; i < n && k < count; k++)
    even[k] += value[i] * load(m + index[i] * stride + AT(k));
  for (int k = 0; k < count; k++)
    store(out + AT(k), even[k] + odd[k]);
#undef AT
}

static void weighted_sum_narrow(float *out, const int32_t *index, const float *value, int64_t n, const float *m,
                                int64_t stride, int width) {
  float sum[LANES] = {0};
  for (int64_t i = 0; i < n; i++)
    for (int j = 0; j < width; j++)
      sum[j] += value[i] * m[index[i] * stride + j];
  memcpy(out, sum, sizeof *out * (size_t)width);
}

static void weighted_sum_of(float *out, const int32_t *index, const float *value, int64_t n, const float *m,
                            int64_t stride, int width) {
  switch ((width + LANES - 1) / LANES * (width >= LANES)) {
  case 1: weighted_sum(out, index, value, n, m, stride, width, 1); break;
  case 2: weighted_sum(out, index, value, n, m, stride, width, 2); break;
  case 3: weighted_sum(out, index, value, n, m, stride, width, 3); break;
  case 4: weighted_sum(out, index, value, n, m, stride, width, 4); break;
  default: weighted_sum_narrow(out, index, value, n, m, stride, width); break;
  }
}

/* Panels of 64 columns; what is left over joins the last one's end, so that no panel is narrow but the only one. */
static int panel_width(int64_t left) {
  if (left <= PANEL)
    return (int)left;
  return left < PANEL + LANES ? PANEL - LANES : PANEL;
}

static int64_t row_at(const nn_sparse_rows *x, int64_t r) { return x->order ? x->order[x->first + r] : x->first + r; }

/* Rows in random order come from main memory; asked for a few rows ahead they are there in time. */
static void prefetch_row(const nn_sparse_rows *x, int64_t r, int64_t rows) {
  enum { AHEAD = 6, LINE = 64 / sizeof(float) };
  if (r + AHEAD >= rows)
    return;
  const nn_sparse *m = x->matrix;
  int64_t row = row_at(x, r + AHEAD);
  for (int64_t i = m->start[row]; i < m->start[row + 1]; i += LINE) {
    __builtin_prefetch(m->column + i);
    __builtin_prefetch(m->value + i);
  }
}

void nn_sparse_product(float *y, const nn_sparse_rows *x, int64_t rows, const float *w, int64_t units) {
  const nn_sparse *m = x->matrix;
  int width;
  for (int64_t j = 0; j < units; j += width) {
    width = panel_width(units - j);
    for (int64_t r = 0; r < rows; r++) {
      if (j == 0)
        prefetch_row(x, r, rows);
      int64_t from = m->start[row_at(x, r)], n = m->start[row_at(x, r) + 1] - from;
      weighted_sum_of(y + r * units + j, m->column + from, m->value + from, n, w + j, units, width);
    }
  }
}

/* The batch by columns: entries of column c at start[c] .. start[c + 1] - 1. */
typedef struct columns {
  int32_t *start, *row;
  float *value;
} columns;

static int64_t longest_row(const nn_sparse *m) {
  int64_t most = 0;
  for (int64_t r = 0; r < m->rows; r++)
    most = m->start[r + 1] - m->start[r] > most ? m->start[r + 1] - m->start[r] : most;
  return most;
}

int64_t nn_sparse_scratch(const nn_sparse *m, int64_t rows) { return m->columns + 1 + 2 * rows * longest_row(m); }

/* By counting: how many entries each column has, where they begin, then each into its place. */
static columns transpose(const nn_sparse_rows *x, int64_t rows) {
  const nn_sparse *m = x->matrix;
  columns t = {.start = (int32_t *)x->scratch};
  memset(t.start, 0, sizeof *t.start * (size_t)(m->columns + 1));
  for (int64_t r = 0; r < rows; r++)
    for (int64_t i = m->start[row_at(x, r)]; i < m->start[row_at(x, r) + 1]; i++)
      t.start[m->column[i] + 1]++;
  for (int64_t c = 0; c < m->columns; c++)
    t.start[c + 1] += t.start[c];
  t.row = t.start + m->columns + 1;
  t.value = (float *)(t.row + t.start[m->columns]);
  for (int64_t r = 0; r < rows; r++)
    for (int64_t i = m->start[row_at(x, r)]; i < m->start[row_at(x, r) + 1]; i++) {
      int32_t place = t.start[m->column[i]]++;
      t.row[place] = (int32_t)r;
      t.value[place] = m->value[i];
    }
  memmove(t.start + 1, t.start, sizeof *t.start * (size_t)m->columns); /* each start had moved to its end */
  t.start[0] = 0;
  return t;
}

void nn_sparse_product_transposed(float *dw, const nn_sparse_rows *x, int64_t rows, const float *dy, int64_t units) {
  columns t = transpose(x, rows);
  int width;
  for (int64_t j = 0; j < units; j += width) {
    width = panel_width(units - j);
    for (int64_t c = 0; c < x->matrix->columns; c++)
      weighted_sum_of(dw + c * units + j, t.row + t.start[c], t.value + t.start[c], t.start[c + 1] - t.start[c], dy + j,
                      units, width);
  }
}
