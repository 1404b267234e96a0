/* cosine_similarity.c - minus the cosine of the angle between y and p: -1 where they point the same way.
 *
 * With u = y / |y| and v = p / |p|: L = -u.v, dL/dp = -(u - (u.v) v) / |p|. Squared lengths are at least 1e-12; where
 * that holds p up, dL/dp = -u / 1e-6. */
#include <math.h>

#include "loss.h"

static const nn_field fields[] = {{0}};

static float dot(const float *a, const float *b, int64_t n) {
  float sum = 0;
  for (int64_t j = 0; j < n; j++)
    sum += a[j] * b[j];
  return sum;
}

static float of_row(float *grad, const float *y, const float *p, int64_t width) {
  const float least = 1e-12f;
  float square = dot(p, p, width), y_scale = 1 / sqrtf(fmaxf(dot(y, y, width), least));
  float p_scale = 1 / sqrtf(fmaxf(square, least)), cosine = dot(y, p, width) * y_scale * p_scale;
  float turn = square > least ? cosine * p_scale : 0;
  for (int64_t j = 0; grad && j < width; j++)
    grad[j] = (turn * p[j] - y[j] * y_scale) * p_scale;
  return -cosine;
}

static void evaluate(const void *config, float *value, float *grad, const float *y_true, const float *y_pred,
                     int64_t rows, int64_t width) {
  (void)config;
  for (int64_t r = 0; r < rows; r++)
    value[r] = of_row(grad ? grad + r * width : NULL, y_true + r * width, y_pred + r * width, width);
}

const nn_loss nn_loss_cosine_similarity = {.name = "cosine_similarity", .fields = fields, .evaluate = evaluate};
