/* mean_squared_error.c - mean over the width of (y - p)^2. */
#include "nn.h"

static const nn_field fields[] = {{0}};

static void evaluate(const void *config, float *value, float *grad, const float *y_true, const float *y_pred,
                     int64_t rows, int64_t width) {
  (void)config;
  const float scale = 1.0f / (float)width;
  for (int64_t r = 0; r < rows; r++, y_true += width, y_pred += width) {
    float sum = 0;
    for (int64_t j = 0; j < width; j++)
      sum += (y_pred[j] - y_true[j]) * (y_pred[j] - y_true[j]);
    value[r] = sum * scale;
    for (int64_t j = 0; grad && j < width; j++)
      grad[r * width + j] = 2 * scale * (y_pred[j] - y_true[j]);
  }
}

const nn_loss nn_loss_mean_squared_error = {.name = "mean_squared_error", .fields = fields, .evaluate = evaluate};
