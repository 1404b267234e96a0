/* gemm_tiles.h - the tiles of a dense product: up to TILE_ROWS rows of two registers of c. */
#ifndef NN_GEMM_TILES_H
#define NN_GEMM_TILES_H

#include "panels.h"
#include "tile.h"

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
  const float *next; /* as many rows that are wanted later, next_row apart: they are brought near; NULL: none */
  int64_t next_row;
} columns_of_b;

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
  const float *from = b->data, *ahead = b->next ? b->next : from, *lead[LEADS];
  const int64_t ahead_row = b->next ? b->next_row : b->depth;
  begin_rows(lead, a.data, a.row, rows);
  for (int64_t l = 0; l < depth; l++, from += b->depth) {
    lanes row[2];
    UNROLL for (int v = 0; v < vectors; v++) __builtin_prefetch(ahead + v * LANES, 0, 2);
    ahead += ahead_row;
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
  switch (rows) { FOR_TILE_ROWS(CASE) }
}

static void narrow_tile(float *c, int64_t ldc, operand a, const columns_of_b *b, int64_t depth, int rows, bool add) {
  tile_of(c, ldc, a, b, depth, rows, 1, add);
}

static void wide_tile(float *c, int64_t ldc, operand a, const columns_of_b *b, int64_t depth, int rows, bool add) {
  tile_of(c, ldc, a, b, depth, rows, 2, add);
}

/* c(rows, ...) = or += a(rows, depth) b. Tiles differ by one row at most; the larger ones come first. */
static void tiles(float *c, int64_t ldc, operand a, const columns_of_b *b, int64_t depth, int64_t rows, bool add) {
  const int count = (int)parts_of(rows, TILE_ROWS), least_rows = (int)(rows / count), larger = (int)(rows % count);
  for (int t = 0; t < count; t++) {
    const int height = least_rows + (t < larger);
    (b->count <= LANES ? narrow_tile : wide_tile)(c, ldc, a, b, depth, height, add);
    a.data += height * a.row;
    c += height * ldc;
  }
}

#endif
