/* concatenate.c - inputs side by side along an axis; their other lengths agree. */
#include <string.h>

#include "graph/node.h"
#include "tensor/axes.h"

typedef struct concatenate_config {
  int axis; /* from 0, the samples' own; negative from the end */
} concatenate_config;

static const nn_field fields[] = {
    {"axis", NN_FIELD_INT, offsetof(concatenate_config, axis), -1, -NN_MAX_NDIM, NN_MAX_NDIM, NULL}, {0}};

static int build(nn_error *error, nn_node *node) {
  int axis;
  node->output->shape = node->inputs[0]->shape;
  if (nn_sample_axis(error, &axis, ((const concatenate_config *)node->config)->axis, node->output->shape.ndim) != NN_OK)
    return NN_ERROR;
  for (int k = 1; k < node->input_count; k++) {
    nn_shape other = node->inputs[k]->shape;
    char first[NN_SHAPE_TEXT], later[NN_SHAPE_TEXT];
    int64_t length = other.ndim == node->output->shape.ndim ? other.dim[axis] : 0;
    other.dim[axis] = node->output->shape.dim[axis];
    if (!nn_shape_equal(&other, &node->output->shape))
      return nn_fail(error, "cannot join samples of %s and %s along axis %d",
                     nn_shape_text(&node->inputs[0]->shape, first), nn_shape_text(&node->inputs[k]->shape, later),
                     axis + 2);
    node->output->shape.dim[axis] += length;
  }
  return NN_OK;
}

/* Elements of a sample from one step along the axis before to the next. */
static int64_t run_length(const nn_value *part, int axis) {
  int64_t length = 1;
  for (int i = axis; i < part->shape.ndim; i++)
    length *= part->shape.dim[i];
  return length;
}

static int axis_of(const nn_node *node) {
  int axis = ((const concatenate_config *)node->config)->axis;
  return axis < 0 ? axis + node->output->shape.ndim : axis - 1;
}

static void forward(nn_node *node, const nn_pass *pass) {
  int axis = axis_of(node);
  int64_t run = run_length(node->output, axis), first = 0;
  for (int k = 0; k < node->input_count; k++) {
    int64_t own = run_length(node->inputs[k], axis);
    for (int64_t r = 0; run > 0 && r < pass->rows * node->output->width / run; r++)
      memcpy(node->output->data + r * run + first, node->inputs[k]->data + r * own, sizeof(float) * (size_t)own);
    first += own;
  }
}

static void backward(nn_node *node, const nn_pass *pass) {
  int axis = axis_of(node);
  int64_t run = run_length(node->output, axis), first = 0;
  for (int k = 0; k < node->input_count; k++) {
    int64_t own = run_length(node->inputs[k], axis);
    for (int64_t r = 0; node->input_grad[k] && r < pass->rows * node->output->width / run; r++)
      memcpy(node->input_grad[k] + r * own, node->output->grad + r * run + first, sizeof(float) * (size_t)own);
    first += own;
  }
}

const nn_layer nn_layer_concatenate = {.name = "concatenate",
                                       .config_size = sizeof(concatenate_config),
                                       .fields = fields,
                                       .build = build,
                                       .forward = forward,
                                       .backward = backward};
