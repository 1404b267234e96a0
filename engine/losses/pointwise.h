/* pointwise.h - losses that are the mean over the width of a function of each pair of values. */
#ifndef NN_POINTWISE_H
#define NN_POINTWISE_H

#include <stdint.h>

/* The loss of one value and, in *slope, its derivative by p. */
typedef float nn_pointwise(const void *config, float *slope, float y, float p);

/* Inlined into each loss with its function known, so that the loop holds no call. */
__attribute__((always_inline)) static inline void nn_mean_over_width(nn_pointwise *of, const void *config, float *value,
                                                                     float *grad, const float *y_true,
                                                                     const float *y_pred, int64_t rows, int64_t width) {
  const float scale = 1.0f / (float)width;
  for (int64_t r = 0; r < rows; r++, y_true += width, y_pred += width) {
    float sum = 0, slope;
    for (int64_t j = 0; j < width; j++) {
      sum += of(config, &slope, y_true[j], y_pred[j]);
      if (grad)
        grad[r * width + j] = slope * scale;
    }
    value[r] = sum * scale;
  }
}

/* Defines `evaluate` for the loss whose function of one pair is `of`. */
#define NN_POINTWISE_EVALUATE(of)                                                                                      \
  static void evaluate(const void *config, float *value, float *grad, const float *y_true, const float *y_pred,        \
                       int64_t rows, int64_t width) {                                                                  \
    nn_mean_over_width(of, config, value, grad, y_true, y_pred, rows, width);                                          \
  }

/* Unlike fmaxf, lets NaN through: a loss must show it. */
static inline float nn_at_least(float x, float least) { return x < least ? least : x; }

static inline float nn_sign(float x) { return x > 0 ? 1.0f : x < 0 ? -1.0f : 0.0f; }

#endif
