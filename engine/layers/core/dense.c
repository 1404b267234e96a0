/* dense.c - y = f(x W + b), over the last axis: x (rows, in), W (in, units), b (units), y (rows, units).
 *
 * Backward, with dz = dy * f'(z):  dW = x' dz,  db = column sums of dz,  dx = dz W'. */
#include <string.h>

#include "tensor/activation.h"
#include "graph/node.h"
#include "products/blas.h"
#include "products/dense_rows.h"
#include "products/kernels/kernels.h"

typedef struct dense_config {
  int units;
  bool use_bias;
  nn_activation_config activation;
} dense_config;

static const nn_field fields[] = {{"units", NN_FIELD_INT, offsetof(dense_config, units), NAN, 1, INT32_MAX, NULL},
                                  {"use_bias", NN_FIELD_BOOL, offsetof(dense_config, use_bias), true, 0, 1, NULL},
                                  NN_ACTIVATION_FIELDS("activation", dense_config, activation),
                                  {0}};

enum { KERNEL, BIAS };

static int build(nn_error *error, nn_node *node) {
  const dense_config *config = (const dense_config *)node->config;
  nn_shape shape = node->inputs[0]->shape;
  if (shape.ndim == 0)
    return nn_fail(error,
                   "wants samples with at least one axis, got single numbers; one sample keeps its axis of samples "
                   "as x[{ { i, i } }], and samples of one number have shape {1}");
  int last = shape.ndim - 1;
  node->params[KERNEL] = (nn_param){.name = "kernel", .shape = {2, {shape.dim[last], config->units}}};
  node->params[BIAS] = (nn_param){.name = "bias", .shape = {1, {config->units}}};
  node->param_count = config->use_bias ? 2 : 1;
  const int64_t in = shape.dim[last];
  shape.dim[last] = config->units;
  node->output->shape = shape;
  if (shape.ndim > 1) /* many rows */
    node->fixed_scratch_size = nn_dense_rows_scratch(in, config->units);
  node->saved_size = nn_activation_from_output(&config->activation) ? 0 : nn_shape_count(&shape);
  return NN_OK;
}

static int64_t rows_of(const nn_node *node, const nn_pass *pass, int64_t units) {
  return pass->rows * (node->output->width / units);
}

static void add_bias(float *z, const float *bias, int64_t rows, int64_t units) {
  for (int64_t r = 0; r < rows; r++)
    for (int64_t j = 0; j < units; j++)
      z[r * units + j] += bias[j];
}

static nn_dense_rows by_rows(const nn_node *node, const nn_pass *pass) {
  const dense_config *config = (const dense_config *)node->config;
  return (nn_dense_rows){.rows = rows_of(node, pass, config->units),
                         .in = node->params[KERNEL].shape.dim[0],
                         .units = config->units,
                         .w = node->params[KERNEL].value,
                         .bias = config->use_bias ? node->params[BIAS].value : NULL,
                         .activation = config->activation.function != NN_ACT_LINEAR ? &config->activation : NULL,
                         .x = node->inputs[0]->data,
                         .z = node->saved_size && node->saved ? node->saved : node->output->data,
                         .y = node->output->data,
                         .packed = node->scratch};
}

static void forward(nn_node *node, const nn_pass *pass) {
  const dense_config *config = (const dense_config *)node->config;
  const nn_dense_rows d = by_rows(node, pass);
  const int64_t in = d.in, units = d.units, rows = d.rows;
  float *z = d.z;
  const nn_value *x = node->inputs[0];
  if (node->fixed_scratch_size > 0 && !x->sparse && nn_dense_rows_pays(&d, d.x, in)) {
    nn_dense_rows_forward(pass->team, &d);
    return;
  }
  if (x->sparse)
    nn_sparse_product(pass->team, z, x->sparse, node->params[KERNEL].value, units);
  else
    nn_gemm(pass->team, false, false, rows, units, in, x->data, in, node->params[KERNEL].value, units, z, units);
  if (config->use_bias)
    add_bias(z, node->params[BIAS].value, rows, units);
  if (config->activation.function != NN_ACT_LINEAR)
    nn_activate(&config->activation, node->output->data, z, rows, units);
  else if (z != node->output->data)
    memcpy(node->output->data, z, sizeof(float) * (size_t)(rows * units));
}

static void backward(nn_node *node, const nn_pass *pass) {
  const dense_config *config = (const dense_config *)node->config;
  const nn_dense_rows d = by_rows(node, pass);
  const int64_t in = d.in, units = d.units, rows = d.rows;
  float *dz = node->output->grad;
  const bool is_by_rows = node->fixed_scratch_size > 0 && node->input_grad[0] && nn_dense_rows_pays(&d, dz, units);
  if (is_by_rows)
    nn_dense_rows_backward(pass->team, &d, dz, node->input_grad[0]);
  else if (config->activation.function != NN_ACT_LINEAR)
    nn_activate_backward(&config->activation, dz, dz, node->output->data, node->saved, rows, units);
  const nn_value *x = node->inputs[0];
  if (node->params[KERNEL].grad && x->sparse)
    nn_sparse_product_transposed(pass->team, node->params[KERNEL].grad, x->sparse, dz, units);
  else if (node->params[KERNEL].grad)
    nn_gemm(pass->team, true, false, in, units, rows, x->data, in, dz, units, node->params[KERNEL].grad, units);
  if (config->use_bias && node->params[BIAS].grad)
    nn_kernels_at(0)->column_sums(node->params[BIAS].grad, dz, rows, units);
  if (node->input_grad[0] && !is_by_rows)
    nn_gemm(pass->team, false, true, rows, in, units, dz, units, node->params[KERNEL].value, units, node->input_grad[0],
            in);
}

static double work(const nn_node *node) {
  const double kernel = (double)nn_shape_count(&node->params[KERNEL].shape);
  return kernel * (double)(node->output->width / node->params[KERNEL].shape.dim[1]);
}

const nn_layer nn_layer_dense = {.name = "dense",
                                 .config_size = sizeof(dense_config),
                                 .fields = fields,
                                 .most_params = 2,
                                 .traits = NN_TAKES_SPARSE,
                                 .build = build,
                                 .forward = forward,
                                 .backward = backward,
                                 .work = work};
