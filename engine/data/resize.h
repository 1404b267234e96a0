/* resize.h - pictures brought to another size. */
#ifndef NN_RESIZE_H
#define NN_RESIZE_H

#include "tensor/tensor.h"

typedef enum nn_interpolation { NN_NEAREST, NN_BOX, NN_BILINEAR, NN_BICUBIC } nn_interpolation;

extern const char *const nn_interpolation_names[]; /* ends with NULL */

/* Brings pictures to the size of out. Both tensors are (count, height, width, channels), contiguous, uint8 or float32
 * and of one type; no axis of a picture has length 0. Centres of pixels lie at halves, as in TensorFlow; pixels beyond
 * the edge do not count. With antialias the filter grows as the picture shrinks, as in Pillow; NN_BOX always does that,
 * and NN_NEAREST, which copies pixels, never. Bytes are rounded. */
int nn_resize(nn_error *, nn_tensor *out, const nn_tensor *in, nn_interpolation interpolation, bool antialias);

#endif
