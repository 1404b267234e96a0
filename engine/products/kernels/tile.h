/* tile.h - the register tile of a dense product: the sums of up to TILE_ROWS rows, two registers each. Each step loads
 * two registers of the right side, and broadcasts one number of the left side for each row. */
#ifndef NN_TILE_H
#define NN_TILE_H

#include "vector.h"

/* FOR_TILE_ROWS expands a macro for each possible number of rows: a switch over them makes each a constant. */
#define FOR_6_ROWS(CASE) CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6)
#if defined __AVX512F__
enum { TILE_ROWS = 14 };
#define FOR_TILE_ROWS(CASE) FOR_6_ROWS(CASE) CASE(7) CASE(8) CASE(9) CASE(10) CASE(11) CASE(12) CASE(13) CASE(14)
#else
enum { TILE_ROWS = 6 };
#define FOR_TILE_ROWS FOR_6_ROWS
#endif

enum { PANEL = 2 * LANES /* columns of the right side that are packed together */ };

/* The last register of a row of b, masked if masks are fast, because b may not be packed. */
INLINE lanes load_last(const float *from, int n) { return HAS_MASKS ? load_part(from, n) : load(from); }

/* Addresses of every third row of a. The addressing modes of the processor reach the rows between. With one pointer for
 * each row the compiler would run out of registers. */
enum { BETWEEN = 3, LEADS = (TILE_ROWS + BETWEEN - 1) / BETWEEN };

INLINE void begin_rows(const float **lead, const float *a, int64_t row, const int rows) {
  UNROLL for (int i = 0; i < rows; i += BETWEEN) lead[i / BETWEEN] = a + i * row;
}

INLINE void move_on(const float **lead, int64_t by, const int rows) {
  UNROLL for (int i = 0; i < rows; i += BETWEEN) lead[i / BETWEEN] = lead[i / BETWEEN] + by;
}

/* sum[i] += element k of row i times the registers of b. Row i begins at lead[i / BETWEEN] + i % BETWEEN * a_row. */
INLINE void add_element(lanes (*sum)[2], const float *const *lead, int64_t a_row, int k, const lanes *b, const int rows,
                        const int vectors) {
  UNROLL for (int i = 0; i < rows; i++) {
    const float x = lead[i / BETWEEN][i % BETWEEN * a_row + k];
    UNROLL for (int v = 0; v < vectors; v++) sum[i][v] += x * b[v];
  }
}

#endif
