/* binary_accuracy.c - how often (y_pred > threshold) equals y_true, value by value. */
#include <math.h>

#include "mean.h"

typedef struct binary_config {
  double threshold;
} binary_config;

static const nn_field fields[] = {
    {"threshold", NN_FIELD_FLOAT, offsetof(binary_config, threshold), 0.5, -INFINITY, INFINITY, NULL}, {0}};

static void update(const void *config, double *state, const nn_scored *s) {
  const float threshold = (float)((const binary_config *)config)->threshold;
  for (int64_t r = 0; r < s->rows; r++)
    for (int64_t j = 0; j < s->width; j++) {
      float taken_for = s->y_pred[r * s->width + j] > threshold ? 1.0f : 0.0f;
      nn_add_to_mean(state, s->y_true[r * s->width + j] == taken_for, nn_weight_at(s, r, j));
    }
}

const nn_metric nn_metric_binary_accuracy = {.name = "binary_accuracy",
                                             .config_size = sizeof(binary_config),
                                             .fields = fields,
                                             .state_size = nn_mean_state_size,
                                             .update = update,
                                             .compares = true};
