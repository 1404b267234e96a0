/* variances.c - for each output column what the coefficient of determination is made of: R2Score.
 * State: the number of rows, then for each column the weighted sums of y, y^2, (y - p)^2 and 1. */
#include "mean.h"

enum { SUM, SQUARES, RESIDUALS, WEIGHTS, SUMS };

static const nn_field fields[] = {{0}};

static int64_t state_size(const void *config, int64_t width) {
  (void)config;
  return 1 + SUMS * width;
}

static void update(const void *config, double *state, const nn_scored *s) {
  (void)config;
  state[0] += (double)s->rows;
  for (int64_t r = 0; r < s->rows; r++)
    for (int64_t j = 0; j < s->width; j++) {
      double *sums = state + 1 + SUMS * j, weight = nn_weight_at(s, r, j);
      double y = (double)s->y_true[r * s->width + j], error = y - (double)s->y_pred[r * s->width + j];
      sums[SUM] += weight * y;
      sums[SQUARES] += weight * y * y;
      sums[RESIDUALS] += weight * error * error;
      sums[WEIGHTS] += weight;
    }
}

const nn_metric nn_metric_variances = {
    .name = "variances", .fields = fields, .state_size = state_size, .update = update};
