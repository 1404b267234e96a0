/* hinge.c - mean over the width of max(1 - y p, 0) for labels y of -1 and 1. */
#include "hinge.h"
#include "loss.h"
#include "pointwise.h"

static const nn_field fields[] = {{0}};

static float hinge(const void *config, float *slope, float y, float p) {
  const nn_hinge_labels *labels = config;
  float label = y * labels->scale + labels->shift, margin = nn_at_least(1 - label * p, 0);
  *slope = margin > 0 ? -label : 0;
  return margin;
}

static void evaluate(const void *config, float *value, float *grad, const float *y_true, const float *y_pred,
                     int64_t rows, int64_t width) {
  (void)config;
  nn_hinge_labels labels = nn_read_hinge_labels(y_true, rows * width);
  nn_mean_over_width(hinge, &labels, value, grad, y_true, y_pred, rows, width);
}

const nn_loss nn_loss_hinge = {.name = "hinge", .fields = fields, .evaluate = evaluate};
