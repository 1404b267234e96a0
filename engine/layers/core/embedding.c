/* embedding.c - a vector for each id: ids (rows, ...), table (input_dim, output_dim), y (rows, ..., output_dim). An id
 * outside 0 .. input_dim-1 gives NaN; the binding looks for such ids in data before a run. */
#include <math.h>
#include <string.h>

#include "graph/node.h"

typedef struct embedding_config {
  int input_dim, output_dim;
} embedding_config;

static const nn_field fields[] = {
    {"input_dim", NN_FIELD_INT, offsetof(embedding_config, input_dim), NAN, 1, INT32_MAX, NULL},
    {"output_dim", NN_FIELD_INT, offsetof(embedding_config, output_dim), NAN, 1, INT32_MAX, NULL},
    {0}};

static int build(nn_error *error, nn_node *node) {
  const embedding_config *config = (const embedding_config *)node->config;
  node->output->shape = node->inputs[0]->shape;
  if (node->output->shape.ndim == NN_MAX_NDIM - 1)
    return nn_fail(error, "the ids have too many axes");
  node->output->shape.dim[node->output->shape.ndim++] = config->output_dim;
  node->params[0] = (nn_param){.name = "embeddings", .shape = {2, {config->input_dim, config->output_dim}}};
  node->param_count = 1;
  return NN_OK;
}

static bool is_known(const embedding_config *config, float id) { return id >= 0 && id < (float)config->input_dim; }

static void forward(nn_node *node, const nn_pass *pass) {
  const embedding_config *config = (const embedding_config *)node->config;
  int64_t n = pass->rows * node->inputs[0]->width, width = config->output_dim;
  const float *ids = node->inputs[0]->data;
  for (int64_t i = 0; i < n; i++) {
    float *y = node->output->data + i * width;
    if (is_known(config, ids[i]))
      memcpy(y, node->params[0].value + (int64_t)ids[i] * width, sizeof(float) * (size_t)width);
    else
      for (int64_t j = 0; j < width; j++)
        y[j] = NAN;
  }
}

static void add(float *restrict sum, const float *restrict x, int64_t n) {
  for (int64_t j = 0; j < n; j++)
    sum[j] += x[j];
}

static void backward(nn_node *node, const nn_pass *pass) {
  const embedding_config *config = (const embedding_config *)node->config;
  int64_t n = pass->rows * node->inputs[0]->width, width = config->output_dim;
  const float *ids = node->inputs[0]->data;
  float *grad = node->params[0].grad;
  if (node->input_grad[0])
    memset(node->input_grad[0], 0, sizeof(float) * (size_t)n);
  if (!grad)
    return;
  memset(grad, 0, sizeof(float) * (size_t)(config->input_dim * width));
  for (int64_t i = 0; i < n; i++)
    if (is_known(config, ids[i]))
      add(grad + (int64_t)ids[i] * width, node->output->grad + i * width, width);
}

const nn_layer nn_layer_embedding = {.name = "embedding",
                                     .config_size = sizeof(embedding_config),
                                     .fields = fields,
                                     .most_params = 1,
                                     .id_count = "input_dim",
                                     .build = build,
                                     .forward = forward,
                                     .backward = backward};
