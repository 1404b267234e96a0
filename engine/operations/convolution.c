/* convolution.c - conv(x, kernel) and conv_transpose(x, kernel) of images (n, places..., channels) with one to three
 * axes of places. The kernel of conv is (places..., channels / groups, filters), that of conv_transpose (places...,
 * filters, channels). They are computed as the layers of the same names are. */
#include "operations/indexing.h"
#include "products/convolution.h"

typedef struct conv_config {
  nn_shape strides, dilation_rate; /* a number for each axis of places */
  nn_shape output_padding;         /* conv_transpose; empty: as much as Keras takes by itself */
  int padding;                     /* an nn_padding */
} conv_config;

static const char *const paddings[] = {"valid", "same", NULL};

static const nn_field fields[] = {
    {"strides", NN_FIELD_SHAPE, offsetof(conv_config, strides), NAN, 1, INT32_MAX, NULL},
    {"dilation_rate", NN_FIELD_SHAPE, offsetof(conv_config, dilation_rate), NAN, 1, INT32_MAX, NULL},
    {"output_padding", NN_FIELD_SHAPE, offsetof(conv_config, output_padding), 0, 0, INT32_MAX, NULL},
    {"padding", NN_FIELD_CHOICE, offsetof(conv_config, padding), NN_PADDING_VALID, 0, 0, paddings},
    {0}};

/* ---- shapes ---- */

static int64_t from_end(const nn_shape *shape, int position) { return shape->dim[shape->ndim - position]; }

/* What both have: kernel, strides and dilation; `cells` is the window's image or its output. */
static nn_window window_over(const conv_config *config, const nn_shape *in, bool transposed) {
  nn_window w = {.groups = 1};
  const int rank = in[0].ndim - 2;
  nn_window_set(w.kernel, in[1].dim, rank);
  nn_window_set(w.stride, config->strides.dim, rank);
  nn_window_set(w.dilation, config->dilation_rate.dim, rank);
  nn_window_set(transposed ? w.output : w.image, in[0].dim + 1, rank);
  return w;
}

static nn_window conv_window(const conv_config *config, const nn_shape *in) {
  nn_window w = window_over(config, in, false);
  w.channels = from_end(&in[0], 1);
  w.groups = w.channels / from_end(&in[1], 2);
  w.filters = from_end(&in[1], 1);
  nn_window_pad(&w, (nn_padding)config->padding);
  return w;
}

static nn_window transpose_window(const conv_config *config, const nn_shape *in) {
  nn_window w = window_over(config, in, true);
  const int rank = in[0].ndim - 2;
  int64_t extra[NN_WINDOW_AXES];
  w.filters = from_end(&in[0], 1);
  w.channels = from_end(&in[1], 2);
  if (config->output_padding.ndim > 0)
    nn_window_set(extra, config->output_padding.dim, rank);
  nn_window_pad_transposed(&w, (nn_padding)config->padding, config->output_padding.ndim > 0 ? extra : NULL);
  for (int i = 0; i < NN_WINDOW_AXES - rank; i++)
    w.image[i] = 1, w.before[i] = 0;
  return w;
}

static int check_shapes(nn_error *error, const conv_config *config, const nn_shape *in) {
  char text[NN_SHAPE_TEXT];
  const int rank = in[0].ndim - 2;
  if (rank < 1 || rank > NN_WINDOW_AXES)
    return nn_fail(error, "expected images (n, places, channels) with one to three axes of places, got shape %s",
                   nn_shape_text(&in[0], text));
  if (in[1].ndim != in[0].ndim)
    return nn_fail(error, "expected a kernel of %d axes, as the images have, got shape %s", in[0].ndim,
                   nn_shape_text(&in[1], text));
  for (int i = 1; i < in[0].ndim; i++)
    if (in[0].dim[i] <= 0)
      return nn_fail(error, "axis %d of the images is empty, or its length is not known", i + 1);
  for (int i = 0; i < in[1].ndim; i++)
    if (in[1].dim[i] <= 0)
      return nn_fail(error, "axis %d of the kernel is empty, or its length is not known", i + 1);
  if (config->strides.ndim != rank || config->dilation_rate.ndim != rank)
    return nn_fail(error, "strides, dilation_rate: expected %d numbers", rank);
  return NN_OK;
}

/* The shape of so many cells and channels, for the images in. */
static nn_shape images_of(const nn_shape *in, const int64_t *cells, int64_t channels) {
  nn_shape shape = *in;
  const int rank = in->ndim - 2;
  for (int i = 0; i < rank; i++)
    shape.dim[i + 1] = cells[i + NN_WINDOW_AXES - rank];
  shape.dim[rank + 1] = channels;
  return shape;
}

static int conv_infer(nn_error *error, const void *config, const nn_shape *in, int count, nn_shape *out) {
  char kernel[NN_SHAPE_TEXT], images[NN_SHAPE_TEXT];
  (void)count;
  if (check_shapes(error, config, in) != NN_OK)
    return NN_ERROR;
  const int64_t channels = from_end(&in[0], 1), of_group = from_end(&in[1], 2), filters = from_end(&in[1], 1);
  if (channels % of_group != 0)
    return nn_fail(error, "the images have %lld channels, but the kernel %lld; expected as many, or a divisor (groups)",
                   (long long)channels, (long long)of_group);
  if (filters % (channels / of_group) != 0)
    return nn_fail(error, "the kernel has %lld filters, which its %lld groups of channels do not divide",
                   (long long)filters, (long long)(channels / of_group));
  const nn_window w = conv_window(config, in);
  if (nn_window_cells(w.output) == 0)
    return nn_fail(error, "the kernel of %s is larger than the images of %s; use padding = \"same\"",
                   nn_shape_text(&in[1], kernel), nn_shape_text(&in[0], images));
  *out = images_of(&in[0], w.output, w.filters);
  return NN_OK;
}

static int transpose_infer(nn_error *error, const void *given, const nn_shape *in, int count, nn_shape *out) {
  const conv_config *config = given;
  (void)count;
  if (check_shapes(error, config, in) != NN_OK)
    return NN_ERROR;
  if (from_end(&in[0], 1) != from_end(&in[1], 1))
    return nn_fail(error,
                   "a kernel whose last axis is %lld does not fit images of %lld channels: expected (places, "
                   "filters, channels)",
                   (long long)from_end(&in[1], 1), (long long)from_end(&in[0], 1));
  const nn_window w = transpose_window(config, in);
  if (nn_window_cells(w.image) == 0)
    return nn_fail(error, "with this output_padding nothing is left of the result; leave it out");
  *out = images_of(&in[0], w.image, w.channels);
  return NN_OK;
}

/* ---- computing ---- */

static nn_window window_of(const nn_call *call, bool transposed) {
  const nn_shape shapes[] = {call->in[0].shape, call->in[1].shape};
  return transposed ? transpose_window(call->config, shapes) : conv_window(call->config, shapes);
}

static nn_convolution begin(const nn_call *call, const nn_window *w) {
  return (nn_convolution){w, nn_kernels_at(0), call->team, call->in[0].shape.dim[0], call->scratch};
}

/* The same for any number of images: the last batch of an epoch is smaller. */
static int64_t conv_scratch(const nn_call *call) {
  const nn_window w = window_of(call, false);
  return nn_convolution_workspace(&w, INT32_MAX);
}

static int64_t transpose_scratch(const nn_call *call) {
  const nn_window w = window_of(call, true);
  return nn_convolution_workspace(&w, INT32_MAX);
}

static int conv_forward(nn_error *error, const nn_call *call) {
  const nn_window w = window_of(call, false);
  const nn_convolution c = begin(call, &w);
  (void)error;
  if (c.images > 0)
    nn_convolve(&c, call->out.data, call->in[0].data, call->in[1].data, NULL, false);
  return NN_OK;
}

static int transpose_forward(nn_error *error, const nn_call *call) {
  const nn_window w = window_of(call, true);
  const nn_convolution c = begin(call, &w);
  (void)error;
  if (c.images > 0)
    nn_convolve_transposed(&c, call->out.data, call->in[0].data, call->in[1].data, NULL, false);
  return NN_OK;
}

static void conv_backward(const nn_call *call, const nn_tensor *grad_out, nn_tensor *grad_in) {
  const nn_window w = window_of(call, false);
  const nn_convolution c = begin(call, &w);
  nn_clear(&grad_in[1]);
  if (c.images == 0)
    return;
  if (grad_in[1].data)
    nn_convolve_kernel_gradient(&c, grad_in[1].data, call->in[0].data, grad_out->data);
  if (grad_in[0].data)
    nn_convolve_transposed(&c, grad_in[0].data, grad_out->data, call->in[1].data, NULL, false);
}

/* The roles of images and outputs are exchanged. */
static void transpose_backward(const nn_call *call, const nn_tensor *grad_out, nn_tensor *grad_in) {
  const nn_window w = window_of(call, true);
  const nn_convolution c = begin(call, &w);
  nn_clear(&grad_in[1]);
  if (c.images == 0)
    return;
  if (grad_in[1].data)
    nn_convolve_kernel_gradient(&c, grad_in[1].data, grad_out->data, call->in[0].data);
  if (grad_in[0].data)
    nn_convolve(&c, grad_in[0].data, grad_out->data, call->in[1].data, NULL, false);
}

const nn_operation nn_operation_conv = {.name = "conv",
                                        .config_size = sizeof(conv_config),
                                        .fields = fields,
                                        .min_inputs = 2,
                                        .max_inputs = 2,
                                        .infer = conv_infer,
                                        .scratch = conv_scratch,
                                        .forward = conv_forward,
                                        .backward = conv_backward};

const nn_operation nn_operation_conv_transpose = {.name = "conv_transpose",
                                                  .config_size = sizeof(conv_config),
                                                  .fields = fields,
                                                  .min_inputs = 2,
                                                  .max_inputs = 2,
                                                  .infer = transpose_infer,
                                                  .scratch = transpose_scratch,
                                                  .forward = transpose_forward,
                                                  .backward = transpose_backward};
