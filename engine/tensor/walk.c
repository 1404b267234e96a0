/* walk.c - how kernels see tensors: blocks of doubles, and walks that visit several tensors together. */
#include "walk.h"

/* ---------------------------------------------------------------- blocks */

#define LOAD(type)                                                                                                     \
  do {                                                                                                                 \
    const type *data = (const type *)tensor->data + offset;                                                            \
    if (step == 1)                                                                                                     \
      for (int64_t i = 0; i < n; i++)                                                                                  \
        block[i] = data[i];                                                                                            \
    else                                                                                                               \
      for (int64_t i = 0; i < n; i++)                                                                                  \
        block[i] = data[i * step];                                                                                     \
  } while (0)

#define STORE(type)                                                                                                    \
  do {                                                                                                                 \
    type *data = (type *)tensor->data + offset;                                                                        \
    if (step == 1)                                                                                                     \
      for (int64_t i = 0; i < n; i++)                                                                                  \
        data[i] = (type)block[i];                                                                                      \
    else                                                                                                               \
      for (int64_t i = 0; i < n; i++)                                                                                  \
        data[i * step] = (type)block[i];                                                                               \
  } while (0)

void nn_block_load(double *restrict block, const nn_tensor *tensor, int64_t offset, int64_t step, int64_t n) {
  switch (tensor->dtype) {
  case NN_FLOAT32: LOAD(float); break;
  case NN_UINT8: LOAD(uint8_t); break;
  case NN_INT32: LOAD(int32_t); break;
  }
}

/* Truncation towards zero brings everything strictly between low - 1 and high + 1 into range. NaN is in no range. */
static int check_whole(nn_error *error, nn_dtype dtype, double low, double high, const double *block, int64_t n) {
  bool all_fit = true;
  for (int64_t i = 0; i < n; i++)
    all_fit &= (block[i] > low - 1) & (block[i] < high + 1);
  for (int64_t i = 0; !all_fit && i < n; i++)
    if (!(block[i] > low - 1 && block[i] < high + 1))
      return nn_fail(error, "%.15g does not fit into %s (%.0f to %.0f)", block[i], nn_dtype_name(dtype), low, high);
  return NN_OK;
}

int nn_block_store(nn_error *error, nn_tensor *tensor, int64_t offset, int64_t step, const double *restrict block,
                   int64_t n) {
  switch (tensor->dtype) {
  case NN_FLOAT32: STORE(float); break;
  case NN_UINT8:
    if (check_whole(error, NN_UINT8, 0, UINT8_MAX, block, n))
      return NN_ERROR;
    STORE(uint8_t);
    break;
  case NN_INT32:
    if (check_whole(error, NN_INT32, INT32_MIN, INT32_MAX, block, n))
      return NN_ERROR;
    STORE(int32_t);
    break;
  }
  return NN_OK;
}

/* ---------------------------------------------------------------- walks */

/* An operand's stride along an axis of the first tensor: 0 where it stretches. */
static int64_t broadcast_stride(const nn_tensor *tensor, const nn_shape *shape, int axis) {
  int own = axis - (shape->ndim - tensor->shape.ndim);
  return own < 0 || tensor->shape.dim[own] == 1 ? 0 : tensor->stride[own];
}

/* Whether axis can be walked as one with the axis kept before it: every stride goes on where the axis ends. */
static bool continues(const nn_walk *walk, const int64_t stride[], int64_t length) {
  bool all = walk->ndim > 0;
  for (int i = 0; i < walk->tensors && all; i++)
    all = walk->stride[i][walk->ndim - 1] == stride[i] * length;
  return all;
}

nn_walk nn_walk_start(int tensors, const nn_tensor *const *tensor) {
  const nn_shape *shape = &tensor[0]->shape;
  nn_walk walk = {.tensors = tensors};
  if (nn_shape_count(shape) == 0)
    return (nn_walk){.tensors = tensors, .ndim = 1};
  for (int axis = 0; axis < shape->ndim; axis++) {
    int64_t length = shape->dim[axis], stride[NN_WALK_TENSORS];
    if (length == 1)
      continue;
    for (int i = 0; i < tensors; i++)
      stride[i] = broadcast_stride(tensor[i], shape, axis);
    if (continues(&walk, stride, length))
      walk.dim[walk.ndim - 1] *= length;
    else
      walk.dim[walk.ndim++] = length;
    for (int i = 0; i < tensors; i++)
      walk.stride[i][walk.ndim - 1] = stride[i];
  }
  if (walk.ndim == 0)
    walk.dim[walk.ndim++] = 1;
  for (int i = 0; i < tensors; i++)
    walk.step[i] = walk.stride[i][walk.ndim - 1];
  return walk;
}

bool nn_walk_next(nn_walk *walk) {
  int last = walk->ndim - 1;
  walk->index[last] += walk->n;
  for (int axis = last; walk->index[axis] >= walk->dim[axis]; axis--) {
    if (axis == 0)
      return false;
    walk->index[axis] = 0;
    walk->index[axis - 1]++;
  }
  int64_t left = walk->dim[last] - walk->index[last];
  walk->n = left < NN_BLOCK ? left : NN_BLOCK;
  for (int i = 0; i < walk->tensors; i++) {
    walk->offset[i] = 0;
    for (int axis = 0; axis <= last; axis++)
      walk->offset[i] += walk->index[axis] * walk->stride[i][axis];
  }
  return true;
}
