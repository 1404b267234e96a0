/* separable_conv.c - a depthwise convolution, then a dense product over channels: depthwise kernel (kernel...,
 * channels, depth_multiplier), pointwise kernel (1..., channels * depth_multiplier, filters). Strides, dilation and
 * padding belong to the first, bias and activation to the second. */
#include "convolution.h"

enum { DEPTHWISE, POINTWISE, BIAS };

/* The two convolutions, one after the other. */
typedef struct windows {
  nn_window depthwise, pointwise;
} windows;

static windows windows_of(const nn_node *node) {
  const nn_conv_config *config = (const nn_conv_config *)node->config;
  nn_window first = nn_conv_window(config, &node->inputs[0]->shape, false);
  first.channels = first.groups = nn_conv_channels(&node->inputs[0]->shape);
  first.filters = first.channels * config->depth_multiplier;
  nn_window_pad(&first, (nn_padding)config->padding);
  nn_window second = {.kernel = {1, 1, 1}, .stride = {1, 1, 1}, .dilation = {1, 1, 1}, .groups = 1};
  memcpy(second.image, first.output, sizeof second.image);
  second.channels = first.filters, second.filters = config->filters;
  nn_window_pad(&second, NN_PADDING_VALID);
  return (windows){first, second};
}

static int build(nn_error *error, nn_node *node) {
  const nn_conv_config *config = (const nn_conv_config *)node->config;
  if (nn_conv_check_input(error, &node->inputs[0]->shape, config->kernel_size.ndim) != NN_OK)
    return NN_ERROR;
  const windows w = windows_of(node);
  if (nn_conv_check_output(error, &w.depthwise, config, &node->inputs[0]->shape) != NN_OK)
    return NN_ERROR;
  nn_conv_config point = *config;
  for (int i = 0; i < point.kernel_size.ndim; i++)
    point.kernel_size.dim[i] = 1;
  node->params[DEPTHWISE] =
      (nn_param){.name = "depthwise_kernel",
                 .shape = nn_conv_kernel_shape(config, w.depthwise.channels, config->depth_multiplier)};
  node->params[POINTWISE] = (nn_param){.name = "pointwise_kernel",
                                       .shape = nn_conv_kernel_shape(&point, w.depthwise.filters, w.pointwise.filters)};
  node->params[BIAS] = (nn_param){.name = "bias", .shape = {1, {w.pointwise.filters}}};
  node->param_count = config->use_bias ? 3 : 2;
  node->output->shape = nn_conv_shape(config, w.pointwise.output, w.pointwise.filters);
  const int64_t between = nn_window_image_size(&w.pointwise), outputs = nn_shape_count(&node->output->shape);
  node->saved_size = between + (nn_conv_keeps_sums(config) ? outputs : 0);
  node->scratch_size = between;
  const int64_t first = nn_conv_workspace(&w.depthwise), second = nn_conv_workspace(&w.pointwise);
  node->fixed_scratch_size = first > second ? first : second;
  return NN_OK;
}

/* The part of the scratch behind what belongs to the samples. */
static float *workspace_of(const nn_node *node, const nn_pass *pass) {
  return node->scratch + pass->rows * node->scratch_size;
}

static void forward(nn_node *node, const nn_pass *pass) {
  const nn_conv_config *config = (const nn_conv_config *)node->config;
  const windows w = windows_of(node);
  const nn_convolution first = nn_conv_begin(&w.depthwise, pass, workspace_of(node, pass));
  const nn_convolution second = nn_conv_begin(&w.pointwise, pass, workspace_of(node, pass));
  float *between = node->saved ? node->saved : node->scratch, *z = node->output->data;
  if (node->saved && nn_conv_keeps_sums(config))
    z = node->saved + pass->rows * node->scratch_size;
  nn_convolve(&first, between, node->inputs[0]->data, node->params[DEPTHWISE].value, NULL, false);
  nn_convolve(&second, z, between, node->params[POINTWISE].value, nn_conv_bias(node), nn_conv_is_relu(config));
  nn_conv_activate(node, pass, z);
}

static void backward(nn_node *node, const nn_pass *pass) {
  const windows w = windows_of(node);
  const nn_convolution first = nn_conv_begin(&w.depthwise, pass, workspace_of(node, pass));
  const nn_convolution second = nn_conv_begin(&w.pointwise, pass, workspace_of(node, pass));
  const float *dz = nn_conv_sums_backward(node, pass, node->saved + pass->rows * node->scratch_size, first.workspace);
  if (node->params[POINTWISE].grad)
    nn_convolve_kernel_gradient(&second, node->params[POINTWISE].grad, node->saved, dz);
  nn_convolve_transposed(&second, node->scratch, dz, node->params[POINTWISE].value, NULL, false);
  if (node->params[DEPTHWISE].grad)
    nn_convolve_kernel_gradient(&first, node->params[DEPTHWISE].grad, node->inputs[0]->data, node->scratch);
  if (node->input_grad[0])
    nn_convolve_transposed(&first, node->input_grad[0], node->scratch, node->params[DEPTHWISE].value, NULL, false);
}

static double work(const nn_node *node) {
  const windows w = windows_of(node);
  return (double)(nn_window_kernel_size(&w.depthwise) + nn_window_kernel_size(&w.pointwise)) *
         (double)nn_window_cells(w.depthwise.output);
}

const nn_layer nn_layer_separable_conv = {.name = "separable_conv",
                                          .config_size = sizeof(nn_conv_config),
                                          .fields = nn_conv_fields,
                                          .most_params = 3,
                                          .build = build,
                                          .forward = forward,
                                          .backward = backward,
                                          .work = work};
