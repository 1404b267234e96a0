/* warp.c - a picture seen through a projective map. */
#include "warp.h"

#include <math.h>
#include <stddef.h>

const char *const nn_fill_mode_names[] = {"constant", "nearest", "reflect", "wrap", "mirror", NULL};

/* One of up to four pixels that a result is a mean of; pixel -1 is the constant. */
typedef struct tap {
  int64_t pixel;
  float weight;
} tap;

static int64_t modulo(int64_t i, int64_t n) { return (i % n + n) % n; }

/* The place that stands at i of n, which may be beyond the edges; -1: the constant. */
static int64_t place_of(nn_fill_mode mode, int64_t i, int64_t n) {
  if (i >= 0 && i < n)
    return i;
  switch (mode) {
  case NN_FILL_NEAREST: return i < 0 ? 0 : n - 1;
  case NN_FILL_REFLECT: i = modulo(i, 2 * n); return i < n ? i : 2 * n - 1 - i;
  case NN_FILL_WRAP: return modulo(i, n);
  case NN_FILL_MIRROR: i = n == 1 ? 0 : modulo(i, 2 * (n - 1)); return i < n ? i : 2 * (n - 1) - i;
  default: return -1;
  }
}

static int64_t pixel_of(const nn_warp *warp, int64_t x, int64_t y) {
  const int64_t column = place_of(warp->fill_mode, x, warp->width), row = place_of(warp->fill_mode, y, warp->height);
  return column < 0 || row < 0 ? -1 : row * warp->width + column;
}

/* Coordinates that no picture has room for, and those that are no numbers, become ones far outside. */
static double limited(double x) { return x > -1e9 && x < 1e9 ? x : -1e9; }

/* The pixels that the pixel (x, y) of the result is made of. */
static int taps_of(const nn_warp *warp, int64_t x, int64_t y, tap taps[4]) {
  const float *m = warp->m;
  const double u = (double)x, v = (double)y, k = m[6] * u + m[7] * v + 1;
  const double column = limited((m[0] * u + m[1] * v + m[2]) / k), row = limited((m[3] * u + m[4] * v + m[5]) / k);
  if (warp->is_nearest) {
    taps[0] = (tap){pixel_of(warp, (int64_t)round(column), (int64_t)round(row)), 1};
    return 1;
  }
  const double left = floor(column), top = floor(row);
  const float right_share = (float)(column - left), low_share = (float)(row - top);
  int count = 0;
  for (int i = 0; i < 4; i++) {
    const float weight = (i & 1 ? right_share : 1 - right_share) * (i & 2 ? low_share : 1 - low_share);
    if (weight > 0)
      taps[count++] = (tap){pixel_of(warp, (int64_t)left + (i & 1), (int64_t)top + (i >> 1)), weight};
  }
  return count;
}

void nn_warp_picture(float *out, const float *in, const nn_warp *warp) {
  tap taps[4];
  for (int64_t y = 0; y < warp->out_height; y++)
    for (int64_t x = 0; x < warp->out_width; x++, out += warp->channels) {
      const int count = taps_of(warp, x, y, taps);
      for (int64_t c = 0; c < warp->channels; c++)
        out[c] = 0;
      for (int i = 0; i < count; i++)
        for (int64_t c = 0; c < warp->channels; c++)
          out[c] += taps[i].weight * (taps[i].pixel < 0 ? warp->fill_value : in[taps[i].pixel * warp->channels + c]);
    }
}

void nn_warp_gradient(float *dx, const float *dy, const nn_warp *warp) {
  tap taps[4];
  for (int64_t y = 0; y < warp->out_height; y++)
    for (int64_t x = 0; x < warp->out_width; x++, dy += warp->channels) {
      const int count = taps_of(warp, x, y, taps);
      for (int i = 0; i < count; i++)
        for (int64_t c = 0; taps[i].pixel >= 0 && c < warp->channels; c++)
          dx[taps[i].pixel * warp->channels + c] += taps[i].weight * dy[c];
    }
}
