/* mean_squared_error.c - mean over the width of (p - y)^2. */
#include "loss.h"
#include "pointwise.h"

static const nn_field fields[] = {{0}};

static float square(const void *config, float *slope, float y, float p) {
  (void)config;
  *slope = 2 * (p - y);
  return (p - y) * (p - y);
}

NN_POINTWISE_EVALUATE(square)

const nn_loss nn_loss_mean_squared_error = {.name = "mean_squared_error", .fields = fields, .evaluate = evaluate};
