/* scatter.c - transposed convolutions to images of few channels: a dense product, then sums. */
#include "products/scatter.h"

enum {
  MOST_CHANNELS = 4,
  LEAST_FILTERS = 16,
  LARGEST_IMAGE = 1 << 16, /* floats of the product of one image */
  TOGETHER = 1 << 18,      /* the same, of the images that are computed at a time */
  PANEL = 32
};

static int64_t columns_of(const nn_window *w) { return nn_window_cells(w->kernel) * w->channels; }
static int64_t product_size(const nn_window *w) { return nn_window_cells(w->output) * columns_of(w); }

/* For the widest panels of any level of vector code. */
static int64_t packed_size(const nn_window *w) { return (columns_of(w) + PANEL - 1) / PANEL * PANEL * w->filters; }

static int64_t chunk_of(const nn_window *w, int64_t images) {
  const int64_t chunk = TOGETHER / product_size(w), most = chunk < NN_TEAM_PARTS ? chunk : NN_TEAM_PARTS;
  return images < most ? images : most;
}

bool nn_scatter_fits(const nn_window *w) {
  const int64_t size = product_size(w);
  return w->groups == 1 && w->channels <= MOST_CHANNELS && w->filters >= LEAST_FILTERS && w->dilation[2] == 1 &&
         nn_window_cells(w->kernel) > 1 && size > 0 && size <= LARGEST_IMAGE;
}

int64_t nn_scatter_workspace(const nn_window *w, int64_t images) {
  return packed_size(w) + chunk_of(w, images) * product_size(w);
}

typedef struct chunk {
  const nn_convolution *convolution;
  float *x, *products;
  const float *y, *packed, *bias;
  bool relu;
} chunk;

/* Adds what one output gives to a line of the image: the cells of the kernel that are inside of it. */
static void add_line(const nn_window *w, float *line, const float *product, int64_t start) {
  const int64_t first = start < 0 ? -start : 0;
  const int64_t last = start + w->kernel[2] > w->image[2] ? w->image[2] - start : w->kernel[2];
  for (int64_t i = first * w->channels; i < last * w->channels; i++)
    line[start * w->channels + i] += product[i];
}

/* Adds what the outputs of one line give to all lines that they see. */
static void add_outputs(const nn_window *w, float *x, const float *product, int64_t q0, int64_t q1) {
  const int64_t columns = columns_of(w), pitch = w->kernel[2] * w->channels;
  for (int64_t k0 = 0; k0 < w->kernel[0]; k0++)
    for (int64_t k1 = 0; k1 < w->kernel[1]; k1++) {
      const int64_t i0 = q0 * w->stride[0] + k0 * w->dilation[0] - w->before[0];
      const int64_t i1 = q1 * w->stride[1] + k1 * w->dilation[1] - w->before[1];
      if (i0 < 0 || i0 >= w->image[0] || i1 < 0 || i1 >= w->image[1])
        continue;
      float *line = x + (i0 * w->image[1] + i1) * w->image[2] * w->channels;
      const float *taps = product + (k0 * w->kernel[1] + k1) * pitch;
      for (int64_t q2 = 0; q2 < w->output[2]; q2++)
        add_line(w, line, taps + q2 * columns, q2 * w->stride[2] - w->before[2]);
    }
}

static void scatter_image(void *context, int part) {
  const chunk *c = context;
  const nn_window *w = c->convolution->window;
  const int64_t cells = nn_window_cells(w->output), size = nn_window_image_size(w), columns = columns_of(w);
  float *x = c->x + part * size, *product = c->products + part * product_size(w);
  c->convolution->kernels->gemm_packed(cells, columns, w->filters, c->y + part * cells * w->filters, w->filters,
                                       c->packed, product, columns);
  for (int64_t i = 0; i < size; i++)
    x[i] = c->bias ? c->bias[i % w->channels] : 0;
  for (int64_t q0 = 0; q0 < w->output[0]; q0++)
    for (int64_t q1 = 0; q1 < w->output[1]; q1++, product += w->output[2] * columns)
      add_outputs(w, x, product, q0, q1);
  for (int64_t i = 0; c->relu && i < size; i++)
    x[i] = x[i] < 0 ? 0 : x[i];
}

void nn_scatter(const nn_convolution *c, float *x, const float *y, const float *kernel, const float *bias, bool relu) {
  const nn_window *w = c->window;
  float *packed = c->workspace;
  c->kernels->gemm_pack(packed, true, columns_of(w), w->filters, kernel, w->filters);
  const int64_t at_once = chunk_of(w, c->images);
  chunk all = {c, x, packed + packed_size(w), y, packed, bias, relu};
  for (int64_t done = 0; done < c->images; done += at_once) {
    const int64_t images = c->images - done < at_once ? c->images - done : at_once;
    nn_team_run(c->team, (int)images, scatter_image, &all);
    all.x += images * nn_window_image_size(w), all.y += images * nn_window_output_size(w);
  }
}
