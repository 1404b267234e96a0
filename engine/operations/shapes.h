/* shapes.h - what operations share of shapes: axes, and the commonest rules for the shape of a result. */
#ifndef NN_OPERATION_SHAPES_H
#define NN_OPERATION_SHAPES_H

#include "operations/operation.h"

/* The position from 0 of an axis that counts from 1, or from the end if negative. */
int nn_find_axis(nn_error *, int *out, int64_t axis, int ndim);
/* The same for a list of axes, each at most once: is_in[i] becomes whether axis i is among them. An empty list means
 * all axes. */
int nn_find_axes(nn_error *, bool is_in[NN_MAX_NDIM], const nn_shape *axes, int ndim);

/* For nn_operation.infer: the first input's shape; the inputs' shapes broadcast. */
int nn_infer_first(nn_error *, const void *config, const nn_shape *in, int count, nn_shape *out);
int nn_infer_broadcast(nn_error *, const void *config, const nn_shape *in, int count, nn_shape *out);

/* The number of elements, all lengths known. */
static inline int64_t nn_count(const nn_tensor *tensor) { return nn_shape_count(&tensor->shape); }

#endif
