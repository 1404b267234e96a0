/* sides.c - the products of a recurrent layer. Gates whose columns lie side by side, and whose inputs were dropped by
 * the same mask, are one product. */
#include <string.h>

#include "layers/recurrent/sides.h"
#include "layers/regularization/dropout.h"
#include "products/blas.h"
#include "products/kernels/kernels.h"

static int64_t columns_of(const nn_recurrence *r) { return r->cell->gates * r->units; }
static int64_t slot_width(const nn_recurrence *r) { return r->cell->slots * r->units; }

/* The first gate after those that are one product with `gate`, of the slots and masks of one side. */
static int end_of_run(const nn_recurrence *r, const int *slot, const float *factors, int gate, int gates) {
  int end = gate + 1;
  while (end < gates && slot[end] == slot[end - 1] + 1 && !(factors && r->groups > 1))
    end++;
  return end;
}

static const float *factors_of(const nn_recurrence *r, const float *factors, int gate, int64_t width) {
  return factors ? factors + (r->groups > 1 ? gate : 0) * r->batch * width : NULL;
}

/* to(steps, batch, width) = x times factors(batch, width) */
static const float *dropped(const nn_recurrence *r, const float *x, const float *factors, int64_t width) {
  if (!factors)
    return x;
  const int64_t each = r->batch * width;
  for (int64_t t = 0; t < r->steps; t++)
    for (int64_t i = 0; i < each; i++)
      r->copy[t * each + i] = x[t * each + i] * factors[i];
  return r->copy;
}

/* sum += x, or += x times factors */
static void add_times(float *restrict sum, const float *restrict x, const float *restrict factors, int64_t n) {
  for (int64_t i = 0; factors && i < n; i++)
    sum[i] += x[i] * factors[i];
  for (int64_t i = 0; !factors && i < n; i++)
    sum[i] += x[i];
}

/* ---- dropout ---- */

static void draw(float *factors, int64_t n, double rate, nn_rng rng) {
  nn_draw_factors(factors, n, rate, (float)(1 / (1 - rate)), rng);
}

void nn_draw_recurrence_factors(const nn_recurrence *r, const nn_node *node, const nn_pass *pass) {
  nn_rng rng = nn_noise_stream(node, pass, r->config->seed);
  if (r->input_factors)
    draw(r->input_factors, r->groups * r->batch * r->in, r->config->dropout, rng);
  rng.counter[0] ^= UINT32_C(1) << 31; /* the other half of the stream */
  if (r->recurrent_factors)
    draw(r->recurrent_factors, r->groups * r->batch * r->units, r->config->recurrent_dropout, rng);
}

/* ---- products of one step ---- */

void nn_recurrent_product(const nn_recurrence *r, float *to, const float *h, int64_t h_row, int first_gate, int gates,
                          bool drops) {
  const int64_t units = r->units, columns = columns_of(r);
  const float *all = drops ? r->recurrent_factors : NULL;
  for (int gate = first_gate, end; gate < first_gate + gates; gate = end) {
    end = all && r->groups > 1 ? gate + 1 : first_gate + gates;
    const float *factors = factors_of(r, all, gate, units), *left = h;
    int64_t left_row = h_row;
    if (factors) {
      left = r->product + r->first * units, left_row = units;
      for (int64_t i = 0; i < r->rows; i++)
        for (int64_t j = 0; j < units; j++)
          r->product[(r->first + i) * units + j] = h[i * h_row + j] * factors[(r->first + i) * units + j];
    }
    if (r->packed && end - gate == r->cell->gates)
      nn_gemm_packed(r->rows, columns, units, left, left_row, r->packed, to, columns);
    else
      nn_gemm(NULL, false, false, r->rows, (end - gate) * units, units, left, left_row,
              r->recurrent_kernel + gate * units, columns, to + (gate - first_gate) * units, gates * units);
  }
}

void nn_recurrent_product_back(const nn_recurrence *r, float *d, int64_t t, int first_gate, int gates, bool drops) {
  const int64_t units = r->units, n = r->rows * units;
  const int *slot = r->cell->recurrent_slot;
  const float *all = drops ? r->recurrent_factors : NULL;
  float *product = r->product + r->first * units;
  for (int gate = first_gate, end; gate < first_gate + gates; gate = end) {
    end = end_of_run(r, slot, all, gate, first_gate + gates);
    const float *dz = nn_slots_at(r, t, r->first) + slot[gate] * units;
    if (r->packed && end - gate == r->cell->gates)
      nn_gemm_packed(r->rows, units, columns_of(r), dz, slot_width(r), r->packed, product, units);
    else
      nn_gemm(NULL, false, true, r->rows, units, (end - gate) * units, dz, slot_width(r),
              r->recurrent_kernel + gate * units, columns_of(r), product, units);
    const float *factors = factors_of(r, all, gate, units);
    if (d)
      add_times(d + r->first * units, product, factors ? factors + r->first * units : NULL, n);
  }
}

/* ---- products of all steps ---- */

static const float *input_factors_of(const nn_recurrence *r) { return r->groups > 1 ? r->input_factors : NULL; }

void nn_input_products(const nn_recurrence *r, nn_team *team) {
  const int *slot = r->cell->input_slot;
  const float *all = input_factors_of(r);
  for (int gate = 0, end; gate < r->cell->gates; gate = end) {
    end = end_of_run(r, slot, all, gate, r->cell->gates);
    nn_gemm(team, false, false, r->steps * r->batch, (end - gate) * r->units, r->in,
            dropped(r, r->x, factors_of(r, all, gate, r->in), r->in), r->in, r->kernel + gate * r->units, columns_of(r),
            r->slots + slot[gate] * r->units, slot_width(r));
  }
}

static void kernel_gradient(const nn_recurrence *r, nn_team *team, float *dw) {
  const int *slot = r->cell->input_slot;
  const float *all = input_factors_of(r);
  for (int gate = 0, end; gate < r->cell->gates; gate = end) {
    end = end_of_run(r, slot, all, gate, r->cell->gates);
    nn_gemm(team, true, false, r->in, (end - gate) * r->units, r->steps * r->batch,
            dropped(r, r->x, factors_of(r, all, gate, r->in), r->in), r->in, r->slots + slot[gate] * r->units,
            slot_width(r), dw + gate * r->units, columns_of(r));
  }
}

static void recurrent_gradient(const nn_recurrence *r, nn_team *team, float *du) {
  const int64_t units = r->units, rows = r->steps * r->batch;
  const int *slot = r->cell->recurrent_slot, from_state = r->cell->gates - (r->cell->factor_slot > 0);
  for (int gate = 0, end; gate < from_state; gate = end) {
    end = end_of_run(r, slot, r->recurrent_factors, gate, from_state);
    nn_gemm(team, true, false, units, (end - gate) * units, rows,
            dropped(r, r->states[0], factors_of(r, r->recurrent_factors, gate, units), units), units,
            r->slots + slot[gate] * units, slot_width(r), du + gate * units, columns_of(r));
  }
  for (int gate = from_state; gate < r->cell->gates; gate++)
    nn_gemm(team, true, false, units, units, rows, r->slots + r->cell->factor_slot * units, slot_width(r),
            r->slots + slot[gate] * units, slot_width(r), du + gate * units, columns_of(r));
}

void nn_kernel_gradients(const nn_recurrence *r, nn_team *team, float *kernel, float *recurrent_kernel) {
  kernel_gradient(r, team, kernel);
  recurrent_gradient(r, team, recurrent_kernel);
}

void nn_recurrence_bias_gradient(const nn_recurrence *r, float *bias) {
  const size_t bytes = sizeof(float) * (size_t)r->units;
  nn_kernels_at(0)->column_sums(r->column_sums, r->slots, r->steps * r->batch, slot_width(r));
  for (int gate = 0; gate < r->cell->gates; gate++) {
    memcpy(bias + gate * r->units, r->column_sums + r->cell->input_slot[gate] * r->units, bytes);
    if (r->config->reset_after)
      memcpy(bias + columns_of(r) + gate * r->units, r->column_sums + r->cell->recurrent_slot[gate] * r->units, bytes);
  }
}

/* dx of rows in their own order = or += the product times the factors. */
static void scatter(const nn_recurrence *r, float *dx, const float *product, const float *factors, bool adds) {
  for (int64_t row = 0; row < r->batch; row++)
    for (int64_t t = 0; t < r->steps; t++) {
      const int64_t source = r->config->go_backwards ? r->steps - 1 - t : t;
      float *to = dx + (row * r->steps + source) * r->in;
      const float *from = product + (t * r->batch + row) * r->in;
      if (adds || factors) {
        if (!adds)
          memset(to, 0, sizeof(float) * (size_t)r->in);
        add_times(to, from, factors ? factors + row * r->in : NULL, r->in);
      } else
        memcpy(to, from, sizeof(float) * (size_t)r->in);
    }
}

void nn_recurrence_input_gradient(const nn_recurrence *r, nn_team *team, float *dx) {
  const int *slot = r->cell->input_slot;
  for (int gate = 0, end; gate < r->cell->gates; gate = end) {
    end = end_of_run(r, slot, r->input_factors, gate, r->cell->gates);
    nn_gemm(team, false, true, r->steps * r->batch, r->in, (end - gate) * r->units, r->slots + slot[gate] * r->units,
            slot_width(r), r->kernel + gate * r->units, columns_of(r), r->copy, r->in);
    scatter(r, dx, r->copy, factors_of(r, r->input_factors, gate, r->in), gate > 0);
  }
}

/* ---- activations ---- */

void nn_activate_gates(const nn_activation_config *config, float *y, float *before, int64_t count, int64_t units) {
  if (before)
    memcpy(before, y, sizeof(float) * (size_t)(count * units));
  nn_activate(config, y, y, count, units);
}

void nn_activate_gates_backward(const nn_activation_config *config, float *d, const float *y, const float *before,
                                int64_t count, int64_t units) {
  nn_activate_backward(config, d, d, y, before, count, units);
}
