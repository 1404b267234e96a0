/* walk.h - what the files that compute with tensors share: blocks of doubles, and walks over several tensors.
 *
 * Every element-wise operation and reduction reads its operands as doubles, a block at a time. A double holds each
 * float32, uint8 and int32 exactly, and rounding the double result of + - * / or sqrt to float32 gives the very bits
 * that float32 arithmetic would, so one kernel serves all types and all strides. A block fits the first-level cache. */
#ifndef NN_WALK_H
#define NN_WALK_H

#include "tensor.h"

enum { NN_BLOCK = 256, NN_WALK_TENSORS = 4 };

/* Elements offset, offset + step, ... of a tensor's memory, as doubles. */
void nn_block_load(double *block, const nn_tensor *tensor, int64_t offset, int64_t step, int64_t n);
/* The same backwards; integers are truncated towards zero. A value the type cannot hold is an error. */
int nn_block_store(nn_error *, nn_tensor *tensor, int64_t offset, int64_t step, const double *block, int64_t n);

/* Tensors broadcast to the shape of the first and visited together, in blocks of at most NN_BLOCK elements. */
typedef struct nn_walk {
  int tensors, ndim; /* axes that can be walked as one are merged */
  int64_t dim[NN_MAX_NDIM], index[NN_MAX_NDIM];
  int64_t stride[NN_WALK_TENSORS][NN_MAX_NDIM];
  /* the present block */
  int64_t n, offset[NN_WALK_TENSORS], step[NN_WALK_TENSORS];
} nn_walk;

nn_walk nn_walk_start(int tensors, const nn_tensor *const *tensor);
/* Goes to the next block; the first call to the first one. */
bool nn_walk_next(nn_walk *walk);

/* Every element of a contiguous tensor reduced to one number; a whole number for the types nn_reduce_dtype calls so,
 * which unlike the elements of a tensor may exceed 32 bits. */
int nn_tensor_total(nn_error *, nn_reduce_op op, double *out, const nn_tensor *in);

int nn_matmul_shape(nn_error *, nn_shape *out, const nn_shape *a, const nn_shape *b);
/* Whether nn_tensor_matmul can take this operand as it lies in memory. */
bool nn_tensor_fits_matmul(const nn_tensor *tensor);

#endif
