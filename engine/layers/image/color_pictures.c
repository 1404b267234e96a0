/* color_pictures.c - changes of colours that see the whole picture: its mean, its extremes, its histogram, or the
 * neighbours of each pixel. */
#include <math.h>
#include <string.h>

#include "color.h"

/* ---- contrast: draw[0] is the factor of the distance from the channel's mean ---- */

static float mean_of_channel(const float *x, int64_t channel, const nn_color *color) {
  double sum = 0;
  for (int64_t i = 0; i < nn_color_pixels(color); i++)
    sum += x[i * color->channels + channel];
  return (float)(sum / (double)nn_color_pixels(color));
}

void nn_contrast(float *y, const float *x, const nn_color *color) {
  for (int64_t c = 0; c < color->channels; c++) {
    const float mean = mean_of_channel(x, c, color);
    for (int64_t i = c; i < nn_color_size(color); i += color->channels)
      y[i] = nn_color_clip(color, (x[i] - mean) * color->draw[0] + mean);
  }
}

void nn_contrast_gradient(float *dx, const float *dy, const float *x, const nn_color *color) {
  const float factor = color->draw[0];
  for (int64_t c = 0; c < color->channels; c++) {
    const float mean = mean_of_channel(x, c, color);
    for (int64_t i = c; i < nn_color_size(color); i += color->channels)
      dx[i] = nn_color_is_inside(color, (x[i] - mean) * factor + mean) ? dy[i] : 0;
    const float of_mean = (1 - factor) * mean_of_channel(dx, c, color);
    for (int64_t i = c; i < nn_color_size(color); i += color->channels)
      dx[i] = factor * dx[i] + of_mean;
  }
}

/* ---- each channel stretched over the whole range ---- */

/* Positions of the least and greatest number of a channel. */
static void find_extremes(int64_t *least, int64_t *greatest, const float *x, int64_t channel, const nn_color *color) {
  *least = *greatest = channel;
  for (int64_t i = channel; i < nn_color_size(color); i += color->channels) {
    *least = x[i] < x[*least] ? i : *least;
    *greatest = x[i] > x[*greatest] ? i : *greatest;
  }
}

void nn_auto_contrast(float *y, const float *x, const nn_color *color) {
  for (int64_t c = 0; c < color->channels; c++) {
    int64_t least, greatest;
    find_extremes(&least, &greatest, x, c, color);
    const float low = x[least], range = x[greatest] - low;
    for (int64_t i = c; i < nn_color_size(color); i += color->channels)
      y[i] = range > 0 ? nn_color_clip(color, (x[i] - low) / range * (color->high - color->low) + color->low) : x[i];
  }
}

/* y = (x - least) / range: the extremes have a part in each. */
void nn_auto_contrast_gradient(float *dx, const float *dy, const float *x, const nn_color *color) {
  for (int64_t c = 0; c < color->channels; c++) {
    int64_t least, greatest;
    find_extremes(&least, &greatest, x, c, color);
    const float low = x[least], range = x[greatest] - low, slope = range > 0 ? (color->high - color->low) / range : 1;
    double by_least = 0, by_greatest = 0;
    for (int64_t i = c; i < nn_color_size(color); i += color->channels) {
      const float share = range > 0 ? (x[i] - low) / range : 0;
      dx[i] = slope * dy[i];
      by_least += range > 0 ? slope * dy[i] * (share - 1) : 0;
      by_greatest -= slope * dy[i] * share;
    }
    dx[least] += (float)by_least;
    dx[greatest] += (float)by_greatest;
  }
}

/* ---- equalization: each bin of the histogram as far up as there are pixels below ---- */

static int bin_of(const nn_color *color, float x) {
  const float place = (x - color->low) / (color->high - color->low) * (float)(color->bins - 1);
  return place > 0 ? (int)fminf(place, (float)(color->bins - 1)) : 0;
}

/* table (bins): counts, then what stands for each bin, from 0 to 255. False if all pixels are in one bin. */
static int make_table(float *table, const float *x, int64_t channel, const nn_color *color) {
  memset(table, 0, sizeof *table * (size_t)color->bins);
  for (int64_t i = channel; i < nn_color_size(color); i += color->channels)
    table[bin_of(color, x[i])]++;
  int first = 0;
  while (table[first] == 0)
    first++;
  const float lowest = table[first], rest = (float)nn_color_pixels(color) - lowest;
  float below = 0;
  for (int bin = 0; bin < color->bins; bin++) {
    below += table[bin];
    table[bin] = fminf(255, fmaxf(0, rintf((below - lowest) * 255 / (rest > 0 ? rest : 1))));
  }
  return rest > 0;
}

void nn_equalize(float *y, const float *x, const nn_color *color) {
  for (int64_t c = 0; c < color->channels; c++) {
    const int is_spread = make_table(color->scratch, x, c, color);
    for (int64_t i = c; i < nn_color_size(color); i += color->channels)
      y[i] = is_spread ? color->scratch[bin_of(color, x[i])] / 255 * (color->high - color->low) + color->low : x[i];
  }
}

/* ---- weighted means of neighbours; beyond the edges are zeros ---- */

/* Along one axis: y from x, which are `count` numbers of every `step`, by a symmetric kernel. */
static void smooth_line(float *y, const float *x, int64_t count, int64_t step, const float *kernel, int size) {
  const int reach = size / 2;
  for (int64_t i = 0; i < count; i++) {
    float sum = 0;
    for (int k = 0; k < size; k++) {
      const int64_t at = i + k - reach;
      sum += at >= 0 && at < count ? kernel[k] * x[at * step] : 0;
    }
    y[i * step] = sum;
  }
}

enum { MOST_KERNEL = 255 };

/* kernel (size), with a sum of 1 */
static void make_gaussian(float *kernel, int size, float sigma) {
  double sum = 0, weight[MOST_KERNEL];
  for (int i = 0; i < size; i++) {
    const double distance = (i - (size - 1) / 2.0) / sigma;
    sum += weight[i] = exp(-0.5 * distance * distance);
  }
  for (int i = 0; i < size; i++)
    kernel[i] = (float)(weight[i] / sum);
}

/* draw: standard deviations along the width and along the height */
static void smooth(float *y, const float *x, const nn_color *color) {
  float kernel[MOST_KERNEL];
  const int64_t channels = color->channels, line = color->width * channels;
  make_gaussian(kernel, color->kernel_width, color->draw[0]);
  for (int64_t row = 0; row < color->height; row++)
    for (int64_t c = 0; c < channels; c++)
      smooth_line(color->scratch + row * line + c, x + row * line + c, color->width, channels, kernel,
                  color->kernel_width);
  make_gaussian(kernel, color->kernel_height, color->draw[1]);
  for (int64_t i = 0; i < line; i++)
    smooth_line(y + i, color->scratch + i, color->height, line, kernel, color->kernel_height);
}

void nn_blur(float *y, const float *x, const nn_color *color) {
  smooth(y, x, color);
  for (int64_t i = 0; i < nn_color_size(color); i++)
    y[i] = nn_color_clip(color, y[i]);
}

/* What was clipped is found by blurring once more; the kernel is symmetric, so the gradient is blurred alike. */
void nn_blur_gradient(float *dx, const float *dy, const float *x, const nn_color *color) {
  float *inside = color->scratch + nn_color_size(color);
  smooth(dx, x, color);
  for (int64_t i = 0; i < nn_color_size(color); i++)
    inside[i] = nn_color_is_inside(color, dx[i]) ? dy[i] : 0;
  smooth(dx, inside, color);
}

/* The mean of a pixel (weight 5/13) and its eight neighbours (1/13 each). */
static float mean_around(const float *x, int64_t row, int64_t column, int64_t channel, const nn_color *color) {
  float sum = 0;
  for (int64_t r = row - 1; r <= row + 1; r++)
    for (int64_t c = column - 1; c <= column + 1; c++)
      if (r >= 0 && r < color->height && c >= 0 && c < color->width)
        sum +=
            x[(r * color->width + c) * color->channels + channel] * (r == row && c == column ? 5.0f / 13 : 1.0f / 13);
  return sum;
}

/* x + (1 - draw[0]) (mean around - x), before the clip */
static void sharpen(float *y, const float *x, const nn_color *color) {
  for (int64_t row = 0; row < color->height; row++)
    for (int64_t column = 0; column < color->width; column++)
      for (int64_t c = 0; c < color->channels; c++) {
        const int64_t i = (row * color->width + column) * color->channels + c;
        y[i] = x[i] + (1 - color->draw[0]) * (mean_around(x, row, column, c, color) - x[i]);
      }
}

void nn_sharpen(float *y, const float *x, const nn_color *color) {
  sharpen(y, x, color);
  for (int64_t i = 0; i < nn_color_size(color); i++)
    y[i] = nn_color_clip(color, y[i]);
}

void nn_sharpen_gradient(float *dx, const float *dy, const float *x, const nn_color *color) {
  float *inside = color->scratch;
  sharpen(dx, x, color);
  for (int64_t i = 0; i < nn_color_size(color); i++)
    inside[i] = nn_color_is_inside(color, dx[i]) ? dy[i] : 0;
  sharpen(dx, inside, color);
}
