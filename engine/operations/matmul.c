/* matmul.c - matrix products over the last two axes; the axes before are broadcast. A vector is a row on the left and
 * a column on the right, and its axis is no axis of the result (NumPy's rules). */
#include <string.h>

#include "operations/shapes.h"
#include "products/blas.h"

static const nn_field no_fields[] = {{0}};

/* (..., m, k) x (..., k, n): the lengths, and how the batches lie. */
typedef struct product {
  int64_t m, n, k;
  nn_shape batch; /* of the result */
  nn_shape batch_a, batch_b;
} product;

/* The axes before the last two. */
static nn_shape batch_of(const nn_shape *shape) {
  nn_shape batch = *shape;
  batch.ndim = shape->ndim > 2 ? shape->ndim - 2 : 0;
  return batch;
}

static int find_product(nn_error *error, product *p, const nn_shape *a, const nn_shape *b) {
  char text_a[NN_SHAPE_TEXT], text_b[NN_SHAPE_TEXT];
  nn_shape_text(a, text_a);
  nn_shape_text(b, text_b);
  if (a->ndim == 0 || b->ndim == 0)
    return nn_fail(error, "expected tensors with axes, got shapes %s and %s", text_a, text_b);
  int64_t rows_b = b->dim[b->ndim > 1 ? b->ndim - 2 : 0];
  *p = (product){.m = a->ndim > 1 ? a->dim[a->ndim - 2] : 1,
                 .n = b->ndim > 1 ? b->dim[b->ndim - 1] : 1,
                 .k = a->dim[a->ndim - 1],
                 .batch_a = batch_of(a),
                 .batch_b = batch_of(b)};
  if (p->k != rows_b)
    return nn_fail(error, "shapes %s and %s do not fit together: %lld columns against %lld rows", text_a, text_b,
                   (long long)p->k, (long long)rows_b);
  if (nn_shape_broadcast(error, &p->batch, &p->batch_a, &p->batch_b) != NN_OK)
    return NN_ERROR;
  /* One matrix on the right for all on the left: their rows make one matrix. */
  if (p->batch_b.ndim == 0 && p->batch_a.ndim > 0 && nn_shape_count(a) > 0 && p->m > 0) {
    p->m *= nn_shape_count(&p->batch_a);
    p->batch = p->batch_a = (nn_shape){0};
  }
  return NN_OK;
}

static int infer_product(nn_error *error, const void *config, const nn_shape *in, int count, nn_shape *out) {
  product p;
  (void)config, (void)count;
  if (find_product(error, &p, &in[0], &in[1]) != NN_OK)
    return NN_ERROR;
  nn_shape batch_a = batch_of(&in[0]), batch_b = batch_of(&in[1]);
  nn_shape_broadcast(error, out, &batch_a, &batch_b);
  if (out->ndim + 2 > NN_MAX_NDIM)
    return nn_fail(error, "a result of more than %d axes", NN_MAX_NDIM);
  if (in[0].ndim > 1)
    out->dim[out->ndim++] = in[0].dim[in[0].ndim - 2];
  if (in[1].ndim > 1)
    out->dim[out->ndim++] = p.n;
  return NN_OK;
}

static product product_of(const nn_call *call) {
  product p;
  nn_error error;
  find_product(&error, &p, &call->in[0].shape, &call->in[1].shape);
  return p;
}

/* Which of an operand's matrices belongs to the result's matrix i. */
static int64_t matrix_of(const nn_shape *operand, const nn_shape *batch, int64_t i) {
  int64_t matrix = 0, stride = 1;
  for (int axis = batch->ndim - 1, own = operand->ndim - 1; own >= 0; axis--, own--) {
    int64_t position = i % batch->dim[axis];
    i /= batch->dim[axis];
    matrix += operand->dim[own] == 1 ? 0 : position * stride;
    stride *= operand->dim[own];
  }
  return matrix;
}

static int matmul_forward(nn_error *error, const nn_call *call) {
  product p = product_of(call);
  const float *a = call->in[0].data, *b = call->in[1].data;
  float *out = call->out.data;
  (void)error;
  if (p.k == 0)
    memset(out, 0, (size_t)nn_count(&call->out) * sizeof *out);
  for (int64_t i = 0, count = nn_count(&call->out) && p.k ? nn_shape_count(&p.batch) : 0; i < count; i++)
    nn_gemm(call->team, false, false, p.m, p.n, p.k, a + matrix_of(&p.batch_a, &p.batch, i) * p.m * p.k, p.k,
            b + matrix_of(&p.batch_b, &p.batch, i) * p.k * p.n, p.n, out + i * p.m * p.n, p.n);
  return NN_OK;
}

static void add(float *restrict sum, const float *restrict x, int64_t n) {
  for (int64_t i = 0; i < n; i++)
    sum[i] += x[i];
}

/* da = dy b^T and db = a^T dy. A matrix that was broadcast gets the sum over the batch. */
static void matmul_backward(const nn_call *call, const nn_tensor *grad_out, nn_tensor *grad_in) {
  product p = product_of(call);
  const float *a = call->in[0].data, *b = call->in[1].data, *dy = grad_out->data;
  float *da = grad_in[0].data, *db = grad_in[1].data;
  bool sums_a = nn_shape_count(&p.batch_a) != nn_shape_count(&p.batch);
  bool sums_b = nn_shape_count(&p.batch_b) != nn_shape_count(&p.batch);
  int64_t count = nn_count(grad_out) && p.k ? nn_shape_count(&p.batch) : 0;
  if (da && (sums_a || count == 0))
    memset(da, 0, (size_t)nn_count(&call->in[0]) * sizeof *da);
  if (db && (sums_b || count == 0))
    memset(db, 0, (size_t)nn_count(&call->in[1]) * sizeof *db);
  for (int64_t i = 0; i < count; i++, dy += p.m * p.n) {
    int64_t at_a = matrix_of(&p.batch_a, &p.batch, i) * p.m * p.k;
    int64_t at_b = matrix_of(&p.batch_b, &p.batch, i) * p.k * p.n;
    if (da)
      nn_gemm(call->team, false, true, p.m, p.k, p.n, dy, p.n, b + at_b, p.n, sums_a ? call->scratch : da + at_a, p.k);
    if (da && sums_a)
      add(da + at_a, call->scratch, p.m * p.k);
    if (db)
      nn_gemm(call->team, true, false, p.k, p.n, p.m, a + at_a, p.k, dy, p.n, sums_b ? call->scratch : db + at_b, p.n);
    if (db && sums_b)
      add(db + at_b, call->scratch, p.k * p.n);
  }
}

/* One matrix's gradient. */
static int64_t one_matrix(const nn_call *call) {
  product p = product_of(call);
  return p.k * (p.m > p.n ? p.m : p.n);
}

const nn_operation nn_operation_matmul = {
    .name = "matmul",
    .fields = no_fields,
    .min_inputs = 2,
    .max_inputs = 2,
    .infer = infer_product,
    .scratch = one_matrix,
    .forward = matmul_forward,
    .backward = matmul_backward,
};
