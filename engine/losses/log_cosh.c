/* log_cosh.c - mean over the width of log(cosh(e)) with e = p - y; its derivative is tanh(e). */
#include "base/vmath.h"
#include "loss.h"
#include "pointwise.h"

static const nn_field fields[] = {{0}};

static float log_cosh(const void *config, float *slope, float y, float p) {
  (void)config;
  float error = p - y, size = fabsf(error);
  *slope = nn_tanhf(error);
  return size + log1pf(nn_expf(-2 * size)) - (float)M_LN2;
}

NN_POINTWISE_EVALUATE(log_cosh)

const nn_loss nn_loss_log_cosh = {.name = "log_cosh", .fields = fields, .evaluate = evaluate};
