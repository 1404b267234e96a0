/* gemm.c - dense products.
 *
 * c is computed tile by tile. A tile is up to TILE_ROWS rows of two registers, and its sums stay in registers during
 * the loop over k. Each step loads two registers of b and broadcasts one number of a for each row. b is packed into
 * panels two registers wide, which the first-level cache holds. a is read in place, and so is b if a has only the rows
 * of one tile. Rows are divided evenly among tiles: 100 rows are eight tiles of 12 or 13, not seven of 14 and one of 2.
 * However the blocks are ordered, a number of c is the sum of the same blocks of DEPTH in the same order: the same
 * bits.
 */
#include "gemm_tiles.h"
#include "kernels.h"
#include "products/blas.h"

enum {
  FEW = 3,                /* tiles */
  HEIGHT = 20 * TILE_ROWS /* rows of a that stay in the second-level cache from one panel of b to the next */
};

/* Packing does not pay if few tiles read the panel. Without masks the last register of a row must be full. */
static bool reads_in_place(int64_t m, int columns, int width) {
  return m <= FEW * TILE_ROWS && (HAS_MASKS || columns == width);
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

/* ---- deep products ----
 *
 * Sums over many blocks of DEPTH would read and write c again and again. They are kept in a buffer, as many columns as
 * the second-level cache holds, and b is packed for all of these columns in the order in which it lies in memory. */

enum { STRIP = 8 * PANEL, DEEP = 4 * DEPTH };

/* Rows whose distance is a multiple of a page fall into the same few sets of the first-level cache. */
enum { PAGE = 4096 / sizeof(float), BESIDE = LANES };

/* The part (rows, depth) of a, copied if its rows would push each other out of the cache. */
static operand spread(float *copy, operand a, int64_t rows, int64_t depth) {
  const bool by_depth = a.row == 1;
  const int64_t distance = by_depth ? a.depth : a.row, count = by_depth ? depth : rows, n = by_depth ? rows : depth;
  if (distance % PAGE != 0)
    return a;
  const int64_t row = n + BESIDE;
  for (int64_t i = 0; i < count; i++)
    memcpy(copy + i * row, a.data + i * distance, sizeof(float) * (size_t)n);
  return (operand){copy, by_depth ? 1 : row, by_depth ? row : 1};
}

static int panel_width(int64_t columns) { return columns <= LANES ? LANES : PANEL; }

/* The panels of b(depth, columns), one after the other. */
static void pack_strip(float *strip, const float *b, int64_t ldb, int64_t depth, int64_t columns, bool transposed) {
  enum { AT_ONCE = 8 /* rows */ };
  const int64_t step = transposed ? depth : AT_ONCE;
  for (int64_t l = 0; l < depth; l += step)
    for (int64_t j = 0; j < columns; j += PANEL) {
      const int count = (int)least(PANEL, columns - j), width = panel_width(count);
      float *to = strip + j * depth + l * width;
      if (transposed)
        pack_columns(to, b + j * ldb, ldb, depth, count, width);
      else
        pack_rows(to, b + l * ldb + j, ldb, least(AT_ONCE, depth - l), count, width);
    }
}

/* Sums in panels as columns of c; or the other way. */
static void move_sums(float *sums, float *c, int64_t ldc, int64_t rows, int64_t columns, bool to_c) {
  for (int64_t j = 0; j < columns; j += PANEL, sums += rows * PANEL)
    for (int64_t i = 0; i < rows; i++) {
      float *at = c + i * ldc + j, *sum = sums + i * PANEL;
      memcpy(to_c ? at : sum, to_c ? sum : at, sizeof(float) * (size_t)least(PANEL, columns - j));
    }
}

static __attribute__((noinline)) void deep(operand left, int64_t m, int64_t n, int64_t k, bool transpose_b,
                                           const float *b, int64_t ldb, float *c, int64_t ldc) {
  _Alignas(64) float strip[DEPTH * STRIP], sums[HEIGHT * STRIP], copy[(HEIGHT + BESIDE) * (DEPTH + BESIDE)];
  const int64_t depth_step = part_size(k, DEPTH);
  for (int64_t j = 0; j < n; j += STRIP)
    for (int64_t i = 0; i < m; i += HEIGHT) {
      const int64_t rows = least(HEIGHT, m - i), columns = least(STRIP, n - j);
      for (int64_t l = 0; l < k; l += depth_step) {
        const int64_t depth = least(depth_step, k - l);
        const operand part = {left.data + i * left.row + l * left.depth, left.row, left.depth};
        const operand a = spread(copy, part, rows, depth);
        const bool is_last = l + depth >= k;
        const float *next = transpose_b || is_last ? NULL : b + (l + depth) * ldb + j;
        pack_strip(strip, transpose_b ? b + j * ldb + l : b + l * ldb + j, ldb, depth, columns, transpose_b);
        for (int64_t p = 0; p < columns; p += PANEL) {
          const int count = (int)least(PANEL, columns - p);
          const columns_of_b right = {strip + p * depth, panel_width(count), count, next ? next + p : NULL, ldb};
          tiles(sums + p * rows, PANEL, a, &right, depth, rows, l > 0);
        }
      }
      move_sums(sums, c + i * ldc + j, ldc, rows, columns, true);
    }
}

void NN_LEVELLED(nn_gemm)(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, const float *a,
                          int64_t lda, const float *b, int64_t ldb, float *c, int64_t ldc) {
  _Alignas(64) float panel[DEPTH * PANEL];
  operand left = {a, transpose_a ? 1 : lda, transpose_a ? lda : 1};
  if (k > DEEP && m > FEW * TILE_ROWS && n > PANEL) {
    deep(left, m, n, k, transpose_b, b, ldb, c, ldc);
    return;
  }
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
        columns_of_b right = {panel, width, columns, NULL, 0};
        if (!transpose_b && reads_in_place(m, columns, width))
          right = (columns_of_b){from, ldb, columns, l + depth < k ? from + depth * ldb : NULL, ldb};
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
 * Blocks of rows as nn_gemm takes them, some of them in turn for each panel. */

enum { TOGETHER = 4 * DEPTH /* rows of the right side */, PACKED_HEIGHT = 128 };

void NN_LEVELLED(nn_gemm_pack)(float *packed, bool transpose_b, int64_t n, int64_t k, const float *b, int64_t ldb) {
  const int64_t b_row = transpose_b ? 1 : ldb, b_column = transpose_b ? ldb : 1, depth_step = part_size(k, DEPTH);
  const int64_t most = TOGETHER / DEPTH * depth_step;
  for (int64_t first = 0; first < k; first += most)
    for (int64_t j = 0; j < n; j += PANEL)
      for (int64_t l = first; l < least(k, first + most); l += depth_step) {
        const int64_t depth = least(depth_step, k - l);
        const int columns = (int)least(PANEL, n - j), width = panel_width(columns);
        (transpose_b ? pack_columns : pack_rows)(packed, b + l * b_row + j * b_column, ldb, depth, columns, width);
        packed += depth * width;
      }
}

/* c(rows, n) = or += a(rows, depth) times the panels, in blocks of depth_step. Returns where the next panels are. */
static const float *times_panels(float *c, int64_t ldc, operand a, const float *panel, int64_t rows, int64_t n,
                                 int64_t depth, int64_t depth_step, bool add) {
  float sums[PACKED_HEIGHT * PANEL];
  const bool is_one = depth <= depth_step;
  for (int64_t j = 0; j < n; j += PANEL) {
    const int columns = (int)least(PANEL, n - j), width = panel_width(columns);
    if (add && !is_one)
      move_sums(sums, c + j, ldc, rows, columns, false);
    for (int64_t l = 0; l < depth; l += depth_step) {
      const int64_t here = least(depth_step, depth - l);
      const columns_of_b right = {panel, width, columns, panel + here * width, width};
      const operand part = {a.data + l * a.depth, a.row, a.depth};
      tiles(is_one ? c + j : sums, is_one ? ldc : PANEL, part, &right, here, rows, add || l > 0);
      panel += here * width;
    }
    if (!is_one)
      move_sums(sums, c + j, ldc, rows, columns, true);
  }
  return panel;
}

void NN_LEVELLED(nn_gemm_packed)(int64_t m, int64_t n, int64_t k, const float *a, int64_t lda, const float *packed,
                                 float *c, int64_t ldc) {
  _Alignas(64) float copy[PACKED_HEIGHT * (TOGETHER + BESIDE)];
  const int64_t depth_step = part_size(k, DEPTH), most = TOGETHER / DEPTH * depth_step;
  for (int64_t i = 0; i < m; i += PACKED_HEIGHT) {
    const int64_t rows = least(PACKED_HEIGHT, m - i);
    const float *panel = packed;
    for (int64_t l = 0; l < k; l += most) {
      const int64_t depth = least(most, k - l);
      const operand left = spread(copy, (operand){a + i * lda + l, lda, 1}, rows, depth);
      panel = times_panels(c + i * ldc, ldc, left, panel, rows, n, depth, depth_step, l > 0);
    }
  }
}
