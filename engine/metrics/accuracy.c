/* accuracy.c - how often y_pred equals y_true, value by value. */
#include "mean.h"

static const nn_field fields[] = {{0}};

static void update(const void *config, double *state, const nn_scored *s) {
  (void)config;
  for (int64_t r = 0; r < s->rows; r++)
    for (int64_t j = 0; j < s->width; j++)
      nn_add_to_mean(state, s->y_true[r * s->width + j] == s->y_pred[r * s->width + j], nn_weight_at(s, r, j));
}

const nn_metric nn_metric_accuracy = {
    .name = "accuracy", .fields = fields, .state_size = nn_mean_state_size, .update = update};
