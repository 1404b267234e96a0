/* build.c - what a recurrent layer is made of: its shapes, parameters and memory. */
#include "layers/recurrent/build.h"
#include "products/blas.h"

static const nn_recurrence_config *config_of(const nn_node *node) { return node->config; }

/* ---- shapes ---- */

bool nn_recurrence_is_masked(const nn_node *node) {
  return node->input_count > 1 && node->inputs[node->input_count - 1]->shape.ndim == 2;
}

int nn_states_given(const nn_node *node) { return node->input_count - 1 - nn_recurrence_is_masked(node); }

static int check_inputs(nn_error *error, const nn_node *node, const nn_cell *cell) {
  const nn_shape *x = &node->inputs[0]->shape;
  const int given = nn_states_given(node), units = config_of(node)->units;
  char text[NN_SHAPE_TEXT];
  if (x->ndim != 2)
    return nn_fail(error, "wants samples of (steps, features), got %s%s", nn_shape_text(x, text),
                   x->ndim == 1 ? "; numbers in order become steps of one feature by Reshape{ { -1, 1 } }, ids become "
                                  "vectors by Embedding, and a recurrent layer gives all its steps with "
                                  "return_sequences = true"
                                : "");
  if (given != 0 && given != cell->states)
    return nn_fail(error, "expected an initial_state of %d tensor%s, got %d", cell->states, cell->states > 1 ? "s" : "",
                   given);
  for (int i = 1; i <= given; i++)
    if (node->inputs[i]->shape.ndim != 1 || node->inputs[i]->shape.dim[0] != units)
      return nn_fail(error, "expected an initial_state with samples of %d, got %s", units,
                     nn_shape_text(&node->inputs[i]->shape, text));
  const nn_shape *mask = nn_recurrence_is_masked(node) ? &node->inputs[node->input_count - 1]->shape : NULL;
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
                         .is_masked = nn_recurrence_is_masked(node),
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

nn_recurrence nn_recurrence_place(nn_node *node, const nn_pass *pass, const nn_cell *cell) {
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

double nn_recurrence_work(const nn_node *node) {
  const nn_shape *x = &node->inputs[0]->shape, *kernel = &node->params[NN_KERNEL].shape;
  return (double)x->dim[0] * (double)kernel->dim[1] * (double)(x->dim[1] + config_of(node)->units);
}
