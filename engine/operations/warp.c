/* warp.c - pictures (n, height, width, channels), each seen through a projective map of its own: matrices (n, 8) or (1,
 * 8), see tensor/warp.h. No gradient passes to the matrices. */
#include "operations/indexing.h"
#include "tensor/warp.h"

typedef struct warp_config {
  bool is_nearest;
  int fill_mode;
  double fill_value;
} warp_config;

static const nn_field fields[] = {
    {"is_nearest", NN_FIELD_BOOL, offsetof(warp_config, is_nearest), 0, 0, 1, NULL},
    {"fill_mode", NN_FIELD_CHOICE, offsetof(warp_config, fill_mode), NN_FILL_CONSTANT, 0, 0, nn_fill_mode_names},
    {"fill_value", NN_FIELD_FLOAT, offsetof(warp_config, fill_value), 0, -INFINITY, INFINITY, NULL},
    {0}};

static int infer(nn_error *error, const void *config, const nn_shape *in, int count, nn_shape *out) {
  char text[NN_SHAPE_TEXT];
  (void)config, (void)count;
  if (in[0].ndim != 4)
    return nn_fail(error, "expected pictures (n, height, width, channels), got shape %s", nn_shape_text(&in[0], text));
  if (in[1].ndim != 2 || in[1].dim[1] != 8 || (in[1].dim[0] != 1 && in[1].dim[0] != in[0].dim[0]))
    return nn_fail(error, "expected a transform of 8 numbers, or one for each picture, got shape %s",
                   nn_shape_text(&in[1], text));
  *out = in[0];
  return NN_OK;
}

static nn_warp warp_of(const nn_call *call, int64_t picture) {
  const warp_config *config = call->config;
  const int64_t *shape = call->in[0].shape.dim;
  nn_warp warp = {.is_nearest = config->is_nearest,
                  .fill_mode = (nn_fill_mode)config->fill_mode,
                  .fill_value = (float)config->fill_value,
                  .height = shape[1],
                  .width = shape[2],
                  .out_height = shape[1],
                  .out_width = shape[2],
                  .channels = shape[3]};
  const float *matrices = call->in[1].data;
  memcpy(warp.m, matrices + (call->in[1].shape.dim[0] == 1 ? 0 : picture * 8), sizeof warp.m);
  return warp;
}

static int forward(nn_error *error, const nn_call *call) {
  const int64_t pictures = call->in[0].shape.dim[0], size = pictures ? nn_count(&call->in[0]) / pictures : 0;
  (void)error;
  for (int64_t i = 0; i < pictures; i++) {
    const nn_warp warp = warp_of(call, i);
    nn_warp_picture((float *)call->out.data + i * size, (const float *)call->in[0].data + i * size, &warp);
  }
  return NN_OK;
}

static void backward(const nn_call *call, const nn_tensor *grad_out, nn_tensor *grad_in) {
  const int64_t pictures = call->in[0].shape.dim[0], size = pictures ? nn_count(&call->in[0]) / pictures : 0;
  nn_clear(&grad_in[0]);
  nn_clear(&grad_in[1]);
  for (int64_t i = 0; grad_in[0].data && i < pictures; i++) {
    const nn_warp warp = warp_of(call, i);
    nn_warp_gradient((float *)grad_in[0].data + i * size, (const float *)grad_out->data + i * size, &warp);
  }
}

const nn_operation nn_operation_warp = {.name = "warp",
                                        .config_size = sizeof(warp_config),
                                        .fields = fields,
                                        .min_inputs = 2,
                                        .max_inputs = 2,
                                        .infer = infer,
                                        .forward = forward,
                                        .backward = backward};
