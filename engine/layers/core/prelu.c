/* prelu.c - y = x above 0, alpha x below, with an alpha of its own for each place (He et al. 2015). alpha has the shape
 * of a sample, with 1 along shared axes. */
#include <string.h>

#include "graph/node.h"
#include "tensor/walk.h"

typedef struct prelu_config {
  nn_shape shared_axes; /* of a sample, from 0 */
} prelu_config;

static const nn_field fields[] = {{"shared_axes", NN_FIELD_SHAPE, offsetof(prelu_config, shared_axes), 0, 0, 0, NULL},
                                  {0}};

static int build(nn_error *error, nn_node *node) {
  const prelu_config *config = (const prelu_config *)node->config;
  nn_shape alpha = node->output->shape = node->inputs[0]->shape;
  if (alpha.ndim == NN_MAX_NDIM)
    return nn_fail(error, "samples have too many axes");
  for (int i = 0; i < config->shared_axes.ndim; i++) {
    if (config->shared_axes.dim[i] >= alpha.ndim)
      return nn_fail(error, "shared_axes: there is no axis %lld", (long long)config->shared_axes.dim[i] + 2);
    alpha.dim[config->shared_axes.dim[i]] = 1;
  }
  node->params[0] = (nn_param){.name = "alpha", .shape = alpha};
  node->param_count = 1;
  return NN_OK;
}

/* Visits x (rows, sample) beside alpha, which stretches. */
static nn_walk start(const nn_node *node, int64_t rows) {
  nn_shape shape = {node->output->shape.ndim + 1, {rows}};
  memcpy(shape.dim + 1, node->output->shape.dim, sizeof(int64_t) * (size_t)node->output->shape.ndim);
  nn_tensor x = nn_tensor_over(NN_FLOAT32, &shape, node->inputs[0]->data);
  nn_tensor alpha = nn_tensor_over(NN_FLOAT32, &node->params[0].shape, node->params[0].value);
  return nn_walk_start(2, (const nn_tensor *const[]){&x, &alpha});
}

static void forward(nn_node *node, const nn_pass *pass) {
  nn_walk walk = start(node, pass->rows);
  while (nn_walk_next(&walk)) {
    const float *x = node->inputs[0]->data + walk.offset[0], *alpha = node->params[0].value + walk.offset[1];
    for (int64_t i = 0; i < walk.n; i++) {
      float v = x[i * walk.step[0]];
      node->output->data[walk.offset[0] + i * walk.step[0]] = v > 0 ? v : alpha[i * walk.step[1]] * v;
    }
  }
}

static void backward(nn_node *node, const nn_pass *pass) {
  nn_walk walk = start(node, pass->rows);
  float *alpha_grad = node->params[0].grad, *dx = node->input_grad[0];
  if (alpha_grad)
    memset(alpha_grad, 0, sizeof(float) * (size_t)nn_shape_count(&node->params[0].shape));
  while (nn_walk_next(&walk))
    for (int64_t i = 0; i < walk.n; i++) {
      int64_t at = walk.offset[0] + i * walk.step[0], own = walk.offset[1] + i * walk.step[1];
      float x = node->inputs[0]->data[at], dy = node->output->grad[at];
      if (alpha_grad && x <= 0)
        alpha_grad[own] += dy * x;
      if (dx)
        dx[at] = x > 0 ? dy : dy * node->params[0].value[own];
    }
}

const nn_layer nn_layer_prelu = {.name = "prelu",
                                 .config_size = sizeof(prelu_config),
                                 .fields = fields,
                                 .most_params = 1,
                                 .build = build,
                                 .forward = forward,
                                 .backward = backward};
