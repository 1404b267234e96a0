/* axes.h - axes of samples: which one an argument means, and their order. */
#ifndef NN_AXES_H
#define NN_AXES_H

#include "tensor/tensor.h"

/* The axis of one sample that an argument means: 0 is the samples' own axis, which no layer touches, and negative ones
 * count from the end. */
int nn_sample_axis(nn_error *, int *out, int64_t axis, int ndim);
/* The elements of x (rows, sample) with the axes of each sample in another order: out axis i is x axis order[i]. */
void nn_permute(float *out, const float *x, int64_t rows, const nn_shape *sample, const int *order);

#endif
