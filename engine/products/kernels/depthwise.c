/* depthwise.c - convolutions of each channel alone: registers hold neighbouring channels, and the kernel is read where
 * it stands, for its channels are neighbours too. */
#include "kernels.h"
#include "panels.h"
#include "products/stencil.h"

enum { ROWS = 6 /* neighbouring outputs whose sums are in registers */, TAPS = 4 };

static int64_t cell_at(const nn_stencil *s, int64_t i, int64_t j, int64_t k) {
  const nn_axis *a = s->axis;
  return ((a[0].tap + i * a[0].next) * s->kernel[1] + a[1].tap + j * a[1].next) * s->kernel[2] + a[2].tap +
         k * a[2].next;
}

/* The place of the source that output (q, 0) reads at tap (i, j, k). */
static int64_t source_at(const nn_stencil *s, const int64_t *q, int64_t i, int64_t j, int64_t k) {
  const nn_axis *a = s->axis;
  const int64_t plane = q[0] * a[0].step + a[0].offset + i * a[0].dilation;
  const int64_t line = plane * a[1].inputs + q[1] * a[1].step + a[1].offset + j * a[1].dilation;
  return line * nn_stencil_pitch(s) + (s->left + a[2].offset + k * a[2].dilation) * s->groups;
}

/* `rows` outputs of a line from the first on, n channels of each */
INLINE void outputs(const nn_stencil *s, float *y, const float *x, const float *kernel, const float *bias, bool relu,
                    const int64_t *q, const int rows, const int n) {
  const nn_axis *a = s->axis;
  const nn_range planes = nn_axis_taps(&a[0], q[0]), lines = nn_axis_taps(&a[1], q[1]);
  const int64_t step = a[2].step * s->groups, apart = a[2].apart * s->groups, next = a[2].dilation * s->groups;
  lanes sum[ROWS];
  UNROLL for (int r = 0; r < rows; r++) sum[r] = (lanes){0};
  for (int64_t i = planes.first; i < planes.first + planes.count; i++)
    for (int64_t j = lines.first; j < lines.first + lines.count; j++) {
      const float *from = x + source_at(s, q, i, j, 0), *weights = kernel + cell_at(s, i, j, 0) * s->groups;
      for (int64_t k = 0; k < a[2].taps; k++, from += next, weights += a[2].next * s->groups) {
        const lanes weight = load_part(weights, n);
        UNROLL for (int r = 0; r < rows; r++) sum[r] += weight * load_part(from + r * step, n);
      }
    }
  const lanes more = bias ? load_part(bias, n) : (lanes){0};
  UNROLL for (int r = 0; r < rows; r++) store_part(y + r * apart, relu ? relu_of(sum[r] + more) : sum[r] + more, n);
}

INLINE void line(const nn_stencil *s, float *y, const float *x, const float *kernel, const float *bias, bool relu,
                 const int64_t *q, const int n) {
  const nn_axis *a = &s->axis[2];
  int64_t w = 0;
  for (; w + ROWS <= a->outputs; w += ROWS)
    outputs(s, y + w * a->apart * s->groups, x + w * a->step * s->groups, kernel, bias, relu, q, ROWS, n);
  for (; w < a->outputs; w++)
    outputs(s, y + w * a->apart * s->groups, x + w * a->step * s->groups, kernel, bias, relu, q, 1, n);
}

void NN_LEVELLED(nn_depthwise)(const nn_stencil *s, float *y, const float *x, const float *kernel, const float *bias,
                               bool relu, int64_t first, int64_t last) {
  const nn_axis *a = s->axis;
  for (int64_t number = first; number < last; number++) {
    const int64_t q[] = {number / a[1].outputs, number % a[1].outputs};
    const int64_t cell = (a[0].to + q[0] * a[0].apart) * a[1].target + a[1].to + q[1] * a[1].apart;
    float *to = y + (cell * a[2].target + a[2].to) * s->groups;
    int64_t c = 0;
    for (; c + LANES <= s->groups; c += LANES)
      line(s, to + c, x + c, kernel + c, bias ? bias + c : NULL, relu, q, LANES);
    if (c < s->groups)
      line(s, to + c, x + c, kernel + c, bias ? bias + c : NULL, relu, q, (int)(s->groups - c));
  }
}

/* The sums of some taps (i, j, k) and on, over the outputs of a slab. */
INLINE void add_slab(const nn_stencil *s, float *dkernel, const nn_slab *slab, int64_t c, int64_t i, int64_t j,
                     int64_t k, const int taps, const int n) {
  const nn_axis *a = s->axis;
  const int64_t size = nn_stencil_source_size(s), step = a[2].step * s->groups, next = a[2].dilation * s->groups;
  const nn_range planes = nn_axis_outputs(&a[0], i), lines = nn_axis_outputs(&a[1], j);
  lanes sum[TAPS];
  UNROLL for (int t = 0; t < taps; t++) sum[t] = (lanes){0};
  for (int64_t image = 0; image < slab->images; image++)
    for (int64_t number = slab->first; number < slab->last; number++) {
      const int64_t q[] = {number / a[1].outputs, number % a[1].outputs};
      if (q[0] < planes.first || q[0] >= planes.first + planes.count || q[1] < lines.first ||
          q[1] >= lines.first + lines.count)
        continue;
      const float *x = slab->x + image * size + source_at(s, q, i, j, k) + c;
      const float *dy = slab->dy + (image * nn_stencil_lines(s) + number) * a[2].outputs * s->groups + c;
      for (int64_t w = 0; w < a[2].outputs; w++, x += step, dy += s->groups) {
        const lanes gradient = load_part(dy, n);
        UNROLL for (int t = 0; t < taps; t++) sum[t] += gradient * load_part(x + t * next, n);
      }
    }
  UNROLL for (int t = 0; t < taps; t++) {
    float *to = dkernel + cell_at(s, i, j, k + t) * s->groups + c;
    store_part(to, load_part(to, n) + sum[t], n);
  }
}

INLINE void add_channels(const nn_stencil *s, float *dkernel, const nn_slab *slab, int64_t c, const int n) {
  const nn_axis *a = s->axis;
  for (int64_t i = 0; i < a[0].taps; i++)
    for (int64_t j = 0; j < a[1].taps; j++) {
      int64_t k = 0;
      for (; k + TAPS <= a[2].taps; k += TAPS)
        add_slab(s, dkernel, slab, c, i, j, k, TAPS, n);
      if (a[2].taps - k == TAPS - 1)
        add_slab(s, dkernel, slab, c, i, j, k, TAPS - 1, n);
      else
        for (; k < a[2].taps; k++)
          add_slab(s, dkernel, slab, c, i, j, k, 1, n);
    }
}

void NN_LEVELLED(nn_depthwise_gradient)(const nn_stencil *s, float *dkernel, const nn_slab *slab, int64_t part,
                                        int64_t parts) {
  const int64_t registers = parts_of(s->groups, LANES);
  for (int64_t v = registers * part / parts; v < registers * (part + 1) / parts; v++)
    if ((v + 1) * LANES <= s->groups)
      add_channels(s, dkernel, slab, v * LANES, LANES);
    else
      add_channels(s, dkernel, slab, v * LANES, (int)(s->groups - v * LANES));
}
