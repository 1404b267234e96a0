/* rescaling.c - y = x scale + offset, each one number or one for each feature of the last axis. */
#include "graph/node.h"

typedef struct rescaling_config {
  int scales, offsets; /* how many numbers: 1, or the length of the last axis */
} rescaling_config;

static const nn_field fields[] = {{"scales", NN_FIELD_INT, offsetof(rescaling_config, scales), 1, 1, INT32_MAX, NULL},
                                  {"offsets", NN_FIELD_INT, offsetof(rescaling_config, offsets), 1, 1, INT32_MAX, NULL},
                                  {0}};

static int64_t last_axis(const nn_node *node) {
  return node->output->shape.ndim ? node->output->shape.dim[node->output->shape.ndim - 1] : 1;
}

static int build(nn_error *error, nn_node *node) {
  const rescaling_config *config = (const rescaling_config *)node->config;
  node->output->shape = node->inputs[0]->shape;
  int64_t last = last_axis(node);
  if ((config->scales != 1 && config->scales != last) || (config->offsets != 1 && config->offsets != last))
    return nn_fail(error, "scale and offset: expected one number or %lld, one for each feature", (long long)last);
  node->params[0] = (nn_param){.name = "scale", .shape = {1, {config->scales}}, .is_state = true};
  node->params[1] = (nn_param){.name = "offset", .shape = {1, {config->offsets}}, .is_state = true};
  node->param_count = 2;
  return NN_OK;
}

static void forward(nn_node *node, const nn_pass *pass) {
  const rescaling_config *config = (const rescaling_config *)node->config;
  const float *x = node->inputs[0]->data, *scale = node->params[0].value, *offset = node->params[1].value;
  int64_t last = last_axis(node), n = pass->rows * node->output->width;
  for (int64_t i = 0; i < n; i++)
    node->output->data[i] =
        x[i] * scale[config->scales > 1 ? i % last : 0] + offset[config->offsets > 1 ? i % last : 0];
}

static void backward(nn_node *node, const nn_pass *pass) {
  int64_t scales = ((const rescaling_config *)node->config)->scales, n = pass->rows * node->output->width;
  for (int64_t i = 0; node->input_grad[0] && i < n; i++)
    node->input_grad[0][i] = node->output->grad[i] * node->params[0].value[i % scales];
}

const nn_layer nn_layer_rescaling = {.name = "rescaling",
                                     .config_size = sizeof(rescaling_config),
                                     .fields = fields,
                                     .most_params = 2,
                                     .build = build,
                                     .forward = forward,
                                     .backward = backward};
