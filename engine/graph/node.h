/* node.h - one layer at its place in a graph: its shapes, its parameters, its memory. */
#ifndef NN_NODE_H
#define NN_NODE_H

#include "graph/layer.h"
#include "graph/value.h"

struct nn_node {
  const nn_layer *layer;
  const struct nn_operation *operation; /* which a node of nn_layer_operation runs; else NULL */
  void *use;                            /* of operation.c: one use of the operation */
  void *config;                         /* (layer->config_size), as its fields describe it */
  int position;                         /* in the graph, from 0 */
  int input_count;
  nn_value **inputs; /* (input_count) outputs of earlier nodes */
  bool trainable;

  /* set by layer->build */
  int output_count; /* 1 unless build sets it */
  nn_value *output; /* the first of output_count, which lie side by side */
  int param_count;
  nn_param *params;                         /* (layer->most_params) */
  int64_t saved_size;                       /* floats a sample keeps between forward and backward */
  int64_t state_size;                       /* floats of the layer's own from forward to backward, whatever the batch */
  int64_t scratch_size, fixed_scratch_size; /* floats for each sample, and besides, that forward and backward each need
                                               while they run; all nodes use the same memory */
  bool is_view; /* its output is its input, or without inputs its parameter, seen with another shape */

  /* set by the graph */
  bool is_wanted;     /* its outputs have to be computed */
  bool learns;        /* it has to walk backward: one of its outputs learns */
  float *saved;       /* (rows, saved_size) */
  float *state;       /* (state_size) */
  float *scratch;     /* (rows scratch_size + fixed_scratch_size) */
  float **input_grad; /* (input_count) where backward writes the gradient of each input; NULL where none is wanted */
};

enum { NN_NO_SEED = -1 };

/* The random numbers of a layer at this step: they belong to the layer's seed, or the model's where it has none. */
nn_rng nn_noise_stream(const nn_node *, const nn_pass *, int seed);

#endif
