/* layer.h - the contract of a layer: what one computes, and what it is told. */
#ifndef NN_LAYER_H
#define NN_LAYER_H

#include "base/field.h"
#include "base/rng.h"
#include "base/team.h"
#include "graph/constraints.h"
#include "graph/regularizers.h"
#include "tensor/tensor.h"

typedef struct nn_node nn_node;
struct nn_pass;

/* A function that the engine does not know: forward it fills the node's output from its inputs, backward their
 * input_grad from the output's grad. Once it has returned false it is not called again, and the run ends. */
typedef struct nn_foreign {
  bool (*call)(struct nn_foreign *, struct nn_node *, const struct nn_pass *, bool backward);
  bool failed;
} nn_foreign;

/* What one walk through the graph needs to know. */
typedef struct nn_pass {
  int64_t rows;        /* samples in this batch */
  nn_team *team;       /* shares the work; may be NULL */
  nn_foreign *foreign; /* for nodes of lambda layers */
  nn_error *error;     /* empty until an operation writes what is wrong with its inputs; may be NULL if there is none */
  bool training;
  bool without_penalties; /* gradients are those of the losses alone */
  uint64_t seed;          /* of the model; with the node's position and step it names a random stream */
  uint64_t step;
} nn_pass;

typedef struct nn_param {
  const char *name; /* "kernel" */
  nn_shape shape;
  bool is_state; /* the layer itself keeps it up to date, or it never changes: nothing an optimizer trains */
  float *value;
  nn_regularizer regularizer;
  nn_constraint constraint;

  /* set by the graph */
  bool is_trained, is_shared; /* shared: an earlier node has the same value and counts as its owner */
  bool adds;                  /* a later node has the same value: what is in grad is added to that node's gradient */
  int64_t offset;             /* in the flat gradient */
  float *grad;                /* NULL where not trained */
} nn_param;

/* What a run has to know of a layer besides its functions. */
typedef enum nn_trait {
  NN_TAKES_SPARSE = 1,  /* forward and backward look for a sparse batch first */
  NN_CALLS_OUT = 2,     /* its functions are the foreign ones of the pass, which are not thread-safe */
  NN_IS_ACTIVATION = 4, /* an activation alone: its config begins with an nn_activation_config, a loss may be fused */
  NN_TAKES_WHOLE = 8,   /* its inputs may be whole values */
  NN_KEEPS_STATE =
      16 /* parameters that are states go from batch to batch in predictions too: one at a time, in order */
} nn_trait;

/* The contract of a layer. build reads config and the inputs' shapes and sets the outputs' shapes, params, saved_size
 * and the like; forward writes the outputs' data; backward reads their grad (and may overwrite it) and overwrites
 * input_grad[i] and params[i].grad wherever they are not NULL. With several outputs the grad of one may be NULL: no
 * gradient reaches it. The graph sums where several writers meet. Nothing here allocates. */
typedef struct nn_layer {
  const char *name;
  size_t config_size;
  const nn_field *fields; /* ends with a NULL name */
  unsigned traits;        /* of nn_trait */
  int most_params;        /* how many parameters build may set */
  int most_outputs;       /* how many outputs it may have; 0 is 1 */
  const char *id_count;   /* the field with the number of ids that an input may hold; NULL: inputs are numbers */
  int (*build)(nn_error *, nn_node *);
  void (*forward)(nn_node *, const nn_pass *);
  void (*backward)(nn_node *, const nn_pass *);
  /* What the layer adds to the loss, a sum over the batch; NULL for nearly all. Its derivative is part of backward. */
  double (*penalty)(const nn_node *, const nn_pass *);
  /* Multiplications for one sample, by which threads are used or not; NULL: too few to matter. */
  double (*work)(const nn_node *);
} nn_layer;

#endif
