/* resize.h - pictures brought to another size. */
#ifndef NN_RESIZE_H
#define NN_RESIZE_H

#include "tensor/filter.h"
#include "tensor/tensor.h"

/* Brings pictures to the size of out. Both tensors are (count, height, width, channels), contiguous, uint8 or float32
 * and of one type; no axis of a picture has length 0. Bytes are rounded. */
int nn_resize(nn_error *, nn_tensor *out, const nn_tensor *in, nn_interpolation interpolation, bool antialias);

#endif
