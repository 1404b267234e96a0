/* gru.c - gated recurrent units (Cho et al. 2014), gates in Keras' order z r h:
 *
 *   z = s(x W_z + h U_z + b_z),  r = s(x W_r + h U_r + b_r),  h' = z h + (1 - z) g
 *   g = a(x W_h + b_h + r (h U_h + b'_h))   reset_after, with a bias of its own for each side
 *   g = a(x W_h + b_h + (r h) U_h)          otherwise
 *
 * Backward:  dz = dh' (h - g),  dg = dh' (1 - z),  dh = dh' z + what comes through the products. */
#include <string.h>

#include "layers/recurrent/recurrence.h"
#include "products/kernels/kernels.h"

static const nn_field fields[] = {
    NN_RECURRENCE_FIELDS, NN_RECURRENT_ACTIVATION_FIELDS, NN_RECURRENCE_FLAG(reset_after, true), {0}};

/* The candidate's slots: Q is h U_h + b'_h, later its gradient, and G is g; or G is g and RH is r h. */
enum { Z, R, Q, G_AFTER, SLOTS, G_BEFORE = 2, RH = 3 };

/* z and r of a row, and the input's part of the candidate with its bias. */
static void open_gates(const nn_recurrence *r, int64_t t, int64_t row, const float *restrict product, int candidate) {
  const int64_t units = r->units;
  float *restrict z = nn_slots_at(r, t, row);
  const float *restrict bias = r->bias, *restrict second = bias && r->config->reset_after ? bias + 3 * units : NULL;
  for (int64_t j = 0; j < 2 * units; j++)
    z[j] += product[j];
  for (int64_t j = 0; bias && j < 2 * units; j++)
    z[j] += bias[j];
  for (int64_t j = 0; second && j < 2 * units; j++)
    z[j] += second[j];
  for (int64_t j = 0; bias && j < units; j++)
    z[candidate * units + j] += bias[2 * units + j];
  nn_activate_gates(&r->config->recurrent_activation, z, nn_before_at(r, t, row), 2, units);
}

/* The candidate in its slot, complete but for its activation, becomes the next state. */
static void close_gates(const nn_recurrence *r, int64_t t, int64_t row, int candidate) {
  const int64_t units = r->units;
  float *z = nn_slots_at(r, t, row), *g = z + candidate * units, *before = nn_before_at(r, t, row);
  nn_activate_gates(&r->config->activation, g, before ? before + candidate * units : NULL, 1, units);
  const float *h = nn_state_at(r, 0, t, row);
  float *restrict next = nn_state_at(r, 0, t + 1, row);
  for (int64_t j = 0; j < units; j++)
    next[j] = z[j] * h[j] + (1 - z[j]) * g[j];
}

static void keep_state(const nn_recurrence *r, int64_t t, int64_t row) {
  memcpy(nn_state_at(r, 0, t + 1, row), nn_state_at(r, 0, t, row), sizeof(float) * (size_t)r->units);
}

/* From dh', in grads: dz and dg before the activations, and what of dh needs no product. */
static void reverse_gates(const nn_recurrence *r, int64_t t, int64_t row, float *restrict dz, float *restrict dg,
                          int candidate) {
  const int64_t units = r->units;
  const float *z = nn_slots_at(r, t, row), *g = z + candidate * units, *before = nn_before_at(r, t, row);
  const float *h = nn_state_at(r, 0, t, row);
  float *restrict dh = r->grads[0] + row * units;
  for (int64_t j = 0; j < units; j++) {
    dz[j] = dh[j] * (h[j] - g[j]);
    dg[j] = dh[j] * (1 - z[j]);
    dh[j] *= z[j];
  }
  nn_activate_gates_backward(&r->config->activation, dg, g, before ? before + candidate * units : NULL, 1, units);
}

/* ---- reset_after ---- */

static nn_gru_row row_at(const nn_recurrence *r, int64_t t, int64_t row) {
  return (nn_gru_row){r->units, nn_slots_at(r, t, row), nn_state_at(r, 0, t, row), nn_state_at(r, 0, t + 1, row)};
}

static void row_after(const nn_recurrence *r, int64_t t, int64_t row) {
  const int64_t units = r->units;
  const float *restrict product = r->work + row * 3 * units;
  float *restrict z = nn_slots_at(r, t, row);
  if (nn_has_usual_gates(r)) {
    const nn_gru_row all = row_at(r, t, row);
    nn_kernels_at(0)->gru_gates(&all, product, r->bias);
    return;
  }
  open_gates(r, t, row, product, G_AFTER);
  for (int64_t j = 0; j < units; j++) {
    const float q = product[2 * units + j] + (r->bias ? r->bias[5 * units + j] : 0);
    z[Q * units + j] = q;
    z[G_AFTER * units + j] += z[R * units + j] * q;
  }
  close_gates(r, t, row, G_AFTER);
}

static void step_after(const nn_recurrence *r, int64_t t) {
  const int64_t units = r->units;
  nn_recurrent_product(r, r->work + r->first * 3 * units, nn_state_at(r, 0, t, r->first), units, 0, 3, true);
  for (int64_t row = r->first; row < r->first + r->rows; row++)
    if (nn_step_counts(r, t, row))
      row_after(r, t, row);
    else
      keep_state(r, t, row);
}

static void row_back_after(const nn_recurrence *r, int64_t t, int64_t row) {
  const int64_t units = r->units;
  float *restrict z = nn_slots_at(r, t, row), *restrict d = r->work + row * 3 * units;
  if (nn_has_usual_gates(r)) {
    const nn_gru_row all = row_at(r, t, row);
    nn_kernels_at(0)->gru_gates_gradient(&all, r->grads[0] + row * units);
    return;
  }
  reverse_gates(r, t, row, d, d + 2 * units, G_AFTER);
  for (int64_t j = 0; j < units; j++) {
    const float dg = d[2 * units + j];
    d[units + j] = dg * z[Q * units + j];
    z[Q * units + j] = dg * z[R * units + j];
    z[G_AFTER * units + j] = dg;
  }
  nn_activate_gates_backward(&r->config->recurrent_activation, d, z, nn_before_at(r, t, row), 2, units);
  memcpy(z, d, sizeof(float) * (size_t)(2 * units));
}

static void clear_slots(const nn_recurrence *r, int64_t t, int64_t row) {
  memset(nn_slots_at(r, t, row), 0, sizeof(float) * (size_t)(SLOTS * r->units));
}

static void step_back_after(const nn_recurrence *r, int64_t t) {
  for (int64_t row = r->first; row < r->first + r->rows; row++)
    if (nn_step_counts(r, t, row))
      row_back_after(r, t, row);
    else
      clear_slots(r, t, row);
  nn_recurrent_product_back(r, r->grads[0], t, 0, 3, true);
}

/* ---- reset before the product ---- */

/* r h, with the candidate's dropout of h. */
static void reset_state(const nn_recurrence *r, int64_t t, int64_t row) {
  const int64_t units = r->units;
  const float *h = nn_state_at(r, 0, t, row);
  const float *factors = r->recurrent_factors ? r->recurrent_factors + (2 * r->batch + row) * units : NULL;
  float *z = nn_slots_at(r, t, row);
  for (int64_t j = 0; j < units; j++)
    z[RH * units + j] = z[R * units + j] * h[j] * (factors ? factors[j] : 1);
}

static void step_before(const nn_recurrence *r, int64_t t) {
  const int64_t units = r->units;
  float *work = r->work + r->first * 3 * units;
  nn_recurrent_product(r, work, nn_state_at(r, 0, t, r->first), units, 0, 2, true);
  for (int64_t i = 0; i < r->rows; i++)
    if (nn_step_counts(r, t, r->first + i)) {
      open_gates(r, t, r->first + i, work + i * 2 * units, G_BEFORE);
      reset_state(r, t, r->first + i);
    } else
      clear_slots(r, t, r->first + i);
  nn_recurrent_product(r, work, nn_slots_at(r, t, r->first) + RH * units, SLOTS * units, 2, 1, false);
  for (int64_t i = 0; i < r->rows; i++) {
    const int64_t row = r->first + i;
    float *g = nn_slots_at(r, t, row) + G_BEFORE * units;
    for (int64_t j = 0; j < units; j++)
      g[j] += work[i * units + j];
    if (nn_step_counts(r, t, row))
      close_gates(r, t, row, G_BEFORE);
    else
      keep_state(r, t, row);
  }
}

/* dr and what comes through r h, from d(r h) in the row's part of work. */
static void row_back_before(const nn_recurrence *r, int64_t t, int64_t row) {
  const int64_t units = r->units;
  float *z = nn_slots_at(r, t, row), *dh = r->grads[0] + row * units, *d = r->work + row * 3 * units;
  const float *h = nn_state_at(r, 0, t, row), *drh = r->product + row * units;
  const float *factors = r->recurrent_factors ? r->recurrent_factors + (2 * r->batch + row) * units : NULL;
  for (int64_t j = 0; j < units; j++) {
    const float through = drh[j] * (factors ? factors[j] : 1);
    d[units + j] = through * h[j];
    dh[j] += through * z[R * units + j];
  }
  nn_activate_gates_backward(&r->config->recurrent_activation, d, z, nn_before_at(r, t, row), 2, units);
  memcpy(z, d, sizeof(float) * (size_t)(2 * units));
}

static void step_back_before(const nn_recurrence *r, int64_t t) {
  const int64_t units = r->units;
  for (int64_t row = r->first; row < r->first + r->rows; row++) {
    float *z = nn_slots_at(r, t, row), *d = r->work + row * 3 * units;
    if (!nn_step_counts(r, t, row)) {
      clear_slots(r, t, row);
      continue;
    }
    reverse_gates(r, t, row, d, d + 2 * units, G_BEFORE);
    memcpy(z + G_BEFORE * units, d + 2 * units, sizeof(float) * (size_t)units);
  }
  nn_recurrent_product_back(r, NULL, t, 2, 1, false);
  for (int64_t row = r->first; row < r->first + r->rows; row++)
    if (nn_step_counts(r, t, row))
      row_back_before(r, t, row);
  nn_recurrent_product_back(r, r->grads[0], t, 0, 2, true);
}

static const nn_cell after = {.gates = 3,
                              .states = 1,
                              .slots = SLOTS,
                              .input_slot = {Z, R, G_AFTER},
                              .recurrent_slot = {Z, R, Q},
                              .forward = step_after,
                              .backward = step_back_after};
static const nn_cell before_product = {.gates = 3,
                                       .states = 1,
                                       .slots = SLOTS,
                                       .input_slot = {Z, R, G_BEFORE},
                                       .recurrent_slot = {Z, R, G_BEFORE},
                                       .factor_slot = RH,
                                       .forward = step_before,
                                       .backward = step_back_before};

static const nn_cell *cell_of(const nn_node *node) {
  return ((const nn_recurrence_config *)node->config)->reset_after ? &after : &before_product;
}

static int build(nn_error *error, nn_node *node) { return nn_recurrence_build(error, node, cell_of(node)); }
static void forward(nn_node *node, const nn_pass *pass) { nn_recurrence_forward(node, pass, cell_of(node)); }
static void backward(nn_node *node, const nn_pass *pass) { nn_recurrence_backward(node, pass, cell_of(node)); }

const nn_layer nn_layer_gru = {.name = "gru",
                               .config_size = sizeof(nn_recurrence_config),
                               .fields = fields,
                               .traits = NN_KEEPS_STATE,
                               .most_params = 4,
                               .most_outputs = 2,
                               .build = build,
                               .forward = forward,
                               .backward = backward,
                               .work = nn_recurrence_work};
