/* stencil.c - convolutions: products whose left side is read where it stands in the images.
 *
 * A tile is up to TILE_ROWS neighbouring outputs of a line by two registers of filters. Its sums stay in registers
 * during the loop over all taps. Along the last axis the cells that an output reads are contiguous, with all their
 * channels: they are one row of a product, unless the kernel is dilated or has groups. The next output's row begins
 * `step` cells later; no row is copied. The caller pads lines at their ends; taps outside of the image along the other
 * axes are left out. */
#include "kernels.h"
#include "panels.h"
#include "products/stencil.h"
#include "tile.h"

/* The taps of one line of outputs: how many along each axis, how far apart in the source and in the packed kernel, and
 * the length of the row that is read at each. */
typedef struct nest {
  int64_t count[NN_WINDOW_AXES], in_source[NN_WINDOW_AXES], in_kernel[NN_WINDOW_AXES], length;
} nest;

typedef struct target {
  float *y;
  int64_t apart;     /* floats from one output to the next */
  const float *bias; /* NULL: none */
  bool relu;
  int columns;
} target;

INLINE void finish(const target *t, lanes (*sum)[2], const int rows, const int vectors, const int last) {
  UNROLL for (int v = 0; v < vectors; v++) {
    const int n = v + 1 < vectors ? LANES : last;
    const lanes bias = t->bias ? load_part(t->bias + v * LANES, n) : (lanes){0};
    UNROLL for (int i = 0; i < rows; i++) {
      const lanes y = sum[i][v] + bias;
      store_part(t->y + i * t->apart + v * LANES, t->relu ? relu_of(y) : y, n);
    }
  }
}

/* y(rows, columns) = the sums over all taps; x: what the first row reads at the first tap; step: from row to row. */
INLINE void tile(const target *t, const float *x, int64_t step, const float *packed, const nest *taps, const int rows,
                 const int vectors, const bool is_full) {
  lanes sum[TILE_ROWS][2];
  UNROLL for (int i = 0; i < rows; i++) UNROLL for (int v = 0; v < vectors; v++) sum[i][v] = (lanes){0};
  for (int64_t i = 0; i < taps->count[0]; i++)
    for (int64_t j = 0; j < taps->count[1]; j++)
      for (int64_t k = 0; k < taps->count[2]; k++) {
        const float *from = packed + i * taps->in_kernel[0] + j * taps->in_kernel[1] + k * taps->in_kernel[2];
        const float *lead[LEADS];
        begin_rows(lead, x + i * taps->in_source[0] + j * taps->in_source[1] + k * taps->in_source[2], step, rows);
        for (int64_t l = 0; l < taps->length; l++, from += vectors * LANES) {
          lanes row[2];
          UNROLL for (int v = 0; v < vectors; v++) row[v] = load(from + v * LANES);
          add_element(sum, lead, step, 0, row, rows, vectors);
          move_on(lead, 1, rows);
        }
      }
  finish(t, sum, rows, vectors, is_full ? LANES : t->columns - (vectors - 1) * LANES);
}

#define CASE(count)                                                                                                    \
  case count: tile(t, x, step, packed, taps, count, vectors, is_full); break;

INLINE void tile_of(const target *t, const float *x, int64_t step, const float *packed, const nest *taps, int rows,
                    const int vectors, const bool is_full) {
  switch (rows) { FOR_TILE_ROWS(CASE) }
}

typedef void tile_function(const target *t, const float *x, int64_t step, const float *packed, const nest *taps,
                           int rows);

#define TILE_FUNCTION(name, vectors, is_full)                                                                          \
  static void name(const target *t, const float *x, int64_t step, const float *packed, const nest *taps, int rows) {   \
    tile_of(t, x, step, packed, taps, rows, vectors, is_full);                                                         \
  }
TILE_FUNCTION(narrow_tile, 1, false)
TILE_FUNCTION(wide_tile, 2, false)
TILE_FUNCTION(full_tile, 2, true)

/* ---- panels of the kernel ---- */

/* A panel has one register if that holds all columns, else two. */
static int panel_width(int64_t columns) { return columns <= LANES ? LANES : PANEL; }

/* Some columns of one group; `at` is where the panel begins among the packed floats of the kernel. */
typedef struct panel {
  int64_t group, column, at;
  int columns, width;
} panel;

static int64_t panels_of(const nn_stencil *s) { return s->groups * parts_of(s->columns, PANEL); }

static panel panel_at(const nn_stencil *s, int64_t number) {
  const int64_t in_group = parts_of(s->columns, PANEL), group = number / in_group, column = number % in_group * PANEL;
  const int64_t rows = nn_stencil_taps(s) * s->depth;
  const int64_t last = s->columns - (in_group - 1) * PANEL, padded = (in_group - 1) * PANEL + panel_width(last);
  const int columns = (int)least(PANEL, s->columns - column);
  return (panel){group, column, (group * padded + column) * rows, columns, panel_width(columns)};
}

static int64_t cell_of(const nn_stencil *s, const int64_t *tap) {
  int64_t cell = 0;
  for (int i = 0; i < NN_WINDOW_AXES; i++)
    cell = cell * s->kernel[i] + s->axis[i].tap + tap[i] * s->axis[i].next;
  return cell;
}

void NN_LEVELLED(nn_stencil_pack)(const nn_stencil *s, float *packed, const float *kernel) {
  const int64_t row = s->groups * (s->transposed ? s->depth : s->columns),
                cell = row * (s->transposed ? s->columns : s->depth);
  const nn_axis *axis = s->axis;
  for (int64_t number = 0; number < panels_of(s); number++) {
    const panel p = panel_at(s, number);
    float *to = packed + p.at;
    for (int64_t i = 0; i < axis[0].taps; i++)
      for (int64_t j = 0; j < axis[1].taps; j++)
        for (int64_t k = 0; k < axis[2].taps; k++, to += s->depth * p.width) {
          const float *from = kernel + cell_of(s, (int64_t[]){i, j, k}) * cell;
          if (s->transposed)
            pack_columns(to, from + p.column * row + p.group * s->depth, row, s->depth, p.columns, p.width);
          else
            pack_rows(to, from + p.group * s->columns + p.column, row, s->depth, p.columns, p.width);
        }
  }
}

/* ---- lines ---- */

static bool has_long_rows(const nn_stencil *s) { return s->groups == 1 && s->axis[2].dilation == 1; }

/* The taps of a line that read inside of the image; the first one's place in the source and in the packed kernel. */
static nest taps_of(const nn_stencil *s, const int64_t *q, int width, int64_t *in_source, int64_t *in_kernel) {
  const int64_t channels = s->groups * s->depth, pitch = nn_stencil_pitch(s);
  const int64_t source[] = {s->axis[1].inputs * pitch, pitch, channels}, row = s->depth * width;
  const int64_t kernel[] = {s->axis[1].taps * s->axis[2].taps * row, s->axis[2].taps * row, row};
  nest n = {.length = s->depth};
  *in_source = (s->left + s->axis[2].offset) * channels;
  *in_kernel = 0;
  for (int i = 0; i < NN_WINDOW_AXES; i++) {
    const nn_axis *a = &s->axis[i];
    const nn_range seen = i < 2 ? nn_axis_taps(a, q[i]) : (nn_range){0, a->taps};
    n.count[i] = seen.count;
    n.in_source[i] = a->dilation * source[i];
    n.in_kernel[i] = kernel[i];
    *in_kernel += seen.first * kernel[i];
    if (i < 2)
      *in_source += (q[i] * a->step + a->offset + seen.first * a->dilation) * source[i];
  }
  if (has_long_rows(s))
    n.length = s->depth * s->axis[2].taps, n.count[2] = s->axis[2].taps > 0;
  return n;
}

void NN_LEVELLED(nn_stencil)(const nn_stencil *s, float *y, const float *x, const float *packed, const float *bias,
                             bool relu, int64_t first, int64_t last) {
  const nn_axis *axis = s->axis;
  const int64_t channels = s->groups * s->columns, step = axis[2].step * s->groups * s->depth;
  const int64_t outputs = axis[2].outputs, tiles = parts_of(outputs, TILE_ROWS);
  for (int64_t number = 0; number < panels_of(s); number++) {
    const panel p = panel_at(s, number);
    tile_function *compute = p.width == LANES ? narrow_tile : p.columns == PANEL ? full_tile : wide_tile;
    const int64_t channel = p.group * s->columns + p.column;
    int64_t q[] = {first / axis[1].outputs, first % axis[1].outputs};
    for (int64_t line = first; line < last; line++) {
      int64_t in_source, in_kernel;
      const nest taps = taps_of(s, q, p.width, &in_source, &in_kernel);
      const int64_t cell = ((axis[0].to + q[0] * axis[0].apart) * axis[1].target + axis[1].to + q[1] * axis[1].apart);
      float *to = y + (cell * axis[2].target + axis[2].to) * channels + channel;
      const float *from = x + in_source + p.group * s->depth;
      target t = {NULL, axis[2].apart * channels, bias ? bias + channel : NULL, relu, p.columns};
      for (int64_t i = 0; i < tiles; i++) {
        const int64_t begin = outputs * i / tiles, end = outputs * (i + 1) / tiles;
        t.y = to + begin * t.apart;
        compute(&t, from + begin * step, step, packed + p.at + in_kernel, &taps, (int)(end - begin));
      }
      if (++q[1] == axis[1].outputs)
        q[0]++, q[1] = 0;
    }
  }
}
