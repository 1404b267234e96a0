/* stencil.c - the stencils of a convolution and of its gradient by the image. */
#include "stencil.h"

enum { WIDEST_PANEL = 32 }; /* columns that a level of kernels packs together at most */

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
static int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }

/* Most steps are 1, and a division takes long compared with a short line. */
static int64_t quotient(int64_t a, int64_t b) { return b == 1 ? a : a / b; }

/* The whole n with 0 <= n * step + base < size, none below 0, fewer than `count`. */
static nn_range inside(int64_t base, int64_t step, int64_t size, int64_t count) {
  const int64_t first = base < 0 ? quotient(step - 1 - base, step) : 0;
  const int64_t end = base >= size ? 0 : least(quotient(size - 1 - base, step) + 1, count);
  return (nn_range){first, most(end - first, 0)};
}

nn_range nn_axis_taps(const nn_axis *a, int64_t q) {
  return inside(q * a->step + a->offset, a->dilation, a->inputs, a->taps);
}

nn_range nn_axis_outputs(const nn_axis *a, int64_t t) {
  return inside(t * a->dilation + a->offset, a->step, a->inputs, a->outputs);
}

/* Pads the ends of lines, so that every tap of every output can be read. */
static void pad_last_axis(nn_stencil *s) {
  const nn_axis *a = &s->axis[NN_WINDOW_AXES - 1];
  const int64_t last = (a->outputs - 1) * a->step + a->offset + (a->taps - 1) * a->dilation;
  s->left = a->taps > 0 ? most(-a->offset, 0) : 0;
  s->right = a->taps > 0 ? most(last - (a->inputs - 1), 0) : 0;
}

nn_stencil nn_stencil_forward(const nn_window *w) {
  nn_stencil s = {
      .groups = w->groups, .depth = w->channels / w->groups, .columns = w->filters / w->groups, .transposed = false};
  for (int i = 0; i < NN_WINDOW_AXES; i++) {
    s.kernel[i] = w->kernel[i];
    s.axis[i] = (nn_axis){.outputs = w->output[i],
                          .inputs = w->image[i],
                          .step = w->stride[i],
                          .taps = w->kernel[i],
                          .next = 1,
                          .offset = -w->before[i],
                          .dilation = w->dilation[i],
                          .target = w->output[i],
                          .apart = 1};
  }
  pad_last_axis(&s);
  return s;
}

/* Cell q * stride + remainder of the image was read at tap k by output q + (remainder + before - k * dilation) /
 * stride, if that is whole. Taps in falling order read the source in rising order. */
static nn_axis transposed_axis(const nn_window *w, int i, int64_t remainder) {
  const int64_t stride = w->stride[i];
  nn_axis a = {.outputs = w->image[i] > remainder ? (w->image[i] - remainder - 1) / stride + 1 : 0,
               .inputs = w->output[i],
               .step = 1,
               .next = -1,
               .dilation = 1,
               .target = w->image[i],
               .to = remainder,
               .apart = stride};
  for (int64_t k = w->kernel[i] - 1; k >= 0; k--) {
    const int64_t distance = remainder + w->before[i] - k * w->dilation[i];
    if (distance % stride != 0)
      continue;
    if (a.taps == 0)
      a.tap = k, a.offset = distance / stride;
    else if (a.taps == 1)
      a.next = k - a.tap, a.dilation = distance / stride - a.offset;
    a.taps++;
  }
  return a;
}

nn_stencil nn_stencil_transposed(const nn_window *w, const int64_t *remainder) {
  nn_stencil s = {
      .groups = w->groups, .depth = w->filters / w->groups, .columns = w->channels / w->groups, .transposed = true};
  for (int i = 0; i < NN_WINDOW_AXES; i++) {
    s.kernel[i] = w->kernel[i];
    s.axis[i] = transposed_axis(w, i, remainder[i]);
  }
  pad_last_axis(&s);
  return s;
}

int64_t nn_stencil_packed_size(const nn_stencil *s) {
  if (nn_stencil_is_depthwise(s))
    return 0;
  const int64_t width = (s->columns + WIDEST_PANEL - 1) / WIDEST_PANEL * WIDEST_PANEL;
  return s->groups * nn_stencil_taps(s) * s->depth * width;
}
