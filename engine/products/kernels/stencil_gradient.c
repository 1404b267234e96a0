/* stencil_gradient.c - the gradient of a convolution by its kernel.
 *
 * A tile is up to TILE_ROWS neighbouring weights by two registers of filters. Its sums stay in registers during the
 * loop over the outputs of a slab. At each output the cells that belong to these weights are neighbours in the image;
 * they are multiplied by the output's gradient. Slabs are short: they fit the cache, and short sums round less. */
#include "kernels.h"
#include "panels.h"
#include "products/stencil.h"
#include "tile.h"

/* The outputs of one image at which a tap reads inside of the image: how many lines, and outputs in each. */
typedef struct walk {
  const float *x, *dy;
  int64_t lines, outputs;
  int64_t x_line, x_step, dy_line, dy_step; /* floats from one to the next */
} walk;

INLINE void add_lines(lanes (*sum)[2], const walk *w, const int rows, const int vectors, const int last) {
  const int64_t x_step = w->x_step, dy_step = w->dy_step;
  for (int64_t i = 0; i < w->lines; i++) {
    const float *x = w->x + i * w->x_line, *dy = w->dy + i * w->dy_line;
    for (int64_t j = 0; j < w->outputs; j++, x += x_step, dy += dy_step) {
      lanes row[2];
      UNROLL for (int v = 0; v < vectors; v++) row[v] = load_part(dy + v * LANES, v + 1 < vectors ? LANES : last);
      UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vectors; v++) sum[r][v] += x[r] * row[v];
    }
  }
}

/* What a tile computes: weights `first` and on of the row that tap (i, j, k) reads. */
typedef struct weights {
  int64_t tap[NN_WINDOW_AXES], first, group, column;
} weights;

static bool has_long_rows(const nn_stencil *s) { return s->groups == 1 && s->axis[2].dilation == 1; }

/* The walk over lines of one cell of the first axis, of those in the slab. */
static walk walk_at(const nn_stencil *s, const nn_slab *slab, const weights *w, int64_t image, int64_t q) {
  const nn_axis *axis = s->axis;
  const int64_t channels = s->groups * s->depth, filters = s->groups * s->columns, pitch = nn_stencil_pitch(s);
  const int64_t begin = q * axis[1].outputs;
  const nn_range seen = nn_axis_outputs(&axis[1], w->tap[1]);
  const int64_t first = seen.first > slab->first - begin ? seen.first : slab->first - begin;
  const int64_t end = least(seen.first + seen.count, slab->last - begin);
  const int64_t source[] = {q * axis[0].step + axis[0].offset + w->tap[0] * axis[0].dilation,
                            first * axis[1].step + axis[1].offset + w->tap[1] * axis[1].dilation,
                            s->left + axis[2].offset + w->tap[2] * axis[2].dilation};
  return (walk){
      .x = slab->x + image * nn_stencil_source_size(s) + (source[0] * axis[1].inputs + source[1]) * pitch +
           source[2] * channels + w->group * s->depth + w->first,
      .dy = slab->dy + ((image * axis[0].outputs + q) * axis[1].outputs + first) * axis[2].outputs * filters +
            w->group * s->columns + w->column,
      .lines = end - first,
      .outputs = axis[2].outputs,
      .x_line = axis[1].step * pitch,
      .x_step = axis[2].step * channels,
      .dy_line = axis[2].outputs * filters,
      .dy_step = filters,
  };
}

/* dw(rows, columns) += the sums of the slab */
INLINE void tile(const nn_stencil *s, const nn_slab *slab, const weights *w, float *dw, const int rows,
                 const int vectors, int last) {
  lanes sum[TILE_ROWS][2];
  UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vectors; v++) sum[r][v] = (lanes){0};
  const int64_t filters = s->groups * s->columns;
  const nn_range seen = nn_axis_outputs(&s->axis[0], w->tap[0]);
  for (int64_t image = 0; image < slab->images; image++)
    for (int64_t q = seen.first; q < seen.first + seen.count; q++) {
      const walk lines = walk_at(s, slab, w, image, q);
      if (last == LANES)
        add_lines(sum, &lines, rows, vectors, LANES);
      else
        add_lines(sum, &lines, rows, vectors, last);
    }
  UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vectors; v++) {
    float *to = dw + r * filters + v * LANES;
    const int n = v + 1 < vectors ? LANES : last;
    store_part(to, load_part(to, n) + sum[r][v], n);
  }
}

#define CASE(count)                                                                                                    \
  case count: tile(s, slab, w, dw, count, vectors, last); break;

INLINE void tile_of(const nn_stencil *s, const nn_slab *slab, const weights *w, float *dw, int rows, const int vectors,
                    int last) {
  switch (rows) { FOR_TILE_ROWS(CASE) }
}

static void narrow_tile(const nn_stencil *s, const nn_slab *slab, const weights *w, float *dw, int rows, int last) {
  tile_of(s, slab, w, dw, rows, 1, last);
}

static void wide_tile(const nn_stencil *s, const nn_slab *slab, const weights *w, float *dw, int rows, int last) {
  tile_of(s, slab, w, dw, rows, 2, last);
}

/* Tiles are counted with the rows of a tap innermost, then the taps, the panels and the groups. Part number `part` of
 * `parts` computes its share of them. */
void NN_LEVELLED(nn_stencil_gradient)(const nn_stencil *s, float *dw, const nn_slab *slab, int64_t part,
                                      int64_t parts) {
  const nn_axis *axis = s->axis;
  const bool is_long = has_long_rows(s);
  const int64_t length = is_long ? axis[2].taps * s->depth : s->depth, last_taps = is_long ? 1 : axis[2].taps;
  const int64_t in_row = parts_of(length, TILE_ROWS), taps = axis[0].taps * axis[1].taps * last_taps;
  const int64_t panels = parts_of(s->columns, PANEL), tiles = in_row * taps * panels * s->groups;
  for (int64_t number = tiles * part / parts; number < tiles * (part + 1) / parts; number++) {
    const int64_t piece = number % in_row, tap = number / in_row % taps, panel = number / in_row / taps;
    const int64_t begin = length * piece / in_row, end = length * (piece + 1) / in_row;
    const weights w = {{tap / last_taps / axis[1].taps, tap / last_taps % axis[1].taps, tap % last_taps},
                       begin,
                       panel / panels,
                       panel % panels * PANEL};
    const int64_t columns = least(PANEL, s->columns - w.column);
    float *to = dw + (tap * length + begin) * s->groups * s->columns + w.group * s->columns + w.column;
    if (columns <= LANES)
      narrow_tile(s, slab, &w, to, (int)(end - begin), (int)columns);
    else
      wide_tile(s, slab, &w, to, (int)(end - begin), (int)columns - LANES);
  }
}
