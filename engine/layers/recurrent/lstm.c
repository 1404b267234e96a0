/* lstm.c - long short-term memory (Hochreiter and Schmidhuber 1997), gates in Keras' order i f g o:
 *
 *   [i f o] = s(x W + h U + b),  g = a(x W + h U + b),  c' = f c + i g,  h' = o a(c')
 *
 * Backward:  do = dh' a(c'),  dc' += dh' o a'(c'),  di = dc' g,  dg = dc' i,  df = dc' c,  dc = dc' f,  each gate's dz
 * is that times the slope of its activation, and dh = dz U'. */
#include <string.h>

#include "layers/recurrent/recurrence.h"
#include "products/kernels/kernels.h"

static const nn_field fields[] = {NN_RECURRENCE_FIELDS, NN_RECURRENT_ACTIVATION_FIELDS, {0}};

enum { I, F, G, O, A /* a(c') */, SLOTS };

static nn_lstm_row row_at(const nn_recurrence *r, int64_t t, int64_t row) {
  return (nn_lstm_row){r->units, nn_slots_at(r, t, row), nn_state_at(r, 1, t, row), nn_state_at(r, 1, t + 1, row),
                       nn_state_at(r, 0, t + 1, row)};
}

static void row_forward(const nn_recurrence *r, int64_t t, int64_t row) {
  const int64_t units = r->units;
  float *restrict z = nn_slots_at(r, t, row), *before = nn_before_at(r, t, row);
  const float *restrict product = r->work + row * 4 * units;
  const float *restrict bias = r->bias;
  if (nn_has_usual_gates(r)) {
    const nn_lstm_row all = row_at(r, t, row);
    nn_kernels_at(0)->lstm_gates(&all, product, bias);
    return;
  }
  for (int64_t j = 0; j < 4 * units; j++)
    z[j] += product[j];
  for (int64_t j = 0; bias && j < 4 * units; j++)
    z[j] += bias[j];
  nn_activate_gates(&r->config->recurrent_activation, z, before, 2, units);
  nn_activate_gates(&r->config->activation, z + G * units, before ? before + G * units : NULL, 1, units);
  nn_activate_gates(&r->config->recurrent_activation, z + O * units, before ? before + O * units : NULL, 1, units);
  const float *restrict c = nn_state_at(r, 1, t, row);
  float *restrict c_next = nn_state_at(r, 1, t + 1, row), *restrict h_next = nn_state_at(r, 0, t + 1, row);
  for (int64_t j = 0; j < units; j++)
    c_next[j] = z[F * units + j] * c[j] + z[I * units + j] * z[G * units + j];
  nn_activate(&r->config->activation, z + A * units, c_next, 1, units);
  for (int64_t j = 0; j < units; j++)
    h_next[j] = z[O * units + j] * z[A * units + j];
}

static void step(const nn_recurrence *r, int64_t t) {
  const size_t bytes = sizeof(float) * (size_t)r->units;
  nn_recurrent_product(r, r->work + r->first * 4 * r->units, nn_state_at(r, 0, t, r->first), r->units, 0, 4, true);
  for (int64_t row = r->first; row < r->first + r->rows; row++)
    if (nn_step_counts(r, t, row))
      row_forward(r, t, row);
    else
      for (int k = 0; k < 2; k++)
        memcpy(nn_state_at(r, k, t + 1, row), nn_state_at(r, k, t, row), bytes);
}

static void row_backward(const nn_recurrence *r, int64_t t, int64_t row) {
  const int64_t units = r->units;
  const nn_activation_config *a = &r->config->activation, *s = &r->config->recurrent_activation;
  float *restrict z = nn_slots_at(r, t, row), *before = nn_before_at(r, t, row);
  float *restrict dh = r->grads[0] + row * units, *restrict dc = r->grads[1] + row * units;
  float *restrict d = r->work + row * 4 * units;
  const float *restrict c = nn_state_at(r, 1, t, row);
  if (nn_has_usual_gates(r)) {
    const nn_lstm_row all = row_at(r, t, row);
    nn_kernels_at(0)->lstm_gates_gradient(&all, dh, dc);
    return;
  }
  for (int64_t j = 0; j < units; j++) {
    d[O * units + j] = dh[j] * z[A * units + j];
    dh[j] *= z[O * units + j];
  }
  nn_activate_gates_backward(a, dh, z + A * units, nn_state_at(r, 1, t + 1, row), 1, units);
  for (int64_t j = 0; j < units; j++) {
    const float through = dc[j] + dh[j];
    d[I * units + j] = through * z[G * units + j];
    d[F * units + j] = through * c[j];
    d[G * units + j] = through * z[I * units + j];
    dc[j] = through * z[F * units + j];
    dh[j] = 0;
  }
  nn_activate_gates_backward(s, d, z, before, 2, units);
  nn_activate_gates_backward(a, d + G * units, z + G * units, before ? before + G * units : NULL, 1, units);
  nn_activate_gates_backward(s, d + O * units, z + O * units, before ? before + O * units : NULL, 1, units);
  memcpy(z, d, sizeof(float) * (size_t)(4 * units));
}

static void step_back(const nn_recurrence *r, int64_t t) {
  for (int64_t row = r->first; row < r->first + r->rows; row++)
    if (nn_step_counts(r, t, row))
      row_backward(r, t, row);
    else
      memset(nn_slots_at(r, t, row), 0, sizeof(float) * (size_t)(4 * r->units));
  nn_recurrent_product_back(r, r->grads[0], t, 0, 4, true);
}

static const nn_cell cell = {.gates = 4,
                             .states = 2,
                             .slots = SLOTS,
                             .input_slot = {I, F, G, O},
                             .recurrent_slot = {I, F, G, O},
                             .forward = step,
                             .backward = step_back};

static int build(nn_error *error, nn_node *node) { return nn_recurrence_build(error, node, &cell); }
static void forward(nn_node *node, const nn_pass *pass) { nn_recurrence_forward(node, pass, &cell); }
static void backward(nn_node *node, const nn_pass *pass) { nn_recurrence_backward(node, pass, &cell); }

const nn_layer nn_layer_lstm = {.name = "lstm",
                                .config_size = sizeof(nn_recurrence_config),
                                .fields = fields,
                                .traits = NN_KEEPS_STATE,
                                .most_params = 5,
                                .most_outputs = 3,
                                .build = build,
                                .forward = forward,
                                .backward = backward,
                                .work = nn_recurrence_work};
