/* gru_gates.c - the gates of a row of a GRU with its usual activations, all in one pass: layers/recurrent/gru.c has the
 * formulas. */
#include "base/vmath.h"
#include "kernels.h"

/* Pointers of their own tell the compiler that the parts of a row do not overlap. */
static __attribute__((noinline)) void open_gates(float *restrict z, float *restrict r, float *restrict q,
                                                 float *restrict g, const float *restrict product,
                                                 const float *restrict bias, const nn_gru_row *row) {
  const int64_t n = row->units;
  const float *restrict second = bias + 3 * n, *restrict h = row->h;
  float *restrict h_next = row->h_next;
  for (int64_t j = 0; j < n; j++) {
    z[j] = nn_sigmoidf(z[j] + product[j] + bias[j] + second[j]);
    r[j] = nn_sigmoidf(r[j] + product[n + j] + bias[n + j] + second[n + j]);
    q[j] = product[2 * n + j] + second[2 * n + j];
    g[j] = nn_tanhf(g[j] + bias[2 * n + j] + r[j] * q[j]);
    h_next[j] = z[j] * h[j] + (1 - z[j]) * g[j];
  }
}

void NN_LEVELLED(nn_gru_gates)(const nn_gru_row *row, const float *product, const float *bias) {
  const int64_t n = row->units;
  float *z = row->gates;
  open_gates(z, z + n, z + 2 * n, z + 3 * n, product, bias, row);
}

static __attribute__((noinline)) void reverse_gates(float *restrict z, float *restrict r, float *restrict q,
                                                    float *restrict g, const float *restrict h, float *restrict dh,
                                                    int64_t n) {
  for (int64_t j = 0; j < n; j++) {
    const float dz = dh[j] * (h[j] - g[j]), dg = dh[j] * (1 - z[j]) * (1 - g[j] * g[j]);
    const float dr = dg * q[j];
    dh[j] *= z[j];
    z[j] = dz * (z[j] * (1 - z[j]));
    q[j] = dg * r[j];
    r[j] = dr * (r[j] * (1 - r[j]));
    g[j] = dg;
  }
}

void NN_LEVELLED(nn_gru_gates_gradient)(const nn_gru_row *row, float *dh) {
  const int64_t n = row->units;
  float *z = row->gates;
  reverse_gates(z, z + n, z + 2 * n, z + 3 * n, row->h, dh, n);
}
