/* resize.c - pictures brought to another size. Each number of the result is a weighted mean over a window of rows, then
 * of columns; what distinguishes the interpolations are the windows and the weights. */
#include "resize.h"

#include <math.h>
#include <stdlib.h>

const char *const nn_interpolation_names[] = {"nearest", "box", "bilinear", "bicubic", NULL};

/* ---- windows ---- */

typedef struct window {
  int64_t first, count;
  const float *weight; /* (count), their sum is 1 */
} window;

/* The windows of one axis, and their weights behind them: one block of memory. */
typedef struct windows {
  window *list;
  float *weights;
} windows;

static double box(double x) { return x > -0.5 && x <= 0.5; }

static double triangle(double x) { return fmax(0, 1 - fabs(x)); }

/* Keys 1981, a = -1/2: what TensorFlow and Pillow use. */
static double cubic(double x) {
  x = fabs(x);
  return x < 1 ? (1.5 * x - 2.5) * x * x + 1 : x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

/* How far a filter reaches on each side, in pixels, and its weight at a distance. */
typedef struct kernel {
  double reach;
  double (*at)(double);
} kernel;

static const kernel kernels[] = {
    [NN_NEAREST] = {0.5, box}, [NN_BOX] = {0.5, box}, [NN_BILINEAR] = {1, triangle}, [NN_BICUBIC] = {2, cubic}};

/* The pixel whose area holds the new pixel's centre, in whole numbers: a quotient next to an edge must not be rounded
 * across it. */
static window nearest_window(int64_t from, int64_t to, int64_t position, float *weight) {
  weight[0] = 1;
  return (window){(2 * position + 1) * from / (2 * to), 1, weight};
}

static window filter_window(int64_t from, int64_t to, int64_t position, const kernel *filter, double stretch,
                            float *weight) {
  double scale = (double)from / (double)to, centre = ((double)position + 0.5) * scale;
  double reach = filter->reach * stretch, sum = 0;
  int64_t first = (int64_t)fmax(0, centre - reach + 0.5);
  int64_t end = (int64_t)fmin((double)from, centre + reach + 0.5);
  for (int64_t i = first; i < end; i++)
    sum += filter->at(((double)i + 0.5 - centre) / stretch);
  for (int64_t i = first; i < end; i++)
    weight[i - first] = (float)(filter->at(((double)i + 0.5 - centre) / stretch) / sum);
  return (window){first, end - first, weight};
}

static bool make_windows(windows *out, int64_t from, int64_t to, nn_interpolation interpolation, bool antialias) {
  const kernel *filter = &kernels[interpolation];
  bool grows = interpolation == NN_BOX || (antialias && interpolation != NN_NEAREST);
  double stretch = grows ? fmax(1, (double)from / (double)to) : 1;
  int64_t most = (int64_t)ceil(filter->reach * stretch) * 2 + 1;
  out->list = malloc((size_t)to * (sizeof(window) + (size_t)most * sizeof(float)));
  if (out->list == NULL)
    return false;
  out->weights = (float *)(out->list + to);
  for (int64_t i = 0; i < to; i++)
    out->list[i] = interpolation == NN_NEAREST ? nearest_window(from, to, i, out->weights + i * most)
                                               : filter_window(from, to, i, filter, stretch, out->weights + i * most);
  return true;
}

/* ---- means ---- */

/* The mean of some rows of a picture of either type: row (length), from (rows, length). */
static void mean_of_rows(float *row, const void *from, nn_dtype dtype, int64_t length, const window *w) {
  for (int64_t i = 0; i < length; i++)
    row[i] = 0;
  for (int64_t y = 0; y < w->count; y++) {
    int64_t offset = (w->first + y) * length;
    float weight = w->weight[y];
    if (dtype == NN_UINT8)
      for (int64_t i = 0; i < length; i++)
        row[i] += weight * ((const uint8_t *)from)[offset + i];
    else
      for (int64_t i = 0; i < length; i++)
        row[i] += weight * ((const float *)from)[offset + i];
  }
}

static void store(void *to, nn_dtype dtype, int64_t offset, float value) {
  if (dtype == NN_UINT8)
    ((uint8_t *)to)[offset] = (uint8_t)fminf(255, fmaxf(0, floorf(value + 0.5f)));
  else
    ((float *)to)[offset] = value;
}

static void mean_of_columns(void *to, nn_dtype dtype, int64_t offset, const float *row, int64_t channels,
                            const window *w) {
  for (int64_t channel = 0; channel < channels; channel++) {
    const float *pixel = row + w->first * channels + channel;
    float sum = 0;
    for (int64_t x = 0; x < w->count; x++)
      sum += w->weight[x] * pixel[x * channels];
    store(to, dtype, offset + channel, sum);
  }
}

static void resize_all(nn_tensor *out, const nn_tensor *in, const windows *rows, const windows *columns, float *row) {
  enum { COUNT, HEIGHT, WIDTH, CHANNELS };
  const int64_t *to = out->shape.dim, *from = in->shape.dim, channels = to[CHANNELS];
  size_t picture = (size_t)(from[HEIGHT] * from[WIDTH] * channels) * nn_dtype_size(in->dtype);
  int64_t offset = 0;
  for (int64_t i = 0; i < to[COUNT]; i++)
    for (int64_t y = 0; y < to[HEIGHT]; y++) {
      mean_of_rows(row, (const char *)in->data + (size_t)i * picture, in->dtype, from[WIDTH] * channels,
                   &rows->list[y]);
      for (int64_t x = 0; x < to[WIDTH]; x++, offset += channels)
        mean_of_columns(out->data, out->dtype, offset, row, channels, &columns->list[x]);
    }
}

int nn_resize(nn_error *error, nn_tensor *out, const nn_tensor *in, nn_interpolation interpolation, bool antialias) {
  enum { HEIGHT = 1, WIDTH, CHANNELS };
  const int64_t *to = out->shape.dim, *from = in->shape.dim;
  windows rows = {0}, columns = {0};
  float *row = malloc((size_t)(from[WIDTH] * from[CHANNELS]) * sizeof *row);
  bool has_memory = row != NULL && make_windows(&rows, from[HEIGHT], to[HEIGHT], interpolation, antialias) &&
                    make_windows(&columns, from[WIDTH], to[WIDTH], interpolation, antialias);
  if (has_memory)
    resize_all(out, in, &rows, &columns, row);
  free(row);
  free(rows.list);
  free(columns.list);
  return has_memory ? NN_OK : nn_fail(error, "not enough memory");
}
