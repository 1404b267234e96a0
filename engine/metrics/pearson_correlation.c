/* pearson_correlation.c - mean over the rows of cov(y, p) / (std(y) std(p)). */
#include <math.h>

#include "moments.h"

static const nn_field fields[] = {{0}};

static double correlation(const float *y, const float *p, int64_t width) {
  nn_moments m = nn_row_moments(y, p, width);
  return m.covariance / ((sqrt(m.y_variance) + NN_LEAST_SPREAD) * (sqrt(m.p_variance) + NN_LEAST_SPREAD));
}

static void update(const void *config, double *state, const nn_scored *s) {
  (void)config;
  for (int64_t r = 0; r < s->rows; r++)
    nn_add_to_mean(state, correlation(s->y_true + r * s->width, s->y_pred + r * s->width, s->width),
                   nn_weight_at(s, r, 0));
}

const nn_metric nn_metric_pearson_correlation = {
    .name = "pearson_correlation", .fields = fields, .state_size = nn_mean_state_size, .update = update};
