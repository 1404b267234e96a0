/* sparse_categorical_crossentropy.c - -log of the probability given to the true class, a class id.
 *
 * From logits z:         L = logsumexp(z) - z_t,          dL/dz_j = softmax(z)_j - [j = t]
 * From probabilities p:  q = p / sum(p), L = -log clip(q_t), dL/dp_j = ([q_t not clipped] / sum(p)) (1 - [j = t] / q_t)
 * Rows of the class to be ignored have neither loss nor gradient. */
#include "crossentropy.h"
#include "tensor/activation.h"
#include "loss.h"

typedef struct sparse_config {
  bool from_logits;
  int ignore_class;
} sparse_config;

/* Keras' None: no class is ignored. */
enum { NO_CLASS = INT32_MIN };

static const nn_field fields[] = {
    {"from_logits", NN_FIELD_BOOL, offsetof(sparse_config, from_logits), false, 0, 1, NULL},
    {"ignore_class", NN_FIELD_INT, offsetof(sparse_config, ignore_class), NO_CLASS, INT32_MIN, INT32_MAX, NULL},
    {0}};

static bool ignores(const void *config, float y_true) {
  int class = ((const sparse_config *)config)->ignore_class;
  return class != NO_CLASS && y_true == (float)class;
}

/* grad: the softmax of z. */
static float from_logits(float *grad, int64_t class, const float *z, float log_sum) {
  if (grad)
    grad[class] -= 1;
  return log_sum - z[class];
}

static float from_probabilities(float *grad, int64_t class, const float *p, int64_t width) {
  float sum = nn_row_sum(p, width), q = p[class] / sum;
  if (grad) {
    for (int64_t j = 0; j < width; j++)
      grad[j] = nn_is_clipped(q) ? 0 : 1 / sum;
    grad[class] -= nn_is_clipped(q) ? 0 : 1 / p[class];
  }
  return -nn_logf(nn_clip_probability(q));
}

static void evaluate(const void *config, float *value, float *grad, const float *y_true, const float *y_pred,
                     int64_t rows, int64_t width) {
  const bool logits = ((const sparse_config *)config)->from_logits;
  if (logits)
    nn_log_sum_exp(value, grad, y_pred, rows, width);
  for (int64_t r = 0; r < rows; r++, y_pred += width) {
    float *slope = grad ? grad + r * width : NULL;
    if (ignores(config, y_true[r])) {
      value[r] = 0;
      for (int64_t j = 0; slope && j < width; j++)
        slope[j] = 0;
      continue;
    }
    value[r] = logits ? from_logits(slope, (int64_t)y_true[r], y_pred, value[r])
                      : from_probabilities(slope, (int64_t)y_true[r], y_pred, width);
  }
}

const nn_loss nn_loss_sparse_categorical_crossentropy = {.name = "sparse_categorical_crossentropy",
                                                         .config_size = sizeof(sparse_config),
                                                         .fields = fields,
                                                         .class_ids = true,
                                                         .fused_activation = NN_ACT_SOFTMAX,
                                                         .ignores = ignores,
                                                         .evaluate = evaluate};
