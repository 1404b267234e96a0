/* repeat_vector.c - x (rows, width) n times: (rows, n, width). */
#include <math.h>
#include <string.h>

#include "graph/node.h"

typedef struct repeat_config {
  int n;
} repeat_config;

static const nn_field fields[] = {{"n", NN_FIELD_INT, offsetof(repeat_config, n), NAN, 1, INT32_MAX, NULL}, {0}};

static int build(nn_error *error, nn_node *node) {
  const nn_shape *in = &node->inputs[0]->shape;
  char text[NN_SHAPE_TEXT];
  if (in->ndim != 1)
    return nn_fail(error, "wants vectors, got samples of %s; put Flatten{} before it", nn_shape_text(in, text));
  node->output->shape = (nn_shape){2, {((const repeat_config *)node->config)->n, in->dim[0]}};
  return NN_OK;
}

static void forward(nn_node *node, const nn_pass *pass) {
  int64_t n = node->output->shape.dim[0], width = node->output->shape.dim[1];
  for (int64_t i = 0; i < pass->rows * n; i++)
    memcpy(node->output->data + i * width, node->inputs[0]->data + i / n * width, sizeof(float) * (size_t)width);
}

static void backward(nn_node *node, const nn_pass *pass) {
  int64_t n = node->output->shape.dim[0], width = node->output->shape.dim[1];
  float *dx = node->input_grad[0];
  if (!dx)
    return;
  memset(dx, 0, sizeof(float) * (size_t)(pass->rows * width));
  for (int64_t i = 0; i < pass->rows * n; i++)
    for (int64_t j = 0; j < width; j++)
      dx[i / n * width + j] += node->output->grad[i * width + j];
}

const nn_layer nn_layer_repeat_vector = {.name = "repeat_vector",
                                         .config_size = sizeof(repeat_config),
                                         .fields = fields,
                                         .build = build,
                                         .forward = forward,
                                         .backward = backward};
