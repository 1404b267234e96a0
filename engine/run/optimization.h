/* optimization.h - an optimizer at work: what surrounds every rule. */
#ifndef NN_OPTIMIZATION_H
#define NN_OPTIMIZATION_H

#include "graph/graph.h"
#include "optimizers/optimizer.h"

/* What every optimizer offers besides its rule. Numbers that are 0 are not used. */
typedef struct nn_optimizer_options {
  double weight_decay, clipnorm, global_clipnorm, clipvalue, ema_momentum;
  bool use_ema;
  int ema_overwrite_frequency, gradient_accumulation_steps;
} nn_optimizer_options;

extern const nn_field nn_optimizer_option_fields[];

/* What an optimizer changes: one parameter, or several that lie side by side. */
typedef struct nn_variable {
  nn_shape shape;
  float *value, *grad; /* (elements of shape) */
  float rate_factor;   /* times the learning rate: its own rate */
  float *slots[NN_MAX_SLOTS];
} nn_variable;

/* An optimizer at work. */
typedef struct nn_optimization {
  const nn_optimizer *rule;
  const void *config;
  nn_optimizer_options options;
  int64_t calls; /* gradients seen; updates are one in gradient_accumulation_steps of them */
  nn_variable *variables;
  int variable_count;
} nn_optimization;

/* The state vectors: those of the rule, then the options' own. */
int nn_slot_count(const nn_optimization *);
const char *nn_slot_name(const nn_optimization *, int slot);
double nn_slot_start(const nn_optimization *, int slot);
/* Makes variables of a graph's parameters. room has one entry a segment, with the slots of that segment's parameter. */
void nn_optimization_plan(nn_optimization *, nn_variable *room, const nn_graph *);
/* One call: gradients may be overwritten. */
void nn_optimization_step(nn_optimization *, float learning_rate, nn_team *team);
/* With use_ema: the variables become their averages. */
void nn_optimization_finish(nn_optimization *);

#endif
