/* indexing.h - what operations share that find elements along an axis. */
#ifndef NN_OPERATION_INDEXING_H
#define NN_OPERATION_INDEXING_H

#include <math.h>
#include <string.h>

#include "operations/shapes.h"

/* Positions are float32: greater whole numbers are not exact. */
enum { NN_MOST_POSITIONS = 1 << 24 };

/* A tensor seen as (outer, length, inner): one axis, all before it and all behind it. */
typedef struct nn_lanes {
  int64_t outer, length, inner;
} nn_lanes;

static inline nn_lanes nn_lanes_of(const nn_shape *shape, int axis) {
  nn_lanes lanes = {1, shape->dim[axis], 1};
  for (int i = 0; i < axis; i++)
    lanes.outer *= shape->dim[i];
  for (int i = axis + 1; i < shape->ndim; i++)
    lanes.inner *= shape->dim[i];
  return lanes;
}

/* Fills a contiguous tensor with zeros, if it has data. */
static inline void nn_clear(nn_tensor *tensor) {
  if (tensor->data)
    memset(tensor->data, 0, (size_t)nn_count(tensor) * sizeof(float));
}

/* Whether all are whole numbers from 0 (or, from_end, from -length) to length - 1. */
int nn_check_positions(nn_error *, const nn_tensor *positions, int64_t length, bool from_end);

#endif
