/* filter.h - one axis brought to another length: for each new place a window of old places, and their weights. */
#ifndef NN_FILTER_H
#define NN_FILTER_H

#include <stdbool.h>
#include <stdint.h>

/* NN_ADAPTIVE: the mean of all places that a new one overlaps, however little; for adaptive pooling. */
typedef enum nn_interpolation {
  NN_NEAREST,
  NN_BOX,
  NN_BILINEAR,
  NN_BICUBIC,
  NN_LANCZOS3,
  NN_LANCZOS5,
  NN_ADAPTIVE
} nn_interpolation;

extern const char *const nn_interpolation_names[]; /* ends with NULL */

/* From one length to another, neither 0. Centres of places lie at halves, as in TensorFlow; places beyond the ends do
 * not count. With antialias the filter grows as the axis shrinks, as in Pillow; NN_BOX always does that, and NN_NEAREST
 * and NN_ADAPTIVE never. */
typedef struct nn_filter {
  nn_interpolation interpolation;
  bool antialias;
  int64_t from, to;
} nn_filter;

typedef struct nn_filter_window {
  int64_t first, count;
  const float *weight; /* (count), their sum is 1 */
} nn_filter_window;

/* How many weights a window has at most. */
int64_t nn_filter_most(const nn_filter *);
/* The window of the new place at that position; writes its weights into `weight` (nn_filter_most). */
nn_filter_window nn_filter_window_at(const nn_filter *, int64_t position, float *weight);

#endif
