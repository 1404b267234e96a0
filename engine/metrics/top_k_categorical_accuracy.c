/* top_k_categorical_accuracy.c - how often the true class (that of the largest target: one-hot labels) is among the k
 * largest predictions. */
#include "mean.h"

typedef struct top_k_config {
  int k;
} top_k_config;

static const nn_field fields[] = {{"k", NN_FIELD_INT, offsetof(top_k_config, k), 5, 1, INT32_MAX, NULL}, {0}};

static void update(const void *config, double *state, const nn_scored *s) {
  const int k = ((const top_k_config *)config)->k;
  for (int64_t r = 0; r < s->rows; r++) {
    const float *y = s->y_true + r * s->width, *p = s->y_pred + r * s->width;
    nn_add_to_mean(state, nn_is_in_top_k(p, nn_argmax(y, s->width), s->width, k), nn_weight_at(s, r, 0));
  }
}

const nn_metric nn_metric_top_k_categorical_accuracy = {.name = "top_k_categorical_accuracy",
                                                        .config_size = sizeof(top_k_config),
                                                        .fields = fields,
                                                        .state_size = nn_mean_state_size,
                                                        .update = update,
                                                        .compares = true};
