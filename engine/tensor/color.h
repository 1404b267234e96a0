/* color.h - hue, saturation and value of a colour, and how bright it is: formulas of one pixel. */
#ifndef NN_COLOR_H
#define NN_COLOR_H

#include <math.h>

/* ITU-R BT.601: how much red, green and blue count for brightness. */
static const float nn_brightness_of[3] = {0.2989f, 0.5870f, 0.1140f};

static inline float nn_gray(const float *rgb) {
  return nn_brightness_of[0] * rgb[0] + nn_brightness_of[1] * rgb[1] + nn_brightness_of[2] * rgb[2];
}

/* Which of three numbers is the first of the greatest. */
static inline int nn_greatest_of_3(const float *x) {
  const int first = x[1] > x[0] ? 1 : 0;
  return x[2] > x[first] ? 2 : first;
}

static inline int nn_least_of_3(const float *x) {
  const int first = x[1] < x[0] ? 1 : 0;
  return x[2] < x[first] ? 2 : first;
}

/* Hue from 0 to 1 (red 0, green 1/3, blue 2/3), saturation, and value: the greatest of the three. */
static inline void nn_rgb_to_hsv(float *hsv, const float *rgb) {
  const int top = nn_greatest_of_3(rgb);
  const float value = rgb[top], range = value - rgb[nn_least_of_3(rgb)];
  const float hue = range > 0 ? (rgb[(top + 1) % 3] - rgb[(top + 2) % 3]) / (6 * range) + (float)top / 3 : 0;
  hsv[0] = hue < 0 ? hue + 1 : hue;
  hsv[1] = value > 0 ? range / value : 0;
  hsv[2] = value;
}

/* How far each of red, green and blue is from the least to the greatest of them, for a hue. */
static inline void nn_shares_of_hue(float *shares, float hue) {
  const float place = 6 * (hue - floorf(hue));
  shares[0] = fminf(1, fmaxf(0, fabsf(place - 3) - 1));
  shares[1] = fminf(1, fmaxf(0, 2 - fabsf(place - 2)));
  shares[2] = fminf(1, fmaxf(0, 2 - fabsf(place - 4)));
}

static inline void nn_hsv_to_rgb(float *rgb, const float *hsv) {
  float shares[3];
  nn_shares_of_hue(shares, hsv[0]);
  for (int c = 0; c < 3; c++)
    rgb[c] = hsv[2] * (1 - hsv[1] + hsv[1] * shares[c]);
}

#endif
