/* column_sums.c - sums over the rows of a matrix: the gradient of a bias. The sums of a panel of columns stay in
 * registers while the rows are read. */
#include "kernels.h"
#include "vector.h"

enum { VECTORS = 4, PANEL = VECTORS * LANES };

INLINE void sum_panel(float *sums, const float *x, int64_t rows, int64_t stride, const int vectors, int last) {
  lanes sum[VECTORS];
  UNROLL for (int v = 0; v < vectors; v++) sum[v] = (lanes){0};
  for (int64_t r = 0; r < rows; r++, x += stride)
    UNROLL for (int v = 0; v < vectors; v++) sum[v] += load_part(x + v * LANES, v + 1 < vectors ? LANES : last);
  UNROLL for (int v = 0; v < vectors; v++) store_part(sums + v * LANES, sum[v], v + 1 < vectors ? LANES : last);
}

#define PANEL_OF(vectors)                                                                                              \
  case vectors: sum_panel(sums + j, x + j, rows, columns, vectors, last); break;

void NN_LEVELLED(nn_column_sums)(float *sums, const float *x, int64_t rows, int64_t columns) {
  for (int64_t j = 0; j < columns; j += PANEL) {
    const int64_t left = columns - j < PANEL ? columns - j : PANEL, vectors = (left + LANES - 1) / LANES;
    const int last = (int)(left - (vectors - 1) * LANES);
    switch (vectors) { PANEL_OF(1) PANEL_OF(2) PANEL_OF(3) PANEL_OF(4) }
  }
}
