/* gaussian_noise.c - in training, adds normal numbers of mean 0; otherwise values pass unchanged. */
#include <math.h>
#include <string.h>

#include "graph/node.h"

typedef struct noise_config {
  double stddev;
  int seed;
} noise_config;

static const nn_field fields[] = {
    {"stddev", NN_FIELD_FLOAT, offsetof(noise_config, stddev), NAN, 0, INFINITY, NULL},
    {"seed", NN_FIELD_INT, offsetof(noise_config, seed), NN_NO_SEED, NN_NO_SEED, INT32_MAX, NULL},
    {0}};

static int build(nn_error *error, nn_node *node) {
  (void)error;
  node->output->shape = node->inputs[0]->shape;
  return NN_OK;
}

static void forward(nn_node *node, const nn_pass *pass) {
  const noise_config *config = (const noise_config *)node->config;
  int64_t n = pass->rows * node->output->width;
  if (!pass->training || config->stddev == 0) {
    memcpy(node->output->data, node->inputs[0]->data, sizeof(float) * (size_t)n);
    return;
  }
  nn_rng rng = nn_noise_stream(node, pass, config->seed);
  nn_rng_normal(&rng, node->output->data, n, 0, (float)config->stddev);
  for (int64_t i = 0; i < n; i++)
    node->output->data[i] += node->inputs[0]->data[i];
}

static void backward(nn_node *node, const nn_pass *pass) {
  if (node->input_grad[0])
    memcpy(node->input_grad[0], node->output->grad, sizeof(float) * (size_t)(pass->rows * node->output->width));
}

const nn_layer nn_layer_gaussian_noise = {.name = "gaussian_noise",
                                          .config_size = sizeof(noise_config),
                                          .fields = fields,
                                          .build = build,
                                          .forward = forward,
                                          .backward = backward};
