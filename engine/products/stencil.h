/* stencil.h - a convolution as its kernels walk it (kernels/stencil.c).
 *
 * Every output is a sum over taps, cells of the convolution's kernel: output q of an axis reads, at tap t, cell
 * q * step + offset + t * dilation of the source. A convolution is one stencil. Its gradient by the image is one
 * stencil for each remainder of the image's cells by the strides: cells of one remainder are reached by the same taps.
 * Cells of other remainders are reached by no tap and have no stencil.
 */
#ifndef NN_STENCIL_H
#define NN_STENCIL_H

#include <stdbool.h>

#include "products/window.h"

typedef struct nn_axis {
  int64_t outputs, inputs;   /* cells that are computed; cells of the source, all others are 0 */
  int64_t step;              /* in the source from one output to the next */
  int64_t taps, tap, next;   /* how many; the kernel's cell of the first, and how far it is to the next */
  int64_t offset, dilation;  /* of the source: the cell that output 0 reads at the first tap, and from tap to tap */
  int64_t target, to, apart; /* cells of the target; where output 0 is written, and from there to the next */
} nn_axis;

typedef struct nn_stencil {
  nn_axis axis[NN_WINDOW_AXES];
  int64_t kernel[NN_WINDOW_AXES];
  int64_t groups, depth, columns; /* channels that a group reads and writes */
  bool transposed;                /* the weights of one tap are (columns, depth), not (depth, columns) */
  int64_t left, right;            /* cells of zeros at both ends of a line of the source: its last axis is padded */
} nn_stencil;

/* The convolution of images: y from x. */
nn_stencil nn_stencil_forward(const nn_window *);
/* The sum that is transposed to it: x from y, for cells of x whose remainder by the strides is the one given. */
nn_stencil nn_stencil_transposed(const nn_window *, const int64_t *remainder);
/* Floats of the packed kernel; none if it is depthwise. */
int64_t nn_stencil_packed_size(const nn_stencil *);

static inline int64_t nn_stencil_lines(const nn_stencil *s) { return s->axis[0].outputs * s->axis[1].outputs; }
static inline int64_t nn_stencil_taps(const nn_stencil *s) {
  return s->axis[0].taps * s->axis[1].taps * s->axis[2].taps;
}
/* Whether each channel is convolved alone, with one kernel. */
static inline bool nn_stencil_is_depthwise(const nn_stencil *s) {
  return s->groups > 1 && s->depth == 1 && s->columns == 1;
}
/* Floats of a line of the source, and of a whole image, as the kernels read it. */
static inline int64_t nn_stencil_pitch(const nn_stencil *s) {
  return (s->left + s->axis[2].inputs + s->right) * s->groups * s->depth;
}
static inline int64_t nn_stencil_source_size(const nn_stencil *s) {
  return s->axis[0].inputs * s->axis[1].inputs * nn_stencil_pitch(s);
}

/* Taps that output q reads inside of the source: `count` of them from `first` on. */
typedef struct nn_range {
  int64_t first, count;
} nn_range;
nn_range nn_axis_taps(const nn_axis *, int64_t q);
/* Outputs whose tap t reads inside of the source. */
nn_range nn_axis_outputs(const nn_axis *, int64_t t);

#endif
