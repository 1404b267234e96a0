/* decompositions.c - eigh, svd and qr. Each gives its parts one after the other in a last axis. */
#include <math.h>

#include "operations/matrices.h"
#include "products/lapack.h"

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
static int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }

/* The batch's axes, then one of that length. */
static nn_shape packed(const nn_shape *in, int64_t length) {
  nn_shape out = *in;
  out.ndim -= 1;
  out.dim[out.ndim - 1] = length;
  return out;
}

/* -1 if the number of greatest size among some is negative, else 1: the sign of a vector is free, and is chosen so that
 * it does not depend on how LAPACK was built. */
static double sign_of(const double *v, int64_t count, int64_t step) {
  int64_t greatest = 0;
  for (int64_t i = 1; i < count; i++)
    if (fabs(v[i * step]) > fabs(v[greatest * step]) * (1 + 1e-9))
      greatest = i;
  return v[greatest * step] < 0 ? -1 : 1;
}

static void scale(double *v, int64_t count, int64_t step, double by) {
  for (int64_t i = 0; i < count; i++)
    v[i * step] *= by;
}

/* ---------------------------------------------------------------- eigh: values (n), then vectors (n, n) as columns */

static int eigh_infer(nn_error *error, const void *config, const nn_shape *in, int count, nn_shape *out) {
  (void)config, (void)count;
  if (nn_check_square(error, in) != NN_OK)
    return NN_ERROR;
  const int64_t n = nn_rows_of(in);
  *out = packed(in, n + n * n);
  return NN_OK;
}

static int64_t eigh_scratch(const nn_call *call) {
  const int64_t n = nn_rows_of(&call->in[0].shape);
  return 2 * (n * n + n + 4 * n);
}

static int eigh_forward(nn_error *error, const nn_call *call) {
  const int n = (int)nn_rows_of(&call->in[0].shape), work_size = 4 * n;
  const int64_t size = (int64_t)n * n;
  double *a = (double *)call->scratch, *values = a + size, *work = values + n;
  for (int64_t i = 0; i < nn_matrix_count(&call->in[0]); i++) {
    int info = 0;
    float *out = (float *)call->out.data + i * (n + size);
    nn_to_doubles(a, (const float *)call->in[0].data + i * size, size);
    dsyev_("V", "U", &n, a, &n, values, work, &work_size, &info);
    if (info != 0)
      return nn_fail(error, "the eigenvalues of matrix %lld were not found", (long long)i + 1);
    for (int k = 0; k < n; k++) {
      out[k] = (float)values[k];
      scale(a + (int64_t)k * n, n, 1, sign_of(a + (int64_t)k * n, n, 1));
    }
    nn_from_columns(out + n, a, n, n);
  }
  return NN_OK;
}

const nn_operation nn_operation_eigh = {.name = "eigh",
                                        .fields = (const nn_field[]){{0}},
                                        .min_inputs = 1,
                                        .max_inputs = 1,
                                        .infer = eigh_infer,
                                        .scratch = eigh_scratch,
                                        .forward = eigh_forward};

/* ---------------------------------------------------------------- svd: u, then s, then vt */

typedef struct svd_config {
  bool full;
} svd_config;

static const nn_field svd_fields[] = {{"full", NN_FIELD_BOOL, offsetof(svd_config, full), 1, 0, 0, NULL}, {0}};

typedef struct svd_sizes {
  int rows, columns, k, u_columns, vt_rows, work;
} svd_sizes;

static svd_sizes svd_sizes_of(const void *config, const nn_shape *in) {
  const bool full = ((const svd_config *)config)->full;
  const int m = (int)nn_rows_of(in), n = (int)nn_columns_of(in), k = (int)least(m, n);
  return (svd_sizes){m, n, k, full ? m : k, full ? n : k, (int)most(3 * k + most(m, n), 5 * k)};
}

static int svd_infer(nn_error *error, const void *config, const nn_shape *in, int count, nn_shape *out) {
  (void)count;
  if (nn_check_matrix(error, in) != NN_OK)
    return NN_ERROR;
  const svd_sizes z = svd_sizes_of(config, in);
  *out = packed(in, (int64_t)z.rows * z.u_columns + z.k + (int64_t)z.vt_rows * z.columns);
  return NN_OK;
}

static int64_t svd_scratch(const nn_call *call) {
  const svd_sizes z = svd_sizes_of(call->config, &call->in[0].shape);
  return 2 *
         ((int64_t)z.rows * z.columns + (int64_t)z.rows * z.u_columns + z.k + (int64_t)z.vt_rows * z.columns + z.work);
}

/* Of each pair of columns of u and rows of vt that of u decides. */
static void choose_signs(const svd_sizes *z, double *u, double *vt) {
  for (int64_t k = 0; k < z->u_columns; k++) {
    const double sign = sign_of(u + k * z->rows, z->rows, 1);
    scale(u + k * z->rows, z->rows, 1, sign);
    if (k < z->k)
      scale(vt + k, z->columns, z->vt_rows, sign);
  }
  for (int64_t k = z->k; k < z->vt_rows; k++)
    scale(vt + k, z->columns, z->vt_rows, sign_of(vt + k, z->columns, z->vt_rows));
}

static int svd_forward(nn_error *error, const nn_call *call) {
  const svd_sizes z = svd_sizes_of(call->config, &call->in[0].shape);
  const int64_t size = (int64_t)z.rows * z.columns, u_size = (int64_t)z.rows * z.u_columns;
  const int64_t vt_size = (int64_t)z.vt_rows * z.columns;
  const char *job = z.u_columns == z.rows && z.vt_rows == z.columns ? "A" : "S";
  double *a = (double *)call->scratch, *u = a + size, *s = u + u_size, *vt = s + z.k, *work = vt + vt_size;
  for (int64_t i = 0; i < nn_matrix_count(&call->in[0]); i++) {
    int info = 0;
    float *out = (float *)call->out.data + i * (u_size + z.k + vt_size);
    nn_to_columns(a, (const float *)call->in[0].data + i * size, z.rows, z.columns);
    dgesvd_(job, job, &z.rows, &z.columns, a, &z.rows, s, u, &z.rows, vt, &z.vt_rows, work, &z.work, &info);
    if (info != 0)
      return nn_fail(error, "the singular values of matrix %lld were not found", (long long)i + 1);
    choose_signs(&z, u, vt);
    nn_from_columns(out, u, z.rows, z.u_columns);
    for (int k = 0; k < z.k; k++)
      out[u_size + k] = (float)s[k];
    nn_from_columns(out + u_size + z.k, vt, z.vt_rows, z.columns);
  }
  return NN_OK;
}

const nn_operation nn_operation_svd = {.name = "svd",
                                       .config_size = sizeof(svd_config),
                                       .fields = svd_fields,
                                       .min_inputs = 1,
                                       .max_inputs = 1,
                                       .infer = svd_infer,
                                       .scratch = svd_scratch,
                                       .forward = svd_forward};

/* ---------------------------------------------------------------- qr: q (m, k), then r (k, n), with k = min(m, n) */

static int qr_infer(nn_error *error, const void *config, const nn_shape *in, int count, nn_shape *out) {
  (void)config, (void)count;
  if (nn_check_matrix(error, in) != NN_OK)
    return NN_ERROR;
  const int64_t m = nn_rows_of(in), n = nn_columns_of(in), k = least(m, n);
  *out = packed(in, m * k + k * n);
  return NN_OK;
}

static int64_t qr_scratch(const nn_call *call) {
  const int64_t m = nn_rows_of(&call->in[0].shape), n = nn_columns_of(&call->in[0].shape);
  return 2 * (m * n + least(m, n) + n);
}

static int qr_forward(nn_error *error, const nn_call *call) {
  (void)error;
  const int m = (int)nn_rows_of(&call->in[0].shape), n = (int)nn_columns_of(&call->in[0].shape);
  const int k = (int)least(m, n);
  const int64_t size = (int64_t)m * n, q_size = (int64_t)m * k, r_size = (int64_t)k * n;
  double *a = (double *)call->scratch, *tau = a + size, *work = tau + k;
  for (int64_t i = 0; i < nn_matrix_count(&call->in[0]); i++) {
    int info = 0;
    float *q = (float *)call->out.data + i * (q_size + r_size), *r = q + q_size;
    nn_to_columns(a, (const float *)call->in[0].data + i * size, m, n);
    dgeqrf_(&m, &n, a, &m, tau, work, &n, &info);
    for (int64_t row = 0; row < k; row++)
      for (int64_t column = 0; column < n; column++)
        r[row * n + column] = column < row ? 0 : (float)a[column * m + row];
    dorgqr_(&m, &k, &k, a, &m, tau, work, &n, &info);
    nn_from_columns(q, a, m, k);
  }
  return NN_OK;
}

const nn_operation nn_operation_qr = {.name = "qr",
                                      .fields = (const nn_field[]){{0}},
                                      .min_inputs = 1,
                                      .max_inputs = 1,
                                      .infer = qr_infer,
                                      .scratch = qr_scratch,
                                      .forward = qr_forward};
