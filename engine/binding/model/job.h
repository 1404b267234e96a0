/* job.h - what the parts of engine.job share: job_spec.c makes a job from its description, with the graph that
 * job_graph.c makes from its nodes; job.c runs it, on threads of job_threads.c; job_feed.c gives it other data. */
#ifndef NN_JOB_H
#define NN_JOB_H

#include "binding/binding.h"
#include "products/sparse_batch.h"
#include "base/team.h"

#define NN_JOB        "nn.job"
#define NN_COMPRESSED "nn.compressed"

/* The job's user values: what it keeps alive. */
enum {
  SPEC = 1,
  GRAPH_BLOCK,
  PORTS_BLOCK,
  PLAN_BLOCK,
  BUFFER_BLOCK,
  PREDICTIONS,
  TWIN,
  SLOTS,
  VARIABLES,
  ORDER,
  FED,                      /* lists of inputs, targets and weights */
  FREE_GRADIENTS = FED + 3, /* graph_gradients.c */
  GRADIENT,
  USER_VALUES = GRADIENT
};

typedef struct nn_job {
  nn_batches batches;
  _Alignas(8) unsigned char optimizer_config[NN_OBJECT_BYTES];
  nn_sparse_batch *sparse_batches; /* one an input */
} nn_job;

/* What calls the Lua functions of a graph's nodes, for a function that has the job or graph at stack position 1. Where
 * one fails its error is on top of the stack. */
typedef struct nn_job_functions {
  nn_foreign foreign;
  lua_State *L;
} nn_job_functions;

nn_job_functions nn_job_functions_of(lua_State *L);

/* (spec) -> a job; the spec's fields are at the top of job_spec.c */
int nn_job_new(lua_State *L);
/* ({ inputs }, { targets }, { weights }) -> whether the job takes them in place of its own */
int nn_job_feed(lua_State *L);
/* New tensors for what the job at stack position owner predicts. */
void nn_job_make_predictions(lua_State *L, int owner);
/* (tensor) -> its rows compressed, for any number of jobs; nil where too many of its numbers are not zero */
int nn_job_compress(lua_State *L);
/* The graph of the spec at stack position 1, in memory of the job at stack position owner. */
nn_graph *nn_job_graph(lua_State *L, int owner);
/* The value that the entry on top of the stack names: the position of a node, from 1, for its first output, or
 * { position, output }. The node has to be one of the first `before`. */
nn_value *nn_job_value(lua_State *L, const nn_graph *graph, int before);
/* Pushes the list of the weights that are trained, each once, in the order of the gradient, of the graph of the job or
 * graph at stack position 1. */
void nn_graph_push_variables(lua_State *L, const nn_graph *graph);
/* How many bytes of gradients a graph has written since garbage was collected: in all, and in new blocks. */
typedef struct nn_gradient_use {
  size_t walked, made;
} nn_gradient_use;

/* Gives the graph at stack position 1 memory for its next walk backward. What nn_graph_push_gradients gave before does
 * not lie in it. */
void nn_graph_take_gradient(lua_State *L, nn_graph *graph, nn_gradient_use *use);
/* Pushes the list of the gradients of the last walk backward, in the order of nn_graph_push_variables. */
void nn_graph_push_gradients(lua_State *L, const nn_graph *graph);
/* What the node at stack position table computes: an operation, or NULL and then a layer. */
const nn_operation *nn_node_operation(lua_State *L, int table);
const nn_layer *nn_node_layer(lua_State *L, int table);
/* How many entries the list of that name has in the table at stack position table; 0 if there is none. */
int nn_job_count(lua_State *L, int table, const char *list);
/* The integer of that name in the table at stack position table. */
lua_Integer nn_job_integer(lua_State *L, int table, const char *name, lua_Integer default_value);
/* The outputs of the spec at stack position 1, for which there is room. */
void nn_job_read_outputs(lua_State *L, nn_batches *b);
/* Zeroed memory, 64-byte aligned, that lives as a user value of the job at stack position owner. */
void *nn_job_block(lua_State *L, int owner, int user_value, size_t size);

/* What a run has: a team, which may be NULL, and so many threads of OpenBLAS. */
typedef struct nn_job_threads {
  nn_team *team;
  int blas;
} nn_job_threads;

/* To be given back by nn_job_threads_end. */
nn_job_threads nn_job_threads_for(lua_State *L, const nn_batches *b);
nn_job_threads nn_graph_threads_for(lua_State *L, const nn_graph *graph);
void nn_job_threads_end(lua_State *L, nn_job_threads);
/* How many twins a job that predicts is to have. */
int nn_job_twins(const nn_batches *b);
void nn_open_job_threads(lua_State *L);

#endif
