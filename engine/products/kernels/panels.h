/* panels.h - blocking for the caches, and packing of b into panels. */
#ifndef NN_PANELS_H
#define NN_PANELS_H

#include "vector.h"

static inline int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

/* Rows of b whose products are summed before they are added to c: short sums round less. All dense products use the
 * same number, so that they give the same bits. */
enum { DEPTH = 128 };

/* The least number of equal parts of n, none larger than `most`; and the size of the largest. */
static inline int64_t parts_of(int64_t n, int64_t most) { return (n + most - 1) / most; }
static inline int64_t part_size(int64_t n, int64_t most) { return (n + parts_of(n, most) - 1) / parts_of(n, most); }

/* ---- packing ----
 *
 * panel(depth, width) from b(depth, columns), or from the transpose of b(columns, depth). Columns past the last are
 * zeros. */

static inline void pack_rows(float *panel, const float *b, int64_t ldb, int64_t depth, int columns, int width) {
  for (int64_t l = 0; l < depth; l++, panel += width, b += ldb)
    for (int v = 0; v * LANES < width; v++)
      store(panel + v * LANES, load_part(b + v * LANES, lanes_in(columns, v)));
}

/* One step of a transposition: swap the off-diagonal blocks of h x h. UPPER and LOWER give, for lane l, the source lane
 * of two rows that are h apart. */
#define UPPER(l, h) (((l) & (h)) ? LANES + (l) - (h) : (l))
#define LOWER(l, h) (((l) & (h)) ? LANES + (l) : (l) + (h))
#define SWAP_BLOCKS(h)                                                                                                 \
  UNROLL for (int i = 0; i < LANES; i++) if (!(i & (h))) {                                                             \
    lanes upper = row[i], lower = row[i + (h)];                                                                        \
    row[i] = SHUFFLE(upper, lower, FOR_LANES(UPPER, h));                                                               \
    row[i + (h)] = SHUFFLE(upper, lower, FOR_LANES(LOWER, h));                                                         \
  }

/* to(LANES, LANES) = from'. to_row and from_row are the lengths of rows in memory. */
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

static inline void pack_columns(float *panel, const float *b, int64_t ldb, int64_t depth, int columns, int width) {
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

#endif
