/* accuracy.c - how often y_pred equals y_true, value by value. */
#include "metrics/mean.h"

static const nn_field fields[] = {{0}};

static double share_equal(const float *y, const float *p, int64_t width) {
  int64_t equal = 0;
  for (int64_t j = 0; j < width; j++)
    equal += y[j] == p[j];
  return (double)equal / (double)width;
}

static void update(const void *config, double *state, const nn_scored *s) {
  (void)config;
  for (int64_t r = 0; r < s->rows; r++)
    nn_add_to_mean(state, share_equal(s->y_true + r * s->width, s->y_pred + r * s->width, s->width),
                   nn_weight_at(s, r, 0));
}

const nn_metric nn_metric_accuracy = {
    .name = "accuracy", .fields = fields, .state_size = nn_mean_state_size, .update = update};
