/* dense.c - the product over several axes at once: the last `axes` axes of x(..., in...) with the first of
 * kernel(in..., out...), and a bias(out...), if there is one.
 *
 * Backward:  dx = dy K',  dK = x' dy,  dbias = sums of dy over all but out. */
#include <math.h>
#include <string.h>

#include "operations/operation.h"
#include "products/blas.h"
#include "products/dense_rows.h"
#include "products/kernels/kernels.h"

typedef struct dense_config {
  int axes;
} dense_config;

static const nn_field fields[] = {{"axes", NN_FIELD_INT, offsetof(dense_config, axes), NAN, 1, NN_MAX_NDIM, NULL}, {0}};

enum { X, KERNEL, BIAS };

static int infer(nn_error *error, const void *config, const nn_shape *in, int count, nn_shape *out) {
  const int axes = ((const dense_config *)config)->axes, kept = in[X].ndim - axes, made = in[KERNEL].ndim - axes;
  char x[NN_SHAPE_TEXT], kernel[NN_SHAPE_TEXT], bias[NN_SHAPE_TEXT];
  nn_shape_text(&in[X], x), nn_shape_text(&in[KERNEL], kernel);
  bool fits = kept >= 0 && made >= 0;
  for (int i = 0; fits && i < axes; i++)
    fits = in[X].dim[kept + i] == in[KERNEL].dim[i];
  if (!fits)
    return nn_fail(error, "the last %d axes of %s are not the first of the kernel's %s", axes, x, kernel);
  if (kept + made > NN_MAX_NDIM)
    return nn_fail(error, "a result of more than %d axes", NN_MAX_NDIM);
  nn_shape own = {.ndim = made};
  memcpy(own.dim, in[KERNEL].dim + axes, sizeof *own.dim * (size_t)made);
  if (count > BIAS && !nn_shape_equal(&own, &in[BIAS]))
    return nn_fail(error, "expected a bias of shape %s, got %s", nn_shape_text(&own, x),
                   nn_shape_text(&in[BIAS], bias));
  *out = in[X];
  out->ndim = kept + made;
  memcpy(out->dim + kept, own.dim, sizeof *own.dim * (size_t)made);
  return NN_OK;
}

typedef struct sizes {
  int64_t rows, in, out;
} sizes;

static sizes sizes_of(const nn_call *call) {
  const int axes = ((const dense_config *)call->config)->axes;
  sizes s = {1, 1, 1};
  for (int i = 0; i < call->in[KERNEL].shape.ndim; i++)
    *(i < axes ? &s.in : &s.out) *= call->in[KERNEL].shape.dim[i];
  for (int i = 0; i < call->in[X].shape.ndim - axes; i++)
    s.rows *= call->in[X].shape.dim[i];
  return s;
}

static nn_dense_rows by_rows(const nn_call *call) {
  const sizes s = sizes_of(call);
  return (nn_dense_rows){.rows = s.rows,
                         .in = s.in,
                         .units = s.out,
                         .w = call->in[KERNEL].data,
                         .bias = call->input_count > BIAS ? call->in[BIAS].data : NULL,
                         .x = call->in[X].data,
                         .z = call->out.data,
                         .y = call->out.data,
                         .packed = call->scratch};
}

static int64_t scratch(const nn_call *call) {
  const sizes s = sizes_of(call);
  return nn_dense_rows_scratch(s.in, s.out);
}

static int forward(nn_error *error, const nn_call *call) {
  const sizes s = sizes_of(call);
  const nn_dense_rows d = by_rows(call);
  float *y = call->out.data;
  (void)error;
  if (nn_dense_rows_pays(&d, d.x, s.in)) {
    nn_dense_rows_forward(call->team, &d);
    return NN_OK;
  }
  if (s.in == 0)
    memset(y, 0, sizeof *y * (size_t)(s.rows * s.out));
  else
    nn_gemm(call->team, false, false, s.rows, s.out, s.in, call->in[X].data, s.in, call->in[KERNEL].data, s.out, y,
            s.out);
  const float *restrict bias = call->input_count > BIAS ? call->in[BIAS].data : NULL;
  for (int64_t i = 0; bias && i < s.rows; i++)
    for (int64_t j = 0; j < s.out; j++)
      y[i * s.out + j] += bias[j];
  return NN_OK;
}

static void backward(const nn_call *call, const nn_tensor *grad_out, nn_tensor *grad_in) {
  const sizes s = sizes_of(call);
  const float *dy = grad_out->data;
  if (grad_in[KERNEL].data)
    nn_gemm(call->team, true, false, s.in, s.out, s.rows, call->in[X].data, s.in, dy, s.out, grad_in[KERNEL].data,
            s.out);
  if (call->input_count > BIAS && grad_in[BIAS].data)
    nn_kernels_at(0)->column_sums(grad_in[BIAS].data, dy, s.rows, s.out);
  if (!grad_in[X].data)
    return;
  const nn_dense_rows d = by_rows(call);
  if (nn_dense_rows_pays(&d, dy, s.out))
    nn_dense_rows_backward(call->team, &d, grad_out->data, grad_in[X].data);
  else
    nn_gemm(call->team, false, true, s.rows, s.in, s.out, dy, s.out, call->in[KERNEL].data, s.out, grad_in[X].data,
            s.in);
}

const nn_operation nn_operation_dense = {.name = "dense",
                                         .config_size = sizeof(dense_config),
                                         .fields = fields,
                                         .min_inputs = 2,
                                         .max_inputs = 3,
                                         .infer = infer,
                                         .scratch = scratch,
                                         .forward = forward,
                                         .backward = backward};
