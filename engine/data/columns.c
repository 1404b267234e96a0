/* columns.c - what the numbers of each column of a table are like, in one pass. */
#include "columns.h"

#include <math.h>

#include "tensor/walk.h"

/* A block of columns, as arrays so that the compiler makes vectors of them. */
typedef struct block {
  double shift[NN_BLOCK], low[NN_BLOCK], high[NN_BLOCK], sum[NN_BLOCK], squares[NN_BLOCK];
} block;

static void start(block *b, const double *first, int n) {
  for (int j = 0; j < n; j++) {
    b->shift[j] = isfinite(first[j]) ? first[j] : 0;
    b->low[j] = INFINITY;
    b->high[j] = -INFINITY;
    b->sum[j] = b->squares[j] = 0;
  }
}

static void take_finite(block *b, const double *x, int n) {
  for (int j = 0; j < n; j++) {
    double d = x[j] - b->shift[j];
    b->low[j] = x[j] < b->low[j] ? x[j] : b->low[j];
    b->high[j] = x[j] > b->high[j] ? x[j] : b->high[j];
    b->sum[j] += d;
    b->squares[j] += d * d;
  }
}

static void take_broken(block *b, const double *x, int n, int64_t *missing) {
  for (int j = 0; j < n; j++) {
    if (!isfinite(x[j])) {
      missing[j]++;
      continue;
    }
    double d = x[j] - b->shift[j];
    b->low[j] = fmin(x[j], b->low[j]);
    b->high[j] = fmax(x[j], b->high[j]);
    b->sum[j] += d;
    b->squares[j] += d * d;
  }
}

static bool all_finite(const double *x, int n) {
  int others = 0;
  for (int j = 0; j < n; j++)
    others += !(fabs(x[j]) < INFINITY);
  return others == 0;
}

void nn_columns_read(nn_column *columns, uint8_t *is_broken, const nn_tensor *tensor, int64_t rows, int64_t width) {
  block b;
  double x[NN_BLOCK];
  for (int64_t from = 0; from < width; from += NN_BLOCK) {
    int n = (int)(width - from < NN_BLOCK ? width - from : NN_BLOCK);
    int64_t missing[NN_BLOCK] = {0};
    nn_block_load(x, tensor, from, 1, n);
    start(&b, x, n);
    for (int64_t i = 0; i < rows; i++) {
      nn_block_load(x, tensor, i * width + from, 1, n);
      if (all_finite(x, n)) {
        take_finite(&b, x, n);
      } else {
        take_broken(&b, x, n, missing);
        is_broken[i] = 1;
      }
    }
    for (int j = 0; j < n; j++)
      columns[from + j] = (nn_column){b.shift[j], b.low[j], b.high[j], b.sum[j], b.squares[j], rows - missing[j]};
  }
}
