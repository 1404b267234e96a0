/* node.h - one layer at its place in a graph: its shapes, its parameters, its memory. */
#ifndef NN_NODE_H
#define NN_NODE_H

#include "graph/layer.h"

struct nn_node {
  const nn_layer *layer;
  void *config; /* (layer->config_size), as its fields describe it */
  int position; /* in the graph, from 0 */
  int input_count;
  nn_node **inputs;
  bool trainable;
  bool is_loss;    /* a loss is taken here */
  bool is_output;  /* its value is read by who runs the graph */
  bool is_watched; /* its gradient is wanted even where nothing before it is trained */

  /* set by layer->build */
  nn_shape shape; /* of one sample */
  int param_count;
  nn_param *params;   /* (layer->most_params) */
  int64_t saved_size; /* floats a sample keeps between forward and backward */
  int64_t state_size; /* floats of the layer's own from forward to backward, whatever the batch */
  bool is_view;       /* the value is the input's own, seen with another shape */

  /* set by the graph */
  int64_t width;                        /* elements in one sample */
  bool is_wanted;                       /* its value has to be computed */
  bool learns;                          /* a gradient has to reach this node */
  int readers;                          /* how many write into grad */
  int last_reader, buffer;              /* plan.c's: the last node that reads the value, or hands back a gradient */
  float *value;                         /* (rows, width) */
  const struct nn_sparse_batch *sparse; /* where not NULL the batch is here, not in value */
  float *grad;                          /* (rows, width); NULL where no gradient is needed */
  float *saved;                         /* (rows, saved_size) */
  float *state;                         /* (state_size) */
  float **input_grad; /* (input_count) where backward writes the gradient of each input; NULL where none is wanted */
};

enum { NN_NO_SEED = -1 };

/* The random numbers of a layer at this step: they belong to the layer's seed, or the model's where it has none. */
nn_rng nn_noise_stream(const nn_node *, const nn_pass *, int seed);

#endif
