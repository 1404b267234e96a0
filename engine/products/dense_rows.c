/* dense_rows.c - dense layers of many rows, by blocks of rows. */
#include "dense_rows.h"

#include "products/blas.h"

enum {
  BLOCK = 128,      /* rows: with a few hundred columns they fit into the second-level cache */
  LEAST = 8 * BLOCK /* rows that repay packing w */
};

int64_t nn_dense_rows_scratch(int64_t in, int64_t units) {
  const int64_t forward = nn_gemm_packed_size(units, in), backward = nn_gemm_packed_size(in, units);
  return forward > backward ? forward : backward;
}

/* Activations computed from their output are left to one product: relu, the usual one, makes zeros. */
bool nn_dense_rows_pays(const nn_dense_rows *d, const float *left, int64_t width) {
  const nn_activation_config *f = d->activation;
  return nn_gemm_is_parallel() && d->rows >= LEAST && d->in > 0 && d->units > 0 &&
         (!f || !nn_activation_from_output(f)) &&
         !nn_gemm_skips_zeros(d->rows, width == d->in ? d->units : d->in, width, left);
}

typedef struct task {
  const nn_dense_rows *d;
  float *dy, *dx; /* backward */
} task;

static int64_t rows_at(const nn_dense_rows *d, int64_t first) {
  return d->rows - first < BLOCK ? d->rows - first : BLOCK;
}

static void add_bias(float *restrict z, const float *restrict bias, int64_t rows, int64_t units) {
  for (int64_t i = 0; i < rows; i++)
    for (int64_t j = 0; j < units; j++)
      z[i * units + j] += bias[j];
}

static void forward_block(void *context, int part) {
  const nn_dense_rows *d = ((const task *)context)->d;
  const int64_t first = (int64_t)part * BLOCK, rows = rows_at(d, first);
  float *z = d->z + first * d->units;
  nn_gemm_packed(rows, d->units, d->in, d->x + first * d->in, d->in, d->packed, z, d->units);
  if (d->bias)
    add_bias(z, d->bias, rows, d->units);
  if (d->activation)
    nn_activate(d->activation, d->y + first * d->units, z, rows, d->units);
}

static void backward_block(void *context, int part) {
  const task *t = context;
  const nn_dense_rows *d = t->d;
  const int64_t first = (int64_t)part * BLOCK, rows = rows_at(d, first), at = first * d->units;
  float *dz = t->dy + at;
  if (d->activation)
    nn_activate_backward(d->activation, dz, dz, d->y + at, d->z + at, rows, d->units);
  nn_gemm_packed(rows, d->in, d->units, dz, d->units, d->packed, t->dx + first * d->in, d->in);
}

static int blocks_of(const nn_dense_rows *d) { return (int)((d->rows + BLOCK - 1) / BLOCK); }

void nn_dense_rows_forward(nn_team *team, const nn_dense_rows *d) {
  task t = {.d = d};
  nn_gemm_pack(d->packed, false, d->units, d->in, d->w, d->units);
  nn_team_run(team, blocks_of(d), forward_block, &t);
}

void nn_dense_rows_backward(nn_team *team, const nn_dense_rows *d, float *dy, float *dx) {
  task t = {d, dy, dx};
  nn_gemm_pack(d->packed, true, d->in, d->units, d->w, d->units);
  nn_team_run(team, blocks_of(d), backward_block, &t);
}
