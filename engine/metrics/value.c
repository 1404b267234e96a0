/* value.c - the mean of what the graph has computed, as of a function of the script's: each number is that of its row.
 */
#include "mean.h"

static const nn_field fields[] = {{0}};

static void update(const void *config, double *state, const nn_scored *s) {
  (void)config;
  for (int64_t r = 0; r < s->rows; r++)
    nn_add_to_mean(state, (double)s->y_pred[r * s->width], nn_weight_at(s, r, 0));
}

const nn_metric nn_metric_value = {
    .name = "value", .fields = fields, .state_size = nn_mean_state_size, .update = update};
