/* tversky.c - 1 - I / D with I = sum(y p), D = I + alpha sum(p (1 - y)) + beta sum(y (1 - p)) + 1e-7.
 * dD/dp_j = y_j + alpha (1 - y_j) - beta y_j, dL/dp_j = (I / D dD/dp_j - y_j) / D. */
#include <math.h>

#include "loss.h"

typedef struct tversky_config {
  double alpha, beta;
} tversky_config;

static const nn_field fields[] = {
    {"alpha", NN_FIELD_FLOAT, offsetof(tversky_config, alpha), 0.5, -INFINITY, INFINITY, NULL},
    {"beta", NN_FIELD_FLOAT, offsetof(tversky_config, beta), 0.5, -INFINITY, INFINITY, NULL},
    {0}};

static float of_row(const tversky_config *c, float *grad, const float *y, const float *p, int64_t width) {
  double common = 0, missed = 0, invented = 0;
  for (int64_t j = 0; j < width; j++) {
    common += (double)(y[j] * p[j]);
    missed += (double)(y[j] * (1 - p[j]));
    invented += (double)(p[j] * (1 - y[j]));
  }
  double total = common + c->alpha * invented + c->beta * missed + 1e-7, index = common / total;
  for (int64_t j = 0; grad && j < width; j++) {
    double one = (double)y[j];
    grad[j] = (float)((index * (one + c->alpha * (1 - one) - c->beta * one) - one) / total);
  }
  return (float)(1 - index);
}

static void evaluate(const void *config, float *value, float *grad, const float *y_true, const float *y_pred,
                     int64_t rows, int64_t width) {
  for (int64_t r = 0; r < rows; r++)
    value[r] = of_row(config, grad ? grad + r * width : NULL, y_true + r * width, y_pred + r * width, width);
}

const nn_loss nn_loss_tversky = {
    .name = "tversky", .config_size = sizeof(tversky_config), .fields = fields, .evaluate = evaluate};
