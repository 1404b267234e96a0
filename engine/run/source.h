/* source.h - where the batches of a run come from. */
#ifndef NN_SOURCE_H
#define NN_SOURCE_H

#include "tensor/tensor.h"

/* One column of the samples: an input, a target, or weights. */
typedef struct nn_source {
  /* Gives rows first .. first + rows - 1 of an epoch in single precision: in buffer, or where they stand already, until
   * the next call. Row i is sample order[i], or without an order sample i. */
  float *(*fill)(struct nn_source *, float *buffer, const int32_t *order, int64_t first, int64_t rows);
} nn_source;

/* A tensor in memory. */
typedef struct nn_tensor_source {
  nn_source source;
  const nn_tensor *data; /* (n, ...), contiguous */
} nn_tensor_source;

nn_tensor_source nn_source_of_tensor(const nn_tensor *data);
/* Elements first .. first + count - 1 of a contiguous tensor in single precision. */
void nn_read_floats(float *out, const nn_tensor *data, int64_t first, int64_t count);
/* Elements of a sample; 0 if there are none. */
int64_t nn_elements_per_sample(const nn_tensor *data);

#endif
