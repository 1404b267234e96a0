/* tensor.h - shapes, and tensors: strided views of memory that somebody else owns. */
#ifndef NN_TENSOR_H
#define NN_TENSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define NN_MAX_NDIM 8

typedef enum nn_dtype { NN_FLOAT32, NN_UINT8, NN_INT32 } nn_dtype;

typedef struct nn_shape {
  int ndim;
  int64_t dim[NN_MAX_NDIM];
} nn_shape;

/* A view: it owns nothing. Strides count elements, not bytes. */
typedef struct nn_tensor {
  nn_dtype dtype;
  nn_shape shape;
  int64_t stride[NN_MAX_NDIM];
  void *data;
} nn_tensor;

enum { NN_SHAPE_TEXT = 128 };

size_t nn_dtype_size(nn_dtype dtype);
const char *nn_dtype_name(nn_dtype dtype); /* "float32" */
int64_t nn_shape_count(const nn_shape *shape);
/* Whether a tensor of that shape is no larger than any memory; then its count overflows nothing. */
bool nn_shape_fits_memory(const nn_shape *shape);
bool nn_shape_equal(const nn_shape *a, const nn_shape *b);
/* "28x28", "scalar" for no axes; writes into text and returns it. */
char *nn_shape_text(const nn_shape *shape, char text[NN_SHAPE_TEXT]);

/* A contiguous tensor over data. */
nn_tensor nn_tensor_over(nn_dtype dtype, const nn_shape *shape, void *data);
bool nn_tensor_is_contiguous(const nn_tensor *tensor);

/* Views. Axes and positions count from 0 here; the Lua side counts from 1. */
int nn_tensor_index(nn_error *, nn_tensor *out, const nn_tensor *in, int axis, int64_t position);
int nn_tensor_range(nn_error *, nn_tensor *out, const nn_tensor *in, int axis, int64_t first, int64_t count);
int nn_tensor_permute(nn_error *, nn_tensor *out, const nn_tensor *in, const int *axes);
/* A contiguous tensor seen with another shape of as many elements. */
int nn_tensor_view(nn_error *, nn_tensor *out, const nn_tensor *in, const nn_shape *shape);

typedef enum nn_binary_op {
  NN_ADD,
  NN_SUB,
  NN_MUL,
  NN_DIV,
  NN_POW,
  NN_MAXIMUM,
  NN_MINIMUM,
  NN_EQ,
  NN_NE,
  NN_LT,
  NN_LE,
  NN_GT,
  NN_GE
} nn_binary_op;

typedef enum nn_unary_op {
  NN_NEG,
  NN_ABS,
  NN_SQRT,
  NN_EXP,
  NN_LOG,
  NN_SIN,
  NN_COS,
  NN_TANH,
  NN_FLOOR,
  NN_ROUND
} nn_unary_op;

typedef enum nn_reduce_op { NN_SUM, NN_MEAN, NN_VAR, NN_MIN, NN_MAX, NN_ARGMIN, NN_ARGMAX } nn_reduce_op;

/* NumPy's rule: axes aligned at the right, 1 stretches. */
int nn_shape_broadcast(nn_error *, nn_shape *out, const nn_shape *a, const nn_shape *b);
/* The type an operation gives: comparisons uint8, DIV and POW float32, the rest int32 unless a side is float32. */
nn_dtype nn_binary_dtype(nn_binary_op op, nn_dtype a, nn_dtype b);
nn_dtype nn_reduce_dtype(nn_reduce_op op, nn_dtype dtype);

/* out has the broadcast shape and the type nn_binary_dtype says. A result an int32 cannot hold is an error. */
int nn_tensor_binary(nn_error *, nn_binary_op op, nn_tensor *out, const nn_tensor *a, const nn_tensor *b);
int nn_tensor_unary(nn_error *, nn_unary_op op, nn_tensor *out, const nn_tensor *in);
/* Copies with conversion and broadcasting. A value the target type cannot hold is an error naming it. */
int nn_tensor_copy(nn_error *, nn_tensor *out, const nn_tensor *in);
/* Copies where the condition is other than 0; both broadcast to out's shape. */
int nn_tensor_copy_where(nn_error *, nn_tensor *out, const nn_tensor *condition, const nn_tensor *in);
/* Reduces one axis; out has the shape without it. Sums run in double. VAR is the population variance. */
int nn_tensor_reduce(nn_error *, nn_reduce_op op, nn_tensor *out, const nn_tensor *in, int axis);
/* (m,k)x(k,n); also (k)x(k,n), (m,k)x(k) and (k)x(k), as NumPy. All float32. */
int nn_tensor_matmul(nn_error *, nn_tensor *out, const nn_tensor *a, const nn_tensor *b);
/* out[i] = in[index[i]] along the first axis; index is int32, positions from 0. */
int nn_tensor_gather(nn_error *, nn_tensor *out, const nn_tensor *in, const nn_tensor *index);

#endif
