/* gemm_zeros.c - dense products that skip the zeros of a.
 *
 * Half or more of the outputs and gradients of relu are zero. Adding zero changes no sum, so the bits are those of
 * gemm.c. For a panel of columns, one row of c stays in registers, while a bit mask gives the nonzero elements of a's
 * row. Each of these is multiplied by one row of the panel, which the first-level cache holds. There is a load for each
 * multiplication, but the processor does both in the same cycle. */
#include "kernels.h"
#include "panels.h"
#include "products/blas.h"

enum {
  VECTORS = 8, /* registers of a row of c: enough independent sums to hide the latency of a multiplication */
  PANEL = VECTORS * LANES,
  BITS = 64,   /* of a mask: rows of a panel, half of DEPTH */
  HEIGHT = 256 /* rows of a in one block */
};

/* Bit l: a[l] is not zero. */
INLINE uint64_t mask_of(const float *a, int64_t depth) {
  uint64_t mask = 0;
#if defined __AVX512F__
  for (int v = 0; v * LANES < depth; v++) {
    const __m512 x = (__m512)load_part(a + v * LANES, lanes_in(depth, v));
    mask |= (uint64_t)_mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_NEQ_UQ) << v * LANES;
  }
#else
  for (int64_t l = 0; l < depth; l++)
    mask |= (uint64_t)(a[l] != 0) << l;
#endif
  return mask;
}

/* sum += the element of a at the lowest bit of the mask, times its row of the panel. Returns the mask without that bit.
 */
INLINE uint64_t add_lowest(lanes *sum, const float *a, uint64_t mask, const float *panel, const int vectors) {
  const int l = __builtin_ctzll(mask);
  const float x = a[l], *row = panel + l * vectors * LANES;
  UNROLL for (int v = 0; v < vectors; v++) sum[v] += x * load(row + v * LANES);
  return mask & (mask - 1);
}

/* How the sums of a piece of b begin and end. A sum over DEPTH rows may span two pieces: between them it is in `kept`.
 */
typedef struct chain {
  bool goes_on, begins, adds;
  float *kept; /* (rows, PANEL) */
} chain;

/* Zeros may be skipped only if this holds: 0 * inf and 0 * nan are nan. */
static bool is_finite(const float *panel, int64_t count) {
  bool finite = true;
  for (int64_t i = 0; i < count; i += LANES) {
#if defined __AVX512F__
    enum { NAN_OR_INFINITE = 0x99 };
    finite &= !_mm512_fpclass_ps_mask((__m512)load(panel + i), NAN_OR_INFINITE);
#else
    for (int j = 0; j < LANES; j++)
      finite &= panel[i + j] - panel[i + j] == 0;
#endif
  }
  return finite;
}

/* A block of a with contiguous rows. The elements in a row's mask or in `all` are multiplied. */
typedef struct left {
  const float *a;
  int64_t row;
  const uint64_t *mask;
  uint64_t all;
} left;

/* Row i of c = or += row i of a times the panel. */
INLINE void product_of_row(float *c, int64_t ldc, chain how, const left *l, int64_t i, const float *panel,
                           const int vectors, int last) {
  lanes sum[VECTORS];
  float *to = c + i * ldc, *kept = how.kept + i * PANEL;
  UNROLL for (int v = 0; v < vectors; v++) sum[v] = how.begins ? (lanes){0} : load(kept + v * LANES);
  const float *a = l->a + i * l->row;
  uint64_t mask = l->mask[i] | l->all;
  while (mask)
    mask = add_lowest(sum, a, mask, panel, vectors);
  UNROLL for (int v = 0; v < vectors; v++, to += LANES, kept += LANES) {
    const int n = v + 1 < vectors ? LANES : last;
    if (how.goes_on)
      store(kept, sum[v]);
    else
      store_part(to, how.adds ? load_part(to, n) + sum[v] : sum[v], n);
  }
}

/* A piece of b: b(l .. l + depth - 1, j .. j + columns - 1). Columns are 0 past the last piece. A sum over DEPTH rows
 * takes one piece or two successive ones. Pieces are ordered by the sum's first row, then by columns. */
typedef struct piece {
  int64_t l, j, depth, columns;
  int half;
  bool goes_on, adds; /* the sum continues in the next piece; c has sums of earlier rows */
} piece;

static piece piece_at(int64_t number, int64_t n, int64_t k) {
  const int64_t length = part_size(k, DEPTH), halves = parts_of(length, BITS), depth = part_size(length, BITS);
  const int64_t registers = parts_of(n, LANES), panels = parts_of(registers, VECTORS);
  const int64_t half = number % halves, p = number / halves % panels, begin = number / halves / panels * length;
  if (begin >= k)
    return (piece){0};
  const int64_t end = least(begin + length, k), l = least(begin + half * depth, end);
  const int64_t j = registers * p / panels * LANES, next_j = registers * (p + 1) / panels * LANES;
  return (piece){.l = l,
                 .j = j,
                 .depth = least(depth, end - l),
                 .columns = least(n, next_j) - j,
                 .half = (int)half,
                 .goes_on = half + 1 < halves,
                 .adds = begin > 0};
}

INLINE void all_rows(float *c, int64_t ldc, chain how, const left *l, const float *panel, int64_t rows,
                     const int vectors, int last) {
  for (int64_t i = 0; i < rows; i++)
    product_of_row(c, ldc, how, l, i, panel, vectors, last);
}

#define ROWS(vectors)                                                                                                  \
  case vectors: all_rows(c, ldc, how, l, panel, rows, vectors, last); break;

static void rows_product(float *c, int64_t ldc, chain how, const left *l, const float *panel, int64_t rows,
                         int columns) {
  const int vectors = (columns + LANES - 1) / LANES, last = columns - (vectors - 1) * LANES;
  switch (vectors) { ROWS(1) ROWS(2) ROWS(3) ROWS(4) ROWS(5) ROWS(6) ROWS(7) ROWS(8) }
}

void NN_LEVELLED(nn_gemm_zeros)(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, const float *a,
                                int64_t lda, const float *b, int64_t ldb, float *c, int64_t ldc) {
  _Alignas(64) float panel[BITS * PANEL], kept[HEIGHT * PANEL], turned[2][HEIGHT * BITS];
  uint64_t mask[2][HEIGHT];
  const int64_t height = part_size(m, HEIGHT);
  for (int64_t i = 0; i < m; i += height) {
    const int64_t rows = least(height, m - i);
    piece now = piece_at(0, n, k);
    for (int64_t number = 1; now.columns > 0; now = piece_at(number++, n, k)) {
      const float *from = transpose_b ? b + now.j * ldb + now.l : b + now.l * ldb + now.j;
      left block = {a + i * lda + now.l, lda, mask[now.half], 0};
      if (transpose_a)
        block.a = turned[now.half], block.row = BITS;
      if (now.j == 0) {
        if (transpose_a)
          pack_columns(turned[now.half], a + now.l * lda + i, lda, rows, (int)now.depth, BITS);
        for (int64_t r = 0; r < rows; r++)
          mask[now.half][r] = mask_of(block.a + r * block.row, now.depth);
      }
      const int columns = (int)now.columns, width = (int)parts_of(columns, LANES) * LANES;
      (transpose_b ? pack_columns : pack_rows)(panel, from, ldb, now.depth, columns, width);
      block.all = is_finite(panel, now.depth * width) ? 0 : UINT64_MAX >> (BITS - now.depth);
      const chain how = {now.goes_on, now.half == 0, now.adds, kept};
      rows_product(c + i * ldc + now.j, ldc, how, &block, panel, rows, columns);
    }
  }
}
