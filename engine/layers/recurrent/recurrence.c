/* recurrence.c - the loop over time: its memory, and the walks forward and backward. */
#include <math.h>
#include <string.h>

#include "layers/recurrent/recurrence.h"
#include "layers/recurrent/sides.h"
#include "products/blas.h"

static const nn_recurrence_config *config_of(const nn_node *node) { return node->config; }

/* ---- shapes ---- */

static bool is_masked(const nn_node *node) {
  return node->input_count > 1 && node->inputs[node->input_count - 1]->shape.ndim == 2;
}

static int states_given(const nn_node *node) { return node->input_count - 1 - is_masked(node); }

static int check_inputs(nn_error *error, const nn_node *node, const nn_cell *cell) {
  const nn_shape *x = &node->inputs[0]->shape;
  const int given = states_given(node), units = config_of(node)->units;
  char text[NN_SHAPE_TEXT];
  if (x->ndim != 2)
    return nn_fail(error, "wants samples of (steps, features), got %s%s", nn_shape_text(x, text),
                   x->ndim == 1 ? "; numbers in order become steps of one feature by Reshape{ { -1, 1 } }, and ids "
                                  "vectors by Embedding"
                                : "");
  if (given != 0 && given != cell->states)
    return nn_fail(error, "expected an initial_state of %d tensor%s, got %d", cell->states, cell->states > 1 ? "s" : "",
                   given);
  for (int i = 1; i <= given; i++)
    if (node->inputs[i]->shape.ndim != 1 || node->inputs[i]->shape.dim[0] != units)
      return nn_fail(error, "expected an initial_state with samples of %d, got %s", units,
                     nn_shape_text(&node->inputs[i]->shape, text));
  const nn_shape *mask = is_masked(node) ? &node->inputs[node->input_count - 1]->shape : NULL;
  if (mask && mask->dim[0] * mask->dim[1] != x->dim[0])
    return nn_fail(error, "expected a mask with a number for each of the %d steps, got one of %d", (int)x->dim[0],
                   (int)(mask->dim[0] * mask->dim[1]));
  return NN_OK;
}

static void add_params(nn_node *node, const nn_cell *cell, int64_t in) {
  static const char *const names[] = {"state_h", "state_c"};
  const nn_recurrence_config *config = config_of(node);
  const int64_t units = config->units, columns = cell->gates * units;
  int count = 0;
  node->params[count++] = (nn_param){.name = "kernel", .shape = {2, {in, columns}}};
  node->params[count++] = (nn_param){.name = "recurrent_kernel", .shape = {2, {units, columns}}};
  if (config->use_bias && config->reset_after)
    node->params[count++] = (nn_param){.name = "bias", .shape = {2, {2, columns}}};
  else if (config->use_bias)
    node->params[count++] = (nn_param){.name = "bias", .shape = {1, {columns}}};
  for (int k = 0; k < cell->states && config->batch_size; k++)
    node->params[count++] = (nn_param){.name = names[k], .shape = {2, {config->batch_size, units}}, .is_state = true};
  node->param_count = count;
}

static void add_outputs(nn_node *node, const nn_cell *cell, int64_t steps) {
  const nn_recurrence_config *config = config_of(node);
  node->output_count = 1 + config->return_state * cell->states;
  for (int k = 0; k < node->output_count; k++)
    node->output[k].shape = (nn_shape){1, {config->units}};
  if (config->return_sequences)
    node->output->shape = (nn_shape){2, {steps, config->units}};
}

/* ---- memory ---- */

static bool keeps_before(const nn_recurrence_config *config) {
  return !nn_activation_from_output(&config->activation) || !nn_activation_from_output(&config->recurrent_activation);
}

static bool is_rate(double rate) { return rate > 0 && rate < 1; }

/* As Keras: without a dropout of the state one mask serves all gates. */
static int groups_of(const nn_recurrence_config *config, const nn_cell *cell) {
  return is_rate(config->recurrent_dropout) ? cell->gates : 1;
}

/* Takes `count` floats, or only counts them. */
static float *take(float **memory, int64_t *taken, int64_t count) {
  float *start = *memory;
  *taken += count;
  if (start)
    *memory += count;
  return start;
}

/* What is kept from forward to backward. */
static int64_t place_kept(nn_recurrence *r, float *memory) {
  const int64_t each = r->steps * r->batch;
  int64_t taken = 0;
  r->x = take(&memory, &taken, each * r->in);
  r->slots = take(&memory, &taken, each * r->cell->slots * r->units);
  r->before = keeps_before(r->config) ? take(&memory, &taken, each * r->cell->slots * r->units) : NULL;
  for (int k = 0; k < r->cell->states; k++)
    r->states[k] = take(&memory, &taken, (each + r->batch) * r->units);
  r->mask = r->is_masked ? take(&memory, &taken, each) : NULL;
  r->shown = r->is_masked ? take(&memory, &taken, each) : NULL;
  r->input_factors = is_rate(r->config->dropout) ? take(&memory, &taken, r->groups * r->batch * r->in) : NULL;
  r->recurrent_factors =
      is_rate(r->config->recurrent_dropout) ? take(&memory, &taken, r->groups * r->batch * r->units) : NULL;
  return taken;
}

static int64_t place_work(nn_recurrence *r, float *memory) {
  const int64_t state = r->batch * r->units, widest = r->in > r->units ? r->in : r->units;
  int64_t taken = 0;
  r->work = take(&memory, &taken, r->cell->gates * state);
  r->product = take(&memory, &taken, state);
  for (int k = 0; k < r->cell->states; k++)
    r->grads[k] = take(&memory, &taken, state);
  r->copy = take(&memory, &taken, r->steps * r->batch * widest);
  return taken;
}

/* Of so many rows, without memory. */
static nn_recurrence measure(const nn_node *node, const nn_cell *cell, int64_t rows) {
  const nn_recurrence_config *config = config_of(node);
  const nn_shape *x = &node->inputs[0]->shape;
  return (nn_recurrence){.cell = cell,
                         .config = config,
                         .is_masked = is_masked(node),
                         .batch = rows,
                         .rows = rows,
                         .steps = x->dim[0],
                         .in = x->dim[1],
                         .units = config->units,
                         .groups = groups_of(config, cell)};
}

/* Forward U is packed and backward U', each where the other was. */
static int64_t packed_size(const nn_recurrence *r) {
  const int64_t columns = r->cell->gates * r->units, forward = nn_gemm_packed_size(columns, r->units);
  const int64_t backward = nn_gemm_packed_size(r->units, columns);
  return forward > backward ? forward : backward;
}

int nn_recurrence_build(nn_error *error, nn_node *node, const nn_cell *cell) {
  if (check_inputs(error, node, cell) != NN_OK)
    return NN_ERROR;
  nn_recurrence one = measure(node, cell, 1);
  add_params(node, cell, one.in);
  add_outputs(node, cell, one.steps);
  node->saved_size = place_kept(&one, NULL);
  node->scratch_size = node->saved_size + place_work(&one, NULL);
  node->fixed_scratch_size = packed_size(&one) + cell->slots * one.units;
  return NN_OK;
}

static nn_recurrence place(nn_node *node, const nn_pass *pass, const nn_cell *cell) {
  nn_recurrence r = measure(node, cell, pass->rows);
  r.kernel = node->params[NN_KERNEL].value;
  r.recurrent_kernel = node->params[NN_RECURRENT_KERNEL].value;
  r.bias = r.config->use_bias ? node->params[NN_RECURRENT_BIAS].value : NULL;
  r.packed = packed_size(&r) > 0 && r.steps > 1 ? node->scratch : NULL;
  r.column_sums = node->scratch + packed_size(&r);
  float *scratch = node->scratch + node->fixed_scratch_size, *kept = node->saved ? node->saved : scratch;
  const int64_t taken = place_kept(&r, kept);
  place_work(&r, node->saved ? scratch : scratch + taken);
  if (!pass->training)
    r.input_factors = r.recurrent_factors = NULL;
  return r;
}

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
  if (states_given(node))
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
  const nn_recurrence r = place(node, pass, cell);
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
  for (int k = 0; k < states_given(node); k++)
    if (node->input_grad[1 + k])
      memcpy(node->input_grad[1 + k] + r->first * r->units, r->grads[k] + r->first * r->units, bytes);
}

void nn_recurrence_backward(nn_node *node, const nn_pass *pass, const nn_cell *cell) {
  const nn_recurrence r = place(node, pass, cell);
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

double nn_recurrence_work(const nn_node *node) {
  const nn_shape *x = &node->inputs[0]->shape, *kernel = &node->params[NN_KERNEL].shape;
  return (double)x->dim[0] * (double)kernel->dim[1] * (double)(x->dim[1] + config_of(node)->units);
}
