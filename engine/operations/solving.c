/* solving.c - linear equations and determinants: solve, det, slogdet. */
#include <math.h>
#include <string.h>

#include "operations/matrices.h"
#include "products/lapack.h"

/* ---------------------------------------------------------------- a x = b */

/* b has a's axes, or is one matrix for all of a. */
static int solve_infer(nn_error *error, const void *config, const nn_shape *in, int count, nn_shape *out) {
  (void)config, (void)count;
  char a[NN_SHAPE_TEXT], b[NN_SHAPE_TEXT];
  if (nn_check_square(error, &in[0]) != NN_OK || nn_check_matrix(error, &in[1]) != NN_OK)
    return NN_ERROR;
  bool fits = nn_rows_of(&in[1]) == nn_rows_of(&in[0]) && (in[1].ndim == 2 || in[1].ndim == in[0].ndim);
  for (int axis = 0; fits && in[1].ndim > 2 && axis < in[0].ndim - 2; axis++)
    fits = in[0].dim[axis] == in[1].dim[axis];
  if (!fits)
    return nn_fail(error, "shapes %s and %s do not fit together: b wants a row for each row of a",
                   nn_shape_text(&in[0], a), nn_shape_text(&in[1], b));
  *out = in[0];
  out->dim[out->ndim - 1] = nn_columns_of(&in[1]);
  return NN_OK;
}

/* A matrix, right-hand sides and the solution in single precision, and pivots. */
typedef struct solve_memory {
  double *a, *b;
  float *y;
  int *pivot;
} solve_memory;

static int64_t solve_scratch(const nn_call *call) {
  const int64_t n = nn_rows_of(&call->out.shape), k = nn_columns_of(&call->out.shape);
  return 2 * (n * n + n * k) + n * k + n;
}

static solve_memory memory_of(const nn_call *call) {
  const int64_t n = nn_rows_of(&call->out.shape), k = nn_columns_of(&call->out.shape);
  double *a = (double *)call->scratch, *b = a + n * n;
  float *y = (float *)(b + n * k);
  return (solve_memory){a, b, y, (int *)(y + n * k)};
}

/* The step from one matrix of a batch to the next: 0 if there is one for all. */
static int64_t step_of(const nn_tensor *tensor, int64_t count, int64_t size) {
  return nn_count(tensor) == size && count > 1 ? 0 : size;
}

static int solve_forward(nn_error *error, const nn_call *call) {
  const int n = (int)nn_rows_of(&call->out.shape), k = (int)nn_columns_of(&call->out.shape);
  const int64_t count = nn_matrix_count(&call->out), step = step_of(&call->in[1], count, (int64_t)n * k);
  const solve_memory m = memory_of(call);
  for (int64_t i = 0; i < count; i++) {
    int info = 0;
    nn_to_columns(m.a, (const float *)call->in[0].data + i * n * n, n, n);
    nn_to_columns(m.b, (const float *)call->in[1].data + i * step, n, k);
    dgesv_(&n, &k, m.a, &n, m.pivot, m.b, &n, &info);
    if (info > 0)
      return nn_fail(error, "matrix %lld is singular", (long long)i + 1);
    nn_from_columns((float *)call->out.data + i * n * k, m.b, n, k);
  }
  return NN_OK;
}

/* grad = -y x^T, for x and y of n x k. */
static void take_products(float *grad, const float *y, const float *x, int64_t n, int64_t k) {
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < n; j++) {
      double sum = 0;
      for (int64_t c = 0; c < k; c++)
        sum -= (double)y[i * k + c] * (double)x[j * k + c];
      grad[i * n + j] = (float)sum;
    }
}

/* With y = a^-T g: the gradient of b is y, that of a is -y x^T. */
static void solve_backward(const nn_call *call, const nn_tensor *grad_out, nn_tensor *grad_in) {
  const int n = (int)nn_rows_of(&call->out.shape), k = (int)nn_columns_of(&call->out.shape);
  const int64_t count = nn_matrix_count(&call->out), size = (int64_t)n * k, step = step_of(&call->in[1], count, size);
  const solve_memory m = memory_of(call);
  float *grad_a = grad_in[0].data, *grad_b = grad_in[1].data;
  if (grad_b)
    memset(grad_b, 0, sizeof(float) * (size_t)nn_count(&grad_in[1]));
  for (int64_t i = 0; i < count; i++) {
    int info = 0;
    nn_to_doubles(m.a, (const float *)call->in[0].data + i * n * n, (int64_t)n * n);
    nn_to_columns(m.b, (const float *)grad_out->data + i * size, n, k);
    dgesv_(&n, &k, m.a, &n, m.pivot, m.b, &n, &info);
    nn_from_columns(m.y, m.b, n, k);
    for (int64_t e = 0; grad_b && e < size; e++)
      grad_b[i * step + e] += m.y[e];
    if (grad_a)
      take_products(grad_a + i * n * n, m.y, (const float *)call->out.data + i * size, n, k);
  }
}

static const nn_field none[] = {{0}};

const nn_operation nn_operation_solve = {.name = "solve",
                                         .fields = none,
                                         .min_inputs = 2,
                                         .max_inputs = 2,
                                         .infer = solve_infer,
                                         .scratch = solve_scratch,
                                         .forward = solve_forward,
                                         .backward = solve_backward};

/* ---------------------------------------------------------------- determinants */

static int det_infer(nn_error *error, const void *config, const nn_shape *in, int count, nn_shape *out) {
  (void)config, (void)count;
  if (nn_check_square(error, in) != NN_OK)
    return NN_ERROR;
  *out = *in;
  out->ndim -= 2;
  return NN_OK;
}

/* The sign, and the logarithm of the size: a last axis of two. */
static int slogdet_infer(nn_error *error, const void *config, const nn_shape *in, int count, nn_shape *out) {
  if (det_infer(error, config, in, count, out) != NN_OK)
    return NN_ERROR;
  out->dim[out->ndim++] = 2;
  return NN_OK;
}

/* A matrix, an identity for the inverse, and pivots. */
static int64_t det_scratch(const nn_call *call) {
  const int64_t n = nn_rows_of(&call->in[0].shape);
  return 4 * n * n + n;
}

typedef struct determinant {
  double sign, log, value;
} determinant;

static determinant determinant_of(const nn_call *call, int64_t i) {
  const int n = (int)nn_rows_of(&call->in[0].shape);
  double *a = (double *)call->scratch;
  int *pivot = (int *)(a + 2 * (int64_t)n * n), info = 0;
  nn_to_doubles(a, (const float *)call->in[0].data + i * n * n, (int64_t)n * n);
  dgetrf_(&n, &n, a, &n, pivot, &info);
  determinant d = {1, 0, 1};
  for (int row = 0; row < n; row++) {
    const double factor = a[(int64_t)row * n + row] * (pivot[row] == row + 1 ? 1 : -1);
    d.value *= factor;
    d.log += log(fabs(factor));
    d.sign *= factor > 0 ? 1 : factor < 0 ? -1 : 0;
  }
  return d;
}

static int det_forward(nn_error *error, const nn_call *call) {
  (void)error;
  for (int64_t i = 0; i < nn_matrix_count(&call->in[0]); i++)
    ((float *)call->out.data)[i] = (float)determinant_of(call, i).value;
  return NN_OK;
}

static int slogdet_forward(nn_error *error, const nn_call *call) {
  (void)error;
  for (int64_t i = 0; i < nn_matrix_count(&call->in[0]); i++) {
    const determinant d = determinant_of(call, i);
    ((float *)call->out.data)[2 * i] = (float)d.sign;
    ((float *)call->out.data)[2 * i + 1] = (float)d.log;
  }
  return NN_OK;
}

/* grad = factor a^-T; NaN if a is singular. */
static void take_inverse(const nn_call *call, float *grad, int64_t i, double factor) {
  const int n = (int)nn_rows_of(&call->in[0].shape);
  const int64_t size = (int64_t)n * n;
  double *a = (double *)call->scratch, *b = a + size;
  int info = 0;
  nn_to_columns(a, (const float *)call->in[0].data + i * size, n, n);
  memset(b, 0, sizeof(double) * (size_t)size);
  for (int64_t row = 0; row < n; row++)
    b[row * n + row] = 1;
  dgesv_(&n, &n, a, &n, (int *)(b + size), b, &n, &info);
  for (int64_t e = 0; e < size; e++) /* column by column it is the transpose already */
    grad[i * size + e] = info > 0 ? NAN : (float)(factor * b[e]);
}

static void det_backward(const nn_call *call, const nn_tensor *grad_out, nn_tensor *grad_in) {
  const float *out = (const float *)call->out.data, *grad = (const float *)grad_out->data;
  for (int64_t i = 0; grad_in[0].data && i < nn_matrix_count(&call->in[0]); i++)
    take_inverse(call, (float *)grad_in[0].data, i, (double)out[i] * (double)grad[i]);
}

static void slogdet_backward(const nn_call *call, const nn_tensor *grad_out, nn_tensor *grad_in) {
  const float *grad = (const float *)grad_out->data;
  for (int64_t i = 0; grad_in[0].data && i < nn_matrix_count(&call->in[0]); i++)
    take_inverse(call, (float *)grad_in[0].data, i, (double)grad[2 * i + 1]);
}

const nn_operation nn_operation_det = {.name = "det",
                                       .fields = none,
                                       .min_inputs = 1,
                                       .max_inputs = 1,
                                       .infer = det_infer,
                                       .scratch = det_scratch,
                                       .forward = det_forward,
                                       .backward = det_backward};

const nn_operation nn_operation_slogdet = {.name = "slogdet",
                                           .fields = none,
                                           .min_inputs = 1,
                                           .max_inputs = 1,
                                           .infer = slogdet_infer,
                                           .scratch = det_scratch,
                                           .forward = slogdet_forward,
                                           .backward = slogdet_backward};
