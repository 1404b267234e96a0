/* recurrence.c - the loop over time: the walks forward and backward. */
#include <string.h>

#include "layers/recurrent/build.h"
#include "layers/recurrent/recurrence.h"
#include "layers/recurrent/sides.h"
#include "products/blas.h"

/* ---- rows shared by a team ---- */

typedef void rows_function(const nn_recurrence *, nn_node *);

typedef struct shared_rows {
  const nn_recurrence *whole;
  nn_node *node;
  rows_function *run;
  int parts;
} shared_rows;

static void run_part(void *context, int part) {
  const shared_rows *s = context;
  nn_recurrence r = *s->whole;
  r.first = r.batch * part / s->parts;
  r.rows = r.batch * (part + 1) / s->parts - r.first;
  if (r.rows > 0)
    s->run(&r, s->node);
}

static void share_rows(nn_team *team, const nn_recurrence *r, nn_node *node, rows_function *run) {
  shared_rows shared = {r, node, run, nn_team_size(team)};
  nn_team_run(team, shared.parts, run_part, &shared);
}

/* ---- forward ---- */

static int64_t source_of(const nn_recurrence *r, int64_t t) { return r->config->go_backwards ? r->steps - 1 - t : t; }

static void read_inputs(const nn_recurrence *r, nn_node *node) {
  const float *x = node->inputs[0]->data;
  const float *factors = r->groups == 1 ? r->input_factors : NULL;
  for (int64_t t = 0; t < r->steps; t++)
    for (int64_t row = r->first; row < r->first + r->rows; row++) {
      float *to = r->x + (t * r->batch + row) * r->in;
      memcpy(to, x + (row * r->steps + source_of(r, t)) * r->in, sizeof(float) * (size_t)r->in);
      for (int64_t j = 0; factors && j < r->in; j++)
        to[j] *= factors[row * r->in + j];
    }
}

/* A step's state is the output if the step counts, or, unless zeros are wanted, if any before it did. */
static void read_mask(const nn_recurrence *r, const nn_node *node) {
  const float *mask = node->inputs[node->input_count - 1]->data;
  for (int64_t row = r->first; row < r->first + r->rows; row++) {
    bool any = false;
    for (int64_t t = 0; t < r->steps; t++) {
      const bool counts = mask[row * r->steps + source_of(r, t)] != 0;
      any |= counts;
      r->mask[t * r->batch + row] = counts;
      r->shown[t * r->batch + row] = r->config->zero_output_for_mask ? counts : any;
    }
  }
}

/* Where the states before the first step are: given, kept from the last batch, or NULL: zeros. */
static const float *first_state(const nn_recurrence *r, const nn_node *node, int which) {
  if (nn_states_given(node))
    return node->inputs[1 + which]->data;
  return r->config->batch_size ? node->params[node->param_count - r->cell->states + which].value : NULL;
}

static void read_states(const nn_recurrence *r, const nn_node *node) {
  const size_t bytes = sizeof(float) * (size_t)(r->rows * r->units);
  for (int k = 0; k < r->cell->states; k++) {
    const float *from = first_state(r, node, k);
    if (from)
      memcpy(nn_state_at(r, k, 0, r->first), from + r->first * r->units, bytes);
    else
      memset(nn_state_at(r, k, 0, r->first), 0, bytes);
  }
}

static void write_output(const nn_recurrence *r, float *y, int64_t t, int64_t row) {
  const bool is_shown = !r->shown || r->shown[t * r->batch + row] != 0;
  if (is_shown)
    memcpy(y, nn_state_at(r, 0, t + 1, row), sizeof(float) * (size_t)r->units);
  else
    memset(y, 0, sizeof(float) * (size_t)r->units);
}

static void write_outputs(const nn_recurrence *r, nn_node *node) {
  const bool all = r->config->return_sequences;
  for (int64_t row = r->first; row < r->first + r->rows; row++)
    for (int64_t t = all ? 0 : r->steps - 1; t < r->steps; t++)
      write_output(r, node->output->data + (all ? row * r->steps + t : row) * r->units, t, row);
  const size_t bytes = sizeof(float) * (size_t)(r->rows * r->units);
  for (int k = 0; k < r->cell->states; k++) {
    const float *last = nn_state_at(r, k, r->steps, r->first);
    if (r->config->return_state)
      memcpy(node->output[1 + k].data + r->first * r->units, last, bytes);
    if (r->config->batch_size)
      memcpy(node->params[node->param_count - r->cell->states + k].value + r->first * r->units, last, bytes);
  }
}

static void prepare_rows(const nn_recurrence *r, nn_node *node) {
  read_inputs(r, node);
  read_states(r, node);
  if (r->mask)
    read_mask(r, node);
}

static void forward_rows(const nn_recurrence *r, nn_node *node) {
  for (int64_t t = 0; t < r->steps; t++)
    r->cell->forward(r, t);
  write_outputs(r, node);
}

/* Whether a layer that keeps its state got a batch of the size it has a state for. */
static bool has_right_size(const nn_recurrence *r, nn_node *node, const nn_pass *pass) {
  if (!r->config->batch_size || r->batch == r->config->batch_size)
    return true;
  if (pass->error && !pass->error->message[0])
    nn_fail(pass->error, "a stateful layer keeps the states of %d rows, but a batch has %d; give batches of %d",
            r->config->batch_size, (int)r->batch, r->config->batch_size);
  for (int k = 0; k < node->output_count; k++)
    memset(node->output[k].data, 0, sizeof(float) * (size_t)(pass->rows * node->output[k].width));
  return false;
}

void nn_recurrence_forward(nn_node *node, const nn_pass *pass, const nn_cell *cell) {
  const nn_recurrence r = nn_recurrence_place(node, pass, cell);
  if (!has_right_size(&r, node, pass))
    return;
  nn_draw_recurrence_factors(&r, node, pass);
  share_rows(pass->team, &r, node, prepare_rows);
  nn_input_products(&r, pass->team);
  if (r.packed)
    nn_gemm_pack(r.packed, false, cell->gates * r.units, r.units, r.recurrent_kernel, cell->gates * r.units);
  share_rows(pass->team, &r, node, forward_rows);
}

/* ---- backward ---- */

static void add(float *restrict sum, const float *restrict x, int64_t n) {
  for (int64_t i = 0; i < n; i++)
    sum[i] += x[i];
}

/* The gradient of what the layer gives at step t, as that of the state after it. */
static void add_output_gradients(const nn_recurrence *r, const nn_node *node, int64_t t) {
  const bool all = r->config->return_sequences, is_last = t == r->steps - 1;
  const float *dy = all || is_last ? node->output->grad : NULL;
  for (int64_t row = r->first; dy && row < r->first + r->rows; row++)
    if (!r->shown || r->shown[t * r->batch + row] != 0)
      add(r->grads[0] + row * r->units, dy + (all ? row * r->steps + t : row) * r->units, r->units);
  for (int k = 0; k < r->cell->states && is_last && r->config->return_state; k++)
    if (node->output[1 + k].grad)
      add(r->grads[k] + r->first * r->units, node->output[1 + k].grad + r->first * r->units, r->rows * r->units);
}

static void backward_rows(const nn_recurrence *r, nn_node *node) {
  const size_t bytes = sizeof(float) * (size_t)(r->rows * r->units);
  for (int k = 0; k < r->cell->states; k++)
    memset(r->grads[k] + r->first * r->units, 0, bytes);
  for (int64_t t = r->steps - 1; t >= 0; t--) {
    add_output_gradients(r, node, t);
    r->cell->backward(r, t);
  }
  for (int k = 0; k < nn_states_given(node); k++)
    if (node->input_grad[1 + k])
      memcpy(node->input_grad[1 + k] + r->first * r->units, r->grads[k] + r->first * r->units, bytes);
}

void nn_recurrence_backward(nn_node *node, const nn_pass *pass, const nn_cell *cell) {
  const nn_recurrence r = nn_recurrence_place(node, pass, cell);
  if (r.config->batch_size && r.batch != r.config->batch_size)
    return;
  if (r.packed)
    nn_gemm_pack(r.packed, true, r.units, cell->gates * r.units, r.recurrent_kernel, cell->gates * r.units);
  share_rows(pass->team, &r, node, backward_rows);
  if (node->params[NN_KERNEL].grad)
    nn_kernel_gradients(&r, pass->team, node->params[NN_KERNEL].grad, node->params[NN_RECURRENT_KERNEL].grad);
  if (r.bias && node->params[NN_RECURRENT_BIAS].grad)
    nn_recurrence_bias_gradient(&r, node->params[NN_RECURRENT_BIAS].grad);
  if (node->input_grad[0])
    nn_recurrence_input_gradient(&r, pass->team, node->input_grad[0]);
  if (r.is_masked && node->input_grad[node->input_count - 1])
    memset(node->input_grad[node->input_count - 1], 0, sizeof(float) * (size_t)(r.batch * r.steps));
}
