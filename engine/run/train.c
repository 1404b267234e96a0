/* train.c - THE hot loop: gather a batch, forward, loss, metrics, backward, update. No allocation, no Lua, no system
 * call. Sums are kept in double. Each batch is weighted by its number of samples, because the last one may be shorter.
 */
#include <math.h>
#include <string.h>

#include "base/denormals.h"
#include "batches.h"
#include "products/sparse_batch.h"

/* ---- planning ---- */

size_t nn_batches_plan(nn_batches *b, void *block) {
  nn_arena memory = {block, 0};
  for (nn_input *input = b->inputs; input < b->inputs + b->input_count; input++)
    if (input->sparse)
      nn_sparse_batch_plan(input->sparse, b->batch_size, &memory);
    else
      input->buffer = nn_take_floats(&memory, b->batch_size * input->value->width);
  for (int i = 0; i < b->output_count && b->mode != NN_PREDICT; i++) {
    nn_output *out = &b->outputs[i];
    const nn_tensor *target = out->target.data, *weights = out->sample_weight.data;
    out->rows_per_sample = out->value->width / out->row_width;
    out->target_width = target ? nn_elements_per_sample(target) : 0;
    out->weights_per_sample = weights ? nn_elements_per_sample(weights) : 0;
    out->batch_target = nn_take_floats(&memory, b->batch_size * out->target_width);
    out->batch_weight = nn_take_floats(&memory, b->batch_size * out->weights_per_sample);
    out->row_weight = nn_take_floats(&memory, b->batch_size * out->rows_per_sample);
    out->row_loss = nn_take_floats(&memory, b->batch_size * out->rows_per_sample);
    for (int k = 0; k < out->observer_count; k++) {
      nn_observer *observer = &out->observers[k];
      observer->state_size = nn_observer_state_size(observer, out->row_width);
      observer->state = nn_take(&memory, sizeof(double) * (size_t)observer->state_size);
    }
  }
  return memory.used;
}

void nn_batches_clear_sums(nn_batches *b) {
  b->sample_sum = b->penalty_sum = 0;
  for (int i = 0; i < b->output_count; i++) {
    b->outputs[i].loss_sum = 0;
    for (int k = 0; k < b->outputs[i].observer_count; k++)
      nn_observer_clear(&b->outputs[i].observers[k]);
  }
}

/* Copy `count` sums to out + at, then overwrite them from in + at; either may be NULL. Returns the next position. */
static int64_t exchange(double *sums, int64_t count, int64_t at, double *out, const double *in) {
  if (out)
    memcpy(out + at, sums, sizeof(double) * (size_t)count);
  if (in)
    memcpy(sums, in + at, sizeof(double) * (size_t)count);
  return at + count;
}

int64_t nn_batches_exchange_sums(nn_batches *b, double *out, const double *in) {
  int64_t at = exchange(&b->sample_sum, 1, 0, out, in);
  at = exchange(&b->penalty_sum, 1, at, out, in);
  for (int i = 0; i < b->output_count; i++) {
    at = exchange(&b->outputs[i].loss_sum, 1, at, out, in);
    for (int k = 0; k < b->outputs[i].observer_count; k++) {
      const nn_observer *observer = &b->outputs[i].observers[k];
      at = exchange(observer->state, observer->state_size, at, out, in);
    }
  }
  return at;
}

/* ---- class ids ---- */

int nn_check_class_ids(nn_error *error, const nn_loss *loss, const void *config, const nn_tensor *target,
                       int64_t classes) {
  int64_t n = nn_shape_count(&target->shape);
  for (int64_t i = 0; i < n; i++) {
    float id;
    nn_read_floats(&id, target, i, 1);
    if (loss->ignores && loss->ignores(config, id))
      continue;
    if (!(id >= 0 && id < (float)classes && id == floorf(id)))
      return nn_fail(
          error, "label %g at sample %lld: the model has %lld classes, so labels are whole numbers from 0 to %lld",
          (double)id, (long long)(i / nn_elements_per_sample(target)) + 1, (long long)classes, (long long)classes - 1);
  }
  return NN_OK;
}

/* ---- one batch ---- */

/* Expand the sample weights to one weight per row of the output. NULL if there are none. If the whole batch is one row,
 * its weight is the mean of the samples' weights, or their sum if losses are summed. */
static const float *spread_weights(nn_output *out, const float *weight, int64_t samples, int64_t rows) {
  int64_t count = samples * out->weights_per_sample;
  if (!weight || rows == count)
    return weight;
  if (rows >= samples) {
    for (int64_t r = 0; r < rows; r++)
      out->row_weight[r] = weight[r * count / rows];
    return out->row_weight;
  }
  double sum = 0;
  for (int64_t i = 0; i < count; i++)
    sum += (double)weight[i];
  out->row_weight[0] = (float)(out->reduction == NN_REDUCE_SUM ? sum : sum / (double)count);
  return out->row_weight;
}

/* Whether the mask excludes the row. One number of the mask stands for one or several adjacent rows. */
static bool is_masked(const nn_output *out, int64_t row) {
  return out->mask && out->mask->data[row / (out->rows_per_sample / out->mask->width)] == 0;
}

/* Set the weights of masked rows to 0. Without a mask the weights are returned unchanged. */
static const float *mask_weights(nn_output *out, const float *weight, int64_t rows) {
  for (int64_t r = 0; out->mask && r < rows; r++)
    out->row_weight[r] = is_masked(out, r) ? 0 : weight ? weight[r] : 1;
  return out->mask ? out->row_weight : weight;
}

/* Whether a row is counted in the divisor of a mean. */
static bool counts(const nn_output *out, const float *target, int64_t row) {
  const nn_loss *loss = out->loss;
  return !is_masked(out, row) && !(loss->ignores && loss->ignores(out->loss_config, target[row])) &&
         !(loss->is_pairwise && out->row_loss[row] == 0);
}

/* The number by which the sum of the weighted losses is divided. */
static double divisor_of(const nn_output *out, const float *target, const float *weight, int64_t rows) {
  if (out->reduction == NN_REDUCE_SUM)
    return 1;
  bool by_weight = weight && out->reduction == NN_REDUCE_WEIGHTED_MEAN;
  if (!by_weight && !out->loss->ignores && !out->loss->is_pairwise && !out->mask)
    return (double)rows;
  double divisor = 0;
  for (int64_t r = 0; r < rows; r++)
    if (counts(out, target, r))
      divisor += by_weight ? (double)weight[r] : 1;
  return divisor;
}

/* Reduce the losses of the rows to one number: 0 if no row counts. */
static double reduce_loss(const nn_output *out, const float *weight, int64_t rows, double divisor) {
  double sum = 0;
  for (int64_t r = 0; r < rows; r++)
    sum += (double)(weight ? weight[r] * out->row_loss[r] : out->row_loss[r]);
  return divisor != 0 ? sum / divisor : 0;
}

/* Multiply each row's gradient by the derivative of reduce_loss with respect to this row's loss. */
static void scale_gradient(float *grad, const nn_output *out, const float *weight, int64_t rows, int64_t width,
                           double divisor) {
  const float share = divisor != 0 ? out->loss_weight / (float)divisor : 0;
  for (int64_t i = 0; !weight && i < rows * width; i++)
    grad[i] *= share;
  for (int64_t r = 0; weight && r < rows; r++)
    for (int64_t j = 0; j < width; j++)
      grad[r * width + j] *= share * weight[r];
}

static double take_loss(nn_batches *b, nn_output *out, const float *target, const float *weight, int64_t samples) {
  int64_t count = nn_value_count(out->value, samples), width = out->loss_width ? out->loss_width : count;
  int64_t rows = count / width;
  float *grad = b->mode == NN_TRAIN ? out->loss_value->grad : NULL;
  out->loss->evaluate(out->loss_config, out->row_loss, grad, target, out->loss_value->data, rows, width);
  const float *row_weight = mask_weights(out, spread_weights(out, weight, samples, rows), rows);
  double divisor = divisor_of(out, target, row_weight, rows);
  if (grad)
    scale_gradient(grad, out, row_weight, rows, width, divisor);
  return reduce_loss(out, row_weight, rows, divisor);
}

/* A value of the whole batch is one row, which weighs what the samples weigh together. */
static const float *weigh_batch(nn_output *out, const float *weight, int64_t samples) {
  const int64_t count = samples * out->weights_per_sample;
  double sum = 0;
  for (int64_t i = 0; weight && i < count; i++)
    sum += (double)weight[i] / (double)out->weights_per_sample;
  out->row_weight[0] = weight ? (float)sum : (float)samples;
  return out->row_weight;
}

/* The weight of each row for an observer; NULL if all weigh 1. */
static const float *weigh_rows(nn_output *out, const nn_observer *observer, const float *weight, int64_t samples,
                               int64_t rows) {
  if (!observer->is_weighted)
    weight = NULL;
  if (out->value->is_whole)
    return weigh_batch(out, weight, samples);
  const float *row_weight = spread_weights(out, weight, samples, rows);
  return observer->uses_mask ? mask_weights(out, row_weight, rows) : row_weight;
}

static void observe(nn_output *out, const float *target, const float *weight, int64_t samples) {
  static const float one = 1;
  const int64_t rows = nn_value_count(out->value, samples) / out->row_width;
  nn_scored scored = {.y_true = target, .y_pred = out->value->data, .rows = rows, .width = out->row_width};
  for (int k = 0; k < out->observer_count; k++) {
    nn_observer *observer = &out->observers[k];
    const float *row_weight = weigh_rows(out, observer, weight, samples, rows);
    scored.weight = row_weight ? row_weight : &one;
    scored.weight_row = row_weight != NULL;
    nn_observer_update(observer, &scored, out->row_loss);
  }
}

/* Rows of the batch of what may be there. */
static const float *fill_if_any(const nn_batches *b, nn_tensor_source *from, float *buffer, int64_t first,
                                int64_t samples) {
  return from->data ? from->source.fill(&from->source, buffer, b->order, first, samples) : NULL;
}

/* Loss and metrics of one output. In training, also the gradient with respect to the output of loss_node. */
static double evaluate_output(nn_batches *b, nn_output *out, int64_t first, int64_t samples) {
  const float *target = fill_if_any(b, &out->target, out->batch_target, first, samples);
  const float *weight = fill_if_any(b, &out->sample_weight, out->batch_weight, first, samples);
  out->last_target = target, out->last_weight = weight;
  double loss = out->loss ? take_loss(b, out, target, weight, samples) : 0;
  out->loss_sum += loss * (double)samples;
  observe(out, target, weight, samples);
  return loss * (double)out->loss_weight;
}

/* As in Keras, a batch of any size gets the full penalty. */
static double evaluate_penalty(nn_batches *b, const nn_pass *pass) {
  if (!b->graph->has_penalties)
    return 0;
  double penalty = nn_graph_penalty(b->graph, pass);
  b->penalty_sum += penalty * (double)pass->rows;
  return penalty;
}

static void write_predictions(nn_batches *b, int64_t first, int64_t rows) {
  for (const nn_output *out = b->outputs; out < b->outputs + b->output_count; out++) {
    const int64_t width = out->value->width;
    memcpy((float *)out->predictions->data + first * width, out->value->data, sizeof(float) * (size_t)(rows * width));
  }
}

/* Set the inputs of the graph to the batch's rows. */
static void set_inputs(nn_batches *b, nn_team *team, int64_t first, int64_t rows) {
  for (const nn_input *input = b->inputs; input < b->inputs + b->input_count; input++) {
    nn_value *value = input->value;
    value->sparse = input->sparse;
    if (input->sparse)
      nn_sparse_gather(team, input->sparse, b->order, first, rows);
    else
      value->data = input->source->fill(input->source, input->buffer, b->order, first, rows);
  }
}

static bool has_failed(const nn_batches *b) { return b->error.message[0] || (b->foreign && b->foreign->failed); }

static nn_outcome run_batch(nn_batches *b, nn_team *team, int64_t first, int64_t rows, float rate) {
  nn_pass pass = {.rows = rows,
                  .team = team,
                  .foreign = b->foreign,
                  .error = &b->error,
                  .training = b->training,
                  .seed = b->seed,
                  .step = (uint64_t)b->optimization.calls};
  b->last_rows = rows;
  set_inputs(b, team, first, rows);
  nn_graph_forward(b->graph, &pass);
  if (has_failed(b))
    return NN_FAILED;
  if (b->mode == NN_PREDICT) {
    write_predictions(b, first, rows);
    return NN_DONE;
  }
  double loss = 0;
  for (int i = 0; i < b->output_count; i++)
    loss += evaluate_output(b, &b->outputs[i], first, rows);
  loss += evaluate_penalty(b, &pass);
  b->sample_sum += (double)rows;
  if (!isfinite(loss))
    return NN_NOT_FINITE;
  if (b->mode == NN_TRAIN) {
    nn_graph_backward(b->graph, &pass);
    if (has_failed(b))
      return NN_FAILED;
    nn_optimization_step(&b->optimization, rate, team);
    if (b->graph->has_constraints)
      nn_graph_constrain(b->graph);
  }
  return NN_DONE;
}

static nn_outcome run_paced(nn_batches *b, int64_t first, int64_t rows, float rate) {
  if (!b->team || rows < b->batch_size) /* a shorter batch is soon done, and its time tells nothing of the others */
    return run_batch(b, NULL, first, rows, rate);
  const bool shared = nn_pace_begin(&b->pace);
  nn_outcome outcome = run_batch(b, shared ? b->team : NULL, first, rows, rate);
  nn_pace_end(&b->pace);
  return outcome;
}

nn_outcome nn_batches_run(nn_batches *b, int64_t first, int64_t count, const float *rates, int rate_step,
                          const volatile int *stop, int64_t *done) {
  unsigned mode = nn_flush_denormals();
  nn_outcome outcome = NN_DONE;
  *done = 0;
  b->error.message[0] = 0;
  for (int64_t i = 0; i < count && outcome == NN_DONE; i++) {
    int64_t start = (first + i) * b->batch_size;
    int64_t rows = b->sample_count - start < b->batch_size ? b->sample_count - start : b->batch_size;
    if (stop && *stop)
      outcome = NN_STOPPED;
    else
      outcome = run_paced(b, start, rows, rates ? rates[i * rate_step] : 0);
    *done += outcome == NN_DONE;
  }
  nn_restore_denormals(mode);
  return outcome;
}
