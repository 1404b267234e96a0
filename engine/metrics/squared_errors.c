/* squared_errors.c - the mean of (y - p)^2 over all values, each with a weight of its own: RootMeanSquaredError. */
#include "mean.h"

static const nn_field fields[] = {{0}};

static void update(const void *config, double *state, const nn_scored *s) {
  (void)config;
  for (int64_t r = 0; r < s->rows; r++)
    for (int64_t j = 0; j < s->width; j++) {
      double error = (double)s->y_pred[r * s->width + j] - (double)s->y_true[r * s->width + j];
      nn_add_to_mean(state, error * error, nn_weight_at(s, r, j));
    }
}

const nn_metric nn_metric_squared_errors = {
    .name = "squared_errors", .fields = fields, .state_size = nn_mean_state_size, .update = update};
