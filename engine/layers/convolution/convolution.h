/* convolution.h - what convolutional layers share: arguments, the window on an image, bias and activation. */
#ifndef NN_CONVOLUTION_LAYER_H
#define NN_CONVOLUTION_LAYER_H

#include <math.h>
#include <string.h>

#include "tensor/activation.h"
#include "graph/node.h"
#include "products/convolution.h"

/* Lists have a number for each axis of an image; images have their channels last. */
typedef struct nn_conv_config {
  nn_shape kernel_size, strides, dilation_rate;
  nn_shape output_padding; /* conv_transpose; empty: as much as Keras takes by itself */
  int padding;             /* an nn_padding */
  int filters, depth_multiplier;
  int groups; /* conv: 0 is one for each channel */
  bool use_bias;
  nn_activation_config activation;
} nn_conv_config;

#define NN_CONV_LIST(name, fallback, least)                                                                            \
  { #name, NN_FIELD_SHAPE, offsetof(nn_conv_config, name), fallback, least, 0, NULL }
#define NN_CONV_COUNT(name)                                                                                            \
  { #name, NN_FIELD_INT, offsetof(nn_conv_config, name), 1, 1, INT32_MAX, NULL }

static const char *const nn_paddings[] = {"valid", "same", "causal", NULL};

static const nn_field nn_conv_fields[] = {
    NN_CONV_LIST(kernel_size, NAN, 1),
    NN_CONV_LIST(strides, NAN, 1),
    NN_CONV_LIST(dilation_rate, NAN, 1),
    NN_CONV_LIST(output_padding, 0, 0),
    {"padding", NN_FIELD_CHOICE, offsetof(nn_conv_config, padding), 0, 0, 0, nn_paddings},
    NN_CONV_COUNT(filters),
    {"groups", NN_FIELD_INT, offsetof(nn_conv_config, groups), 1, 0, INT32_MAX, NULL},
    NN_CONV_COUNT(depth_multiplier),
    {"use_bias", NN_FIELD_BOOL, offsetof(nn_conv_config, use_bias), true, 0, 1, NULL},
    NN_ACTIVATION_FIELDS("activation", nn_conv_config, activation),
    {0}};

static inline int64_t nn_conv_channels(const nn_shape *samples) { return samples->dim[samples->ndim - 1]; }

/* Images of so many axes, with channels: an error otherwise. */
static inline int nn_conv_check_input(nn_error *error, const nn_shape *samples, int axes) {
  static const char *const kinds[] = {"(steps, channels)", "(height, width, channels)",
                                      "(depth, height, width, channels)"};
  char text[NN_SHAPE_TEXT];
  if (samples->ndim == axes)
    return nn_fail(error, "wants samples of %s, got %s; if the channels are missing, add Reshape with a last axis of 1",
                   kinds[axes - 1], nn_shape_text(samples, text));
  if (samples->ndim != axes + 1 || nn_shape_count(samples) == 0)
    return nn_fail(error, "wants samples of %s, got %s", kinds[axes - 1], nn_shape_text(samples, text));
  return NN_OK;
}

/* The window with kernel, strides and dilation; the caller sets channels and calls nn_window_pad. `samples` are the
 * images, or what a transposed convolution reads. */
static inline nn_window nn_conv_window(const nn_conv_config *config, const nn_shape *samples, bool transposed) {
  nn_window w = {.channels = 1, .filters = 1, .groups = 1};
  const int rank = config->kernel_size.ndim;
  nn_window_set(w.kernel, config->kernel_size.dim, rank);
  nn_window_set(w.stride, config->strides.dim, rank);
  nn_window_set(w.dilation, config->dilation_rate.dim, rank);
  nn_window_set(transposed ? w.output : w.image, samples->dim, rank);
  return w;
}

/* The shape of samples of so many cells and channels, with as many axes as the kernel. */
static inline nn_shape nn_conv_shape(const nn_conv_config *config, const int64_t *cells, int64_t channels) {
  nn_shape shape = config->kernel_size;
  const int missing = NN_WINDOW_AXES - shape.ndim;
  for (int i = 0; i < shape.ndim; i++)
    shape.dim[i] = cells[i + missing];
  shape.dim[shape.ndim++] = channels;
  return shape;
}

/* The shape of a kernel: its cells, then two numbers of channels. */
static inline nn_shape nn_conv_kernel_shape(const nn_conv_config *config, int64_t in, int64_t out) {
  nn_shape shape = config->kernel_size;
  shape.dim[shape.ndim++] = in;
  shape.dim[shape.ndim++] = out;
  return shape;
}

/* A window over so large samples has to have an output. */
static inline int nn_conv_check_output(nn_error *error, const nn_window *w, const nn_conv_config *config,
                                       const nn_shape *samples) {
  char kernel[NN_SHAPE_TEXT], image[NN_SHAPE_TEXT];
  if (nn_window_cells(w->output) > 0)
    return NN_OK;
  return nn_fail(error,
                 "its kernel of %s%s is larger than the image of %s; use a smaller kernel_size or padding = \"same\"",
                 nn_shape_text(&config->kernel_size, kernel), nn_window_cells(w->dilation) > 1 ? ", dilated," : "",
                 nn_shape_text(samples, image));
}

enum { NN_CONV_BLOCKS = 64 }; /* of images at most, each with its own sums of a bias's gradient */

/* A workspace is shared by all nodes, so its size need not depend on the batch. */
static inline int64_t nn_conv_workspace(const nn_window *w) {
  const int64_t product = nn_convolution_workspace(w, INT32_MAX);
  const int64_t bias = NN_CONV_BLOCKS * (w->filters > w->channels ? w->filters : w->channels);
  return product > bias ? product : bias;
}

static inline nn_convolution nn_conv_begin(const nn_window *w, const nn_pass *pass, float *workspace) {
  return (nn_convolution){w, nn_kernels_at(0), pass->team, pass->rows, workspace};
}

/* Whether the convolution itself applies the activation. */
static inline bool nn_conv_is_relu(const nn_conv_config *config) { return config->activation.function == NN_ACT_RELU; }

/* Whether the sums before the activation have to be kept. */
static inline bool nn_conv_keeps_sums(const nn_conv_config *config) {
  return !nn_activation_from_output(&config->activation);
}

/* From sums z to the node's output: the activation, unless it was applied already (sums.c). */
void nn_conv_activate(nn_node *, const nn_pass *, const float *z);
/* Returns the gradient by the sums, which replaces that by the output, and computes that by the bias, the last
 * parameter of the node. z: the sums, where they were kept. */
const float *nn_conv_sums_backward(nn_node *, const nn_pass *, const float *z, float *workspace);

static inline const float *nn_conv_bias(const nn_node *node) {
  const nn_conv_config *config = (const nn_conv_config *)node->config;
  return config->use_bias ? node->params[node->param_count - 1].value : NULL;
}

#endif
