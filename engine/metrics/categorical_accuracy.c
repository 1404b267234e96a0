/* categorical_accuracy.c - how often the largest prediction stands where the largest target does (one-hot labels). */
#include "mean.h"

static const nn_field fields[] = {{0}};

static bool is_right(const float *y, const float *p, int64_t width) {
  return nn_argmax(y, width) == nn_argmax(p, width);
}

static void update(const void *config, double *state, const nn_scored *s) {
  (void)config;
  for (int64_t r = 0; r < s->rows; r++)
    nn_add_to_mean(state, is_right(s->y_true + r * s->width, s->y_pred + r * s->width, s->width),
                   nn_weight_at(s, r, 0));
}

const nn_metric nn_metric_categorical_accuracy = {.name = "categorical_accuracy",
                                                  .fields = fields,
                                                  .state_size = nn_mean_state_size,
                                                  .update = update,
                                                  .compares = true};
