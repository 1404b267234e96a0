/* resize.c - pictures brought to another size. Each number of the result is a weighted mean over a window of rows, then
 * of columns; what distinguishes the interpolations are the windows and the weights. */
#include "resize.h"

#include <math.h>
#include <stdlib.h>

/* The windows of one axis, and their weights behind them: one block of memory; NULL if there is none. */
static nn_filter_window *make_windows(const nn_filter *filter) {
  const int64_t most = nn_filter_most(filter);
  nn_filter_window *list = malloc((size_t)filter->to * (sizeof *list + (size_t)most * sizeof(float)));
  for (int64_t i = 0; list && i < filter->to; i++)
    list[i] = nn_filter_window_at(filter, i, (float *)(list + filter->to) + i * most);
  return list;
}

/* ---- means ---- */

/* The mean of some rows of a picture of either type: row (length), from (rows, length). */
static void mean_of_rows(float *row, const void *from, nn_dtype dtype, int64_t length, const nn_filter_window *w) {
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
                            const nn_filter_window *w) {
  for (int64_t channel = 0; channel < channels; channel++) {
    const float *pixel = row + w->first * channels + channel;
    float sum = 0;
    for (int64_t x = 0; x < w->count; x++)
      sum += w->weight[x] * pixel[x * channels];
    store(to, dtype, offset + channel, sum);
  }
}

static void resize_all(nn_tensor *out, const nn_tensor *in, const nn_filter_window *rows,
                       const nn_filter_window *columns, float *row) {
  enum { COUNT, HEIGHT, WIDTH, CHANNELS };
  const int64_t *to = out->shape.dim, *from = in->shape.dim, channels = to[CHANNELS];
  size_t picture = (size_t)(from[HEIGHT] * from[WIDTH] * channels) * nn_dtype_size(in->dtype);
  int64_t offset = 0;
  for (int64_t i = 0; i < to[COUNT]; i++)
    for (int64_t y = 0; y < to[HEIGHT]; y++) {
      mean_of_rows(row, (const char *)in->data + (size_t)i * picture, in->dtype, from[WIDTH] * channels, &rows[y]);
      for (int64_t x = 0; x < to[WIDTH]; x++, offset += channels)
        mean_of_columns(out->data, out->dtype, offset, row, channels, &columns[x]);
    }
}

int nn_resize(nn_error *error, nn_tensor *out, const nn_tensor *in, nn_interpolation interpolation, bool antialias) {
  enum { HEIGHT = 1, WIDTH, CHANNELS };
  const int64_t *to = out->shape.dim, *from = in->shape.dim;
  nn_filter_window *rows = make_windows(&(nn_filter){interpolation, antialias, from[HEIGHT], to[HEIGHT]});
  nn_filter_window *columns = make_windows(&(nn_filter){interpolation, antialias, from[WIDTH], to[WIDTH]});
  float *row = malloc((size_t)(from[WIDTH] * from[CHANNELS]) * sizeof *row);
  bool has_memory = rows && columns && row;
  if (has_memory)
    resize_all(out, in, rows, columns, row);
  free(row);
  free(rows);
  free(columns);
  return has_memory ? NN_OK : nn_fail(error, "not enough memory");
}
