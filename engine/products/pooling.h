/* pooling.h - the largest number, or the mean, of what a window sees, for a batch of images.
 *
 * x (images, image..., channels), y (images, output..., channels), with the sizes of an nn_window of dilation 1. Cells
 * of padding do not count. A team shares images. */
#ifndef NN_POOLING_H
#define NN_POOLING_H

#include <stdbool.h>

#include "base/team.h"
#include "products/kernels/kernels.h"
#include "products/window.h"

typedef struct nn_pooling {
  const nn_window *window;
  const nn_kernels *kernels; /* the level of vector code: nn_kernels_at(0) */
  nn_team *team;             /* may be NULL */
  int64_t images;
} nn_pooling;

/* Floats of one image in which nn_max_pool notes where the largest numbers are: a byte or an int for each. */
int64_t nn_max_pool_places_size(const nn_window *);
/* Among equal numbers the first counts. `places` (images, places size) may be NULL. */
void nn_max_pool(const nn_pooling *, float *y, float *places, const float *x);
void nn_max_pool_gradient(const nn_pooling *, float *dx, const float *places, const float *dy);
void nn_average_pool(const nn_pooling *, float *y, const float *x);
void nn_average_pool_gradient(const nn_pooling *, float *dx, const float *dy);

#endif
