/* dice.c - 1 - D with D = 2 sum(y p) / S, S = sum(y) + sum(p) + 1e-7. dL/dp_j = (D - 2 y_j) / S. */
#include "loss.h"

static const nn_field fields[] = {{0}};

static float of_row(float *grad, const float *y, const float *p, int64_t width) {
  double common = 0, total = 1e-7;
  for (int64_t j = 0; j < width; j++) {
    common += (double)(y[j] * p[j]);
    total += (double)(y[j] + p[j]);
  }
  double overlap = 2 * common / total;
  for (int64_t j = 0; grad && j < width; j++)
    grad[j] = (float)((overlap - 2 * (double)y[j]) / total);
  return (float)(1 - overlap);
}

static void evaluate(const void *config, float *value, float *grad, const float *y_true, const float *y_pred,
                     int64_t rows, int64_t width) {
  (void)config;
  for (int64_t r = 0; r < rows; r++)
    value[r] = of_row(grad ? grad + r * width : NULL, y_true + r * width, y_pred + r * width, width);
}

const nn_loss nn_loss_dice = {.name = "dice", .fields = fields, .evaluate = evaluate};
