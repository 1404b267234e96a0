/* pooling.c - max_pool and average_pool of images (n, places..., channels) with one to three axes of places. They are
 * computed as the layers are. */
#include "operations/indexing.h"
#include "products/pooling.h"

typedef struct pool_config {
  nn_shape pool_size, strides; /* a number for each axis of places */
  int padding;                 /* an nn_padding */
} pool_config;

static const char *const paddings[] = {"valid", "same", NULL};

static const nn_field fields[] = {
    {"pool_size", NN_FIELD_SHAPE, offsetof(pool_config, pool_size), NAN, 1, INT32_MAX, NULL},
    {"strides", NN_FIELD_SHAPE, offsetof(pool_config, strides), NAN, 1, INT32_MAX, NULL},
    {"padding", NN_FIELD_CHOICE, offsetof(pool_config, padding), NN_PADDING_VALID, 0, 0, paddings},
    {0}};

static nn_window window_of(const pool_config *config, const nn_shape *in) {
  nn_window w = {.dilation = {1, 1, 1}};
  const int rank = in->ndim - 2;
  w.channels = w.filters = w.groups = in->dim[in->ndim - 1];
  nn_window_set(w.kernel, config->pool_size.dim, rank);
  nn_window_set(w.stride, config->strides.dim, rank);
  nn_window_set(w.image, in->dim + 1, rank);
  nn_window_pad(&w, (nn_padding)config->padding);
  return w;
}

static int infer(nn_error *error, const void *given, const nn_shape *in, int count, nn_shape *out) {
  const pool_config *config = given;
  char images[NN_SHAPE_TEXT], pool[NN_SHAPE_TEXT];
  const int rank = in->ndim - 2;
  (void)count;
  if (rank < 1 || rank > NN_WINDOW_AXES)
    return nn_fail(error, "expected images (n, places, channels) with one to three axes of places, got shape %s",
                   nn_shape_text(in, images));
  for (int i = 1; i < in->ndim; i++)
    if (in->dim[i] <= 0)
      return nn_fail(error, "axis %d of the images is empty, or its length is not known", i + 1);
  if (config->pool_size.ndim != rank || config->strides.ndim != rank)
    return nn_fail(error, "pool_size, strides: expected %d numbers", rank);
  const nn_window w = window_of(config, in);
  if (nn_window_cells(w.output) == 0)
    return nn_fail(error, "the window of %s is larger than the images of %s; use padding = \"same\"",
                   nn_shape_text(&config->pool_size, pool), nn_shape_text(in, images));
  nn_shape shape = *in;
  for (int i = 0; i < rank; i++)
    shape.dim[i + 1] = w.output[i + NN_WINDOW_AXES - rank];
  *out = shape;
  return NN_OK;
}

static nn_pooling begin(const nn_call *call, const nn_window *w) {
  return (nn_pooling){w, nn_kernels_at(0), call->team, call->in[0].shape.dim[0]};
}

/* ---- the largest number ---- */

/* For backward: where the largest numbers are, and the output, which is computed once more to find them. */
static int64_t max_scratch(const nn_call *call) {
  const nn_window w = window_of(call->config, &call->in[0].shape);
  return call->in[0].shape.dim[0] * (nn_max_pool_places_size(&w) + nn_window_output_size(&w));
}

static int max_forward(nn_error *error, const nn_call *call) {
  const nn_window w = window_of(call->config, &call->in[0].shape);
  const nn_pooling pooling = begin(call, &w);
  (void)error;
  if (pooling.images > 0)
    nn_max_pool(&pooling, call->out.data, NULL, call->in[0].data);
  return NN_OK;
}

static void max_backward(const nn_call *call, const nn_tensor *grad_out, nn_tensor *grad_in) {
  const nn_window w = window_of(call->config, &call->in[0].shape);
  const nn_pooling pooling = begin(call, &w);
  float *places = call->scratch, *again = places + pooling.images * nn_max_pool_places_size(&w);
  if (!grad_in[0].data || pooling.images == 0)
    return;
  nn_max_pool(&pooling, again, places, call->in[0].data);
  nn_max_pool_gradient(&pooling, grad_in[0].data, places, grad_out->data);
}

const nn_operation nn_operation_max_pool = {.name = "max_pool",
                                            .config_size = sizeof(pool_config),
                                            .fields = fields,
                                            .min_inputs = 1,
                                            .max_inputs = 1,
                                            .infer = infer,
                                            .scratch = max_scratch,
                                            .forward = max_forward,
                                            .backward = max_backward};

/* ---- the mean ---- */

static int average_forward(nn_error *error, const nn_call *call) {
  const nn_window w = window_of(call->config, &call->in[0].shape);
  const nn_pooling pooling = begin(call, &w);
  (void)error;
  if (pooling.images > 0)
    nn_average_pool(&pooling, call->out.data, call->in[0].data);
  return NN_OK;
}

static void average_backward(const nn_call *call, const nn_tensor *grad_out, nn_tensor *grad_in) {
  const nn_window w = window_of(call->config, &call->in[0].shape);
  const nn_pooling pooling = begin(call, &w);
  if (grad_in[0].data && pooling.images > 0)
    nn_average_pool_gradient(&pooling, grad_in[0].data, grad_out->data);
}

const nn_operation nn_operation_average_pool = {.name = "average_pool",
                                                .config_size = sizeof(pool_config),
                                                .fields = fields,
                                                .min_inputs = 1,
                                                .max_inputs = 1,
                                                .infer = infer,
                                                .forward = average_forward,
                                                .backward = average_backward};
