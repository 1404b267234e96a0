/* binary_crossentropy.c - mean over the width of -(y log p + (1 - y) log(1 - p)).
 *
 * label_smoothing a: y becomes y (1 - a) + a / 2.
 * From logits z:         L = max(z, 0) - z y + log(1 + exp(-|z|)),  dL/dz = sigmoid(z) - y
 * From probabilities p:  p clipped first;                           dL/dp = (p - y) / (p (1 - p)), 0 where clipped */
#include "crossentropy.h"
#include "tensor/activation.h"
#include "loss.h"

typedef struct binary_config {
  bool from_logits;
  double label_smoothing;
} binary_config;

static const nn_field fields[] = {
    {"from_logits", NN_FIELD_BOOL, offsetof(binary_config, from_logits), false, 0, 1, NULL},
    {"label_smoothing", NN_FIELD_FLOAT, offsetof(binary_config, label_smoothing), 0, 0, 1, NULL},
    {0}};

static float from_logit(float *slope, float y, float z) {
  *slope = nn_sigmoidf(z) - y;
  return fmaxf(z, 0) - z * y + log1pf(nn_expf(-fabsf(z)));
}

static float from_probability(float *slope, float y, float p) {
  float q = nn_clip_probability(p);
  *slope = nn_is_clipped(p) ? 0 : (q - y) / (q * (1 - q));
  return -(y * nn_logf(q) + (1 - y) * nn_logf(1 - q));
}

static void evaluate(const void *config, float *value, float *grad, const float *y_true, const float *y_pred,
                     int64_t rows, int64_t width) {
  const binary_config *c = config;
  const float keep = (float)(1 - c->label_smoothing), share = (float)(c->label_smoothing / 2);
  const float scale = 1.0f / (float)width;
  for (int64_t r = 0; r < rows; r++, y_true += width, y_pred += width) {
    float sum = 0, slope;
    for (int64_t j = 0; j < width; j++) {
      float y = y_true[j] * keep + share;
      sum += c->from_logits ? from_logit(&slope, y, y_pred[j]) : from_probability(&slope, y, y_pred[j]);
      if (grad)
        grad[r * width + j] = slope * scale;
    }
    value[r] = sum * scale;
  }
}

const nn_loss nn_loss_binary_crossentropy = {.name = "binary_crossentropy",
                                             .config_size = sizeof(binary_config),
                                             .fields = fields,
                                             .fused_activation = NN_ACT_SIGMOID,
                                             .evaluate = evaluate};
