/* gaussian_dropout.c - in training, multiplies by normal numbers of mean 1 and standard deviation
 * sqrt(rate / (1 - rate)) (Srivastava et al. 2014, section 10); otherwise values pass unchanged. */
#include <math.h>
#include <string.h>

#include "graph/node.h"

typedef struct noise_config {
  double rate;
  int seed;
} noise_config;

static const nn_field fields[] = {
    {"rate", NN_FIELD_FLOAT, offsetof(noise_config, rate), NAN, 0, 1, NULL},
    {"seed", NN_FIELD_INT, offsetof(noise_config, seed), NN_NO_SEED, NN_NO_SEED, INT32_MAX, NULL},
    {0}};

static int build(nn_error *error, nn_node *node) {
  if (((const noise_config *)node->config)->rate == 1)
    return nn_fail(error, "rate: expected a number from 0 to below 1, got 1");
  node->output->shape = node->inputs[0]->shape;
  node->saved_size = nn_shape_count(&node->output->shape);
  return NN_OK;
}

static bool acts(const nn_node *node, const nn_pass *pass) {
  return pass->training && ((const noise_config *)node->config)->rate > 0;
}

static void forward(nn_node *node, const nn_pass *pass) {
  const noise_config *config = (const noise_config *)node->config;
  int64_t n = pass->rows * node->output->width;
  if (!acts(node, pass)) {
    memcpy(node->output->data, node->inputs[0]->data, sizeof(float) * (size_t)n);
    return;
  }
  nn_rng rng = nn_noise_stream(node, pass, config->seed);
  nn_rng_normal(&rng, node->saved, n, 1, (float)sqrt(config->rate / (1 - config->rate)));
  for (int64_t i = 0; i < n; i++)
    node->output->data[i] = node->inputs[0]->data[i] * node->saved[i];
}

static void backward(nn_node *node, const nn_pass *pass) {
  int64_t n = pass->rows * node->output->width;
  bool acting = acts(node, pass);
  for (int64_t i = 0; node->input_grad[0] && i < n; i++)
    node->input_grad[0][i] = node->output->grad[i] * (acting ? node->saved[i] : 1);
}

const nn_layer nn_layer_gaussian_dropout = {.name = "gaussian_dropout",
                                            .config_size = sizeof(noise_config),
                                            .fields = fields,
                                            .build = build,
                                            .forward = forward,
                                            .backward = backward};
