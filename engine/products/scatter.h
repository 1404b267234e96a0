/* scatter.h - transposed convolutions to images of few channels.
 *
 * A stencil has one column for each channel, too few to fill a vector. Here the columns are the cells of the kernel:
 * one dense product gives what each output adds to all cells that it sees, and then these are added. */
#ifndef NN_SCATTER_H
#define NN_SCATTER_H

#include "products/convolution.h"

/* Whether this is the faster way; it depends on the window alone, so that bits depend on nothing else. */
bool nn_scatter_fits(const nn_window *);
int64_t nn_scatter_workspace(const nn_window *, int64_t images);
/* nn_convolve_transposed for such a window. */
void nn_scatter(const nn_convolution *, float *x, const float *y, const float *kernel, const float *bias, bool relu);

#endif
