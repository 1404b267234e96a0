/* window.h - the geometry of a convolution or a pooling: which cells of an image each output sees.
 *
 * There are always three axes; those that an image does not have come first and have size, kernel, stride and dilation
 * 1. An image is (image[0], image[1], image[2], channels), row-major, a kernel (kernel[0], kernel[1], kernel[2],
 * channels / groups, filters), the output (output[0], output[1], output[2], filters): Keras' layout for channels_last.
 * The kernel's cell k of an axis sees, for output i, cell i * stride + k * dilation - before; a cell outside of the
 * image is 0. */
#ifndef NN_WINDOW_H
#define NN_WINDOW_H

#include <stdint.h>

enum { NN_WINDOW_AXES = 3 };

typedef struct nn_window {
  int64_t image[NN_WINDOW_AXES], kernel[NN_WINDOW_AXES], stride[NN_WINDOW_AXES], dilation[NN_WINDOW_AXES];
  int64_t before[NN_WINDOW_AXES]; /* cells of padding before the first; may be negative */
  int64_t output[NN_WINDOW_AXES];
  int64_t channels, filters, groups; /* filters is a multiple of groups, as channels is */
} nn_window;

typedef enum nn_padding { NN_PADDING_VALID, NN_PADDING_SAME, NN_PADDING_CAUSAL } nn_padding;

/* The last `rank` of the three numbers from a list of so many; 1 for the axes before them. */
static inline void nn_window_set(int64_t *to, const int64_t *list, int rank) {
  for (int i = 0; i < NN_WINDOW_AXES; i++)
    to[i] = i < NN_WINDOW_AXES - rank ? 1 : list[i - (NN_WINDOW_AXES - rank)];
}

/* Cells from the first to the last that a kernel sees along an axis. */
int64_t nn_window_reach(const nn_window *, int axis);
/* Sets `before` and `output` from the rest as Keras pads: not at all, so that there are ceil(image / stride) outputs
 * (of an odd number of cells the smaller half comes first), or before the first cell alone. No output where an image is
 * smaller than the kernel. */
void nn_window_pad(nn_window *, nn_padding);
/* The same for a transposed convolution, whose input is `output` and whose output is `image`. `extra` cells are added
 * to the output of each axis as Keras' output_padding; NULL: as many as Keras adds without it. */
void nn_window_pad_transposed(nn_window *, nn_padding, const int64_t *extra);

static inline int64_t nn_window_cells(const int64_t *size) { return size[0] * size[1] * size[2]; }
/* Floats of one image, of one output, of the kernel. */
static inline int64_t nn_window_image_size(const nn_window *w) { return nn_window_cells(w->image) * w->channels; }
static inline int64_t nn_window_output_size(const nn_window *w) { return nn_window_cells(w->output) * w->filters; }
static inline int64_t nn_window_kernel_size(const nn_window *w) {
  return nn_window_cells(w->kernel) * (w->channels / w->groups) * w->filters;
}

#endif
