/* reduce.c - many elements to one, over any axes: sum, mean, prod, max, min, logsumexp. Sums run in double. */
#include "reduce.h"

#include <math.h>
#include <string.h>

#include "base/vmath.h"

/* ---------------------------------------------------------------- shapes */

const nn_field nn_reduce_fields[] = {
    {"axis", NN_FIELD_SHAPE, offsetof(nn_reduce_config, axis), 0, -NN_MAX_NDIM, NN_MAX_NDIM, NULL},
    {"keepdims", NN_FIELD_BOOL, offsetof(nn_reduce_config, keepdims), 0, 0, 1, NULL},
    {0}};

int nn_infer_reduced(nn_error *error, const void *config, const nn_shape *in, int count, nn_shape *out) {
  const nn_reduce_config *self = config;
  bool goes[NN_MAX_NDIM];
  (void)count;
  if (nn_find_axes(error, goes, &self->axis, in->ndim) != NN_OK)
    return NN_ERROR;
  *out = (nn_shape){0};
  for (int i = 0; i < in->ndim; i++)
    if (!goes[i] || self->keepdims)
      out->dim[out->ndim++] = goes[i] ? 1 : in->dim[i];
  return NN_OK;
}

int nn_infer_reduced_not_empty(nn_error *error, const void *config, const nn_shape *in, int count, nn_shape *out) {
  const nn_reduce_config *self = config;
  char text[NN_SHAPE_TEXT];
  bool goes[NN_MAX_NDIM];
  if (nn_infer_reduced(error, config, in, count, out) != NN_OK ||
      nn_find_axes(error, goes, &self->axis, in->ndim) != NN_OK)
    return NN_ERROR;
  for (int i = 0; i < in->ndim; i++)
    if (goes[i] && in->dim[i] == 0)
      return nn_fail(error, "expected at least one element, got a tensor of shape %s", nn_shape_text(in, text));
  return NN_OK;
}

nn_walk nn_reduce_walk(const nn_call *call) {
  const nn_reduce_config *self = call->config;
  const nn_tensor *in = &call->in[0];
  nn_tensor results = *in; /* the output seen with the input's shape: it stands still along the axes that go */
  bool goes[NN_MAX_NDIM];
  nn_error error;
  nn_find_axes(&error, goes, &self->axis, in->shape.ndim);
  int64_t stride = 1;
  for (int i = in->shape.ndim - 1; i >= 0; i--) {
    results.stride[i] = goes[i] ? 0 : stride;
    stride *= goes[i] ? 1 : in->shape.dim[i];
  }
  return nn_walk_start(2, (const nn_tensor *[]){in, &results});
}

int64_t nn_reduced_count(const nn_call *call) {
  int64_t results = nn_count(&call->out);
  return results ? nn_count(&call->in[0]) / results : 0;
}

/* ---------------------------------------------------------------- folding
 *
 * A fold combines a block of elements with their results so far: one for all (step 0), or one each (step 1). */

typedef void fold(double *results, int64_t step, const float *x, int64_t n);

/* Eight partial sums: a single one would wait for each addition. */
static double sum_of(const float *x, int64_t n) {
  enum { LANES = 8 };
  double lane[LANES] = {0}, sum = 0;
  int64_t i = 0;
  for (; i + LANES <= n; i += LANES)
    for (int j = 0; j < LANES; j++)
      lane[j] += x[i + j];
  for (; i < n; i++)
    sum += x[i];
  for (int j = 0; j < LANES; j++)
    sum += lane[j];
  return sum;
}

static void add(double *restrict results, int64_t step, const float *restrict x, int64_t n) {
  if (!step)
    results[0] += sum_of(x, n);
  else
    for (int64_t i = 0; i < n; i++)
      results[i] += x[i];
}

static void multiply(double *results, int64_t step, const float *x, int64_t n) {
  for (int64_t i = 0; i < n; i++)
    results[i * step] *= x[i];
}

/* NaN stays: nothing is greater. */
static void take_max(double *results, int64_t step, const float *x, int64_t n) {
  for (int64_t i = 0; i < n; i++) {
    double *best = &results[i * step];
    *best = x[i] > *best || x[i] != x[i] ? x[i] : *best;
  }
}

static void take_min(double *results, int64_t step, const float *x, int64_t n) {
  for (int64_t i = 0; i < n; i++) {
    double *best = &results[i * step];
    *best = x[i] < *best || x[i] != x[i] ? x[i] : *best;
  }
}

/* The results in double, in scratch memory. */
static double *fold_all(const nn_call *call, fold *combine, double start) {
  double *results = (double *)call->scratch;
  const float *x = call->in[0].data;
  for (int64_t i = 0, n = nn_count(&call->out); i < n; i++)
    results[i] = start;
  for (nn_walk walk = nn_reduce_walk(call); nn_walk_next(&walk);)
    combine(results + walk.offset[1], walk.step[1], x + walk.offset[0], walk.n);
  return results;
}

static int fold_into_out(const nn_call *call, fold *combine, double start, double scale) {
  const double *results = fold_all(call, combine, start);
  float *out = call->out.data;
  for (int64_t i = 0, n = nn_count(&call->out); i < n; i++)
    out[i] = (float)(results[i] * scale);
  return NN_OK;
}

/* ---------------------------------------------------------------- the operations */

/* Visits each element: e is its position, o that of its result. */
#define EACH_ELEMENT(statement)                                                                                        \
  for (nn_walk walk = nn_reduce_walk(call); nn_walk_next(&walk);)                                                      \
    for (int64_t i = 0; i < walk.n; i++) {                                                                             \
      int64_t e = walk.offset[0] + i, o = walk.offset[1] + i * walk.step[1];                                           \
      statement;                                                                                                       \
    }

static int64_t two_doubles_a_result(const nn_call *call) { return 4 * nn_count(&call->out); }

/* The same part of each result's gradient to all its elements. */
static void spread(const nn_call *call, const nn_tensor *grad_out, float *dx, double part) {
  const float *dy = grad_out->data;
  if (dx)
    EACH_ELEMENT(dx[e] = (float)(part * dy[o]))
}

static int sum_forward(nn_error *error, const nn_call *call) {
  (void)error;
  return fold_into_out(call, add, 0, 1);
}

static void sum_backward(const nn_call *call, const nn_tensor *grad_out, nn_tensor *grad_in) {
  spread(call, grad_out, grad_in[0].data, 1);
}

static int mean_forward(nn_error *error, const nn_call *call) {
  (void)error;
  return fold_into_out(call, add, 0, 1.0 / (double)nn_reduced_count(call));
}

static void mean_backward(const nn_call *call, const nn_tensor *grad_out, nn_tensor *grad_in) {
  spread(call, grad_out, grad_in[0].data, 1.0 / (double)nn_reduced_count(call));
}

static int prod_forward(nn_error *error, const nn_call *call) {
  (void)error;
  return fold_into_out(call, multiply, 1, 1);
}

/* The product of all other elements: of those that are not 0, unless another one is 0. */
static void prod_backward(const nn_call *call, const nn_tensor *grad_out, nn_tensor *grad_in) {
  const float *x = call->in[0].data, *dy = grad_out->data;
  float *dx = grad_in[0].data;
  int64_t count = nn_count(&call->out);
  double *product = (double *)call->scratch, *zeros = product + count;
  if (!dx)
    return;
  for (int64_t i = 0; i < count; i++)
    product[i] = 1, zeros[i] = 0;
  EACH_ELEMENT(if (x[e] == 0) zeros[o]++; else product[o] *= x[e])
  EACH_ELEMENT(bool is_zero = x[e] == 0; double others = is_zero ? product[o] : product[o] / x[e];
               dx[e] = zeros[o] > is_zero ? 0 : (float)(dy[o] * others))
}

static int max_forward(nn_error *error, const nn_call *call) {
  (void)error;
  return fold_into_out(call, take_max, -INFINITY, 1);
}

static int min_forward(nn_error *error, const nn_call *call) {
  (void)error;
  return fold_into_out(call, take_min, INFINITY, 1);
}

/* Elements that equal the result share its gradient. */
static void extreme_backward(const nn_call *call, const nn_tensor *grad_out, nn_tensor *grad_in) {
  const float *x = call->in[0].data, *y = call->out.data, *dy = grad_out->data;
  float *dx = grad_in[0].data, *ties = call->scratch;
  if (!dx)
    return;
  memset(ties, 0, (size_t)nn_count(&call->out) * sizeof *ties);
  EACH_ELEMENT(ties[o] += x[e] == y[o])
  EACH_ELEMENT(dx[e] = x[e] == y[o] ? dy[o] / ties[o] : 0)
}

/* log(sum(e^x)) = m + log(sum(e^(x - m))), m the greatest; an infinite one is the result. */
static int logsumexp_forward(nn_error *error, const nn_call *call) {
  const float *x = call->in[0].data;
  float *out = call->out.data;
  (void)error;
  int64_t count = nn_count(&call->out);
  double *greatest = fold_all(call, take_max, -INFINITY), *sum = greatest + count;
  memset(sum, 0, (size_t)count * sizeof *sum);
  EACH_ELEMENT(sum[o] += nn_expf(x[e] - (float)greatest[o]))
  for (int64_t i = 0; i < count; i++)
    out[i] = (float)(isfinite(greatest[i]) ? greatest[i] + log(sum[i]) : greatest[i]);
  return NN_OK;
}

static void logsumexp_backward(const nn_call *call, const nn_tensor *grad_out, nn_tensor *grad_in) {
  const float *x = call->in[0].data, *y = call->out.data, *dy = grad_out->data;
  float *dx = grad_in[0].data;
  if (dx)
    EACH_ELEMENT(dx[e] = dy[o] * nn_expf(x[e] - y[o]))
}

#define OPERATION(identifier, infer_function, backward_function)                                                       \
  const nn_operation nn_operation_##identifier = {                                                                     \
      .name = #identifier,                                                                                             \
      .config_size = sizeof(nn_reduce_config),                                                                         \
      .fields = nn_reduce_fields,                                                                                      \
      .min_inputs = 1,                                                                                                 \
      .max_inputs = 1,                                                                                                 \
      .infer = infer_function,                                                                                         \
      .scratch = two_doubles_a_result,                                                                                 \
      .forward = identifier##_forward,                                                                                 \
      .backward = backward_function,                                                                                   \
  };

OPERATION(sum, nn_infer_reduced, sum_backward)
OPERATION(mean, nn_infer_reduced, mean_backward)
OPERATION(prod, nn_infer_reduced, prod_backward)
OPERATION(max, nn_infer_reduced_not_empty, extreme_backward)
OPERATION(min, nn_infer_reduced_not_empty, extreme_backward)
OPERATION(logsumexp, nn_infer_reduced_not_empty, logsumexp_backward)
