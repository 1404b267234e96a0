/* color.h - how the colours of one picture are changed: what the kinds of image_color are given. */
#ifndef NN_IMAGE_COLOR_H
#define NN_IMAGE_COLOR_H

#include <stdint.h>

/* A sample's draws: what they are depends on the kind. */
enum { NN_COLOR_DRAWS = 4 };

/* One picture (height, width, channels), and how its colours are to be changed. */
typedef struct nn_color {
  int64_t height, width, channels;
  float low, high; /* the range of values */
  float draw[NN_COLOR_DRAWS];
  int kernel_height, kernel_width; /* blur */
  int bins;                        /* equalization */
  float *scratch; /* equalization, sharpness: as many floats as the picture has, and no fewer than bins; blur: twice as
                     many */
} nn_color;

/* y from x; neither may be the other. */
typedef void nn_color_apply(float *y, const float *x, const nn_color *);
/* dx from dy, overwritten. */
typedef void nn_color_gradient(float *dx, const float *dy, const float *x, const nn_color *);

nn_color_apply nn_brighten, nn_contrast, nn_saturate, nn_turn_hue, nn_degenerate, nn_invert, nn_posterize, nn_solarize,
    nn_auto_contrast, nn_equalize, nn_sharpen, nn_blur;
nn_color_gradient nn_brighten_gradient, nn_contrast_gradient, nn_saturate_gradient, nn_turn_hue_gradient,
    nn_degenerate_gradient, nn_invert_gradient, nn_flat_gradient, nn_solarize_gradient, nn_auto_contrast_gradient,
    nn_sharpen_gradient, nn_blur_gradient;

static inline int64_t nn_color_pixels(const nn_color *color) { return color->height * color->width; }

static inline int64_t nn_color_size(const nn_color *color) { return nn_color_pixels(color) * color->channels; }

static inline float nn_color_clip(const nn_color *color, float x) {
  return x < color->low ? color->low : x > color->high ? color->high : x;
}

/* Whether a gradient passes the clip. */
static inline int nn_color_is_inside(const nn_color *color, float x) { return x > color->low && x < color->high; }

#endif
