/* categorical_focal_crossentropy.c - -sum_j alpha_j (1 - q_j)^gamma y_j log q_j for a distribution y (Lin et al. 2018).
 *
 * label_smoothing a: y_j becomes y_j (1 - a) + a / width. alpha: one number, or one for each class.
 * q = p / sum(p), or softmax(z) from logits z; clipped in the loss. With g_j = dL/dq_j
 *   = alpha_j y_j (gamma (1 - q_j)^(gamma - 1) log q_j - (1 - q_j)^gamma / q_j), 0 where clipped:
 * dL/dp_j = (g_j - sum_k g_k q_k) / sum(p), dL/dz_j = q_j (g_j - sum_k g_k q_k) */
#include "crossentropy.h"
#include "loss.h"

typedef struct focal_config {
  bool from_logits;
  nn_numbers alpha;
  double gamma, label_smoothing;
} focal_config;

static const nn_field fields[] = {
    {"from_logits", NN_FIELD_BOOL, offsetof(focal_config, from_logits), false, 0, 1, NULL},
    {"alpha", NN_FIELD_NUMBERS, offsetof(focal_config, alpha), 0, 0, 0, NULL},
    {"gamma", NN_FIELD_FLOAT, offsetof(focal_config, gamma), 2, 0, INFINITY, NULL},
    {"label_smoothing", NN_FIELD_FLOAT, offsetof(focal_config, label_smoothing), 0, 0, 1, NULL},
    {0}};

static float alpha_of(const focal_config *c, int64_t class) {
  const nn_numbers *alpha = &c->alpha;
  return alpha->count == 0 ? 0.25f : alpha->values[class < alpha->count ? class : alpha->count - 1];
}

/* The share of one class in the loss, and its derivative by q. */
static float share(const focal_config *c, float *slope, float weight, float q) {
  const float gamma = (float)c->gamma;
  float clipped = nn_clip_probability(q), log_q = nn_logf(clipped), factor = powf(1 - clipped, gamma);
  float bend = gamma > 0 ? gamma * powf(1 - clipped, gamma - 1) * log_q : 0;
  *slope = nn_is_clipped(q) ? 0 : weight * (bend - factor / clipped);
  return -weight * factor * log_q;
}

static float of_row(const focal_config *c, float *grad, const float *y, const float *x, int64_t width) {
  const float smoothing = (float)c->label_smoothing;
  float norm = nn_row_sum(x, width), value = 0, dot = 0, slope;
  if (c->from_logits)
    nn_log_sum_exp(&norm, NULL, x, 1, width);
  for (int64_t j = 0; j < width; j++) {
    float q = c->from_logits ? nn_expf(x[j] - norm) : x[j] / norm;
    value += share(c, &slope, alpha_of(c, j) * (y[j] * (1 - smoothing) + smoothing / (float)width), q);
    dot += slope * q;
    if (grad)
      grad[j] = slope;
  }
  for (int64_t j = 0; grad && j < width; j++)
    grad[j] = (grad[j] - dot) * (c->from_logits ? nn_expf(x[j] - norm) : 1 / norm);
  return value;
}

static void evaluate(const void *config, float *value, float *grad, const float *y_true, const float *y_pred,
                     int64_t rows, int64_t width) {
  for (int64_t r = 0; r < rows; r++)
    value[r] = of_row(config, grad ? grad + r * width : NULL, y_true + r * width, y_pred + r * width, width);
}

const nn_loss nn_loss_categorical_focal_crossentropy = {.name = "categorical_focal_crossentropy",
                                                        .config_size = sizeof(focal_config),
                                                        .fields = fields,
                                                        .evaluate = evaluate};
