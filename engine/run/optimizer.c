/* optimizer.c - what all optimizers share, around the rule that is each one's own. In Keras' order: gradients are
 * accumulated, clipped, variables decay, follow the rule, and are averaged (keras/optimizers/base_optimizer.py). */
#include <math.h>
#include <string.h>

#include "optimization.h"

#define OPTION(name) offsetof(nn_optimizer_options, name)

const nn_field nn_optimizer_option_fields[] = {
    {"weight_decay", NN_FIELD_FLOAT, OPTION(weight_decay), 0, 0, INFINITY, NULL},
    {"clipnorm", NN_FIELD_FLOAT, OPTION(clipnorm), 0, 0, INFINITY, NULL},
    {"global_clipnorm", NN_FIELD_FLOAT, OPTION(global_clipnorm), 0, 0, INFINITY, NULL},
    {"clipvalue", NN_FIELD_FLOAT, OPTION(clipvalue), 0, 0, INFINITY, NULL},
    {"use_ema", NN_FIELD_BOOL, OPTION(use_ema), false, 0, 1, NULL},
    {"ema_momentum", NN_FIELD_FLOAT, OPTION(ema_momentum), 0.99, 0, 1, NULL},
    {"ema_overwrite_frequency", NN_FIELD_INT, OPTION(ema_overwrite_frequency), 0, 1, INT32_MAX, NULL},
    {"gradient_accumulation_steps", NN_FIELD_INT, OPTION(gradient_accumulation_steps), 1, 2, INT32_MAX, NULL},
    {0}};

/* ---- state vectors ---- */

static int own_slots(const nn_optimization *o) { return o->rule->slot_count(o->config); }

static bool accumulates(const nn_optimization *o) { return o->options.gradient_accumulation_steps > 1; }

static int average_slot(const nn_optimization *o) { return own_slots(o) + accumulates(o); }

int nn_slot_count(const nn_optimization *o) { return average_slot(o) + o->options.use_ema; }

const char *nn_slot_name(const nn_optimization *o, int slot) {
  if (slot < own_slots(o))
    return o->rule->slot_names[slot];
  return slot < average_slot(o) ? "gradient_accumulator" : "average";
}

double nn_slot_start(const nn_optimization *o, int slot) {
  return slot < own_slots(o) && o->rule->slot_start ? o->rule->slot_start(o->config, slot) : 0;
}

/* ---- variables ---- */

static int64_t count_of(const nn_variable *v) { return nn_shape_count(&v->shape); }

/* Whether a variable lies right behind the one before, with its slots, so that one update can take both. */
static bool continues(const nn_optimization *o, const nn_variable *last, const nn_variable *next) {
  const int64_t n = count_of(last);
  bool adjacent = last->value + n == next->value;
  for (int k = 0; k < nn_slot_count(o); k++)
    adjacent &= last->slots[k] + n == next->slots[k];
  return adjacent && last->rate_factor == next->rate_factor && !o->rule->by_variable && o->options.clipnorm == 0;
}

void nn_optimization_plan(nn_optimization *o, nn_variable *room, const nn_graph *graph) {
  o->variables = room;
  o->variable_count = 0;
  for (int i = 0; i < graph->segment_count; i++) {
    const nn_segment *s = &graph->segments[i];
    nn_variable next = room[i], *last = o->variable_count ? &room[o->variable_count - 1] : NULL;
    next.shape = s->shape, next.value = s->value, next.grad = graph->gradient + s->offset;
    if (last && continues(o, last, &next))
      last->shape = (nn_shape){1, {count_of(last) + count_of(&next)}};
    else
      room[o->variable_count++] = next;
  }
}

/* ---- gradients ---- */

static void accumulate(float *sum, const float *grad, int64_t n) {
  for (int64_t i = 0; i < n; i++)
    sum[i] += grad[i];
}

/* grad becomes the mean of the gradients accumulated and itself; sum begins anew. */
static void take_mean(float *grad, float *sum, int64_t n, int steps) {
  for (int64_t i = 0; i < n; i++)
    grad[i] = (sum[i] + grad[i]) / (float)steps;
  memset(sum, 0, sizeof(float) * (size_t)n);
}

static double sum_of_squares(const nn_variable *v) {
  double sum = 0;
  for (int64_t i = 0, n = count_of(v); i < n; i++)
    sum += (double)v->grad[i] * (double)v->grad[i];
  return sum;
}

/* Shortens a gradient in the proportion in which a norm is to become `most`, where it is more. */
static void shorten(const nn_variable *v, double norm, double most) {
  const float factor = (float)(most / fmax(norm, most));
  for (int64_t i = 0, n = count_of(v); i < n; i++)
    v->grad[i] *= factor;
}

static void clip_values(const nn_variable *v, float most) {
  for (int64_t i = 0, n = count_of(v); i < n; i++)
    v->grad[i] = v->grad[i] > most ? most : v->grad[i] < -most ? -most : v->grad[i];
}

static void clip(nn_optimization *o) {
  const nn_optimizer_options *options = &o->options;
  const nn_variable *end = o->variables + o->variable_count;
  double total = 0;
  for (const nn_variable *v = o->variables; v < end && options->global_clipnorm > 0; v++)
    total += sum_of_squares(v);
  for (const nn_variable *v = o->variables; v < end; v++) {
    if (options->clipnorm > 0)
      shorten(v, sqrt(sum_of_squares(v)), options->clipnorm);
    if (options->global_clipnorm > 0)
      shorten(v, sqrt(total), options->global_clipnorm);
    if (options->clipvalue > 0)
      clip_values(v, (float)options->clipvalue);
  }
}

/* ---- values ---- */

static void decay(float *value, int64_t n, float share, float rate) {
  for (int64_t i = 0; i < n; i++)
    value[i] -= value[i] * share * rate;
}

/* Stretches of a variable that threads take in turn. Below a few of them the threads would cost more than they do. */
enum { STRETCH = 1 << 16 };

typedef struct stretches {
  const nn_optimization *optimization;
  const nn_variable *variable;
  const nn_update *step;
} stretches;

static void update_stretch(const nn_optimization *o, const nn_update *step, const nn_variable *v, int64_t first,
                           int64_t n) {
  float *slots[NN_MAX_SLOTS];
  for (int k = 0; k < own_slots(o); k++)
    slots[k] = v->slots[k] + first;
  if (o->options.weight_decay > 0)
    decay(v->value + first, n, (float)o->options.weight_decay, step->learning_rate);
  o->rule->update(o->config, step, v->value + first, v->grad + first, slots, n);
}

static void update_part(void *context, int part) {
  const stretches *s = context;
  int64_t first = (int64_t)part * STRETCH, left = count_of(s->variable) - first;
  update_stretch(s->optimization, s->step, s->variable, first, left < STRETCH ? left : STRETCH);
}

static void update(nn_optimization *o, int64_t iteration, float rate, nn_team *team) {
  nn_update step = {.iteration = iteration};
  for (const nn_variable *v = o->variables; v < o->variables + o->variable_count; v++) {
    int64_t parts = (count_of(v) + STRETCH - 1) / STRETCH;
    step.shape = &v->shape, step.learning_rate = rate * v->rate_factor;
    if (nn_team_size(team) == 1 || o->rule->by_variable || parts < 2 || parts > NN_TEAM_PARTS)
      update_stretch(o, &step, v, 0, count_of(v));
    else
      nn_team_run(team, (int)parts, update_part, &(stretches){o, v, &step});
  }
}

/* The average is the value itself until the first update is done. */
static void follow(nn_optimization *o, int64_t iteration) {
  const float momentum = iteration > 0 ? (float)o->options.ema_momentum : 0;
  for (const nn_variable *v = o->variables; v < o->variables + o->variable_count; v++) {
    float *average = v->slots[average_slot(o)];
    for (int64_t i = 0, n = count_of(v); i < n; i++)
      average[i] = momentum * average[i] + (1 - momentum) * v->value[i];
  }
}

void nn_optimization_finish(nn_optimization *o) {
  if (!o->options.use_ema || o->calls == 0)
    return;
  for (const nn_variable *v = o->variables; v < o->variables + o->variable_count; v++)
    memcpy(v->value, v->slots[average_slot(o)], sizeof(float) * (size_t)count_of(v));
}

void nn_optimization_step(nn_optimization *o, float learning_rate, nn_team *team) {
  const int steps = o->options.gradient_accumulation_steps, frequency = o->options.ema_overwrite_frequency;
  const int64_t iteration = o->calls / steps;
  const bool is_due = (o->calls + 1) % steps == 0;
  for (const nn_variable *v = o->variables; v < o->variables + o->variable_count && accumulates(o); v++) {
    if (is_due)
      take_mean(v->grad, v->slots[own_slots(o)], count_of(v), steps);
    else
      accumulate(v->slots[own_slots(o)], v->grad, count_of(v));
  }
  if (is_due) {
    clip(o);
    update(o, iteration, learning_rate, team);
  }
  if (o->options.use_ema) {
    follow(o, iteration);
    if (frequency && (iteration + 1) % frequency == 0)
      nn_optimization_finish(o);
  }
  o->calls++;
}
