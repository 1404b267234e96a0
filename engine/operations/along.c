/* along.c - operations along one axis: positions of the greatest and least element, running sums and products. */
#include "operations/shapes.h"

typedef struct along_config {
  int axis;      /* from 1, or from the end if negative; 0: the tensor as one vector */
  bool keepdims; /* argmax, argmin: keep the axis with length 1 */
} along_config;

static const nn_field running_fields[] = {
    {"axis", NN_FIELD_INT, offsetof(along_config, axis), 0, -NN_MAX_NDIM, NN_MAX_NDIM, NULL}, {0}};
static const nn_field position_fields[] = {
    {"axis", NN_FIELD_INT, offsetof(along_config, axis), 0, -NN_MAX_NDIM, NN_MAX_NDIM, NULL},
    {"keepdims", NN_FIELD_BOOL, offsetof(along_config, keepdims), 0, 0, 1, NULL},
    {0}};

/* A tensor as lanes of n elements along the axis, a step apart. */
typedef struct lanes {
  int64_t count, n, step;
} lanes;

static lanes lanes_of(const nn_call *call) {
  const along_config *self = call->config;
  const nn_shape *shape = &call->in[0].shape;
  lanes all = {1, nn_shape_count(shape), 1};
  nn_error error;
  int axis;
  if (self->axis == 0 || nn_find_axis(&error, &axis, self->axis, shape->ndim) != NN_OK)
    return all;
  all.count = all.n ? all.n / (shape->dim[axis] ? shape->dim[axis] : 1) : 0;
  all.n = shape->dim[axis];
  for (int i = axis + 1; i < shape->ndim; i++)
    all.step *= shape->dim[i];
  return all;
}

/* The position of a lane's first element. */
static int64_t first_of(const lanes *all, int64_t lane) {
  return lane / all->step * all->n * all->step + lane % all->step;
}

/* ---------------------------------------------------------------- argmax, argmin */

static int infer_position(nn_error *error, const void *config, const nn_shape *in, int count, nn_shape *out) {
  const along_config *self = config;
  char text[NN_SHAPE_TEXT];
  int axis = -1;
  bool is_empty = nn_shape_count(in) == 0;
  (void)count;
  if (self->axis != 0) {
    if (nn_find_axis(error, &axis, self->axis, in->ndim) != NN_OK)
      return NN_ERROR;
    is_empty = in->dim[axis] == 0;
  }
  if (is_empty)
    return nn_fail(error, "expected at least one element, got a tensor of shape %s", nn_shape_text(in, text));
  *out = (nn_shape){0};
  for (int i = 0; i < in->ndim; i++) {
    bool goes = axis < 0 || i == axis;
    if (!goes || self->keepdims)
      out->dim[out->ndim++] = goes ? 1 : in->dim[i];
  }
  return NN_OK;
}

/* The first of the greatest of sign * x, or the first NaN. */
static float position_of(const float *x, int64_t step, int64_t n, float sign) {
  int64_t best = 0;
  for (int64_t i = 1; i < n && x[best * step] == x[best * step]; i++)
    if (!(sign * x[i * step] <= sign * x[best * step]))
      best = i;
  return (float)best;
}

static int find_positions(const nn_call *call, float sign) {
  lanes all = lanes_of(call);
  float *out = call->out.data;
  for (int64_t lane = 0; lane < all.count; lane++)
    out[lane] = position_of((const float *)call->in[0].data + first_of(&all, lane), all.step, all.n, sign);
  return NN_OK;
}

static int argmax_forward(nn_error *error, const nn_call *call) {
  (void)error;
  return find_positions(call, 1);
}

static int argmin_forward(nn_error *error, const nn_call *call) {
  (void)error;
  return find_positions(call, -1);
}

/* ---------------------------------------------------------------- cumsum, cumprod */

static int infer_running(nn_error *error, const void *config, const nn_shape *in, int count, nn_shape *out) {
  const along_config *self = config;
  int axis;
  (void)count;
  *out = *in;
  if (self->axis == 0)
    *out = (nn_shape){1, {nn_shape_count(in)}};
  else if (nn_find_axis(error, &axis, self->axis, in->ndim) != NN_OK)
    return NN_ERROR;
  return NN_OK;
}

typedef void running(float *out, const float *x, int64_t step, int64_t n);

static int run_forward(const nn_call *call, running *run) {
  lanes all = lanes_of(call);
  const float *x = call->in[0].data;
  float *out = call->out.data;
  for (int64_t lane = 0; lane < all.count; lane++)
    run(out + first_of(&all, lane), x + first_of(&all, lane), all.step, all.n);
  return NN_OK;
}

static void running_sum(float *out, const float *x, int64_t step, int64_t n) {
  double sum = 0;
  for (int64_t i = 0; i < n; i++)
    out[i * step] = (float)(sum += x[i * step]);
}

static void running_product(float *out, const float *x, int64_t step, int64_t n) {
  double product = 1;
  for (int64_t i = 0; i < n; i++)
    out[i * step] = (float)(product *= x[i * step]);
}

static int cumsum_forward(nn_error *error, const nn_call *call) {
  (void)error;
  return run_forward(call, running_sum);
}

static int cumprod_forward(nn_error *error, const nn_call *call) {
  (void)error;
  return run_forward(call, running_product);
}

typedef void slopes(float *dx, const float *dy, const float *x, int64_t step, int64_t n);

static void run_backward(const nn_call *call, const nn_tensor *grad_out, nn_tensor *grad_in, slopes *run) {
  lanes all = lanes_of(call);
  const float *x = call->in[0].data, *dy = grad_out->data;
  float *dx = grad_in[0].data;
  for (int64_t lane = 0; dx && lane < all.count; lane++) {
    int64_t first = first_of(&all, lane);
    run(dx + first, dy + first, x + first, all.step, all.n);
  }
}

/* An element is part of all sums from its own on. */
static void sum_slopes(float *dx, const float *dy, const float *x, int64_t step, int64_t n) {
  double sum = 0;
  (void)x;
  for (int64_t i = n - 1; i >= 0; i--)
    dx[i * step] = (float)(sum += dy[i * step]);
}

/* dx_k = sum over i >= k of dy_i prod(x_j, j <= i, j not k): without a division, so that elements may be 0. */
static void product_slopes(float *dx, const float *dy, const float *x, int64_t step, int64_t n) {
  double before = 1;
  for (int64_t k = 0; k < n; k++) {
    double others = before, slope = 0;
    for (int64_t i = k; i < n; i++) {
      others *= i > k ? x[i * step] : 1;
      slope += dy[i * step] * others;
    }
    dx[k * step] = (float)slope;
    before *= x[k * step];
  }
}

static void cumsum_backward(const nn_call *call, const nn_tensor *grad_out, nn_tensor *grad_in) {
  run_backward(call, grad_out, grad_in, sum_slopes);
}

static void cumprod_backward(const nn_call *call, const nn_tensor *grad_out, nn_tensor *grad_in) {
  run_backward(call, grad_out, grad_in, product_slopes);
}

#define OPERATION(identifier, fields_table, infer_function, backward_function)                                         \
  const nn_operation nn_operation_##identifier = {                                                                     \
      .name = #identifier,                                                                                             \
      .config_size = sizeof(along_config),                                                                             \
      .fields = fields_table,                                                                                          \
      .min_inputs = 1,                                                                                                 \
      .max_inputs = 1,                                                                                                 \
      .infer = infer_function,                                                                                         \
      .forward = identifier##_forward,                                                                                 \
      .backward = backward_function,                                                                                   \
  };

OPERATION(argmax, position_fields, infer_position, NULL)
OPERATION(argmin, position_fields, infer_position, NULL)
OPERATION(cumsum, running_fields, infer_running, cumsum_backward)
OPERATION(cumprod, running_fields, infer_running, cumprod_backward)
