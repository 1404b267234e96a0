/* binary_accuracy.c - how often (y_pred > threshold) equals y_true, value by value. */
#include "metrics/accuracy.h"

typedef struct binary_config {
  double threshold;
} binary_config;

static const nn_field fields[] = {
    {"threshold", NN_FIELD_FLOAT, offsetof(binary_config, threshold), 0.5, -INFINITY, INFINITY, NULL}, {0}};

static void update(const void *config, double *state, const float *y_true, const float *y_pred, int64_t rows,
                   int64_t width) {
  const float threshold = (float)((const binary_config *)config)->threshold;
  int64_t right = 0;
  for (int64_t i = 0; i < rows * width; i++)
    right += y_true[i] == (y_pred[i] > threshold ? 1.0f : 0.0f);
  state[NN_RIGHT] += (double)right;
  state[NN_COUNT] += (double)(rows * width);
}

const nn_metric nn_metric_binary_accuracy = {.name = "binary_accuracy",
                                             .config_size = sizeof(binary_config),
                                             .fields = fields,
                                             .state_size = NN_ACCURACY_STATE,
                                             .update = update,
                                             .result = nn_accuracy_result};
