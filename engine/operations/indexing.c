/* indexing.c - elements by positions that are data: take, take_along_axis, one_hot. Positions count from 0, or from the
 * end if negative. */
#include <string.h>

#include "indexing.h"

int nn_check_positions(nn_error *error, const nn_tensor *positions, int64_t length, bool from_end) {
  const float *position = positions->data;
  double least = from_end ? -(double)length : 0;
  if (length > NN_MOST_POSITIONS)
    return nn_fail(error, "an axis of %lld elements is too long: positions are float32, exact up to %d",
                   (long long)length, NN_MOST_POSITIONS);
  for (int64_t i = 0, n = nn_count(positions); i < n; i++)
    if (!(position[i] >= least && position[i] < (double)length && position[i] == floorf(position[i])))
      return nn_fail(error, "expected whole numbers from %.0f to %lld as positions, got %g", least,
                     (long long)length - 1, position[i]);
  return NN_OK;
}

static int64_t position_of(float position, int64_t length) { return (int64_t)position + (position < 0 ? length : 0); }

/* ---------------------------------------------------------------- take, take_along_axis */

typedef struct axis_config {
  int axis;
} axis_config;

static const nn_field axis_fields[] = {
    {"axis", NN_FIELD_INT, offsetof(axis_config, axis), -1, -NN_MAX_NDIM, NN_MAX_NDIM, NULL}, {0}};

static int axis_of(const nn_call *call) {
  nn_error error;
  int axis = 0;
  nn_find_axis(&error, &axis, ((const axis_config *)call->config)->axis, call->in[0].shape.ndim);
  return axis;
}

/* x (outer, length, inner), indices (count), out (outer, count, inner) */
static int take_infer(nn_error *error, const void *config, const nn_shape *in, int count, nn_shape *out) {
  (void)count;
  int axis = 0;
  if (nn_find_axis(error, &axis, ((const axis_config *)config)->axis, in[0].ndim) != NN_OK)
    return NN_ERROR;
  if (in[0].dim[axis] < 0)
    return nn_fail(error, "axis: axis %d is the batch, whose length is not known", axis + 1);
  if (in[0].ndim - 1 + in[1].ndim > NN_MAX_NDIM)
    return nn_fail(error, "a tensor has at most %d axes, the result would have %d", NN_MAX_NDIM,
                   in[0].ndim - 1 + in[1].ndim);
  nn_shape shape = {0};
  for (int i = 0; i < axis; i++)
    shape.dim[shape.ndim++] = in[0].dim[i];
  for (int i = 0; i < in[1].ndim; i++)
    shape.dim[shape.ndim++] = in[1].dim[i];
  for (int i = axis + 1; i < in[0].ndim; i++)
    shape.dim[shape.ndim++] = in[0].dim[i];
  *out = shape;
  return NN_OK;
}

static int take_forward(nn_error *error, const nn_call *call) {
  nn_lanes lanes = nn_lanes_of(&call->in[0].shape, axis_of(call));
  const float *x = call->in[0].data, *index = call->in[1].data;
  float *out = call->out.data;
  int64_t count = nn_count(&call->in[1]);
  if (nn_check_positions(error, &call->in[1], lanes.length, true) != NN_OK)
    return NN_ERROR;
  for (int64_t o = 0; o < lanes.outer; o++)
    for (int64_t i = 0; i < count; i++, out += lanes.inner)
      memcpy(out, x + (o * lanes.length + position_of(index[i], lanes.length)) * lanes.inner,
             (size_t)lanes.inner * sizeof *out);
  return NN_OK;
}

static void take_backward(const nn_call *call, const nn_tensor *grad_out, nn_tensor *grad_in) {
  nn_lanes lanes = nn_lanes_of(&call->in[0].shape, axis_of(call));
  const float *index = call->in[1].data, *dy = grad_out->data;
  int64_t count = nn_count(&call->in[1]);
  nn_clear(&grad_in[0]);
  nn_clear(&grad_in[1]);
  for (int64_t o = 0; grad_in[0].data && o < lanes.outer; o++)
    for (int64_t i = 0; i < count; i++, dy += lanes.inner) {
      float *dx = (float *)grad_in[0].data + (o * lanes.length + position_of(index[i], lanes.length)) * lanes.inner;
      for (int64_t j = 0; j < lanes.inner; j++)
        dx[j] += dy[j];
    }
}

const nn_operation nn_operation_take = {.name = "take",
                                        .config_size = sizeof(axis_config),
                                        .fields = axis_fields,
                                        .min_inputs = 2,
                                        .max_inputs = 2,
                                        .infer = take_infer,
                                        .forward = take_forward,
                                        .backward = take_backward};

/* x (outer, length, inner), indices and out (outer, count, inner) */
static int take_along_axis_infer(nn_error *error, const void *config, const nn_shape *in, int count, nn_shape *out) {
  (void)count;
  char has[NN_SHAPE_TEXT], wants[NN_SHAPE_TEXT];
  int axis = 0;
  if (nn_find_axis(error, &axis, ((const axis_config *)config)->axis, in[0].ndim) != NN_OK)
    return NN_ERROR;
  if (in[0].dim[axis] < 0)
    return nn_fail(error, "axis: axis %d is the batch, whose length is not known", axis + 1);
  nn_shape same = in[1];
  if (same.ndim == in[0].ndim)
    same.dim[axis] = in[0].dim[axis];
  if (!nn_shape_equal(&same, &in[0]))
    return nn_fail(error, "indices of shape %s do not fit a tensor of shape %s: only axis %d may differ",
                   nn_shape_text(&in[1], has), nn_shape_text(&in[0], wants), axis + 1);
  *out = in[1];
  return NN_OK;
}

/* Where in x the element of out is that follows `done` others. */
static int64_t place_of(const nn_lanes *lanes, int64_t count, int64_t done, float index) {
  int64_t outer = done / (count * lanes->inner), inner = done % lanes->inner;
  return (outer * lanes->length + position_of(index, lanes->length)) * lanes->inner + inner;
}

static int take_along_axis_forward(nn_error *error, const nn_call *call) {
  int axis = axis_of(call);
  nn_lanes lanes = nn_lanes_of(&call->in[0].shape, axis);
  const float *x = call->in[0].data, *index = call->in[1].data;
  float *out = call->out.data;
  if (nn_check_positions(error, &call->in[1], lanes.length, true) != NN_OK)
    return NN_ERROR;
  for (int64_t i = 0, n = nn_count(&call->out); i < n; i++)
    out[i] = x[place_of(&lanes, call->out.shape.dim[axis], i, index[i])];
  return NN_OK;
}

static void take_along_axis_backward(const nn_call *call, const nn_tensor *grad_out, nn_tensor *grad_in) {
  int axis = axis_of(call);
  nn_lanes lanes = nn_lanes_of(&call->in[0].shape, axis);
  const float *index = call->in[1].data, *dy = grad_out->data;
  float *dx = grad_in[0].data;
  nn_clear(&grad_in[0]);
  nn_clear(&grad_in[1]);
  for (int64_t i = 0, n = nn_count(&call->out); dx && i < n; i++)
    dx[place_of(&lanes, call->out.shape.dim[axis], i, index[i])] += dy[i];
}

const nn_operation nn_operation_take_along_axis = {.name = "take_along_axis",
                                                   .config_size = sizeof(axis_config),
                                                   .fields = axis_fields,
                                                   .min_inputs = 2,
                                                   .max_inputs = 2,
                                                   .infer = take_along_axis_infer,
                                                   .forward = take_along_axis_forward,
                                                   .backward = take_along_axis_backward};

/* ---------------------------------------------------------------- one_hot */

typedef struct one_hot_config {
  int num_classes;
  int axis; /* of the result */
} one_hot_config;

static const nn_field one_hot_fields[] = {
    {"num_classes", NN_FIELD_INT, offsetof(one_hot_config, num_classes), NAN, 0, INT32_MAX, NULL},
    {"axis", NN_FIELD_INT, offsetof(one_hot_config, axis), -1, -NN_MAX_NDIM, NN_MAX_NDIM, NULL},
    {0}};

static int one_hot_infer(nn_error *error, const void *given, const nn_shape *in, int count, nn_shape *out) {
  (void)count;
  const one_hot_config *config = given;
  nn_shape shape = {.ndim = in[0].ndim + 1};
  int axis = 0;
  if (shape.ndim > NN_MAX_NDIM)
    return nn_fail(error, "a tensor has at most %d axes, the result would have %d", NN_MAX_NDIM, shape.ndim);
  if (nn_find_axis(error, &axis, config->axis, shape.ndim) != NN_OK)
    return NN_ERROR;
  for (int i = 0; i < shape.ndim; i++)
    shape.dim[i] = i == axis ? config->num_classes : in[0].dim[i - (i > axis)];
  *out = shape;
  return NN_OK;
}

/* ids (outer, inner), out (outer, classes, inner). What is no class leaves zeros, as in Keras. */
static int one_hot_forward(nn_error *error, const nn_call *call) {
  const one_hot_config *config = call->config;
  const float *id = call->in[0].data;
  float *out = call->out.data;
  int axis = 0;
  if (nn_find_axis(error, &axis, config->axis, call->out.shape.ndim) != NN_OK)
    return NN_ERROR;
  nn_lanes lanes = nn_lanes_of(&call->out.shape, axis);
  nn_tensor zeros = call->out;
  nn_clear(&zeros);
  for (int64_t i = 0, n = nn_count(&call->in[0]); i < n; i++)
    if (id[i] >= 0 && id[i] < (float)lanes.length && id[i] == floorf(id[i]))
      out[(i / lanes.inner * lanes.length + (int64_t)id[i]) * lanes.inner + i % lanes.inner] = 1;
  return NN_OK;
}

const nn_operation nn_operation_one_hot = {.name = "one_hot",
                                           .config_size = sizeof(one_hot_config),
                                           .fields = one_hot_fields,
                                           .min_inputs = 1,
                                           .max_inputs = 1,
                                           .infer = one_hot_infer,
                                           .forward = one_hot_forward};
