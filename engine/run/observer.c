/* observer.c - what is watched during a run: metrics, and the means of losses. */
#include <math.h>
#include <string.h>

#include "observer.h"

/* A mean keeps the sum of what it is the mean of, that of the weights, and how much of the latter is of rows of an
 * ignored class, which perplexity leaves out. */
enum { SUM, WEIGHT, IGNORED, MEAN_STATE };

int64_t nn_observer_state_size(const nn_observer *observer, int64_t width) {
  return observer->metric ? observer->metric->state_size(observer->config, width) : MEAN_STATE;
}

/* As Keras' metrics do, a row of an ignored class counts as a loss of 0, but for weighted rows, which weigh nothing. */
static void add_losses(nn_observer *observer, const nn_scored *s, float *row_loss) {
  const nn_loss *loss = observer->loss;
  loss->evaluate(observer->config, row_loss, NULL, s->y_true, s->y_pred, s->rows, s->width);
  for (int64_t r = 0; r < s->rows; r++) {
    double weight = (double)s->weight[r * s->weight_row];
    bool is_ignored = loss->ignores && loss->ignores(observer->config, s->y_true[r]);
    if (is_ignored && s->weight_row)
      weight = 0;
    observer->state[IGNORED] += is_ignored ? weight : 0;
    observer->state[SUM] += weight * (double)row_loss[r];
    observer->state[WEIGHT] += weight;
  }
}

/* Whether a prediction that counts is NaN. */
static bool has_nan(const nn_scored *s) {
  for (int64_t r = 0; r < s->rows; r++)
    for (int64_t j = 0; j < s->width; j++)
      if (isnan(s->y_pred[r * s->width + j]) && s->weight[r * s->weight_row + j * s->weight_column] != 0)
        return true;
  return false;
}

static void update_metric(nn_observer *observer, const nn_scored *scored) {
  observer->metric->update(observer->config, observer->state, scored);
  if (observer->metric->compares && has_nan(scored))
    for (int64_t i = 0; i < observer->state_size; i++)
      observer->state[i] = NAN;
}

void nn_observer_update(nn_observer *observer, const nn_scored *scored, float *row_loss) {
  if (observer->metric)
    update_metric(observer, scored);
  else
    add_losses(observer, scored, row_loss);
}

void nn_observer_clear(nn_observer *observer) {
  memset(observer->state, 0, sizeof(double) * (size_t)observer->state_size);
}
