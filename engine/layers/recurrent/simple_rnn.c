/* simple_rnn.c - h' = f(x W + h U + b).
 *
 * Backward, with dz = dh' f':  dh = dz U'. */
#include <string.h>

#include "layers/recurrent/recurrence.h"

static const nn_field fields[] = {NN_RECURRENCE_FIELDS, {0}};

static void step(const nn_recurrence *r, int64_t t) {
  const int64_t units = r->units;
  nn_recurrent_product(r, r->work + r->first * units, nn_state_at(r, 0, t, r->first), units, 0, 1, true);
  for (int64_t row = r->first; row < r->first + r->rows; row++) {
    float *z = nn_slots_at(r, t, row), *next = nn_state_at(r, 0, t + 1, row);
    const float *product = r->work + row * units;
    if (!nn_step_counts(r, t, row)) {
      memcpy(next, nn_state_at(r, 0, t, row), sizeof(float) * (size_t)units);
      continue;
    }
    for (int64_t j = 0; j < units; j++)
      z[j] += product[j] + (r->bias ? r->bias[j] : 0);
    nn_activate_gates(&r->config->activation, z, nn_before_at(r, t, row), 1, units);
    memcpy(next, z, sizeof(float) * (size_t)units);
  }
}

static void step_back(const nn_recurrence *r, int64_t t) {
  const size_t bytes = sizeof(float) * (size_t)r->units;
  for (int64_t row = r->first; row < r->first + r->rows; row++) {
    float *z = nn_slots_at(r, t, row), *dh = r->grads[0] + row * r->units;
    if (!nn_step_counts(r, t, row)) {
      memset(z, 0, bytes);
      continue;
    }
    nn_activate_gates_backward(&r->config->activation, dh, z, nn_before_at(r, t, row), 1, r->units);
    memcpy(z, dh, bytes);
    memset(dh, 0, bytes);
  }
  nn_recurrent_product_back(r, r->grads[0], t, 0, 1, true);
}

static const nn_cell cell = {.gates = 1, .states = 1, .slots = 1, .forward = step, .backward = step_back};

static int build(nn_error *error, nn_node *node) { return nn_recurrence_build(error, node, &cell); }
static void forward(nn_node *node, const nn_pass *pass) { nn_recurrence_forward(node, pass, &cell); }
static void backward(nn_node *node, const nn_pass *pass) { nn_recurrence_backward(node, pass, &cell); }

const nn_layer nn_layer_simple_rnn = {.name = "simple_rnn",
                                      .config_size = sizeof(nn_recurrence_config),
                                      .fields = fields,
                                      .traits = NN_KEEPS_STATE,
                                      .most_params = 4,
                                      .most_outputs = 2,
                                      .build = build,
                                      .forward = forward,
                                      .backward = backward,
                                      .work = nn_recurrence_work};
