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

/* A function that the engine does not know: forward it fills the node's value from its inputs', backward their
 * input_grad from the node's grad. Once it has returned false it is not called again, and the run ends. */
typedef struct nn_foreign {
  bool (*call)(struct nn_foreign *, struct nn_node *, const struct nn_pass *, bool backward);
  bool failed;
} nn_foreign;

/* What one walk through the graph needs to know. */
typedef struct nn_pass {
  int64_t rows;        /* samples in this batch */
  nn_team *team;       /* shares the work; may be NULL */
  nn_foreign *foreign; /* for nodes of lambda layers */
  bool training;
  uint64_t seed; /* of the model; with the node's position and step it names a random stream */
  uint64_t step;
} nn_pass;

enum { NN_MAX_PARAMS = 4, NN_CONFIG_BYTES = 192 };

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

/* The contract of a layer. build reads config and the inputs' shapes and sets shape, params, saved_size, is_view;
 * forward writes value; backward reads grad (and may overwrite it) and overwrites input_grad[i] and params[i].grad
 * wherever they are not NULL. The graph sums where several writers meet. Nothing here allocates. */
typedef struct nn_layer {
  const char *name;
  size_t config_size;
  const nn_field *fields; /* ends with a NULL name */
  bool takes_sparse;      /* forward and backward look for a sparse batch first */
  int (*build)(nn_error *, nn_node *);
  void (*forward)(nn_node *, const nn_pass *);
  void (*backward)(nn_node *, const nn_pass *);
  /* What the layer adds to the loss; NULL for nearly all. Its derivative is part of backward. */
  double (*penalty)(const nn_node *, const nn_pass *);
} nn_layer;

#endif
