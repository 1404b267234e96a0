/* categorical_hinge.c - max(neg - pos + 1, 0) with neg = max_j (1 - y_j) p_j and pos = sum_j y_j p_j. */
#include <math.h>

#include "loss.h"

static const nn_field fields[] = {{0}};

static float of_row(float *grad, const float *y, const float *p, int64_t width) {
  float positive = 0, negative = -INFINITY;
  int64_t worst = 0;
  for (int64_t j = 0; j < width; j++) {
    positive += y[j] * p[j];
    if ((1 - y[j]) * p[j] > negative) {
      negative = (1 - y[j]) * p[j];
      worst = j;
    }
  }
  float value = negative - positive + 1;
  value = value < 0 ? 0 : value;
  for (int64_t j = 0; grad && j < width; j++)
    grad[j] = value > 0 ? -y[j] : 0;
  if (grad && value > 0)
    grad[worst] += 1 - y[worst];
  return value;
}

static void evaluate(const void *config, float *value, float *grad, const float *y_true, const float *y_pred,
                     int64_t rows, int64_t width) {
  (void)config;
  for (int64_t r = 0; r < rows; r++)
    value[r] = of_row(grad ? grad + r * width : NULL, y_true + r * width, y_pred + r * width, width);
}

const nn_loss nn_loss_categorical_hinge = {.name = "categorical_hinge", .fields = fields, .evaluate = evaluate};
