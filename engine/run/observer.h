/* observer.h - what is watched during a run: metrics, and the means of losses. */
#ifndef NN_OBSERVER_H
#define NN_OBSERVER_H

#include <stdbool.h>

#include "losses/loss.h"
#include "metrics/metric.h"

/* Something watched: a metric, or (where metric is NULL) the mean of a loss. See observer.c. */
typedef struct nn_observer {
  const nn_metric *metric;
  const nn_loss *loss;
  void *config;
  bool is_weighted; /* by the samples' weights */
  bool uses_mask;   /* rows that the output's mask leaves out weigh nothing */
  int64_t state_size;
  double *state;
} nn_observer;

int64_t nn_observer_state_size(const nn_observer *, int64_t width);
/* row_loss(rows) is scratch, for losses. */
void nn_observer_update(nn_observer *, const nn_scored *, float *row_loss);
void nn_observer_clear(nn_observer *);

#endif
