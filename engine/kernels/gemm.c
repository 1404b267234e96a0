/* gemm.c - dense products.
 *
 * c is made tile by tile: up to TILE_ROWS rows of two registers, whose sums stay in registers while k is walked, each
 * step two loads of b and one broadcast of a for each row. b is packed into panels two registers wide, as deep as the
 * first-level cache holds beside the rows of a, unless these are few; a is read where it stands. Tiles of c are spread
 * evenly, so that 100 rows are eight tiles of 12 or 13 and not seven of 14 and one of 2.
 *
 * Measured on Zen 5 with AVX-512, one thread, of 264 GFLOP/s: 210 to 236 at 500x500, 186 at 784x50. OpenBLAS 0.3.21 has
 * 205 to 238 and 174 at these shapes with its own AVX-512 kernels, 125 and 113 with its AVX2 kernels. On Zen 4, of 105
 * GFLOP/s: 95 to 103 at 500x500, 75 at 50x50. */
#include "kernels.h"
#include "vector.h"

#if defined __AVX512F__
enum { TILE_ROWS = 14 };
#else
enum { TILE_ROWS = 6 };
#endif

enum {
  PANEL = 2 * LANES,      /* columns of b packed at a time */
  DEPTH = 128,            /* rows of b packed at a time; short chains of sums also round less */
  FEW = 3 * TILE_ROWS,    /* rows of a for which packing b takes longer than it saves (512x512, batch 32: .97) */
  NEAR = 1 << 12,         /* numbers of b that are as fast to read where they stand (784x50+50, batch 100: .985) */
  HEIGHT = 20 * TILE_ROWS /* rows of a that the second-level cache holds while panels of b pass by */
};

/* An operand that is walked along k: element l of row i of a, or of column i of b, at data[i * row + l * depth]. */
typedef struct operand {
  const float *data;
  int64_t row, depth;
} operand;

/* c(rows, columns) = or += sum. Where the number of columns is known to fill the registers no store is masked, which
 * takes longer. */
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

/* The last register of a row of b: masked, for b may not have been packed, where masks take no time. */
INLINE lanes load_last(const float *from, int n) { return HAS_MASKS ? load_part(from, n) : load(from); }

/* c(rows, columns) = or += a(rows, depth) b(depth, columns) */
INLINE void tile(float *c, int64_t ldc, operand a, operand b, int64_t depth, const int rows, const int vectors,
                 int columns, bool add) {
  lanes sum[TILE_ROWS][2];
  const int last = columns - (vectors - 1) * LANES;
  UNROLL for (int i = 0; i < rows; i++) {
    sum[i][0] = (lanes){0};
    sum[i][1] = (lanes){0};
  }
  for (int64_t l = 0; l < depth; l++) {
    lanes b0 = vectors > 1 ? load(b.data) : load_last(b.data, last);
    lanes b1 = vectors > 1 ? load_last(b.data + LANES, last) : b0;
    UNROLL for (int i = 0; i < rows; i++) {
      float x = a.data[i * a.row];
      sum[i][0] += x * b0;
      if (vectors > 1)
        sum[i][1] += x * b1;
    }
    b.data += b.depth;
    a.data += a.depth;
  }
  if (columns == vectors * LANES)
    finish(c, ldc, sum, rows, vectors, vectors * LANES, add);
  else
    finish(c, ldc, sum, rows, vectors, columns, add);
}

#define CASE(count)                                                                                                    \
  case count: tile(c, ldc, a, b, depth, count, vectors, columns, add); break;

INLINE void tile_of(float *c, int64_t ldc, operand a, operand b, int64_t depth, int rows, const int vectors,
                    int columns, bool add) {
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

typedef void tile_function(float *c, int64_t ldc, operand a, operand b, int64_t depth, int rows, int columns, bool add);

static void narrow_tile(float *c, int64_t ldc, operand a, operand b, int64_t depth, int rows, int columns, bool add) {
  tile_of(c, ldc, a, b, depth, rows, 1, columns, add);
}

static void wide_tile(float *c, int64_t ldc, operand a, operand b, int64_t depth, int rows, int columns, bool add) {
  tile_of(c, ldc, a, b, depth, rows, 2, columns, add);
}

/* ---- packing: panel(depth, width) from columns that stand in b's rows, or in b's columns; zeros past the last ---- */

static void pack_rows(float *panel, const float *b, int64_t ldb, int64_t depth, int columns, int width) {
  for (int64_t l = 0; l < depth; l++, panel += width, b += ldb)
    for (int v = 0; v * LANES < width; v++)
      store(panel + v * LANES, load_part(b + v * LANES, lanes_in(columns, v)));
}

/* Of two rows, h apart, of a square of which the blocks of h x h off the diagonal change places: what the upper row and
 * what the lower row is made of. */
#define UPPER(l, h) (((l) & (h)) ? LANES + (l) - (h) : (l))
#define LOWER(l, h) (((l) & (h)) ? LANES + (l) : (l) + (h))
#define SWAP_BLOCKS(h)                                                                                                 \
  UNROLL for (int i = 0; i < LANES; i++) if (!(i & (h))) {                                                             \
    lanes upper = row[i], lower = row[i + (h)];                                                                        \
    row[i] = SHUFFLE(upper, lower, FOR_LANES(UPPER, h));                                                               \
    row[i + (h)] = SHUFFLE(upper, lower, FOR_LANES(LOWER, h));                                                         \
  }

/* to(LANES, LANES) = from', rows that far apart */
INLINE void transpose_square(float *to, int64_t to_row, const float *from, int64_t from_row) {
  lanes row[LANES];
  UNROLL for (int i = 0; i < LANES; i++) row[i] = load(from + i * from_row);
  SWAP_BLOCKS(1)
  SWAP_BLOCKS(2)
#if defined __AVX2__
  SWAP_BLOCKS(4)
#endif
#if defined __AVX512F__
  SWAP_BLOCKS(8)
#endif
  UNROLL for (int i = 0; i < LANES; i++) store(to + i * to_row, row[i]);
}

static void pack_columns(float *panel, const float *b, int64_t ldb, int64_t depth, int columns, int width) {
  for (int v = 0; v * LANES < width; v++, panel += LANES, b += LANES * ldb) {
    int n = lanes_in(columns, v);
    int64_t l = 0;
    for (; n == LANES && l + LANES <= depth; l += LANES)
      transpose_square(panel + l * width, width, b + l, ldb);
    for (; l < depth; l++)
      for (int j = 0; j < LANES; j++)
        panel[l * width + j] = j < n ? b[j * ldb + l] : 0;
  }
}

/* ---- the walk over blocks ---- */

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

/* The least number of equal parts of n, none larger than `most`; and the size of the largest. */
static int64_t parts_of(int64_t n, int64_t most) { return (n + most - 1) / most; }
static int64_t part_size(int64_t n, int64_t most) { return (n + parts_of(n, most) - 1) / parts_of(n, most); }

/* c(rows, columns) = or += a(rows, depth) b */
static void tiles(float *c, int64_t ldc, operand a, operand b, int64_t depth, int64_t rows, int columns, bool add) {
  tile_function *compute = columns <= LANES ? narrow_tile : wide_tile;
  int64_t count = parts_of(rows, TILE_ROWS);
  for (int64_t t = 0; t < count; t++) {
    int64_t first = rows * t / count, last = rows * (t + 1) / count;
    compute(c + first * ldc, ldc, (operand){a.data + first * a.row, a.row, a.depth}, b, depth, (int)(last - first),
            columns, add);
  }
}

/* Whether packing columns of b would take longer than it saves. Without masks the last register of a row must be full.
 */
static bool reads_in_place(int64_t m, int64_t k, int64_t ldb, int columns, int width) {
  return (m <= FEW || k * ldb <= NEAR) && (HAS_MASKS || columns == width);
}

void NN_LEVELLED(nn_gemm)(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, const float *a,
                          int64_t lda, const float *b, int64_t ldb, float *c, int64_t ldc) {
  _Alignas(64) float panel[DEPTH * PANEL];
  operand left = {a, transpose_a ? 1 : lda, transpose_a ? lda : 1};
  int64_t depth_step = k > 0 ? part_size(k, DEPTH) : 1;
  for (int64_t i = 0; i < m; i += HEIGHT)
    for (int64_t l = 0; l < k; l += depth_step)
      for (int64_t j = 0; j < n; j += PANEL) {
        int columns = (int)least(PANEL, n - j), width = columns <= LANES ? LANES : PANEL;
        int64_t depth = least(depth_step, k - l);
        operand right = {panel, 1, width};
        if (transpose_b)
          pack_columns(panel, b + j * ldb + l, ldb, depth, columns, width);
        else if (reads_in_place(m, k, ldb, columns, width))
          right = (operand){b + l * ldb + j, 1, ldb};
        else
          pack_rows(panel, b + l * ldb + j, ldb, depth, columns, width);
        operand part = {left.data + i * left.row + l * left.depth, left.row, left.depth};
        tiles(c + i * ldc + j, ldc, part, right, depth, least(HEIGHT, m - i), columns, l > 0);
      }
}
