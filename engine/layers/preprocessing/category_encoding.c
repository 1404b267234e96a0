/* category_encoding.c - ids as vectors of num_tokens numbers. one_hot: a vector for each id; multi_hot: one for the
 * whole last axis, 1 at each id that occurs; count: how often it occurs, or the sum of its weights, a second input. */
#include <math.h>
#include <string.h>

#include "graph/node.h"

typedef struct encoding_config {
  int num_tokens, output_mode;
} encoding_config;

enum { ONE_HOT, MULTI_HOT, COUNT };

static const char *const modes[] = {"one_hot", "multi_hot", "count", NULL};

static const nn_field fields[] = {
    {"num_tokens", NN_FIELD_INT, offsetof(encoding_config, num_tokens), NAN, 1, INT32_MAX, NULL},
    {"output_mode", NN_FIELD_CHOICE, offsetof(encoding_config, output_mode), MULTI_HOT, 0, 0, modes},
    {0}};

/* How many ids share one vector. */
static int64_t ids_per_vector(const nn_node *node) {
  const encoding_config *config = (const encoding_config *)node->config;
  const nn_shape *in = &node->inputs[0]->shape;
  return config->output_mode == ONE_HOT || in->ndim == 0 ? 1 : in->dim[in->ndim - 1];
}

static int build(nn_error *error, nn_node *node) {
  const encoding_config *config = (const encoding_config *)node->config;
  const nn_shape *in = &node->inputs[0]->shape;
  if (in->ndim == NN_MAX_NDIM - 1)
    return nn_fail(error, "the ids have too many axes");
  if (node->input_count > 1 && (config->output_mode != COUNT || !nn_shape_equal(in, &node->inputs[1]->shape)))
    return nn_fail(error, "count_weights belong to output_mode \"count\" and have the shape of the ids");
  bool replaces_last = in->ndim > 0 && (config->output_mode != ONE_HOT || in->dim[in->ndim - 1] == 1);
  node->output->shape = *in;
  node->output->shape.ndim += !replaces_last;
  node->output->shape.dim[node->output->shape.ndim - 1] = config->num_tokens;
  return NN_OK;
}

static void forward(nn_node *node, const nn_pass *pass) {
  const encoding_config *config = (const encoding_config *)node->config;
  int64_t n = pass->rows * node->inputs[0]->width, each = ids_per_vector(node);
  const float *ids = node->inputs[0]->data, *weights = node->input_count > 1 ? node->inputs[1]->data : NULL;
  memset(node->output->data, 0, sizeof(float) * (size_t)(pass->rows * node->output->width));
  for (int64_t i = 0; i < n; i++)
    if (ids[i] >= 0 && ids[i] < (float)config->num_tokens) {
      float *place = &node->output->data[i / each * config->num_tokens + (int64_t)ids[i]];
      *place = config->output_mode == COUNT ? *place + (weights ? weights[i] : 1) : 1;
    }
}

static void backward(nn_node *node, const nn_pass *pass) {
  for (int k = 0; k < node->input_count; k++)
    if (node->input_grad[k])
      memset(node->input_grad[k], 0, sizeof(float) * (size_t)(pass->rows * node->inputs[k]->width));
}

const nn_layer nn_layer_category_encoding = {.name = "category_encoding",
                                             .config_size = sizeof(encoding_config),
                                             .fields = fields,
                                             .id_count = "num_tokens",
                                             .build = build,
                                             .forward = forward,
                                             .backward = backward};
