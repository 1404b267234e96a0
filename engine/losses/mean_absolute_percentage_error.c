/* mean_absolute_percentage_error.c - mean over the width of 100 |p - y| / max(|y|, 1e-7). */
#include "crossentropy.h"
#include "loss.h"
#include "pointwise.h"

static const nn_field fields[] = {{0}};

static float percentage(const void *config, float *slope, float y, float p) {
  (void)config;
  float percent = 100 / fmaxf(fabsf(y), NN_EPSILON);
  *slope = percent * nn_sign(p - y);
  return percent * fabsf(p - y);
}

NN_POINTWISE_EVALUATE(percentage)

const nn_loss nn_loss_mean_absolute_percentage_error = {
    .name = "mean_absolute_percentage_error", .fields = fields, .evaluate = evaluate};
