/* resample.c - one axis brought to another length: by an interpolation, or with the greatest of each part. */
#include "operations/indexing.h"
#include "tensor/filter.h"

typedef struct resample_config {
  int axis; /* from 1, or from the end if negative */
  int size;
  int interpolation;
  bool antialias;
} resample_config;

static const nn_field fields[] = {
    {"axis", NN_FIELD_INT, offsetof(resample_config, axis), NAN, -NN_MAX_NDIM, NN_MAX_NDIM, NULL},
    {"size", NN_FIELD_INT, offsetof(resample_config, size), NAN, 1, INT32_MAX, NULL},
    {"interpolation", NN_FIELD_CHOICE, offsetof(resample_config, interpolation), NN_BILINEAR, 0, 0,
     nn_interpolation_names},
    {"antialias", NN_FIELD_BOOL, offsetof(resample_config, antialias), 0, 0, 1, NULL},
    {0}};

static const nn_field max_fields[] = {
    {"axis", NN_FIELD_INT, offsetof(resample_config, axis), NAN, -NN_MAX_NDIM, NN_MAX_NDIM, NULL},
    {"size", NN_FIELD_INT, offsetof(resample_config, size), NAN, 1, INT32_MAX, NULL},
    {0}};

static int infer(nn_error *error, const void *given, const nn_shape *in, int count, nn_shape *out) {
  const resample_config *config = given;
  nn_shape shape = *in;
  int axis;
  (void)count;
  if (nn_find_axis(error, &axis, config->axis, in->ndim) != NN_OK)
    return NN_ERROR;
  if (in->dim[axis] <= 0)
    return nn_fail(error, "axis %d has no elements, or is the batch, whose length is not known", axis + 1);
  shape.dim[axis] = config->size;
  *out = shape;
  return NN_OK;
}

/* ---- walking ---- */

/* The axis of both tensors, and how one is made from the other. */
typedef struct resampling {
  nn_lanes from;
  int64_t to;
  nn_filter filter;
} resampling;

static resampling begin(const nn_call *call, nn_interpolation interpolation) {
  const resample_config *config = call->config;
  nn_error ignored;
  int axis = 0;
  nn_find_axis(&ignored, &axis, config->axis, call->in[0].shape.ndim);
  nn_lanes from = nn_lanes_of(&call->in[0].shape, axis);
  return (resampling){from, config->size, {interpolation, config->antialias, from.length, config->size}};
}

static nn_interpolation interpolation_of(const nn_call *call) {
  return (nn_interpolation)((const resample_config *)call->config)->interpolation;
}

static int64_t scratch_for(const resampling *r) {
  return r->to * (nn_filter_most(&r->filter) + (int64_t)(sizeof(nn_filter_window) / sizeof(float)));
}

/* The windows of all places, and their weights behind them, in scratch memory. */
static const nn_filter_window *make_windows(const nn_call *call, const resampling *r) {
  nn_filter_window *list = (nn_filter_window *)call->scratch;
  float *weights = (float *)(list + r->to);
  for (int64_t i = 0; i < r->to; i++)
    list[i] = nn_filter_window_at(&r->filter, i, weights + i * nn_filter_most(&r->filter));
  return list;
}

static int64_t scratch(const nn_call *call) {
  const resampling r = begin(call, interpolation_of(call));
  return scratch_for(&r);
}

/* out (inner) from the rows of x (length, inner) in the window. */
static void gather(float *out, const float *x, const nn_filter_window *window, int64_t inner) {
  x += window->first * inner;
  for (int64_t i = 0; i < inner; i++)
    out[i] = window->weight[0] * x[i];
  for (int64_t k = 1; k < window->count; k++)
    for (int64_t i = 0; i < inner; i++)
      out[i] += window->weight[k] * x[k * inner + i];
}

static void scatter(float *dx, const float *dy, const nn_filter_window *window, int64_t inner) {
  dx += window->first * inner;
  for (int64_t k = 0; k < window->count; k++)
    for (int64_t i = 0; i < inner; i++)
      dx[k * inner + i] += window->weight[k] * dy[i];
}

static int forward(nn_error *error, const nn_call *call) {
  const resampling r = begin(call, interpolation_of(call));
  const nn_filter_window *windows = make_windows(call, &r);
  const float *x = call->in[0].data;
  float *y = call->out.data;
  (void)error;
  for (int64_t outer = 0; outer < r.from.outer; outer++, x += r.from.length * r.from.inner)
    for (int64_t i = 0; i < r.to; i++, y += r.from.inner)
      gather(y, x, &windows[i], r.from.inner);
  return NN_OK;
}

static void backward(const nn_call *call, const nn_tensor *grad_out, nn_tensor *grad_in) {
  const resampling r = begin(call, interpolation_of(call));
  const nn_filter_window *windows = make_windows(call, &r);
  const float *dy = grad_out->data;
  float *dx = grad_in[0].data;
  nn_clear(&grad_in[0]);
  for (int64_t outer = 0; dx && outer < r.from.outer; outer++, dx += r.from.length * r.from.inner)
    for (int64_t i = 0; i < r.to; i++, dy += r.from.inner)
      scatter(dx, dy, &windows[i], r.from.inner);
}

const nn_operation nn_operation_resample = {.name = "resample",
                                            .config_size = sizeof(resample_config),
                                            .fields = fields,
                                            .min_inputs = 1,
                                            .max_inputs = 1,
                                            .infer = infer,
                                            .scratch = scratch,
                                            .forward = forward,
                                            .backward = backward};

/* ---- the greatest of each part ---- */

static int64_t max_scratch(const nn_call *call) {
  const resampling r = begin(call, NN_ADAPTIVE);
  return scratch_for(&r);
}

/* Which of `count` numbers, a step apart, is the first of the greatest, or the first NaN. */
static int64_t first_greatest(const float *x, int64_t step, int64_t count) {
  int64_t best = 0;
  for (int64_t k = 1; k < count && x[best * step] == x[best * step]; k++)
    if (!(x[k * step] <= x[best * step]))
      best = k;
  return best;
}

/* For each place of the result: y takes the greatest of its part, or, if there is dx, gives its gradient to it. */
static void walk_greatest(const nn_call *call, float *y, float *dx) {
  const resampling r = begin(call, NN_ADAPTIVE);
  const nn_filter_window *windows = make_windows(call, &r);
  const int64_t inner = r.from.inner;
  for (int64_t outer = 0; outer < r.from.outer; outer++)
    for (int64_t k = 0; k < r.to * inner; k++, y++) {
      const nn_filter_window *window = &windows[k / inner];
      const int64_t first = (outer * r.from.length + window->first) * inner + k % inner;
      const float *x = (const float *)call->in[0].data + first;
      const int64_t at = first_greatest(x, inner, window->count) * inner;
      if (dx)
        dx[first + at] += *y;
      else
        *y = x[at];
    }
}

static int max_forward(nn_error *error, const nn_call *call) {
  (void)error;
  walk_greatest(call, call->out.data, NULL);
  return NN_OK;
}

static void max_backward(const nn_call *call, const nn_tensor *grad_out, nn_tensor *grad_in) {
  nn_clear(&grad_in[0]);
  if (grad_in[0].data)
    walk_greatest(call, grad_out->data, grad_in[0].data);
}

const nn_operation nn_operation_resample_max = {.name = "resample_max",
                                                .config_size = sizeof(resample_config),
                                                .fields = max_fields,
                                                .min_inputs = 1,
                                                .max_inputs = 1,
                                                .infer = infer,
                                                .scratch = max_scratch,
                                                .forward = max_forward,
                                                .backward = max_backward};
