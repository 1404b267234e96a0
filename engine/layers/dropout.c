/* dropout.c - in training, each value is kept with probability 1 - rate and scaled by 1 / (1 - rate), otherwise 0;
 * in inference values pass unchanged (Srivastava et al. 2014, in the inverted form Keras uses). */
#include <string.h>

#include "nn.h"

typedef struct dropout_config {
  double rate;
} dropout_config;

static const nn_field fields[] = {{"rate", NN_FIELD_FLOAT, offsetof(dropout_config, rate), NAN, 0, 1, NULL}, {0}};

static int build(nn_error *error, nn_node *node) {
  (void)error;
  node->shape = node->inputs[0]->shape;
  node->saved_width = nn_shape_count(&node->shape);
  return NN_OK;
}

/* factor(n): 0 where dropped, the scale where kept. The stream belongs to (model, layer, step). */
static void draw_factors(float *factor, int64_t n, double rate, const nn_node *node, const nn_pass *pass) {
  nn_rng rng = nn_rng_stream(pass->seed, NN_DROPOUT | (uint32_t)node->position << 8, pass->step);
  uint32_t threshold = (uint32_t)(rate * 0x1p32 < 0x1p32 ? rate * 0x1p32 : 0xffffffffu);
  float scale = rate < 1 ? (float)(1 / (1 - rate)) : 0;
  for (int64_t i = 0; i < n; i++)
    factor[i] = nn_rng_next(&rng) >= threshold ? scale : 0;
}

static void forward(nn_node *node, const nn_pass *pass) {
  const dropout_config *config = (const dropout_config *)node->config;
  const float *x = node->inputs[0]->value;
  int64_t n = pass->rows * node->width;
  if (!pass->training || config->rate == 0) {
    memcpy(node->value, x, sizeof(float) * (size_t)n);
    return;
  }
  draw_factors(node->saved, n, config->rate, node, pass);
  for (int64_t i = 0; i < n; i++)
    node->value[i] = x[i] * node->saved[i];
}

static void backward(nn_node *node, const nn_pass *pass) {
  const dropout_config *config = (const dropout_config *)node->config;
  int64_t n = pass->rows * node->width;
  float *dx = node->input_grad[0];
  if (!dx)
    return;
  for (int64_t i = 0; i < n; i++)
    dx[i] = node->grad[i] * (pass->training && config->rate > 0 ? node->saved[i] : 1);
}

const nn_layer nn_layer_dropout = {.name = "dropout",
                                   .config_size = sizeof(dropout_config),
                                   .fields = fields,
                                   .build = build,
                                   .forward = forward,
                                   .backward = backward};
