/* global_max_pooling.c - the greatest value over all places of a sample for each feature of the last axis. */
#include <string.h>

#include "graph/node.h"

static const nn_field fields[] = {{0}};

static int build(nn_error *error, nn_node *node) {
  const nn_shape *in = &node->inputs[0]->shape;
  char text[NN_SHAPE_TEXT];
  if (in->ndim < 2 || nn_shape_count(in) == 0)
    return nn_fail(error, "wants samples of (places, features), got %s", nn_shape_text(in, text));
  node->output->shape = (nn_shape){1, {in->dim[in->ndim - 1]}};
  return NN_OK;
}

static void forward(nn_node *node, const nn_pass *pass) {
  int64_t features = node->output->width, places = node->inputs[0]->width / features;
  for (int64_t r = 0; r < pass->rows; r++) {
    const float *x = node->inputs[0]->data + r * places * features;
    float *y = node->output->data + r * features;
    memcpy(y, x, sizeof(float) * (size_t)features);
    for (int64_t i = features; i < places * features; i++)
      y[i % features] = x[i] <= y[i % features] ? y[i % features] : x[i];
  }
}

/* The first place that has the greatest value takes the gradient. */
static void backward(nn_node *node, const nn_pass *pass) {
  int64_t features = node->output->width, places = node->inputs[0]->width / features;
  float *dx = node->input_grad[0];
  if (!dx)
    return;
  memset(dx, 0, sizeof(float) * (size_t)(pass->rows * places * features));
  for (int64_t i = 0; i < pass->rows * features; i++) {
    int64_t first = i / features * places * features + i % features, p = 0;
    while (p + 1 < places && node->inputs[0]->data[first + p * features] != node->output->data[i])
      p++;
    dx[first + p * features] = node->output->grad[i];
  }
}

const nn_layer nn_layer_global_max_pooling = {
    .name = "global_max_pooling", .fields = fields, .build = build, .forward = forward, .backward = backward};
