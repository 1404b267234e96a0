/* huber.c - mean over the width of e^2 / 2 where |e| <= delta, else delta |e| - delta^2 / 2, with e = p - y. */
#include <math.h>

#include "loss.h"
#include "pointwise.h"

typedef struct huber_config {
  double delta;
} huber_config;

static const nn_field fields[] = {{"delta", NN_FIELD_FLOAT, offsetof(huber_config, delta), 1, 0, INFINITY, NULL}, {0}};

static float huber(const void *config, float *slope, float y, float p) {
  const float delta = (float)((const huber_config *)config)->delta, error = p - y, size = fabsf(error);
  *slope = size <= delta ? error : delta * nn_sign(error);
  return size <= delta ? 0.5f * error * error : delta * size - 0.5f * delta * delta;
}

NN_POINTWISE_EVALUATE(huber)

const nn_loss nn_loss_huber = {
    .name = "huber", .config_size = sizeof(huber_config), .fields = fields, .evaluate = evaluate};
