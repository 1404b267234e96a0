/* sparse_categorical_accuracy.c - how often the largest prediction is that of the true class (class ids). */
#include "mean.h"

static const nn_field fields[] = {{0}};

static void update(const void *config, double *state, const nn_scored *s) {
  (void)config;
  for (int64_t r = 0; r < s->rows; r++)
    nn_add_to_mean(state, (float)nn_argmax(s->y_pred + r * s->width, s->width) == s->y_true[r], nn_weight_at(s, r, 0));
}

const nn_metric nn_metric_sparse_categorical_accuracy = {.name = "sparse_categorical_accuracy",
                                                         .fields = fields,
                                                         .state_size = nn_mean_state_size,
                                                         .update = update,
                                                         .compares = true};
