/* mask.c - 1 where a value counts, 0 where it is only padding: where it differs from mask_value, or (any_feature) where
 * any feature of the last axis does. No gradient passes. */
#include <math.h>
#include <string.h>

#include "graph/node.h"

typedef struct mask_config {
  double mask_value;
  bool any_feature;
} mask_config;

static const nn_field fields[] = {
    {"mask_value", NN_FIELD_FLOAT, offsetof(mask_config, mask_value), 0, -INFINITY, INFINITY, NULL},
    {"any_feature", NN_FIELD_BOOL, offsetof(mask_config, any_feature), false, 0, 1, NULL},
    {0}};

static int build(nn_error *error, nn_node *node) {
  node->output->shape = node->inputs[0]->shape;
  if (((const mask_config *)node->config)->any_feature && node->output->shape.ndim-- == 0)
    return nn_fail(error, "wants samples with at least one axis, got single numbers");
  return NN_OK;
}

static void forward(nn_node *node, const nn_pass *pass) {
  float padding = (float)((const mask_config *)node->config)->mask_value;
  int64_t each = node->output->width ? node->inputs[0]->width / node->output->width : 0;
  for (int64_t i = 0; i < pass->rows * node->output->width; i++) {
    bool any = false;
    for (int64_t j = i * each; j < (i + 1) * each; j++)
      any |= node->inputs[0]->data[j] != padding;
    node->output->data[i] = any;
  }
}

static void backward(nn_node *node, const nn_pass *pass) {
  if (node->input_grad[0])
    memset(node->input_grad[0], 0, sizeof(float) * (size_t)(pass->rows * node->inputs[0]->width));
}

const nn_layer nn_layer_mask = {.name = "mask",
                                .config_size = sizeof(mask_config),
                                .fields = fields,
                                .build = build,
                                .forward = forward,
                                .backward = backward};
