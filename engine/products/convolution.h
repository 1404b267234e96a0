/* convolution.h - convolutions of a batch of images, and their gradients.
 *
 * x (images, image..., channels), kernel (kernel..., channels / groups, filters), y (images, output..., filters), with
 * the sizes of an nn_window. Nothing is allocated: the caller gives a workspace. A team shares outputs, never one sum,
 * so that results have the same bits for any number of threads. */
#ifndef NN_CONVOLUTION_H
#define NN_CONVOLUTION_H

#include <stdbool.h>

#include "base/team.h"
#include "products/kernels/kernels.h"
#include "products/window.h"

typedef struct nn_convolution {
  const nn_window *window;
  const nn_kernels *kernels; /* the level of vector code: nn_kernels_at(0) */
  nn_team *team;             /* may be NULL */
  int64_t images;
  float *workspace; /* (nn_convolution_workspace) */
} nn_convolution;

/* Floats that any of the functions below needs for up to so many images. */
int64_t nn_convolution_workspace(const nn_window *, int64_t images);

/* y = x * kernel + bias, then max(0, y) if `relu`. The bias (filters) may be NULL. */
void nn_convolve(const nn_convolution *, float *y, const float *x, const float *kernel, const float *bias, bool relu);
/* The transposed convolution, x from y: the gradient by the image if y is the gradient by the output; and the layer
 * Conv2DTranspose, whose bias (channels) may be NULL. */
void nn_convolve_transposed(const nn_convolution *, float *x, const float *y, const float *kernel, const float *bias,
                            bool relu);
/* The gradient by the kernel. */
void nn_convolve_kernel_gradient(const nn_convolution *, float *dkernel, const float *x, const float *dy);
/* The gradient by a bias: sums over all cells of dy (images, cells, channels). */
void nn_convolve_bias_gradient(const nn_kernels *, float *dbias, const float *dy, int64_t images, int64_t cells,
                               int64_t channels);

#endif
