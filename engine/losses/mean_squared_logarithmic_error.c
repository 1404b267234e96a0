/* mean_squared_logarithmic_error.c - mean over the width of (log(p + 1) - log(y + 1))^2, where all values
 * are taken to be at least 1e-7. */
#include "crossentropy.h"
#include "loss.h"
#include "pointwise.h"

static const nn_field fields[] = {{0}};

static float squared_logarithm(const void *config, float *slope, float y, float p) {
  (void)config;
  float difference = log1pf(nn_at_least(p, NN_EPSILON)) - log1pf(nn_at_least(y, NN_EPSILON));
  *slope = p > NN_EPSILON ? 2 * difference / (p + 1) : 0;
  return difference * difference;
}

NN_POINTWISE_EVALUATE(squared_logarithm)

const nn_loss nn_loss_mean_squared_logarithmic_error = {
    .name = "mean_squared_logarithmic_error", .fields = fields, .evaluate = evaluate};
