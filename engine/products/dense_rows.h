/* dense_rows.h - dense layers of many rows: y = f(x w + bias), x (rows, in), w (in, units), y (rows, units).
 *
 * They are computed by blocks of rows, which stay in the cache from the product to the bias and the activation. w is
 * packed once. Threads share the blocks; the bits are the same for any number of them, and those of nn_gemm. */
#ifndef NN_DENSE_ROWS_H
#define NN_DENSE_ROWS_H

#include "base/team.h"
#include "tensor/activation.h"

typedef struct nn_dense_rows {
  int64_t rows, in, units;
  const float *w, *bias;                  /* bias may be NULL */
  const nn_activation_config *activation; /* NULL: none */
  const float *x;
  float *z, *y;  /* before and after the activation; may be the same if the slope needs y alone */
  float *packed; /* (nn_dense_rows_scratch) */
} nn_dense_rows;

/* Floats of scratch memory for forward or backward. */
int64_t nn_dense_rows_scratch(int64_t in, int64_t units);
/* Whether blocks are faster than one product: for many rows, and if the product would skip no zeros of `left`, which
 * is (rows, width). */
bool nn_dense_rows_pays(const nn_dense_rows *, const float *left, int64_t width);
void nn_dense_rows_forward(nn_team *, const nn_dense_rows *);
/* From dy to dz in place, and dx(rows, in) = dz w'. */
void nn_dense_rows_backward(nn_team *, const nn_dense_rows *, float *dy, float *dx);

#endif
