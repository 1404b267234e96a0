/* concordance_correlation.c - mean over the rows of 2 cov(y, p) / (var(y) + var(p) + (mean(y) - mean(p))^2). */
#include "moments.h"

static const nn_field fields[] = {{0}};

static double concordance(const float *y, const float *p, int64_t width) {
  nn_moments m = nn_row_moments(y, p, width);
  double shift = m.y_mean - m.p_mean;
  return 2 * m.covariance / (m.y_variance + m.p_variance + shift * shift + NN_LEAST_SPREAD);
}

static void update(const void *config, double *state, const nn_scored *s) {
  (void)config;
  for (int64_t r = 0; r < s->rows; r++)
    nn_add_to_mean(state, concordance(s->y_true + r * s->width, s->y_pred + r * s->width, s->width),
                   nn_weight_at(s, r, 0));
}

const nn_metric nn_metric_concordance_correlation = {
    .name = "concordance_correlation", .fields = fields, .state_size = nn_mean_state_size, .update = update};
