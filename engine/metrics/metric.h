/* metric.h - the contract of a metric: sums, to which batches are added. */
#ifndef NN_METRIC_H
#define NN_METRIC_H

#include "base/field.h"

/* Predictions (rows, width) held against targets, (rows, width) or one a row. The value at row r and column j weighs
 * weight[r * weight_row + j * weight_column]; where all weigh the same both steps are 0. */
typedef struct nn_scored {
  const float *y_true, *y_pred;
  int64_t rows, width;
  const float *weight;
  int64_t weight_row, weight_column;
} nn_scored;

/* A metric adds batches to sums, kept in doubles: never an average of averages. What the sums say is told in Lua. */
typedef struct nn_metric {
  const char *name;
  size_t config_size;
  const nn_field *fields;
  int64_t (*state_size)(const void *config, int64_t width); /* how many sums, for predictions of that width */
  void (*update)(const void *config, double *state, const nn_scored *);
  bool compares; /* predictions with each other or with thresholds: after a NaN all its sums are NaN */
} nn_metric;

#endif
