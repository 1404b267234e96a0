/* mean.h - what metrics share that are the weighted mean of one value a row, and how a class is chosen. */
#ifndef NN_MEAN_H
#define NN_MEAN_H

#include <stdbool.h>

#include "metric.h"

enum { NN_SUM_OF_VALUES, NN_SUM_OF_WEIGHTS, NN_MEAN_STATE };

static inline int64_t nn_mean_state_size(const void *config, int64_t width) {
  (void)config;
  (void)width;
  return NN_MEAN_STATE;
}

static inline double nn_weight_at(const nn_scored *s, int64_t row, int64_t column) {
  return (double)s->weight[row * s->weight_row + column * s->weight_column];
}

static inline void nn_add_to_mean(double *state, double value, double weight) {
  state[NN_SUM_OF_VALUES] += weight * value;
  state[NN_SUM_OF_WEIGHTS] += weight;
}

/* The first of the largest, as NumPy's argmax. */
static inline int64_t nn_argmax(const float *x, int64_t width) {
  int64_t best = 0;
  for (int64_t j = 1; j < width; j++)
    if (x[j] > x[best])
      best = j;
  return best;
}

/* Whether fewer than k are larger: where several share the last place, all of them have it. */
static inline bool nn_is_in_top_k(const float *x, int64_t column, int64_t width, int k) {
  int64_t larger = 0;
  for (int64_t j = 0; j < width; j++)
    larger += x[j] > x[column];
  return larger < k;
}

#endif
