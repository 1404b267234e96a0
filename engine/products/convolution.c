/* convolution.c - splits convolutions into lines and slabs of lines that threads share and caches hold. */
#include <string.h>

#include "convolution.h"
#include "products/scatter.h"
#include "products/source.h"
#include "products/stencil.h"

enum {
  BLOCK = 1 << 15,        /* floats of the source that stay in the cache for all panels of the kernel */
  SLAB = 3 << 15,         /* floats of images and gradients that stay in the cache while all weights are summed */
  LARGEST_SLAB = 1 << 18, /* the same, for kernels so large that it matters how often they are added to */
  SLAB_OUTPUTS = 2048,    /* longest chain of sums of a weight's gradient */
  LEAST_PARTS = 16,       /* if a batch has fewer images, their lines are shared too */
  KERNEL_PARTS = 64
};

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
static int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }
static int64_t parts_of(int64_t n, int64_t size) { return (n + size - 1) / size; }
/* n, but at least 1 and at most `limit`. */
static int64_t between(int64_t n, int64_t limit) { return most(1, least(n, limit)); }

/* ---- geometry ---- */

/* A kernel of one cell is a dense product: the whole image is one line. */
static nn_window flatten(const nn_window *given) {
  nn_window w = *given;
  for (int i = 0; i < NN_WINDOW_AXES; i++)
    if (w.kernel[i] != 1 || w.stride[i] != 1 || w.before[i] != 0 || w.image[i] != w.output[i])
      return w;
  w.image[2] = w.output[2] = nn_window_cells(w.image);
  w.image[0] = w.image[1] = w.output[0] = w.output[1] = 1;
  return w;
}

/* ---- the workspace: the packed kernel, then a chunk of padded images ---- */

/* How many remainders of an axis a tap reaches: tap k reaches k * dilation - before, by the stride. */
static int64_t reached(const nn_window *w, int axis) {
  int64_t a = w->stride[axis], b = w->dilation[axis];
  while (b != 0) {
    const int64_t rest = a % b;
    a = b, b = rest;
  }
  return least(w->kernel[axis], w->stride[axis] / a);
}

static int64_t remainders_of(const nn_window *w) { return reached(w, 0) * reached(w, 1) * reached(w, 2); }

/* Whether cells of the image are left that no output sees. */
static bool has_gaps(const nn_window *w) { return remainders_of(w) < nn_window_cells(w->stride); }

static int64_t remainder_at(const nn_window *w, int axis, int64_t tap) {
  const int64_t r = (tap * w->dilation[axis] - w->before[axis]) % w->stride[axis];
  return r < 0 ? r + w->stride[axis] : r;
}

/* One of the stencils of the transposed convolution. They share one padding, so that images are padded once. */
static nn_stencil transposed_at(const nn_window *w, int64_t number) {
  const int64_t lines = reached(w, 1), cells = reached(w, 2);
  const int64_t remainder[] = {remainder_at(w, 0, number / cells / lines), remainder_at(w, 1, number / cells % lines),
                               remainder_at(w, 2, number % cells)};
  nn_stencil s = nn_stencil_transposed(w, remainder);
  for (int64_t i = 0; i < cells; i++) {
    const nn_stencil other = nn_stencil_transposed(w, (int64_t[]){0, 0, remainder_at(w, 2, i)});
    s.left = most(s.left, other.left), s.right = most(s.right, other.right);
  }
  return s;
}

static int64_t packed_size(const nn_stencil *s) {
  enum { LINE = 16 };
  return parts_of(nn_stencil_packed_size(s), LINE) * LINE;
}

int64_t nn_convolution_workspace(const nn_window *given, int64_t images) {
  const nn_window w = flatten(given);
  const nn_stencil forward = nn_stencil_forward(&w);
  int64_t packed = 0, padded = 0;
  for (int64_t i = 0; i < remainders_of(&w); i++) {
    const nn_stencil s = transposed_at(&w, i);
    packed += packed_size(&s);
    padded = most(padded, nn_source_workspace(&s, images));
  }
  const int64_t scattered = nn_scatter_fits(&w) ? nn_scatter_workspace(&w, images) : 0;
  return most(most(packed_size(&forward) + nn_source_workspace(&forward, images), packed + padded), scattered);
}

static int64_t target_size(const nn_stencil *s) {
  return s->axis[0].target * s->axis[1].target * s->axis[2].target * s->groups * s->columns;
}

/* ---- sums over taps ---- */

typedef struct lines_of_images {
  const nn_convolution *convolution;
  const nn_stencil *stencil;
  float *y;
  const float *x, *packed, *bias;
  bool relu;
  int64_t block, blocks; /* lines of one part, parts of one image */
} lines_of_images;

static void compute_lines(void *context, int part) {
  const lines_of_images *l = context;
  const int64_t image = part / l->blocks, first = part % l->blocks * l->block;
  const nn_kernels *kernels = l->convolution->kernels;
  nn_stencil_kernel *const compute = nn_stencil_is_depthwise(l->stencil) ? kernels->depthwise : kernels->stencil;
  compute(l->stencil, l->y + image * target_size(l->stencil), l->x + image * nn_stencil_source_size(l->stencil),
          l->packed, l->bias, l->relu, first, least(first + l->block, nn_stencil_lines(l->stencil)));
}

static void compute_images(lines_of_images l, int64_t images) {
  const nn_stencil *s = l.stencil;
  const int64_t all = nn_stencil_lines(s), together = most(1, s->axis[1].step * nn_stencil_pitch(s));
  if (all == 0 || s->axis[2].outputs == 0)
    return;
  l.block = between(BLOCK / together, parts_of(all, parts_of(LEAST_PARTS, images)));
  l.block = most(l.block, parts_of(all, NN_TEAM_PARTS));
  l.blocks = parts_of(all, l.block);
  const int64_t at_once = NN_TEAM_PARTS / l.blocks, x_size = nn_stencil_source_size(s), y_size = target_size(s);
  for (int64_t done = 0; done < images; done += at_once) {
    nn_team_run(l.convolution->team, (int)(l.blocks * least(at_once, images - done)), compute_lines, &l);
    l.x += at_once * x_size, l.y += at_once * y_size;
  }
}

static void compute_chunk(lines_of_images l, int64_t images, bool lies_across) {
  if (!lies_across) {
    compute_images(l, images);
    return;
  }
  const nn_stencil side_by_side = nn_source_across(l.stencil, images);
  l.stencil = &side_by_side;
  compute_images(l, 1);
}

/* What cells hold that no tap reaches: the bias, or 0. */
static void fill(float *x, int64_t cells, int64_t channels, const float *bias, bool relu) {
  if (!bias) {
    memset(x, 0, sizeof *x * (size_t)(cells * channels));
    return;
  }
  for (int64_t i = 0; i < cells; i++)
    for (int64_t j = 0; j < channels; j++)
      *x++ = relu && bias[j] < 0 ? 0 : bias[j];
}

/* The kernel as lines are computed with it: packed in the workspace, or as it is. */
static const float *prepare(const nn_convolution *c, const nn_stencil *s, float *packed, const float *kernel) {
  if (nn_stencil_is_depthwise(s))
    return kernel;
  c->kernels->stencil_pack(s, packed, kernel);
  return packed;
}

void nn_convolve(const nn_convolution *c, float *y, const float *x, const float *kernel, const float *bias, bool relu) {
  const nn_window w = flatten(c->window);
  const nn_stencil s = nn_stencil_forward(&w);
  const float *weights = prepare(c, &s, c->workspace, kernel);
  float *padded = c->workspace + packed_size(&s);
  const bool lies_across = nn_source_is_across(&s, c->images);
  const int64_t chunk = nn_source_chunk(&s, c->images, lies_across);
  for (int64_t i = 0; i < c->images; i += chunk) {
    const int64_t images = least(chunk, c->images - i);
    const float *source = nn_source_place(c->team, &s, padded, x + i * nn_source_size(&s), images, lies_across);
    compute_chunk((lines_of_images){c, &s, y + i * target_size(&s), source, weights, bias, relu, 0, 0}, images,
                  lies_across);
  }
}

void nn_convolve_transposed(const nn_convolution *c, float *x, const float *y, const float *kernel, const float *bias,
                            bool relu) {
  const nn_window w = flatten(c->window);
  if (nn_scatter_fits(&w)) {
    nn_scatter(c, x, y, kernel, bias, relu);
    return;
  }
  const int64_t remainders = remainders_of(&w);
  float *padded = c->workspace;
  for (int64_t r = 0; r < remainders; r++) {
    const nn_stencil s = transposed_at(&w, r);
    prepare(c, &s, padded, kernel);
    padded += packed_size(&s);
  }
  const nn_stencil any = transposed_at(&w, 0);
  const bool lies_across = nn_source_is_across(&any, c->images);
  const int64_t chunk = nn_source_chunk(&any, c->images, lies_across);
  for (int64_t i = 0; i < c->images; i += chunk) {
    const int64_t images = least(chunk, c->images - i);
    const float *source = nn_source_place(c->team, &any, padded, y + i * nn_source_size(&any), images, lies_across),
                *packed = c->workspace;
    if (has_gaps(&w))
      fill(x + i * target_size(&any), images * nn_window_cells(w.image), w.channels, bias, relu);
    for (int64_t r = 0; r < remainders; r++) {
      const nn_stencil s = transposed_at(&w, r);
      const float *weights = nn_stencil_is_depthwise(&s) ? kernel : packed;
      compute_chunk((lines_of_images){c, &s, x + i * target_size(&s), source, weights, bias, relu, 0, 0}, images,
                    lies_across);
      packed += packed_size(&s);
    }
  }
}

/* ---- the gradient by the kernel ---- */

typedef struct slabs {
  const nn_convolution *convolution;
  const nn_stencil *stencil;
  float *dkernel;
  const float *x, *dy;
  int64_t images;        /* in all */
  int64_t together;      /* in one slab */
  int64_t block, blocks; /* lines of one slab, slabs of one image */
  int64_t parts;         /* of the kernel */
} slabs;

/* One part of the kernel's gradient: all slabs, in order. */
static void add_slabs(void *context, int part) {
  const slabs *s = context;
  const nn_kernels *kernels = s->convolution->kernels;
  nn_stencil_gradient_kernel *const add =
      nn_stencil_is_depthwise(s->stencil) ? kernels->depthwise_gradient : kernels->stencil_gradient;
  const int64_t lines = nn_stencil_lines(s->stencil), outputs = s->stencil->axis[2].outputs;
  const int64_t x_size = nn_stencil_source_size(s->stencil), y_size = lines * outputs * s->convolution->window->filters;
  for (int64_t i = 0; i < s->images; i += s->together)
    for (int64_t b = 0; b < s->blocks; b++) {
      const nn_slab slab = {.x = s->x + i * x_size,
                            .dy = s->dy + i * y_size,
                            .images = least(s->together, s->images - i),
                            .first = b * s->block,
                            .last = least((b + 1) * s->block, lines)};
      add(s->stencil, s->dkernel, &slab, part, s->parts);
    }
}

/* Slabs of whole images if several fit, else of lines. */
static void cut_slabs(slabs *s, int64_t images) {
  const nn_axis *axis = s->stencil->axis;
  const int64_t lines = nn_stencil_lines(s->stencil), outputs = axis[2].outputs;
  const int64_t line_size = axis[1].step * nn_stencil_pitch(s->stencil) + outputs * s->convolution->window->filters;
  const int64_t size = most(SLAB, least(nn_window_kernel_size(s->convolution->window) / 2, LARGEST_SLAB));
  const int64_t in_slab = most(1, least(size / line_size, SLAB_OUTPUTS / outputs));
  s->images = images;
  s->together = between(in_slab / lines, images);
  s->blocks = parts_of(lines, in_slab);
  s->block = parts_of(lines, s->blocks);
}

void nn_convolve_kernel_gradient(const nn_convolution *c, float *dkernel, const float *x, const float *dy) {
  const nn_window w = flatten(c->window);
  const nn_stencil s = nn_stencil_forward(&w);
  memset(dkernel, 0, sizeof *dkernel * (size_t)nn_window_kernel_size(&w));
  if (nn_window_output_size(&w) == 0)
    return;
  slabs all = {.convolution = c, .stencil = &s, .dkernel = dkernel};
  all.parts = nn_team_size(c->team) > 1 ? KERNEL_PARTS : 1;
  const int64_t chunk = nn_source_chunk(&s, c->images, false);
  for (int64_t i = 0; i < c->images; i += chunk) {
    const int64_t images = least(chunk, c->images - i);
    all.x = nn_source_place(c->team, &s, c->workspace, x + i * nn_source_size(&s), images, false);
    all.dy = dy + i * nn_window_output_size(&w);
    cut_slabs(&all, images);
    nn_team_run(c->team, (int)all.parts, add_slabs, &all);
  }
}

/* Image by image: short chains of sums round less. */
void nn_convolve_bias_gradient(const nn_kernels *kernels, float *dbias, const float *dy, int64_t images, int64_t cells,
                               int64_t channels) {
  enum { TOGETHER = 256 };
  float sums[TOGETHER];
  memset(dbias, 0, sizeof *dbias * (size_t)channels);
  if (channels > TOGETHER) {
    kernels->column_sums(dbias, dy, images * cells, channels);
    return;
  }
  for (int64_t i = 0; i < images; i++) {
    kernels->column_sums(sums, dy + i * cells * channels, cells, channels);
    for (int64_t j = 0; j < channels; j++)
      dbias[j] += sums[j];
  }
}
