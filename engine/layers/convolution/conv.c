/* conv.c - y = f(x * kernel + bias): x (image..., channels), kernel (kernel..., channels / groups, filters), y
 * (output..., filters). Images have one to three axes. A depthwise convolution has as many groups as channels; its
 * kernel is written (kernel..., channels, depth_multiplier), which are the same numbers in the same order.
 *
 * Backward, with dz = dy * f'(z): the gradient by the kernel sums x dz over all outputs; dx is the transposed
 * convolution of dz. */
#include "convolution.h"

enum { KERNEL, BIAS };

static bool is_depthwise(const nn_conv_config *config) { return config->groups == 0; }

static nn_window window_of(const nn_node *node) {
  const nn_conv_config *config = (const nn_conv_config *)node->config;
  nn_window w = nn_conv_window(config, &node->inputs[0]->shape, false);
  w.channels = nn_conv_channels(&node->inputs[0]->shape);
  w.groups = is_depthwise(config) ? w.channels : config->groups;
  w.filters = is_depthwise(config) ? w.channels * config->depth_multiplier : config->filters;
  nn_window_pad(&w, (nn_padding)config->padding);
  return w;
}

static int build(nn_error *error, nn_node *node) {
  const nn_conv_config *config = (const nn_conv_config *)node->config;
  if (nn_conv_check_input(error, &node->inputs[0]->shape, config->kernel_size.ndim) != NN_OK)
    return NN_ERROR;
  const nn_window w = window_of(node);
  if (w.channels % w.groups != 0)
    return nn_fail(error,
                   "its input has %lld channels, which groups = %lld does not divide; choose a divisor of both "
                   "channels and filters",
                   (long long)w.channels, (long long)w.groups);
  if (nn_conv_check_output(error, &w, config, &node->inputs[0]->shape) != NN_OK)
    return NN_ERROR;
  const nn_shape kernel = is_depthwise(config) ? nn_conv_kernel_shape(config, w.channels, config->depth_multiplier)
                                               : nn_conv_kernel_shape(config, w.channels / w.groups, w.filters);
  node->params[KERNEL] = (nn_param){.name = "kernel", .shape = kernel};
  node->params[BIAS] = (nn_param){.name = "bias", .shape = {1, {w.filters}}};
  node->param_count = config->use_bias ? 2 : 1;
  node->output->shape = nn_conv_shape(config, w.output, w.filters);
  node->saved_size = nn_conv_keeps_sums(config) ? nn_shape_count(&node->output->shape) : 0;
  node->fixed_scratch_size = nn_conv_workspace(&w);
  return NN_OK;
}

static void forward(nn_node *node, const nn_pass *pass) {
  const nn_window w = window_of(node);
  const nn_convolution c = nn_conv_begin(&w, pass, node->scratch);
  float *z = node->saved_size && node->saved ? node->saved : node->output->data;
  nn_convolve(&c, z, node->inputs[0]->data, node->params[KERNEL].value, nn_conv_bias(node),
              nn_conv_is_relu((const nn_conv_config *)node->config));
  nn_conv_activate(node, pass, z);
}

static void backward(nn_node *node, const nn_pass *pass) {
  const nn_window w = window_of(node);
  const nn_convolution c = nn_conv_begin(&w, pass, node->scratch);
  const float *dz = nn_conv_sums_backward(node, pass, node->saved, c.workspace);
  if (node->params[KERNEL].grad)
    nn_convolve_kernel_gradient(&c, node->params[KERNEL].grad, node->inputs[0]->data, dz);
  if (node->input_grad[0])
    nn_convolve_transposed(&c, node->input_grad[0], dz, node->params[KERNEL].value, NULL, false);
}

static double work(const nn_node *node) {
  const nn_window w = window_of(node);
  return (double)nn_window_kernel_size(&w) * (double)nn_window_cells(w.output);
}

const nn_layer nn_layer_conv = {.name = "conv",
                                .config_size = sizeof(nn_conv_config),
                                .fields = nn_conv_fields,
                                .most_params = 2,
                                .build = build,
                                .forward = forward,
                                .backward = backward,
                                .work = work};
