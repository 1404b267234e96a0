/* reduce.h - what the reductions share: which axes go, and a walk over the elements beside their results. */
#ifndef NN_OPERATION_REDUCE_H
#define NN_OPERATION_REDUCE_H

#include "operations/shapes.h"
#include "tensor/walk.h"

typedef struct nn_reduce_config {
  nn_shape axis; /* positions from 1, or from the end if negative; none: all axes */
  bool keepdims; /* keep the axes with length 1 */
} nn_reduce_config;

extern const nn_field nn_reduce_fields[];

/* For nn_operation.infer: the shape without the axes. The second is for those that nothing can be said of without an
 * element, such as max. */
int nn_infer_reduced(nn_error *, const void *config, const nn_shape *in, int count, nn_shape *out);
int nn_infer_reduced_not_empty(nn_error *, const void *config, const nn_shape *in, int count, nn_shape *out);

/* A walk over the input, walk.offset[0], beside each element's result, walk.offset[1]. The input's step is 1; the
 * result's is 0 if a block belongs to one result, else 1. */
nn_walk nn_reduce_walk(const nn_call *call);
/* How many elements make one result. */
int64_t nn_reduced_count(const nn_call *call);

#endif
