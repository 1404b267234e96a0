/* color_pixels.c - changes of colours that see one pixel at a time. */
#include "color.h"
#include "tensor/color.h"

/* ---- brightness: draw[0] is what is added ---- */

void nn_brighten(float *y, const float *x, const nn_color *color) {
  for (int64_t i = 0; i < nn_color_size(color); i++)
    y[i] = nn_color_clip(color, x[i] + color->draw[0]);
}

void nn_brighten_gradient(float *dx, const float *dy, const float *x, const nn_color *color) {
  for (int64_t i = 0; i < nn_color_size(color); i++)
    dx[i] = nn_color_is_inside(color, x[i] + color->draw[0]) ? dy[i] : 0;
}

/* ---- inversion ---- */

void nn_invert(float *y, const float *x, const nn_color *color) {
  for (int64_t i = 0; i < nn_color_size(color); i++)
    y[i] = color->high - x[i];
}

void nn_invert_gradient(float *dx, const float *dy, const float *x, const nn_color *color) {
  (void)x;
  for (int64_t i = 0; i < nn_color_size(color); i++)
    dx[i] = -dy[i];
}

/* ---- on a scale from 0 to 255 ---- */

static float to_bytes(const nn_color *color, float x) { return (x - color->low) / (color->high - color->low) * 255; }

static float from_bytes(const nn_color *color, float x) { return x / 255 * (color->high - color->low) + color->low; }

/* draw[0]: how many of 8 bits are left. */
void nn_posterize(float *y, const float *x, const nn_color *color) {
  const int shift = 8 - (int)color->draw[0];
  for (int64_t i = 0; i < nn_color_size(color); i++) {
    const float byte = fminf(255, fmaxf(0, to_bytes(color, x[i])));
    y[i] = from_bytes(color, (float)((int)byte >> shift << shift));
  }
}

/* Steps are flat nearly everywhere. */
void nn_flat_gradient(float *dx, const float *dy, const float *x, const nn_color *color) {
  (void)dy, (void)x;
  for (int64_t i = 0; i < nn_color_size(color); i++)
    dx[i] = 0;
}

/* draw[0]: what is added; draw[1]: from what on values are inverted; both from 0 to 255. */
void nn_solarize(float *y, const float *x, const nn_color *color) {
  for (int64_t i = 0; i < nn_color_size(color); i++) {
    const float byte = fminf(255, fmaxf(0, to_bytes(color, x[i]) + color->draw[0]));
    y[i] = from_bytes(color, byte < color->draw[1] ? byte : 255 - byte);
  }
}

void nn_solarize_gradient(float *dx, const float *dy, const float *x, const nn_color *color) {
  for (int64_t i = 0; i < nn_color_size(color); i++) {
    const float byte = to_bytes(color, x[i]) + color->draw[0];
    dx[i] = byte <= 0 || byte >= 255 ? 0 : byte < color->draw[1] ? dy[i] : -dy[i];
  }
}

/* ---- towards grey: draw[0] is how far ---- */

void nn_degenerate(float *y, const float *x, const nn_color *color) {
  for (int64_t i = 0; i < nn_color_size(color); i += 3)
    for (int c = 0; c < 3; c++)
      y[i + c] = nn_color_clip(color, x[i + c] + color->draw[0] * (nn_gray(x + i) - x[i + c]));
}

void nn_degenerate_gradient(float *dx, const float *dy, const float *x, const nn_color *color) {
  const float share = color->draw[0];
  for (int64_t i = 0; i < nn_color_size(color); i += 3) {
    float inside[3], sum = 0;
    for (int c = 0; c < 3; c++) {
      const float y = x[i + c] + share * (nn_gray(x + i) - x[i + c]);
      inside[c] = nn_color_is_inside(color, y) ? dy[i + c] : 0;
      sum += inside[c];
    }
    for (int c = 0; c < 3; c++)
      dx[i + c] = (1 - share) * inside[c] + share * nn_brightness_of[c] * sum;
  }
}

/* ---- saturation: draw[0] is its factor; it is clipped to the range of values, as in Keras ---- */

void nn_saturate(float *y, const float *x, const nn_color *color) {
  for (int64_t i = 0; i < nn_color_size(color); i += 3) {
    float hsv[3];
    nn_rgb_to_hsv(hsv, x + i);
    hsv[1] = nn_color_clip(color, hsv[1] * color->draw[0]);
    nn_hsv_to_rgb(y + i, hsv);
  }
}

/* With v the greatest and m the least of a pixel, y_c = v + f (x_c - v); if the saturation is clipped to s,
 * y_c = v (1 - s) + s v (x_c - m) / (v - m). Where v is no more than 0, y_c = v. */
void nn_saturate_gradient(float *dx, const float *dy, const float *x, const nn_color *color) {
  for (int64_t i = 0; i < nn_color_size(color); i += 3) {
    const int top = nn_greatest_of_3(x + i), bottom = nn_least_of_3(x + i);
    const float v = x[i + top], m = x[i + bottom], range = v - m;
    const float wanted = v > 0 ? range / v * color->draw[0] : 0, s = nn_color_clip(color, wanted);
    const float factor = v <= 0 ? 0 : wanted == s || range == 0 ? color->draw[0] : s * v / range;
    const float of_range = wanted == s || range == 0 ? 0 : s / (range * range);
    float by_top = 0, by_bottom = 0;
    for (int c = 0; c < 3; c++) {
      const float above = x[i + c] - m;
      dx[i + c] = factor * dy[i + c];
      by_top += dy[i + c] * (of_range > 0 ? 1 - s - of_range * m * above : 1 - factor);
      by_bottom += dy[i + c] * (of_range > 0 ? of_range * v * above - factor : 0);
    }
    dx[i + top] += by_top;
    dx[i + bottom] += by_bottom;
  }
}

/* ---- hue: draw[0] is what is added, from -1/2 to 1/2 ---- */

void nn_turn_hue(float *y, const float *x, const nn_color *color) {
  const float range = color->high - color->low;
  for (int64_t i = 0; i < nn_color_size(color); i += 3) {
    float scaled[3], hsv[3];
    for (int c = 0; c < 3; c++)
      scaled[c] = (x[i + c] - color->low) / range;
    nn_rgb_to_hsv(hsv, scaled);
    hsv[0] += color->draw[0];
    nn_hsv_to_rgb(scaled, hsv);
    for (int c = 0; c < 3; c++)
      y[i + c] = fminf(1, fmaxf(0, scaled[c])) * range + color->low;
  }
}

/* The slope of a share by its hue, in sixths: +1 while it rises, -1 while it falls, 0 on the plateaus. */
static float slope_of_share(int c, float hue) {
  const float place = 6 * (hue - floorf(hue)) - 2 * (float)c;
  const float from_peak = place < -3 ? place + 6 : place > 3 ? place - 6 : place;
  return fabsf(from_peak) > 1 && fabsf(from_peak) < 2 ? (from_peak < 0 ? 1 : -1) : 0;
}

/* y_c = m + (v - m) share_c(hue + draw), hue = top / 3 + (x_next - x_last) / (6 (v - m)). */
void nn_turn_hue_gradient(float *dx, const float *dy, const float *x, const nn_color *color) {
  for (int64_t i = 0; i < nn_color_size(color); i += 3) {
    const int top = nn_greatest_of_3(x + i), bottom = nn_least_of_3(x + i);
    const int next = (top + 1) % 3, last = (top + 2) % 3;
    const float m = x[i + bottom], range = x[i + top] - m;
    const float turn = range > 0 ? (x[i + next] - x[i + last]) / range : 0;
    const float hue = ((float)top * 2 + turn) / 6 + color->draw[0];
    float shares[3], by_top = 0, by_bottom = 0, by_turn = 0;
    nn_shares_of_hue(shares, hue);
    for (int c = 0; c < 3; c++) {
      const float g = nn_color_is_inside(color, m + range * shares[c]) ? dy[i + c] : 0;
      by_top += g * shares[c];
      by_bottom += g * (1 - shares[c]);
      by_turn += range > 0 ? g * slope_of_share(c, hue) : 0; /* times range, over range: of x_next - x_last */
      dx[i + c] = 0;
    }
    dx[i + next] += by_turn;
    dx[i + last] -= by_turn;
    dx[i + top] += by_top - by_turn * turn;
    dx[i + bottom] += by_bottom + by_turn * turn;
  }
}
