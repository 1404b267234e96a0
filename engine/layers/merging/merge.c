/* merge.c - several inputs become one, place by place: sum, difference, product, mean, greatest, least. Inputs are
 * stretched to a common shape as NumPy does. */
#include <math.h>
#include <string.h>

#include "graph/node.h"
#include "tensor/walk.h"

typedef struct merge_config {
  int operation;
} merge_config;

enum { ADD, SUBTRACT, MULTIPLY, AVERAGE, MAXIMUM, MINIMUM };

static const char *const operations[] = {"add", "subtract", "multiply", "average", "maximum", "minimum", NULL};

static const nn_field fields[] = {
    {"operation", NN_FIELD_CHOICE, offsetof(merge_config, operation), ADD, 0, 0, operations}, {0}};

static int operation_of(const nn_node *node) { return ((const merge_config *)node->config)->operation; }

static int build(nn_error *error, nn_node *node) {
  if (node->input_count < 2)
    return nn_fail(error, "merges a list of at least two inputs, got one");
  if (operation_of(node) == SUBTRACT && node->input_count != 2)
    return nn_fail(error, "subtracts the second of two inputs from the first, got %d", node->input_count);
  node->output->shape = node->inputs[0]->shape;
  for (int k = 1; k < node->input_count; k++) {
    nn_shape shape = node->output->shape;
    if (nn_shape_broadcast(error, &node->output->shape, &shape, &node->inputs[k]->shape) != NN_OK)
      return NN_ERROR;
  }
  if (node->output->shape.ndim == NN_MAX_NDIM)
    return nn_fail(error, "samples have too many axes");
  node->saved_size = operation_of(node) == MULTIPLY ? nn_shape_count(&node->output->shape) : 0;
  return NN_OK;
}

/* A batch of samples as a tensor; missing leading axes of a sample become 1. */
static nn_tensor over(const nn_value *value, int ndim, int64_t rows) {
  nn_shape shape = {ndim + 1, {rows, 1, 1, 1, 1, 1, 1, 1}};
  memcpy(shape.dim + 1 + ndim - value->shape.ndim, value->shape.dim, sizeof(int64_t) * (size_t)value->shape.ndim);
  return nn_tensor_over(NN_FLOAT32, &shape, NULL);
}

/* Visits this node's places beside those of input k. */
static nn_walk start(const nn_node *node, int k, int64_t rows) {
  nn_tensor out = over(node->output, node->output->shape.ndim, rows),
            in = over(node->inputs[k], node->output->shape.ndim, rows);
  return nn_walk_start(2, (const nn_tensor *const[]){&out, &in});
}

static float combine(int operation, float a, float b) {
  switch (operation) {
  case SUBTRACT: return a - b;
  case MULTIPLY: return a * b;
  case MAXIMUM: return a > b || isnan(a) ? a : b;
  case MINIMUM: return a < b || isnan(a) ? a : b;
  default: return a + b;
  }
}

/* The sum of two inputs of the same shape, the most frequent case: a loop that compilers turn into vector code. */
static void add_two(float *restrict y, const float *restrict a, const float *restrict b, int64_t n) {
  for (int64_t i = 0; i < n; i++)
    y[i] = a[i] + b[i];
}

static bool adds_two(const nn_node *node) {
  return operation_of(node) == ADD && node->input_count == 2 &&
         nn_shape_equal(&node->inputs[0]->shape, &node->inputs[1]->shape);
}

static void forward(nn_node *node, const nn_pass *pass) {
  int operation = operation_of(node);
  if (adds_two(node)) {
    add_two(node->output->data, node->inputs[0]->data, node->inputs[1]->data, pass->rows * node->output->width);
    return;
  }
  for (int k = 0; k < node->input_count; k++) {
    nn_walk walk = start(node, k, pass->rows);
    while (nn_walk_next(&walk))
      for (int64_t i = 0; i < walk.n; i++) {
        float *y = node->output->data + walk.offset[0] + i * walk.step[0];
        float x = node->inputs[k]->data[walk.offset[1] + i * walk.step[1]];
        *y = k == 0 ? x : combine(operation, *y, x);
      }
  }
  if (operation == AVERAGE)
    for (int64_t i = 0; i < pass->rows * node->output->width; i++)
      node->output->data[i] /= (float)node->input_count;
}

/* saved = dy times all inputs but the k-th. */
static void multiply_others(nn_node *node, int k, int64_t rows) {
  memcpy(node->saved, node->output->grad, sizeof(float) * (size_t)(rows * node->output->width));
  for (int j = 0; j < node->input_count; j++) {
    nn_walk walk = start(node, j, rows);
    while (j != k && nn_walk_next(&walk))
      for (int64_t i = 0; i < walk.n; i++)
        node->saved[walk.offset[0] + i * walk.step[0]] *= node->inputs[j]->data[walk.offset[1] + i * walk.step[1]];
  }
}

/* Where input k is what maximum or minimum gave it takes the gradient, and later inputs get none of it. */
static float claim(nn_node *node, int64_t at, float x) {
  float dy = x == node->output->data[at] ? node->output->grad[at] : 0;
  node->output->grad[at] -= dy;
  return dy;
}

static void backward_input(nn_node *node, int k, int64_t rows) {
  int operation = operation_of(node);
  float scale = operation == AVERAGE ? 1 / (float)node->input_count : operation == SUBTRACT && k == 1 ? -1.0f : 1.0f;
  const float *dy = operation == MULTIPLY ? node->saved : node->output->grad, *x = node->inputs[k]->data;
  float *dx = node->input_grad[k];
  if (dx)
    memset(dx, 0, sizeof(float) * (size_t)(rows * node->inputs[k]->width));
  nn_walk walk = start(node, k, rows);
  while (nn_walk_next(&walk))
    for (int64_t i = 0; i < walk.n; i++) {
      int64_t at = walk.offset[0] + i * walk.step[0], own = walk.offset[1] + i * walk.step[1];
      float part = operation == MAXIMUM || operation == MINIMUM ? claim(node, at, x[own]) : scale * dy[at];
      if (dx)
        dx[own] += part;
    }
}

static void backward(nn_node *node, const nn_pass *pass) {
  if (adds_two(node)) {
    for (int k = 0; k < 2; k++)
      if (node->input_grad[k])
        memcpy(node->input_grad[k], node->output->grad, sizeof(float) * (size_t)(pass->rows * node->output->width));
    return;
  }
  for (int k = 0; k < node->input_count; k++) {
    if (operation_of(node) == MULTIPLY && node->input_grad[k])
      multiply_others(node, k, pass->rows);
    backward_input(node, k, pass->rows);
  }
}

const nn_layer nn_layer_merge = {.name = "merge",
                                 .config_size = sizeof(merge_config),
                                 .fields = fields,
                                 .build = build,
                                 .forward = forward,
                                 .backward = backward};
