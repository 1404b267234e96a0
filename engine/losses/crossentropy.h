/* crossentropy.h - what the cross-entropies share: Keras' way with probabilities and with logits. */
#ifndef NN_CROSSENTROPY_H
#define NN_CROSSENTROPY_H

#include <stdbool.h>

#include "base/vmath.h"
#include "products/kernels/kernels.h"

/* keras.config.epsilon(). In single precision 1 - 1e-7 is 0.99999988, and Keras' numbers depend on it. */
#define NN_EPSILON           1e-7f
#define NN_ONE_MINUS_EPSILON (1.0f - NN_EPSILON)

static inline float nn_clip_probability(float p) {
  return p < NN_EPSILON ? NN_EPSILON : p > NN_ONE_MINUS_EPSILON ? NN_ONE_MINUS_EPSILON : p;
}

/* Clipping has a slope of 1 inside its bounds and 0 beyond. */
static inline bool nn_is_clipped(float p) { return p < NN_EPSILON || p > NN_ONE_MINUS_EPSILON; }

static inline float nn_row_sum(const float *x, int64_t width) {
  float sum = 0;
  for (int64_t j = 0; j < width; j++)
    sum += x[j];
  return sum;
}

/* log(sum(exp(z))) of each row in logs, and where p is not NULL its softmax in p. */
static inline void nn_log_sum_exp(float *logs, float *p, const float *z, int64_t rows, int64_t width) {
  nn_kernels_at(0)->softmax(logs, p, z, rows, width);
}

#endif
