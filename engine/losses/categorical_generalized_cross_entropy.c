/* categorical_generalized_cross_entropy.c - (1 - p_t^q) / q for the probability of the true class t, a class id.
 * dL/dp_t = -p_t^(q - 1). Between cross-entropy (q near 0) and the absolute error (q near 1): Zhang et al. 2018. */
#include "crossentropy.h"
#include "loss.h"

typedef struct generalized_config {
  double q;
} generalized_config;

static const nn_field fields[] = {{"q", NN_FIELD_FLOAT, offsetof(generalized_config, q), 0.5, 0, 1, NULL}, {0}};

static void evaluate(const void *config, float *value, float *grad, const float *y_true, const float *y_pred,
                     int64_t rows, int64_t width) {
  const float q = (float)((const generalized_config *)config)->q;
  for (int64_t r = 0; r < rows; r++) {
    int64_t class = (int64_t)y_true[r];
    float p = y_pred[r * width + class];
    value[r] = (1 - powf(p, q)) / q;
    for (int64_t j = 0; grad && j < width; j++)
      grad[r * width + j] = j == class ? -powf(fmaxf(p, NN_EPSILON), q - 1) : 0;
  }
}

const nn_loss nn_loss_categorical_generalized_cross_entropy = {.name = "categorical_generalized_cross_entropy",
                                                               .config_size = sizeof(generalized_config),
                                                               .fields = fields,
                                                               .class_ids = true,
                                                               .evaluate = evaluate};
