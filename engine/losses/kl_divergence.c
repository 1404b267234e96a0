/* kl_divergence.c - sum over the width of y log(y / p), both clipped to [1e-7, 1]. dL/dp = -y / p, 0 where clipped. */
#include "crossentropy.h"
#include "loss.h"

static const nn_field fields[] = {{0}};

static float clip(float x) { return x < NN_EPSILON ? NN_EPSILON : x > 1 ? 1 : x; }

static void evaluate(const void *config, float *value, float *grad, const float *y_true, const float *y_pred,
                     int64_t rows, int64_t width) {
  (void)config;
  for (int64_t r = 0; r < rows; r++, y_true += width, y_pred += width) {
    float sum = 0;
    for (int64_t j = 0; j < width; j++) {
      float y = clip(y_true[j]), p = clip(y_pred[j]);
      sum += y * nn_logf(y / p);
      if (grad)
        grad[r * width + j] = p == y_pred[j] ? -y / p : 0;
    }
    value[r] = sum;
  }
}

const nn_loss nn_loss_kl_divergence = {.name = "kl_divergence", .fields = fields, .evaluate = evaluate};
