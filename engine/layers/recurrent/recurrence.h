/* recurrence.h - what recurrent layers share: a loop over time around one of three cells.
 *
 * Inputs are the sequence (steps, features), then, if given, the states before the first step (units) each, then, if
 * given, a mask (steps, 1): 0 at steps that do not count. Outputs are the last output or that of each step, and with
 * return_state the last states.
 *
 * A layer is one node. Inside, everything is time-major, in the order in which steps are processed. The product of all
 * steps' inputs with the kernel is one product, and so are the gradients of both kernels; only the product with the
 * recurrent kernel is done step by step. A cell computes one step of some rows of the batch from these products.
 *
 * Rows of a batch do not depend on each other, so a team shares the rows, and each thread walks through all steps of
 * its own: the results are the same bits for any number of threads. */
#ifndef NN_RECURRENCE_H
#define NN_RECURRENCE_H

#include "graph/node.h"
#include "tensor/activation.h"

enum { NN_MOST_GATES = 4, NN_MOST_STATES = 2 };

typedef struct nn_recurrence_config {
  int units;
  bool use_bias, return_sequences, return_state, go_backwards, zero_output_for_mask;
  int batch_size; /* of a layer that keeps its state from batch to batch; 0: each batch begins anew */
  double dropout, recurrent_dropout;
  int seed;
  nn_activation_config activation, recurrent_activation;
  bool reset_after; /* gru */
} nn_recurrence_config;

#define NN_RECURRENCE_FLAG(name, standard)                                                                             \
  { #name, NN_FIELD_BOOL, offsetof(nn_recurrence_config, name), standard, 0, 1, NULL }
#define NN_RECURRENCE_RATE(name)                                                                                       \
  { #name, NN_FIELD_FLOAT, offsetof(nn_recurrence_config, name), 0, 0, 1, NULL }
#define NN_RECURRENCE_FIELDS                                                                                           \
  {"units", NN_FIELD_INT, offsetof(nn_recurrence_config, units), NAN, 1, INT32_MAX, NULL},                             \
      NN_RECURRENCE_FLAG(use_bias, true), NN_RECURRENCE_FLAG(return_sequences, false),                                 \
      NN_RECURRENCE_FLAG(return_state, false), NN_RECURRENCE_FLAG(go_backwards, false),                                \
      NN_RECURRENCE_FLAG(zero_output_for_mask, false),                                                                 \
      {"batch_size", NN_FIELD_INT, offsetof(nn_recurrence_config, batch_size), 0, 0, INT32_MAX, NULL},                 \
      NN_RECURRENCE_RATE(dropout), NN_RECURRENCE_RATE(recurrent_dropout),                                              \
      {"seed", NN_FIELD_INT, offsetof(nn_recurrence_config, seed), NN_NO_SEED, NN_NO_SEED, INT32_MAX, NULL},           \
      NN_ACTIVATION_FIELDS("activation", nn_recurrence_config, activation)

#define NN_RECURRENT_ACTIVATION(name, member, standard, low)                                                           \
  {                                                                                                                    \
    "recurrent_" #name, NN_FIELD_FLOAT, offsetof(nn_recurrence_config, recurrent_activation.member), standard, low,    \
        INFINITY, NULL                                                                                                 \
  }
/* Those of activation, each beginning with recurrent_. */
#define NN_RECURRENT_ACTIVATION_FIELDS                                                                                 \
  {"recurrent_activation",                                                                                             \
   NN_FIELD_CHOICE,                                                                                                    \
   offsetof(nn_recurrence_config, recurrent_activation.function),                                                      \
   NN_ACT_LINEAR,                                                                                                      \
   0,                                                                                                                  \
   0,                                                                                                                  \
   nn_activation_names},                                                                                               \
      NN_RECURRENT_ACTIVATION(alpha, alpha, 1, 0),                                                                     \
      NN_RECURRENT_ACTIVATION(negative_slope, negative_slope, 0, -INFINITY),                                           \
      NN_RECURRENT_ACTIVATION(max_value, max_value, INFINITY, 0),                                                      \
      NN_RECURRENT_ACTIVATION(threshold, threshold, 0, -INFINITY),                                                     \
      NN_RECURRENT_ACTIVATION(default_value, default_value, 0, -INFINITY), NN_RECURRENT_ACTIVATION(b, b, 4, 0)

/* Parameters, in this order; without a bias the states come after the recurrent kernel. */
enum { NN_KERNEL, NN_RECURRENT_KERNEL, NN_RECURRENT_BIAS };

/* One walk of a layer over a batch, or of some rows of it. */
typedef struct nn_recurrence {
  const struct nn_cell *cell;
  const nn_recurrence_config *config;
  bool is_masked;
  const float *kernel, *recurrent_kernel,
      *bias; /* (in, gates units), (units, gates units); bias NULL if there is none */
  int64_t batch, steps, in, units;
  int64_t first, rows; /* of the batch: what a cell computes */
  float *x;            /* (steps, batch, in) */
  float *slots;        /* (steps, batch, slots units): what a cell keeps of each step; backward gradients before the
                          activations take its place */
  float *before;       /* (steps, batch, slots units): before activations; NULL if the slopes do not need it */
  float *states[NN_MOST_STATES]; /* (steps + 1, batch, units) each: before the first step, after each step */
  float *mask, *shown; /* (steps, batch): whether a step counts, and whether its state is its output; or NULL */
  int groups;          /* that have a mask of dropout each: 1, or one for each gate */
  float *input_factors, *recurrent_factors; /* (groups, batch, in) and (groups, batch, units), or NULL: no dropout */
  float *work;                              /* (batch, gates units) the product of a step; backward the cell's own */
  float *product;                           /* (batch, units) */
  float *grads[NN_MOST_STATES];             /* (batch, units): backward, of the states after the step at hand */
  float *copy;                              /* (steps, batch, the larger of in and units) */
  float *packed;                            /* the recurrent kernel for the products of all gates, or NULL */
  float *column_sums;                       /* (slots units) */
} nn_recurrence;

/* How one step follows from the last. */
typedef struct nn_cell {
  int gates, states, slots;
  /* by gate: the slot that the product of the input is put into, and the one that holds the gradient by which the
   * recurrent kernel's is computed */
  int input_slot[NN_MOST_GATES], recurrent_slot[NN_MOST_GATES];
  int factor_slot; /* the slot whose product with the last gate's recurrent kernel is taken in place of the state's; 0
                      if it is the state's */
  /* From states[..] of step t and slots of step t, which hold the product of the input, to the states of step t + 1. */
  void (*forward)(const nn_recurrence *, int64_t t);
  /* From grads, those of the states after step t, to the gradients in slots, and grads of the states before it. */
  void (*backward)(const nn_recurrence *, int64_t t);
} nn_cell;

/* The functions of a layer, for its cell. */
int nn_recurrence_build(nn_error *, nn_node *, const nn_cell *);
void nn_recurrence_forward(nn_node *, const nn_pass *, const nn_cell *);
void nn_recurrence_backward(nn_node *, const nn_pass *, const nn_cell *);
double nn_recurrence_work(const nn_node *);

/* ---- for cells ---- */

/* to(rows, gates units) = h U for some gates, h (rows, units) with rows h_row apart; the first row is that of
 * recurrence->first. A dropout of h is applied if `drops`. */
void nn_recurrent_product(const nn_recurrence *, float *to, const float *h, int64_t h_row, int first_gate, int gates,
                          bool drops);
/* d(rows, units) += dz U' for some gates, whose dz is in the slots of step t; `drops` as above. */
void nn_recurrent_product_back(const nn_recurrence *, float *d, int64_t t, int first_gate, int gates, bool drops);

static inline float *nn_slots_at(const nn_recurrence *r, int64_t t, int64_t row) {
  return r->slots + (t * r->batch + row) * r->cell->slots * r->units;
}

static inline float *nn_before_at(const nn_recurrence *r, int64_t t, int64_t row) {
  return r->before ? r->before + (t * r->batch + row) * r->cell->slots * r->units : NULL;
}

/* State `which` before step t. */
static inline float *nn_state_at(const nn_recurrence *r, int which, int64_t t, int64_t row) {
  return r->states[which] + (t * r->batch + row) * r->units;
}

static inline bool nn_step_counts(const nn_recurrence *r, int64_t t, int64_t row) {
  return !r->mask || r->mask[t * r->batch + row] != 0;
}

/* Whether a cell's gates can be computed in one pass of vector code (kernels/lstm_gates.c, gru_gates.c). */
static inline bool nn_has_usual_gates(const nn_recurrence *r) {
  return r->bias && !r->before && r->config->activation.function == NN_ACT_TANH &&
         r->config->recurrent_activation.function == NN_ACT_SIGMOID;
}

/* y(count, units) = f(y), with what was before kept if there is a place for it. */
void nn_activate_gates(const nn_activation_config *, float *y, float *before, int64_t count, int64_t units);
/* d(count, units) *= f' */
void nn_activate_gates_backward(const nn_activation_config *, float *d, const float *y, const float *before,
                                int64_t count, int64_t units);

#endif
