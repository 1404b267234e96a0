/* matmul.c - matrix products of tensors, as BLAS wants them: one of the two strides must be 1. */
#include <limits.h>
#include <string.h>

#include "products/blas.h"
#include "walk.h"

typedef struct matrix {
  int64_t rows, columns, row_stride, column_stride;
  const float *data;
} matrix;

/* How a matrix lies in memory: row after row, or column after column. */
struct layout {
  bool transposed;
  int64_t lead; /* elements from one row, or column, to the next */
};

/* A vector is a row on the left of a product and a column on its right. */
static matrix matrix_of(const nn_tensor *tensor, bool on_the_right) {
  matrix m = {1, 1, 1, 1, tensor->data};
  int ndim = tensor->shape.ndim;
  if (ndim == 2 || on_the_right)
    m.rows = tensor->shape.dim[0], m.row_stride = tensor->stride[0];
  if (ndim == 2 || !on_the_right)
    m.columns = tensor->shape.dim[ndim - 1], m.column_stride = tensor->stride[ndim - 1];
  return m;
}

static bool find_layout(struct layout *layout, const matrix *m) {
  int64_t row_lead = m->rows > 1 ? m->row_stride : m->columns;
  int64_t column_lead = m->columns > 1 ? m->column_stride : m->rows;
  layout->transposed = !((m->columns <= 1 || m->column_stride == 1) && row_lead >= m->columns);
  layout->lead = layout->transposed ? column_lead : row_lead;
  return !layout->transposed || ((m->rows <= 1 || m->row_stride == 1) && column_lead >= m->rows);
}

bool nn_tensor_fits_matmul(const nn_tensor *tensor) {
  struct layout layout;
  matrix m = matrix_of(tensor, false);
  return tensor->dtype == NN_FLOAT32 && find_layout(&layout, &m);
}

int nn_matmul_shape(nn_error *error, nn_shape *out, const nn_shape *a, const nn_shape *b) {
  char text_a[NN_SHAPE_TEXT], text_b[NN_SHAPE_TEXT];
  nn_shape_text(a, text_a);
  nn_shape_text(b, text_b);
  if (a->ndim < 1 || a->ndim > 2 || b->ndim < 1 || b->ndim > 2)
    return nn_fail(error, "matmul wants tensors of one or two axes, got shapes %s and %s", text_a, text_b);
  if (a->dim[a->ndim - 1] != b->dim[0])
    return nn_fail(error, "matmul: shapes %s and %s do not fit together: %lld columns against %lld rows", text_a,
                   text_b, (long long)a->dim[a->ndim - 1], (long long)b->dim[0]);
  *out = (nn_shape){0};
  if (a->ndim == 2)
    out->dim[out->ndim++] = a->dim[0];
  if (b->ndim == 2)
    out->dim[out->ndim++] = b->dim[1];
  return NN_OK;
}

int nn_tensor_matmul(nn_error *error, nn_tensor *out, const nn_tensor *a, const nn_tensor *b) {
  nn_shape shape;
  struct layout layout_a, layout_b;
  if (nn_matmul_shape(error, &shape, &a->shape, &b->shape))
    return NN_ERROR;
  matrix left = matrix_of(a, false), right = matrix_of(b, true);
  if (!nn_shape_equal(&shape, &out->shape) || !nn_tensor_is_contiguous(out) || out->dtype != NN_FLOAT32 ||
      a->dtype != NN_FLOAT32 || b->dtype != NN_FLOAT32 || !find_layout(&layout_a, &left) ||
      !find_layout(&layout_b, &right))
    return nn_fail(error, "matmul: expected float32 tensors whose rows or columns are contiguous");
  if (left.rows > INT_MAX || left.columns > INT_MAX || right.columns > INT_MAX || layout_a.lead > INT_MAX ||
      layout_b.lead > INT_MAX)
    return nn_fail(error, "matmul: an axis is longer than %d", INT_MAX);
  if (left.columns == 0)
    memset(out->data, 0, (size_t)nn_shape_count(&shape) * sizeof(float));
  else if (left.rows > 0 && right.columns > 0)
    nn_gemm(NULL, layout_a.transposed, layout_b.transposed, left.rows, right.columns, left.columns, left.data,
            layout_a.lead, right.data, layout_b.lead, out->data, right.columns);
  return NN_OK;
}
