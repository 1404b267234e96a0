/* poisson.c - mean over the width of p - y log(p + 1e-7). */
#include "crossentropy.h"
#include "loss.h"
#include "pointwise.h"

static const nn_field fields[] = {{0}};

static float poisson(const void *config, float *slope, float y, float p) {
  (void)config;
  *slope = 1 - y / (p + NN_EPSILON);
  return p - y * nn_logf(p + NN_EPSILON);
}

NN_POINTWISE_EVALUATE(poisson)

const nn_loss nn_loss_poisson = {.name = "poisson", .fields = fields, .evaluate = evaluate};
