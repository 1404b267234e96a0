/* categorical_crossentropy.c - -sum_j y_j log p_j for a distribution y, most often one-hot.
 *
 * label_smoothing a: y_j becomes y_j (1 - a) + a / width.
 * From logits z:         L = logsumexp(z) sum(y) - sum_j y_j z_j,  dL/dz_j = softmax(z)_j sum(y) - y_j
 * From probabilities p:  q = p / sum(p), L = -sum_j y_j log clip(q_j); with g_j = y_j [q_j not clipped]:
 *                        dL/dp_j = (sum(g) - g_j / q_j) / sum(p) */
#include "crossentropy.h"
#include "tensor/activation.h"
#include "loss.h"

typedef struct categorical_config {
  bool from_logits;
  double label_smoothing;
} categorical_config;

static const nn_field fields[] = {
    {"from_logits", NN_FIELD_BOOL, offsetof(categorical_config, from_logits), false, 0, 1, NULL},
    {"label_smoothing", NN_FIELD_FLOAT, offsetof(categorical_config, label_smoothing), 0, 0, 1, NULL},
    {0}};

/* y_j -> y_j * keep + share */
typedef struct smoothing {
  float keep, share;
} smoothing;

/* grad: the softmax of z. */
static float from_logits(float *grad, const float *y, smoothing s, const float *z, float log_sum, int64_t width) {
  float total = 0, dot = 0;
  for (int64_t j = 0; j < width; j++) {
    float target = y[j] * s.keep + s.share;
    total += target;
    dot += target * (log_sum - z[j]); /* differences first: logits may be large */
  }
  for (int64_t j = 0; grad && j < width; j++)
    grad[j] = grad[j] * total - (y[j] * s.keep + s.share);
  return dot;
}

static float from_probabilities(float *grad, const float *y, smoothing s, const float *p, int64_t width) {
  float sum = nn_row_sum(p, width), value = 0, total = 0;
  for (int64_t j = 0; j < width; j++) {
    float target = y[j] * s.keep + s.share, q = p[j] / sum;
    value -= target * nn_logf(nn_clip_probability(q));
    total += nn_is_clipped(q) ? 0 : target;
  }
  for (int64_t j = 0; grad && j < width; j++) {
    float target = y[j] * s.keep + s.share, q = p[j] / sum;
    grad[j] = (total - (nn_is_clipped(q) ? 0 : target / q)) / sum;
  }
  return value;
}

static void evaluate(const void *config, float *value, float *grad, const float *y_true, const float *y_pred,
                     int64_t rows, int64_t width) {
  const categorical_config *c = config;
  smoothing s = {(float)(1 - c->label_smoothing), (float)(c->label_smoothing / (double)width)};
  if (c->from_logits)
    nn_log_sum_exp(value, grad, y_pred, rows, width);
  for (int64_t r = 0; r < rows; r++, y_true += width, y_pred += width) {
    float *slope = grad ? grad + r * width : NULL;
    value[r] = c->from_logits ? from_logits(slope, y_true, s, y_pred, value[r], width)
                              : from_probabilities(slope, y_true, s, y_pred, width);
  }
}

const nn_loss nn_loss_categorical_crossentropy = {.name = "categorical_crossentropy",
                                                  .config_size = sizeof(categorical_config),
                                                  .fields = fields,
                                                  .fused_activation = NN_ACT_SOFTMAX,
                                                  .evaluate = evaluate};
