/* pooling.c - the largest number, or the mean, of what a window sees, channel by channel. Cells of padding count for
 * neither. Registers hold neighbouring channels. */
#include "kernels.h"
#include "panels.h"
#include "products/window.h"

typedef int32_t integers __attribute__((vector_size(LANES * sizeof(int32_t))));
typedef uint8_t bytes __attribute__((vector_size(LANES)));

/* The window of one output, as far as it lies in the image. */
typedef struct view {
  int64_t first[NN_WINDOW_AXES], end[NN_WINDOW_AXES]; /* cells of the kernel */
  int64_t start[NN_WINDOW_AXES];                      /* the image's cell under the kernel's first */
} view;

static view view_at(const nn_window *w, const int64_t *q) {
  view v;
  for (int i = 0; i < NN_WINDOW_AXES; i++) {
    v.start[i] = q[i] * w->stride[i] - w->before[i];
    v.first[i] = v.start[i] < 0 ? -v.start[i] : 0;
    v.end[i] = least(w->kernel[i], w->image[i] - v.start[i]);
  }
  return v;
}

static int64_t cells_in(const view *v) {
  int64_t cells = 1;
  for (int i = 0; i < NN_WINDOW_AXES; i++)
    cells *= v->end[i] - v->first[i];
  return cells;
}

#define FOR_OUTPUTS(w, q)                                                                                              \
  for (int64_t q[3] = {0}; q[0] < (w)->output[0]; q[0]++)                                                              \
    for (q[1] = 0; q[1] < (w)->output[1]; q[1]++)                                                                      \
      for (q[2] = 0; q[2] < (w)->output[2]; q[2]++)

/* Loops over the kernel's cells inside of the image: the number of the cell, and where its channels begin. */
#define FOR_CELLS(w, v, cell, at)                                                                                      \
  for (int64_t k0 = (v).first[0]; k0 < (v).end[0]; k0++)                                                               \
    for (int64_t k1 = (v).first[1]; k1 < (v).end[1]; k1++)                                                             \
      for (int64_t k2 = (v).first[2], cell = (k0 * (w)->kernel[1] + k1) * (w)->kernel[2] + k2,                         \
                   at = (((v).start[0] + k0) * (w)->image[1] + (v).start[1] + k1) * (w)->image[2] + (v).start[2] + k2; \
           k2 < (v).end[2]; k2++, cell++, at++)

INLINE void keep_places(void *places, bool is_wide, int64_t at, integers place, int n) {
  if (is_wide) {
    memcpy((int32_t *)places + at, &place, (size_t)n * sizeof(int32_t));
  } else {
    const bytes narrow = __builtin_convertvector(place, bytes);
    memcpy((uint8_t *)places + at, &narrow, (size_t)n);
  }
}

INLINE integers places_at(const void *places, bool is_wide, int64_t at, int n) {
  integers place = {0};
  bytes narrow = {0};
  if (is_wide) {
    memcpy(&place, (const int32_t *)places + at, (size_t)n * sizeof(int32_t));
    return place;
  }
  memcpy(&narrow, (const uint8_t *)places + at, (size_t)n);
  return __builtin_convertvector(narrow, integers);
}

INLINE integers bits_of(lanes x) {
  integers bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

INLINE lanes lanes_of(integers bits) {
  lanes x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

INLINE integers chosen(integers mask, integers a, integers b) { return (mask & a) | (~mask & b); }

/* The first of the largest; nan is larger than all. */
INLINE void largest(const nn_window *w, const view *v, float *y, void *places, bool is_wide, int64_t out,
                    const float *x, int64_t c, const int n) {
  lanes best = {0};
  integers place = {0};
  bool is_first = true;
  FOR_CELLS(w, *v, cell, at) {
    const lanes here = load_part(x + at * w->channels + c, n);
    const integers number = (integers){0} + (int32_t)cell;
    const integers is_larger = is_first ? (integers){0} == 0 : (here > best) | (here != here);
    best = lanes_of(chosen(is_larger, bits_of(here), bits_of(best)));
    place = chosen(is_larger, number, place);
    is_first = false;
  }
  store_part(y + out + c, best, n);
  if (places)
    keep_places(places, is_wide, out + c, place, n);
}

void NN_LEVELLED(nn_max_pool)(const nn_window *w, float *y, void *places, bool is_wide, const float *x) {
  int64_t out = 0;
  FOR_OUTPUTS(w, q) {
    const view v = view_at(w, q);
    int64_t c = 0;
    for (; c + LANES <= w->channels; c += LANES)
      largest(w, &v, y, places, is_wide, out, x, c, LANES);
    if (c < w->channels)
      largest(w, &v, y, places, is_wide, out, x, c, (int)(w->channels - c));
    out += w->channels;
  }
}

INLINE void add_to_largest(const nn_window *w, const view *v, float *dx, const void *places, bool is_wide, int64_t out,
                           const float *dy, int64_t c, const int n) {
  const integers place = places_at(places, is_wide, out + c, n), gradient = bits_of(load_part(dy + out + c, n));
  FOR_CELLS(w, *v, cell, at) {
    float *to = dx + at * w->channels + c;
    store_part(to, load_part(to, n) + lanes_of((place == (integers){0} + (int32_t)cell) & gradient), n);
  }
}

void NN_LEVELLED(nn_max_pool_gradient)(const nn_window *w, float *dx, const void *places, bool is_wide,
                                       const float *dy) {
  memset(dx, 0, sizeof *dx * (size_t)nn_window_image_size(w));
  int64_t out = 0;
  FOR_OUTPUTS(w, q) {
    const view v = view_at(w, q);
    int64_t c = 0;
    for (; c + LANES <= w->channels; c += LANES)
      add_to_largest(w, &v, dx, places, is_wide, out, dy, c, LANES);
    if (c < w->channels)
      add_to_largest(w, &v, dx, places, is_wide, out, dy, c, (int)(w->channels - c));
    out += w->channels;
  }
}

INLINE void mean(const nn_window *w, const view *v, float *y, const float *x, int64_t c, const int n) {
  lanes sum = {0};
  FOR_CELLS(w, *v, cell, at) sum += load_part(x + at * w->channels + c, n);
  store_part(y + c, sum / (float)cells_in(v), n);
}

void NN_LEVELLED(nn_average_pool)(const nn_window *w, float *y, const float *x) {
  FOR_OUTPUTS(w, q) {
    const view v = view_at(w, q);
    int64_t c = 0;
    for (; c + LANES <= w->channels; c += LANES)
      mean(w, &v, y, x, c, LANES);
    if (c < w->channels)
      mean(w, &v, y, x, c, (int)(w->channels - c));
    y += w->channels;
  }
}

INLINE void add_share(const nn_window *w, const view *v, float *dx, const float *dy, int64_t c, const int n) {
  const lanes share = load_part(dy + c, n) / (float)cells_in(v);
  FOR_CELLS(w, *v, cell, at) {
    float *to = dx + at * w->channels + c;
    store_part(to, load_part(to, n) + share, n);
  }
}

void NN_LEVELLED(nn_average_pool_gradient)(const nn_window *w, float *dx, const float *dy) {
  memset(dx, 0, sizeof *dx * (size_t)nn_window_image_size(w));
  FOR_OUTPUTS(w, q) {
    const view v = view_at(w, q);
    int64_t c = 0;
    for (; c + LANES <= w->channels; c += LANES)
      add_share(w, &v, dx, dy, c, LANES);
    if (c < w->channels)
      add_share(w, &v, dx, dy, c, (int)(w->channels - c));
    dy += w->channels;
  }
}
