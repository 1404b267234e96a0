/* graph.h - nodes in order: shapes, one plan of memory, walks forward and backward. */
#ifndef NN_GRAPH_H
#define NN_GRAPH_H

#include "graph/node.h"

/* Where a parameter that is trained lies; a shared one is there once. */
typedef struct nn_segment {
  nn_shape shape;
  float *value;
  int64_t offset; /* in the flat gradient */
} nn_segment;

/* Memory that values, or gradients, share one after the other. */
typedef struct nn_buffer {
  int64_t count;   /* floats */
  int last_reader; /* position of the last node that reads what is in it */
  float *data;     /* (count) */
} nn_buffer;

typedef struct nn_graph {
  int node_count;
  nn_node *nodes; /* the inputs of a node come before it */
  nn_segment *segments;
  int segment_count;
  int64_t gradient_count; /* trained parameters; each shared one counts once */
  float *gradient;        /* (gradient_count) */
  int64_t batch;          /* rows the plan has room for */
  nn_value *values;       /* outputs of all nodes, in order */
  int value_count;        /* set by nn_graph_plan */
  nn_buffer *buffers;     /* as many as there are values at most */

  /* what nn_graph_append has not handed out yet */
  nn_value **free_inputs;
  float **free_input_grads;
  nn_param *free_params;
  char *free_config;
  bool has_penalties, has_constraints;
} nn_graph;

/* How large a graph is to be: one call for each of its nodes. */
typedef struct nn_extent {
  size_t nodes, outputs, edges, params, config_bytes;
} nn_extent;

void nn_extent_add(nn_extent *, const nn_layer *, int input_count);
/* Bytes for the structs of a graph, and a graph without nodes laid into that memory (zeroed, 64-byte aligned). */
size_t nn_graph_size(const nn_extent *);
nn_graph *nn_graph_place(void *memory, const nn_extent *);
/* The next node, with room for its config, its inputs and its parameters. */
nn_node *nn_graph_append(nn_graph *, const nn_layer *, int input_count);
/* The same for a node that is an operation of the table. */
void nn_extent_add_operation(nn_extent *, const struct nn_operation *, int input_count);
nn_node *nn_graph_append_operation(nn_graph *, const struct nn_operation *, int input_count);
/* Shapes of one node, once layer, config and inputs are set; to be called before the next node is appended. Samples
 * without a number in them are an error. */
int nn_node_build(nn_error *, nn_node *);
/* Bytes of values, gradients and what layers save, for batches of up to `batch` rows; with memory given (64-byte
 * aligned), the same walk sets every pointer. Params must have their values by then. */
size_t nn_graph_plan(nn_graph *, int64_t batch, bool training, void *memory);
void nn_graph_forward(nn_graph *, const nn_pass *);
/* Lets the walks backward from now on write the flat gradient elsewhere. */
void nn_graph_place_gradient(nn_graph *, float *gradient);
/* From the gradients of the values marked is_loss to the flat gradient, penalties included. */
void nn_graph_backward(nn_graph *, const nn_pass *);
/* What regularizers and layers add to the loss of this batch. */
double nn_graph_penalty(const nn_graph *, const nn_pass *);
/* Brings trained parameters within their limits, after an update. */
void nn_graph_constrain(nn_graph *);
/* Whether an input may come as compressed rows: only layers read it, and all of them can take those. */
bool nn_reads_sparse(const nn_graph *, const nn_value *input);

#endif
