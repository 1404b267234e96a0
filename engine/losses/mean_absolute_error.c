/* mean_absolute_error.c - mean over the width of |p - y|. */
#include <math.h>

#include "loss.h"
#include "pointwise.h"

static const nn_field fields[] = {{0}};

static float size(const void *config, float *slope, float y, float p) {
  (void)config;
  *slope = nn_sign(p - y);
  return fabsf(p - y);
}

NN_POINTWISE_EVALUATE(size)

const nn_loss nn_loss_mean_absolute_error = {.name = "mean_absolute_error", .fields = fields, .evaluate = evaluate};
