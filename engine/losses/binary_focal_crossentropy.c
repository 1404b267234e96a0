/* binary_focal_crossentropy.c - mean over the width of w f B: cross-entropy that easy cases add little to (Lin et al.
 * 2018).
 *
 * label_smoothing a: y becomes y (1 - a) + a / 2. From logits z: p = sigmoid(z).
 * B = -(y log p + (1 - y) log(1 - p)), p clipped in it;  f = (1 - t)^gamma with t = y p + (1 - y)(1 - p);
 * w = y alpha + (1 - y)(1 - alpha) with apply_class_balancing, else 1.
 * dL/dp = w (f dB/dp - gamma (1 - t)^(gamma - 1) (2 y - 1) B), dp/dz = p (1 - p) */
#include "crossentropy.h"
#include "loss.h"
#include "pointwise.h"

typedef struct focal_config {
  bool from_logits, apply_class_balancing;
  double alpha, gamma, label_smoothing;
} focal_config;

static const nn_field fields[] = {
    {"from_logits", NN_FIELD_BOOL, offsetof(focal_config, from_logits), false, 0, 1, NULL},
    {"apply_class_balancing", NN_FIELD_BOOL, offsetof(focal_config, apply_class_balancing), false, 0, 1, NULL},
    {"alpha", NN_FIELD_FLOAT, offsetof(focal_config, alpha), 0.25, -INFINITY, INFINITY, NULL},
    {"gamma", NN_FIELD_FLOAT, offsetof(focal_config, gamma), 2, 0, INFINITY, NULL},
    {"label_smoothing", NN_FIELD_FLOAT, offsetof(focal_config, label_smoothing), 0, 0, 1, NULL},
    {0}};

static float focal(const void *config, float *slope, float label, float x) {
  const focal_config *c = config;
  const float gamma = (float)c->gamma, alpha = (float)c->alpha, smoothing = (float)c->label_smoothing;
  float y = label * (1 - smoothing) + smoothing / 2;
  float p = c->from_logits ? nn_sigmoidf(x) : x, q = nn_clip_probability(p);
  float entropy = -(y * nn_logf(q) + (1 - y) * nn_logf(1 - q));
  float entropy_slope = nn_is_clipped(p) ? 0 : (q - y) / (q * (1 - q));
  float miss = 1 - (y * p + (1 - y) * (1 - p)), factor = powf(miss, gamma);
  float factor_slope = gamma > 0 ? -gamma * powf(fmaxf(miss, NN_EPSILON), gamma - 1) * (2 * y - 1) : 0;
  float weight = c->apply_class_balancing ? y * alpha + (1 - y) * (1 - alpha) : 1;
  *slope = weight * (factor * entropy_slope + factor_slope * entropy) * (c->from_logits ? p * (1 - p) : 1);
  return weight * factor * entropy;
}

NN_POINTWISE_EVALUATE(focal)

const nn_loss nn_loss_binary_focal_crossentropy = {
    .name = "binary_focal_crossentropy", .config_size = sizeof(focal_config), .fields = fields, .evaluate = evaluate};
