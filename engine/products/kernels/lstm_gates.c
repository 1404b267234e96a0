/* lstm_gates.c - the gates of a row of an LSTM with its usual activations, all in one pass: layers/recurrent/lstm.c has
 * the formulas. */
#include "base/vmath.h"
#include "kernels.h"

/* Pointers of their own tell the compiler that the parts of a row do not overlap. */
static __attribute__((noinline)) void open_gates(float *restrict i, float *restrict f, float *restrict g,
                                                 float *restrict o, float *restrict a, const float *restrict product,
                                                 const float *restrict bias, const nn_lstm_row *row) {
  const int64_t n = row->units;
  const float *restrict c = row->c;
  float *restrict c_next = row->c_next, *restrict h_next = row->h_next;
  for (int64_t j = 0; j < n; j++) {
    i[j] = nn_sigmoidf(i[j] + product[j] + bias[j]);
    f[j] = nn_sigmoidf(f[j] + product[n + j] + bias[n + j]);
    g[j] = nn_tanhf(g[j] + product[2 * n + j] + bias[2 * n + j]);
    o[j] = nn_sigmoidf(o[j] + product[3 * n + j] + bias[3 * n + j]);
    c_next[j] = f[j] * c[j] + i[j] * g[j];
    a[j] = nn_tanhf(c_next[j]);
    h_next[j] = o[j] * a[j];
  }
}

void NN_LEVELLED(nn_lstm_gates)(const nn_lstm_row *row, const float *product, const float *bias) {
  const int64_t n = row->units;
  float *z = row->gates;
  open_gates(z, z + n, z + 2 * n, z + 3 * n, z + 4 * n, product, bias, row);
}

static __attribute__((noinline)) void reverse_gates(float *restrict i, float *restrict f, float *restrict g,
                                                    float *restrict o, const float *restrict a, const float *restrict c,
                                                    float *restrict dh, float *restrict dc, int64_t n) {
  for (int64_t j = 0; j < n; j++) {
    const float through = dc[j] + dh[j] * o[j] * (1 - a[j] * a[j]);
    const float di = through * g[j], dg = through * i[j];
    dc[j] = through * f[j];
    i[j] = di * (i[j] * (1 - i[j]));
    f[j] = through * c[j] * (f[j] * (1 - f[j]));
    g[j] = dg * (1 - g[j] * g[j]);
    o[j] = dh[j] * a[j] * (o[j] * (1 - o[j]));
    dh[j] = 0;
  }
}

void NN_LEVELLED(nn_lstm_gates_gradient)(const nn_lstm_row *row, float *dh, float *dc) {
  const int64_t n = row->units;
  float *z = row->gates;
  reverse_gates(z, z + n, z + 2 * n, z + 3 * n, z + 4 * n, row->c, dh, dc, n);
}
