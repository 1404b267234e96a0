/* accuracy.h - what the three accuracies share: how many rows (or values) were right, of how many. */
#ifndef NN_ACCURACY_H
#define NN_ACCURACY_H

#include "nn.h"

enum { NN_RIGHT, NN_COUNT, NN_ACCURACY_STATE };

static inline double nn_accuracy_result(const void *config, const double *state) {
  (void)config;
  return state[NN_COUNT] > 0 ? state[NN_RIGHT] / state[NN_COUNT] : 0;
}

/* The first of the largest, as NumPy's argmax. */
static inline int64_t nn_argmax(const float *x, int64_t width) {
  int64_t best = 0;
  for (int64_t j = 1; j < width; j++)
    if (x[j] > x[best])
      best = j;
  return best;
}

#endif
