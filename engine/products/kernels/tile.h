/* tile.h - the registers of a dense product: up to TILE_ROWS rows of two registers are summed up while the left side is
 * read element by element. Each step loads two registers of the right side and broadcasts one number for each row. */
#ifndef NN_TILE_H
#define NN_TILE_H

#include "vector.h"

#if defined __AVX512F__
enum { TILE_ROWS = 14 };
#else
enum { TILE_ROWS = 6 };
#endif

enum { PANEL = 2 * LANES /* columns of the right side that are packed together */ };

/* The last register of a row of b: masked, for b may not have been packed, where masks take no time. */
INLINE lanes load_last(const float *from, int n) { return HAS_MASKS ? load_part(from, n) : load(from); }

/* Where rows of a begin: those between are found from these, and from how far rows are apart, by the processor's own
 * ways of addressing. Compilers would keep a place for each row, and have no registers for so many. */
enum { BETWEEN = 3, LEADS = (TILE_ROWS + BETWEEN - 1) / BETWEEN };

INLINE void begin_rows(const float **lead, const float *a, int64_t row, const int rows) {
  UNROLL for (int i = 0; i < rows; i += BETWEEN) lead[i / BETWEEN] = a + i * row;
}

INLINE void move_on(const float **lead, int64_t by, const int rows) {
  UNROLL for (int i = 0; i < rows; i += BETWEEN) lead[i / BETWEEN] = lead[i / BETWEEN] + by;
}

/* Each row's sums += its element k places on times the registers of b */
INLINE void add_element(lanes (*sum)[2], const float *const *lead, int64_t a_row, int k, const lanes *b, const int rows,
                        const int vectors) {
  UNROLL for (int i = 0; i < rows; i++) {
    const float x = lead[i / BETWEEN][i % BETWEEN * a_row + k];
    UNROLL for (int v = 0; v < vectors; v++) sum[i][v] += x * b[v];
  }
}

#endif
