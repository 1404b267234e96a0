/* sparse_categorical_accuracy.c - how often the largest prediction is that of the true class (class ids). */
#include "metrics/accuracy.h"

static const nn_field fields[] = {{0}};

static void update(const void *config, double *state, const float *y_true, const float *y_pred, int64_t rows,
                   int64_t width) {
  (void)config;
  int64_t right = 0;
  for (int64_t r = 0; r < rows; r++)
    right += (int64_t)y_true[r] == nn_argmax(y_pred + r * width, width);
  state[NN_RIGHT] += (double)right;
  state[NN_COUNT] += (double)rows;
}

const nn_metric nn_metric_sparse_categorical_accuracy = {.name = "sparse_categorical_accuracy",
                                                         .fields = fields,
                                                         .class_ids = true,
                                                         .state_size = NN_ACCURACY_STATE,
                                                         .update = update,
                                                         .result = nn_accuracy_result};
