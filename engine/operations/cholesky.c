/* cholesky.c - the factor l of a positive definite matrix a = l l^T. Only a's lower triangle is read. */
#include <string.h>

#include "operations/matrices.h"
#include "products/lapack.h"

static int infer(nn_error *error, const void *config, const nn_shape *in, int count, nn_shape *out) {
  (void)config, (void)count;
  *out = *in;
  return nn_check_square(error, in);
}

static int64_t scratch(const nn_call *call) {
  const int64_t n = nn_rows_of(&call->out.shape);
  return 4 * n * n;
}

/* What is upper, column by column, is lower, row by row. */
static int forward(nn_error *error, const nn_call *call) {
  const int n = (int)nn_rows_of(&call->out.shape);
  const int64_t size = (int64_t)n * n;
  double *a = (double *)call->scratch;
  for (int64_t i = 0; i < nn_matrix_count(&call->out); i++) {
    int info = 0;
    float *out = (float *)call->out.data + i * size;
    nn_to_doubles(a, (const float *)call->in[0].data + i * size, size);
    dpotrf_("U", &n, a, &n, &info);
    if (info > 0)
      return nn_fail(error, "matrix %lld is not positive definite", (long long)i + 1);
    for (int64_t row = 0; row < n; row++)
      for (int64_t column = 0; column < n; column++)
        out[row * n + column] = column <= row ? (float)a[row * n + column] : 0;
  }
  return NN_OK;
}

/* m = l^-T m */
static void solve_transposed(double *m, const float *l, int64_t n) {
  for (int64_t column = 0; column < n; column++)
    for (int64_t row = n - 1; row >= 0; row--) {
      double sum = m[row * n + column];
      for (int64_t k = row + 1; k < n; k++)
        sum -= (double)l[k * n + row] * m[k * n + column];
      m[row * n + column] = sum / (double)l[row * n + row];
    }
}

static void transpose(double *m, int64_t n) {
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < i; j++) {
      const double swap = m[i * n + j];
      m[i * n + j] = m[j * n + i], m[j * n + i] = swap;
    }
}

/* The lower half of l^T g, with half of the diagonal. */
static void lower_half(double *p, const float *l, const float *g, int64_t n) {
  memset(p, 0, sizeof(double) * (size_t)(n * n));
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j <= i; j++) {
      for (int64_t k = i; k < n; k++)
        p[i * n + j] += (double)l[k * n + i] * (double)g[k * n + j];
      p[i * n + j] *= i == j ? 0.5 : 1;
    }
}

/* Murray, Differentiation of the Cholesky decomposition (2016): s = l^-T lower_half(l^T g) l^-1. Each number below the
 * diagonal stands for two of a. */
static void backward(const nn_call *call, const nn_tensor *grad_out, nn_tensor *grad_in) {
  const int64_t n = nn_rows_of(&call->out.shape), size = n * n;
  double *s = (double *)call->scratch;
  for (int64_t i = 0; grad_in[0].data && i < nn_matrix_count(&call->out); i++) {
    const float *l = (const float *)call->out.data + i * size;
    float *grad = (float *)grad_in[0].data + i * size;
    lower_half(s, l, (const float *)grad_out->data + i * size, n);
    solve_transposed(s, l, n);
    transpose(s, n);
    solve_transposed(s, l, n);
    for (int64_t row = 0; row < n; row++)
      for (int64_t column = 0; column < n; column++)
        grad[row * n + column] =
            column > row ? 0 : (float)(s[row * n + column] + (column < row ? s[column * n + row] : 0));
  }
}

static const nn_field none[] = {{0}};

const nn_operation nn_operation_cholesky = {.name = "cholesky",
                                            .fields = none,
                                            .min_inputs = 1,
                                            .max_inputs = 1,
                                            .infer = infer,
                                            .scratch = scratch,
                                            .forward = forward,
                                            .backward = backward};
