/* updating.c - a copy of a tensor with some of its elements replaced: slice_update, update_rows. */
#include "operations/indexing.h"

/* ---------------------------------------------------------------- slice_update */

typedef struct slice_update_config {
  nn_shape start; /* positions from 1, or from the end if negative */
} slice_update_config;

static const nn_field slice_update_fields[] = {
    {"start", NN_FIELD_SHAPE, offsetof(slice_update_config, start), 0, INT32_MIN, INT32_MAX, NULL}, {0}};

/* The first position, from 0, of the replaced ones along an axis. */
static int64_t first_of(const slice_update_config *config, const nn_shape *x, int axis) {
  int64_t start = config->start.dim[axis];
  return start < 0 ? x->dim[axis] + start : start - 1;
}

static int slice_update_infer(nn_error *error, const void *config, const nn_shape *in, int count, nn_shape *out) {
  (void)count;
  char has[NN_SHAPE_TEXT], wants[NN_SHAPE_TEXT];
  const nn_shape *start = &((const slice_update_config *)config)->start;
  if (start->ndim != in[0].ndim || in[1].ndim != in[0].ndim)
    return nn_fail(error, "expected a start for each of %d axes, and updates of as many, got %d and %d", in[0].ndim,
                   start->ndim, in[1].ndim);
  for (int i = 0; i < in[0].ndim; i++) {
    int64_t length = in[0].dim[i], first = first_of(config, &in[0], i);
    bool is_whole = first == 0 && in[1].dim[i] == length;
    if (!is_whole && (length < 0 || in[1].dim[i] < 0 || first < 0 || first + in[1].dim[i] > length))
      return nn_fail(error, "updates of shape %s from position %lld of axis %d on do not fit a tensor of shape %s",
                     nn_shape_text(&in[1], has), (long long)start->dim[i], i + 1, nn_shape_text(&in[0], wants));
  }
  *out = in[0];
  return NN_OK;
}

/* The replaced part of a tensor of x's shape. */
static nn_tensor part_of(const nn_call *call, const nn_tensor *whole) {
  nn_error error;
  nn_tensor part = *whole;
  for (int i = 0; i < part.shape.ndim; i++)
    nn_tensor_range(&error, &part, &part, i, first_of(call->config, &whole->shape, i), call->in[1].shape.dim[i]);
  return part;
}

static int slice_update_forward(nn_error *error, const nn_call *call) {
  nn_tensor out = call->out, part = part_of(call, &out);
  if (nn_tensor_copy(error, &out, &call->in[0]) != NN_OK)
    return NN_ERROR;
  return nn_tensor_copy(error, &part, &call->in[1]);
}

static void slice_update_backward(const nn_call *call, const nn_tensor *grad_out, nn_tensor *grad_in) {
  nn_error error;
  if (grad_in[0].data) {
    float zero = 0;
    nn_tensor part = part_of(call, &grad_in[0]), none = nn_tensor_over(NN_FLOAT32, &(nn_shape){0}, &zero);
    nn_tensor_copy(&error, &grad_in[0], grad_out);
    nn_tensor_copy(&error, &part, &none);
  }
  if (grad_in[1].data) {
    nn_tensor part = part_of(call, grad_out);
    nn_tensor_copy(&error, &grad_in[1], &part);
  }
}

const nn_operation nn_operation_slice_update = {.name = "slice_update",
                                                .config_size = sizeof(slice_update_config),
                                                .fields = slice_update_fields,
                                                .min_inputs = 2,
                                                .max_inputs = 2,
                                                .infer = slice_update_infer,
                                                .forward = slice_update_forward,
                                                .backward = slice_update_backward};

/* ---------------------------------------------------------------- update_rows */

/* x (rows, ...), positions (n) from 0, updates (n, ...). Of several updates of a row the last one counts. */
static const nn_field no_fields[] = {{0}};

static int update_rows_infer(nn_error *error, const void *config, const nn_shape *in, int count, nn_shape *out) {
  (void)config, (void)count;
  char x[NN_SHAPE_TEXT], updates[NN_SHAPE_TEXT], positions[NN_SHAPE_TEXT];
  nn_shape wants = in[0];
  bool fits = wants.ndim > 0 && wants.dim[0] >= 0 && in[1].ndim == 1;
  if (fits)
    wants.dim[0] = in[1].dim[0];
  if (!fits || !nn_shape_equal(&wants, &in[2]))
    return nn_fail(error, "updates of shape %s at positions of shape %s do not fit a tensor of shape %s",
                   nn_shape_text(&in[2], updates), nn_shape_text(&in[1], positions), nn_shape_text(&in[0], x));
  *out = in[0];
  return NN_OK;
}

static int update_rows_forward(nn_error *error, const nn_call *call) {
  const float *position = call->in[1].data, *updates = call->in[2].data;
  nn_lanes lanes = nn_lanes_of(&call->out.shape, 0);
  if (nn_check_positions(error, &call->in[1], lanes.length, false) != NN_OK)
    return NN_ERROR;
  memcpy(call->out.data, call->in[0].data, (size_t)nn_count(&call->out) * sizeof(float));
  for (int64_t i = 0; i < call->in[1].shape.dim[0]; i++)
    memcpy((float *)call->out.data + (int64_t)position[i] * lanes.inner, updates + i * lanes.inner,
           (size_t)lanes.inner * sizeof(float));
  return NN_OK;
}

/* For each row of x, which update it has got (from 1; 0: none). */
static int64_t update_rows_scratch(const nn_call *call) { return call->out.shape.dim[0]; }

static void update_rows_backward(const nn_call *call, const nn_tensor *grad_out, nn_tensor *grad_in) {
  const float *position = call->in[1].data, *dy = grad_out->data;
  float *dx = grad_in[0].data, *updates = grad_in[2].data;
  int32_t *update_of = (int32_t *)call->scratch;
  nn_lanes lanes = nn_lanes_of(&call->out.shape, 0);
  size_t size = (size_t)lanes.inner * sizeof(float);
  nn_clear(&grad_in[1]);
  nn_clear(&grad_in[2]);
  for (int64_t row = 0; row < lanes.length; row++)
    update_of[row] = 0;
  for (int64_t i = 0; i < call->in[1].shape.dim[0]; i++)
    update_of[(int64_t)position[i]] = (int32_t)i + 1;
  for (int64_t row = 0; row < lanes.length; row++, dy += lanes.inner) {
    if (dx && update_of[row])
      memset(dx + row * lanes.inner, 0, size);
    else if (dx)
      memcpy(dx + row * lanes.inner, dy, size);
    if (updates && update_of[row])
      memcpy(updates + (update_of[row] - 1) * lanes.inner, dy, size);
  }
}

const nn_operation nn_operation_update_rows = {.name = "update_rows",
                                               .fields = no_fields,
                                               .min_inputs = 3,
                                               .max_inputs = 3,
                                               .infer = update_rows_infer,
                                               .scratch = update_rows_scratch,
                                               .forward = update_rows_forward,
                                               .backward = update_rows_backward};
