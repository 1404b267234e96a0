/* moments.h - means, variances and covariance of targets and predictions along a row. */
#ifndef NN_MOMENTS_H
#define NN_MOMENTS_H

#include "mean.h"

/* Added to what is divided by, as in Keras: where nothing varies there is no correlation. */
#define NN_LEAST_SPREAD 1e-7

typedef struct nn_moments {
  double y_mean, p_mean, y_variance, p_variance, covariance;
} nn_moments;

static inline nn_moments nn_row_moments(const float *y, const float *p, int64_t width) {
  nn_moments m = {0};
  for (int64_t j = 0; j < width; j++) {
    m.y_mean += (double)y[j] / (double)width;
    m.p_mean += (double)p[j] / (double)width;
  }
  for (int64_t j = 0; j < width; j++) {
    double dy = (double)y[j] - m.y_mean, dp = (double)p[j] - m.p_mean;
    m.y_variance += dy * dy / (double)width;
    m.p_variance += dp * dp / (double)width;
    m.covariance += dy * dp / (double)width;
  }
  return m;
}

#endif
