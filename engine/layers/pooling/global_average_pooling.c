/* global_average_pooling.c - the mean over all places of a sample for each feature of the last axis. A mask as second
 * input has a number for each place; places where it is 0 do not count, and a sample without any other gives 0. */
#include <string.h>

#include "graph/node.h"

static const nn_field fields[] = {{0}};

static int build(nn_error *error, nn_node *node) {
  const nn_shape *in = &node->inputs[0]->shape;
  char text[NN_SHAPE_TEXT];
  if (in->ndim < 2)
    return nn_fail(error, "wants samples of (places, features), got %s", nn_shape_text(in, text));
  int64_t features = in->dim[in->ndim - 1];
  node->output->shape = (nn_shape){1, {features}};
  if (node->input_count > 1 && nn_shape_count(&node->inputs[1]->shape) * features != nn_shape_count(in))
    return nn_fail(error, "the mask does not fit: it has one number for each place");
  return NN_OK;
}

/* The share of each place in a sample's mean. */
static float share(const float *mask, int64_t places) {
  float count = mask ? 0 : (float)places;
  for (int64_t p = 0; mask && p < places; p++)
    count += mask[p];
  return count > 0 ? 1 / count : 0;
}

static const float *mask_of(const nn_node *node, int64_t row, int64_t places) {
  return node->input_count > 1 ? node->inputs[1]->data + row * places : NULL;
}

static void forward(nn_node *node, const nn_pass *pass) {
  int64_t features = node->output->width, places = node->inputs[0]->width / features;
  for (int64_t r = 0; r < pass->rows; r++) {
    const float *x = node->inputs[0]->data + r * places * features, *mask = mask_of(node, r, places);
    float *y = node->output->data + r * features, scale = share(mask, places);
    memset(y, 0, sizeof(float) * (size_t)features);
    for (int64_t p = 0; p < places; p++)
      for (int64_t j = 0; j < features; j++)
        y[j] += x[p * features + j] * (mask ? mask[p] : 1);
    for (int64_t j = 0; j < features; j++)
      y[j] *= scale;
  }
}

static void backward(nn_node *node, const nn_pass *pass) {
  int64_t features = node->output->width, places = node->inputs[0]->width / features;
  if (node->input_count > 1 && node->input_grad[1])
    memset(node->input_grad[1], 0, sizeof(float) * (size_t)(pass->rows * places));
  for (int64_t r = 0; node->input_grad[0] && r < pass->rows; r++) {
    const float *dy = node->output->grad + r * features, *mask = mask_of(node, r, places);
    float *dx = node->input_grad[0] + r * places * features, scale = share(mask, places);
    for (int64_t p = 0; p < places; p++)
      for (int64_t j = 0; j < features; j++)
        dx[p * features + j] = dy[j] * scale * (mask ? mask[p] : 1);
  }
}

const nn_layer nn_layer_global_average_pooling = {
    .name = "global_average_pooling", .fields = fields, .build = build, .forward = forward, .backward = backward};
