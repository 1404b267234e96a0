/* conv_transpose.c - the sum that is transposed to a convolution's: every input adds the kernel times its value to the
 * outputs around it. x (cells..., channels), kernel (kernel..., filters, channels), y (image..., filters).
 *
 * The convolution it belongs to reads y and gives x; so forward is its gradient by the image, and dx its forward. */
#include "convolution.h"

enum { KERNEL, BIAS };

static nn_window window_of(const nn_node *node) {
  const nn_conv_config *config = (const nn_conv_config *)node->config;
  nn_window w = nn_conv_window(config, &node->inputs[0]->shape, true);
  w.filters = nn_conv_channels(&node->inputs[0]->shape);
  w.channels = config->filters;
  int64_t extra[NN_WINDOW_AXES] = {0};
  const int missing = NN_WINDOW_AXES - config->output_padding.ndim;
  for (int i = missing; i < NN_WINDOW_AXES; i++)
    extra[i] = config->output_padding.dim[i - missing];
  nn_window_pad_transposed(&w, (nn_padding)config->padding, config->output_padding.ndim > 0 ? extra : NULL);
  for (int i = 0; i < NN_WINDOW_AXES - config->kernel_size.ndim; i++)
    w.image[i] = 1, w.before[i] = 0;
  return w;
}

static int build(nn_error *error, nn_node *node) {
  const nn_conv_config *config = (const nn_conv_config *)node->config;
  if (nn_conv_check_input(error, &node->inputs[0]->shape, config->kernel_size.ndim) != NN_OK)
    return NN_ERROR;
  const nn_window w = window_of(node);
  node->params[KERNEL] = (nn_param){.name = "kernel", .shape = nn_conv_kernel_shape(config, w.channels, w.filters)};
  node->params[BIAS] = (nn_param){.name = "bias", .shape = {1, {w.channels}}};
  node->param_count = config->use_bias ? 2 : 1;
  node->output->shape = nn_conv_shape(config, w.image, w.channels);
  node->saved_size = nn_conv_keeps_sums(config) ? nn_shape_count(&node->output->shape) : 0;
  node->fixed_scratch_size = nn_conv_workspace(&w);
  return NN_OK;
}

static void forward(nn_node *node, const nn_pass *pass) {
  const nn_window w = window_of(node);
  const nn_convolution c = nn_conv_begin(&w, pass, node->scratch);
  float *z = node->saved_size && node->saved ? node->saved : node->output->data;
  nn_convolve_transposed(&c, z, node->inputs[0]->data, node->params[KERNEL].value, nn_conv_bias(node),
                         nn_conv_is_relu((const nn_conv_config *)node->config));
  nn_conv_activate(node, pass, z);
}

static void backward(nn_node *node, const nn_pass *pass) {
  const nn_window w = window_of(node);
  const nn_convolution c = nn_conv_begin(&w, pass, node->scratch);
  const float *dz = nn_conv_sums_backward(node, pass, node->saved, c.workspace);
  if (node->params[KERNEL].grad)
    nn_convolve_kernel_gradient(&c, node->params[KERNEL].grad, dz, node->inputs[0]->data);
  if (node->input_grad[0])
    nn_convolve(&c, node->input_grad[0], dz, node->params[KERNEL].value, NULL, false);
}

static double work(const nn_node *node) {
  const nn_window w = window_of(node);
  return (double)nn_window_kernel_size(&w) * (double)nn_window_cells(w.output);
}

const nn_layer nn_layer_conv_transpose = {.name = "conv_transpose",
                                          .config_size = sizeof(nn_conv_config),
                                          .fields = nn_conv_fields,
                                          .most_params = 2,
                                          .build = build,
                                          .forward = forward,
                                          .backward = backward,
                                          .work = work};
