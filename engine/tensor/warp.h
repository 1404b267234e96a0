/* warp.h - a picture seen through a projective map: where each pixel of the result comes from, and what is beyond the
 * edges. */
#ifndef NN_WARP_H
#define NN_WARP_H

#include <stdbool.h>
#include <stdint.h>

/* What stands beyond the edges of abcd: a constant; aaaa|abcd|dddd; dcba|abcd|dcba; abcd|abcd|abcd; dcb|abcd|cba. */
typedef enum nn_fill_mode {
  NN_FILL_CONSTANT,
  NN_FILL_NEAREST,
  NN_FILL_REFLECT,
  NN_FILL_WRAP,
  NN_FILL_MIRROR
} nn_fill_mode;

extern const char *const nn_fill_mode_names[]; /* ends with NULL */

/* The pixel (x, y) of the result is that at ((m0 x + m1 y + m2) / k, (m3 x + m4 y + m5) / k) with k = m6 x + m7 y + 1,
 * as in TensorFlow's ImageProjectiveTransform. Between pixels it is interpolated, or the nearest one is taken. */
typedef struct nn_warp {
  float m[8];
  bool is_nearest;
  nn_fill_mode fill_mode;
  float fill_value;
  int64_t height, width;         /* of the picture */
  int64_t out_height, out_width; /* of the result */
  int64_t channels;
} nn_warp;

/* out (out_height, out_width, channels) from in (height, width, channels). */
void nn_warp_picture(float *out, const float *in, const nn_warp *);
/* Adds the gradient by the picture to dx. */
void nn_warp_gradient(float *dx, const float *dy, const nn_warp *);

#endif
