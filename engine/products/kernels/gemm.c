/* gemm.c - dense products.
 *
 * c is computed tile by tile. A tile is up to TILE_ROWS rows of two registers, and its sums stay in registers during
 * the loop over k. Each step loads two registers of b and broadcasts one number of a for each row. b is packed into
 * panels two registers wide, which the first-level cache holds. a is read in place, and so is b if a has only the rows
 * of one tile. Rows are divided evenly among tiles: 100 rows are eight tiles of 12 or 13, not seven of 14 and one of 2.
 */
#include "kernels.h"
#include "panels.h"
#include "products/blas.h"
#include "tile.h"

enum {
  HEIGHT = 20 * TILE_ROWS /* rows of a that stay in the second-level cache from one panel of b to the next */
};

/* a or its transpose: element l of row i is data[i * row + l * depth]. */
typedef struct operand {
  const float *data;
  int64_t row, depth;
} operand;

/* Up to PANEL columns of b: register v of row l is at data + l * depth + v * LANES. */
typedef struct columns_of_b {
  const float *data;
  int64_t depth;
  int count;
} columns_of_b;

/* ---- tiles ---- */

/* c(rows, columns) = or += sum. Stores are not masked, and so faster, if `columns` is a constant that fills the
 * registers. */
INLINE void finish(float *c, int64_t ldc, lanes (*sum)[2], const int rows, const int vectors, const int columns,
                   bool add) {
  UNROLL for (int i = 0; i < rows; i++) {
    UNROLL for (int v = 0; v < vectors; v++) {
      float *to = c + i * ldc + v * LANES;
      int n = v + 1 < vectors ? LANES : columns - v * LANES;
      store_part(to, add ? load_part(to, n) + sum[i][v] : sum[i][v], n);
    }
  }
}

/* sum += a(rows, depth) b */
INLINE void add_all(lanes (*sum)[2], operand a, const columns_of_b *b, int64_t depth, const int rows, const int vectors,
                    const int last) {
  const float *from = b->data, *lead[LEADS];
  begin_rows(lead, a.data, a.row, rows);
  for (int64_t l = 0; l < depth; l++, from += b->depth) {
    lanes row[2];
    UNROLL for (int v = 0; v < vectors; v++) row[v] =
        v + 1 < vectors ? load(from + v * LANES) : load_last(from + v * LANES, last);
    add_element(sum, lead, a.row, 0, row, rows, vectors);
    move_on(lead, a.depth, rows);
  }
}

/* c(rows, all columns of b) = or += a(rows, depth) b */
INLINE void tile(float *c, int64_t ldc, operand a, const columns_of_b *b, int64_t depth, const int rows,
                 const int vectors, bool add) {
  lanes sum[TILE_ROWS][2];
  const int last = b->count - (vectors - 1) * LANES;
  UNROLL for (int i = 0; i < rows; i++) {
    sum[i][0] = (lanes){0};
    sum[i][1] = (lanes){0};
  }
  add_all(sum, a, b, depth, rows, vectors, last);
  if (last == LANES)
    finish(c, ldc, sum, rows, vectors, vectors * LANES, add);
  else
    finish(c, ldc, sum, rows, vectors, b->count, add);
}

#define CASE(count)                                                                                                    \
  case count: tile(c, ldc, a, b, depth, count, vectors, add); break;

INLINE void tile_of(float *c, int64_t ldc, operand a, const columns_of_b *b, int64_t depth, int rows, const int vectors,
                    bool add) {
  switch (rows) {
    CASE(1)
    CASE(2)
    CASE(3)
    CASE(4)
    CASE(5)
    CASE(6)
#if defined __AVX512F__
    CASE(7) CASE(8) CASE(9) CASE(10) CASE(11) CASE(12) CASE(13) CASE(14)
#endif
  }
}

static void narrow_tile(float *c, int64_t ldc, operand a, const columns_of_b *b, int64_t depth, int rows, bool add) {
  tile_of(c, ldc, a, b, depth, rows, 1, add);
}

static void wide_tile(float *c, int64_t ldc, operand a, const columns_of_b *b, int64_t depth, int rows, bool add) {
  tile_of(c, ldc, a, b, depth, rows, 2, add);
}

/* ---- blocks ---- */

/* c(rows, ...) = or += a(rows, depth) b */
static void tiles(float *c, int64_t ldc, operand a, const columns_of_b *b, int64_t depth, int64_t rows, bool add) {
  int64_t count = parts_of(rows, TILE_ROWS);
  for (int64_t t = 0; t < count; t++) {
    int64_t first = rows * t / count, last = rows * (t + 1) / count;
    const operand part = {a.data + first * a.row, a.row, a.depth};
    (b->count <= LANES ? narrow_tile : wide_tile)(c + first * ldc, ldc, part, b, depth, (int)(last - first), add);
  }
}

/* Packing never pays if only one tile reads the panel. Without masks the last register of a row must be full. */
static bool reads_in_place(int64_t m, int columns, int width) {
  return m <= TILE_ROWS && (HAS_MASKS || columns == width);
}

/* One row times the first columns of b, those that fill ACROSS registers: they read b row by row, and so many sums wait
 * for no other. Returns how many columns that are. */
static int64_t single_row(float *c, operand a, const float *b, int64_t ldb, int64_t depth, int64_t n, bool add) {
  enum { ACROSS = 8 };
  int64_t j = 0;
  for (; j + ACROSS * LANES <= n; j += ACROSS * LANES) {
    lanes sum[ACROSS];
    const float *from = b + j;
    UNROLL for (int v = 0; v < ACROSS; v++) sum[v] = (lanes){0};
    for (int64_t l = 0; l < depth; l++, from += ldb) {
      const float x = a.data[l * a.depth];
      UNROLL for (int v = 0; v < ACROSS; v++) sum[v] += x * load(from + v * LANES);
    }
    UNROLL for (int v = 0; v < ACROSS; v++) {
      float *to = c + j + v * LANES;
      store(to, add ? load(to) + sum[v] : sum[v]);
    }
  }
  return j;
}

void NN_LEVELLED(nn_gemm)(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, const float *a,
                          int64_t lda, const float *b, int64_t ldb, float *c, int64_t ldc) {
  _Alignas(64) float panel[DEPTH * PANEL];
  operand left = {a, transpose_a ? 1 : lda, transpose_a ? lda : 1};
  const int64_t b_row = transpose_b ? 1 : ldb, b_column = transpose_b ? ldb : 1;
  int64_t depth_step = k > 0 ? part_size(k, DEPTH) : 1;
  for (int64_t i = 0; i < m; i += HEIGHT)
    for (int64_t l = 0; l < k; l += depth_step) {
      const int64_t depth = least(depth_step, k - l);
      const operand row = {left.data + l * left.depth, left.row, left.depth};
      const bool is_single = m == 1 && !transpose_b;
      for (int64_t j = is_single ? single_row(c, row, b + l * b_row, ldb, depth, n, l > 0) : 0; j < n; j += PANEL) {
        const int columns = (int)least(PANEL, n - j), width = columns <= LANES ? LANES : PANEL;
        const float *from = b + l * b_row + j * b_column;
        columns_of_b right = {panel, width, columns};
        if (!transpose_b && reads_in_place(m, columns, width))
          right.data = from, right.depth = ldb;
        else if (transpose_b)
          pack_columns(panel, from, ldb, depth, columns, width);
        else
          pack_rows(panel, from, ldb, depth, columns, width);
        operand part = {left.data + i * left.row + l * left.depth, left.row, left.depth};
        tiles(c + i * ldc + j, ldc, part, &right, depth, least(HEIGHT, m - i), l > 0);
      }
    }
}

/* ---- a right side that is packed once for many products ----
 *
 * Blocks of rows as nn_gemm takes them, each its panels one after the other. */

static int panel_width(int columns) { return columns <= LANES ? LANES : PANEL; }

void NN_LEVELLED(nn_gemm_pack)(float *packed, bool transpose_b, int64_t n, int64_t k, const float *b, int64_t ldb) {
  const int64_t b_row = transpose_b ? 1 : ldb, b_column = transpose_b ? ldb : 1, depth_step = part_size(k, DEPTH);
  for (int64_t l = 0; l < k; l += depth_step)
    for (int64_t j = 0; j < n; j += PANEL) {
      const int64_t depth = least(depth_step, k - l);
      const int columns = (int)least(PANEL, n - j), width = panel_width(columns);
      (transpose_b ? pack_columns : pack_rows)(packed, b + l * b_row + j * b_column, ldb, depth, columns, width);
      packed += depth * width;
    }
}

void NN_LEVELLED(nn_gemm_packed)(int64_t m, int64_t n, int64_t k, const float *a, int64_t lda, const float *packed,
                                 float *c, int64_t ldc) {
  const int64_t depth_step = part_size(k, DEPTH);
  for (int64_t i = 0; i < m; i += HEIGHT) {
    const float *panel = packed;
    for (int64_t l = 0; l < k; l += depth_step)
      for (int64_t j = 0; j < n; j += PANEL) {
        const int64_t depth = least(depth_step, k - l);
        const int columns = (int)least(PANEL, n - j), width = panel_width(columns);
        const columns_of_b right = {panel, width, columns};
        const operand part = {a + i * lda + l, lda, 1};
        tiles(c + i * ldc + j, ldc, part, &right, depth, least(HEIGHT, m - i), l > 0);
        panel += depth * width;
      }
  }
}
