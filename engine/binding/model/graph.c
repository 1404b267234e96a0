/* graph.c - engine.graph: nodes that are walked forward and backward, for whoever has data and a loss of their own.
 *
 *   graph.new{ nodes =, inputs = { values }, outputs = { values }, rows = of the largest batch,
 *              training = true (keeps what backward reads), watch = { booleans: inputs whose gradient is wanted } }
 *
 * with nodes and values as in job_spec.c. The table's tensors are what the graph computes with, so what an optimizer
 * changes in them is seen by the next walk. All memory is taken by new. */
#include <string.h>

#include "job.h"

#define NN_GRAPH "nn.graph"

typedef struct graph_object {
  nn_graph *graph;
  int input_count, output_count;
  nn_value **inputs, **outputs;
  bool training;     /* whether it can be walked backward */
  bool was_walked;   /* forward, so that values are there */
  nn_pass pass;      /* the last one */
  bool has_gradient; /* it was walked backward */
  nn_gradient_use gradient_use;
} graph_object;

static graph_object *check_graph(lua_State *L) { return luaL_checkudata(L, 1, NN_GRAPH); }

/* ---- making ---- */

/* The values of a list of the spec at stack position 1. */
static int read_values(lua_State *L, const nn_graph *graph, const char *list, nn_value **values) {
  const int count = nn_job_count(L, 1, list);
  lua_getfield(L, 1, list);
  for (int i = 0; i < count; i++) {
    lua_rawgeti(L, -1, i + 1);
    values[i] = nn_job_value(L, graph, graph->node_count);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return count;
}

static void read_watched(lua_State *L, graph_object *self) {
  lua_getfield(L, 1, "watch");
  for (int i = 0; i < self->input_count && lua_istable(L, -1); i++) {
    lua_rawgeti(L, -1, i + 1);
    self->inputs[i]->is_watched = lua_toboolean(L, -1);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

static int new (lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  graph_object *self = lua_newuserdatauv(L, sizeof *self, USER_VALUES);
  memset(self, 0, sizeof *self);
  luaL_setmetatable(L, NN_GRAPH);
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, 2, SPEC);
  self->graph = nn_job_graph(L, 2);
  const size_t count = (size_t)(nn_job_count(L, 1, "inputs") + nn_job_count(L, 1, "outputs"));
  self->inputs = nn_job_block(L, 2, PORTS_BLOCK, count * sizeof *self->inputs);
  self->input_count = read_values(L, self->graph, "inputs", self->inputs);
  self->outputs = self->inputs + self->input_count;
  self->output_count = read_values(L, self->graph, "outputs", self->outputs);
  read_watched(L, self);
  lua_getfield(L, 1, "training");
  self->training = lua_toboolean(L, -1);
  lua_getfield(L, 1, "rows");
  const lua_Integer rows = luaL_optinteger(L, -1, 1);
  luaL_argcheck(L, rows >= 1, 1, "expected at least 1 row");
  for (int i = 0; i < self->output_count; i++)
    self->outputs[i]->is_output = self->outputs[i]->is_loss = true;
  const size_t size = nn_graph_plan(self->graph, rows, self->training, NULL);
  nn_graph_plan(self->graph, rows, self->training, nn_job_block(L, 2, PLAN_BLOCK, size));
  lua_settop(L, 2);
  return 1;
}

/* ---- walking ---- */

/* Walks with a team and a place for errors, which are raised. */
static void walk(lua_State *L, graph_object *self, void (*go)(nn_graph *, const nn_pass *)) {
  nn_error error = {{0}};
  nn_job_functions functions = nn_job_functions_of(L);
  const int blas_threads = nn_blas_threads();
  const nn_job_threads threads = nn_graph_threads_for(L, self->graph);
  nn_blas_set_threads(threads.blas);
  self->pass.team = threads.team;
  self->pass.foreign = &functions.foreign;
  self->pass.error = &error;
  const unsigned mode = nn_flush_denormals();
  go(self->graph, &self->pass);
  nn_restore_denormals(mode);
  nn_blas_set_threads(blas_threads);
  nn_job_threads_end(L, threads);
  if (functions.foreign.failed)
    lua_error(L);
  if (error.message[0])
    nn_blame(L, "%s", error.message);
}

/* Points the inputs to the tensors of the list at stack position 2. */
static void set_inputs(lua_State *L, graph_object *self) {
  self->pass.rows = self->graph->batch;
  for (int i = 0; i < self->input_count; i++) {
    lua_rawgeti(L, 2, i + 1);
    const nn_tensor *tensor = nn_check_floats(L, -1);
    nn_value *value = self->inputs[i];
    if (!value->is_whole && tensor->shape.ndim > 0)
      self->pass.rows = tensor->shape.dim[0];
    const nn_shape shape = nn_value_shape(value, self->pass.rows);
    luaL_argcheck(L, nn_shape_equal(&shape, &tensor->shape) && self->pass.rows <= self->graph->batch, 2,
                  "a tensor does not fit");
    value->data = tensor->data;
    lua_pop(L, 1);
  }
  lua_pushvalue(L, 2);
  lua_setiuservalue(L, 1, FED);
}

static void push_value(lua_State *L, const nn_value *value, int64_t rows, const float *from) {
  const nn_shape shape = nn_value_shape(value, rows);
  nn_tensor *copy = nn_new_tensor(L, NN_FLOAT32, &shape);
  memcpy(copy->data, from, sizeof(float) * (size_t)nn_shape_count(&shape));
}

/* ({ tensors }, training, seed, step) -> { tensors, one for each output }. The inputs are float32, contiguous and as
 * the graph wants them; they must not change before backward. Layers act as in training if `training` says so. */
static int forward(lua_State *L) {
  graph_object *self = check_graph(L);
  luaL_checktype(L, 2, LUA_TTABLE);
  self->pass = (nn_pass){.training = lua_toboolean(L, 3),
                         .seed = (uint64_t)luaL_optinteger(L, 4, 0),
                         .step = (uint64_t)luaL_optinteger(L, 5, 0),
                         .without_penalties = true};
  lua_settop(L, 2);
  set_inputs(L, self);
  self->was_walked = false;
  walk(L, self, nn_graph_forward);
  self->was_walked = true;
  lua_createtable(L, self->output_count, 0);
  for (int i = 0; i < self->output_count; i++) {
    push_value(L, self->outputs[i], self->pass.rows, self->outputs[i]->data);
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

/* Puts the gradient of an output, the entry at position i + 1 of the list at stack position 2, where backward looks for
 * it; of a value that is an output twice they add. */
static void set_gradient(lua_State *L, const graph_object *self, int i) {
  const nn_value *value = self->outputs[i];
  const int64_t count = nn_value_count(value, self->pass.rows);
  bool is_first = true;
  for (int k = 0; k < i; k++)
    is_first &= self->outputs[k] != value;
  if (!value->grad)
    return;
  if (is_first)
    memset(value->grad, 0, sizeof(float) * (size_t)count);
  lua_rawgeti(L, 2, i + 1);
  const nn_tensor *tensor = lua_toboolean(L, -1) ? nn_check_floats(L, -1) : NULL;
  luaL_argcheck(L, !tensor || nn_shape_count(&tensor->shape) == count, 2, "a gradient does not fit");
  for (int64_t j = 0; tensor && j < count; j++)
    value->grad[j] += ((const float *)tensor->data)[j];
  lua_pop(L, 1);
}

/* ({ gradient of each output, or false }) -> { gradient of each input that is watched, else false }. May be called
 * several times after one forward. */
static int backward(lua_State *L) {
  graph_object *self = check_graph(L);
  luaL_checktype(L, 2, LUA_TTABLE);
  luaL_argcheck(L, self->training && self->was_walked, 1, "expected a forward walk of a graph for training");
  lua_settop(L, 2);
  for (int i = 0; i < self->output_count; i++)
    set_gradient(L, self, i);
  nn_graph_take_gradient(L, self->graph, &self->gradient_use);
  walk(L, self, nn_graph_backward);
  self->has_gradient = true;
  lua_createtable(L, self->input_count, 0);
  for (int i = 0; i < self->input_count; i++) {
    const nn_value *value = self->inputs[i];
    if (value->is_watched && value->grad)
      push_value(L, value, self->pass.rows, value->grad);
    else
      lua_pushboolean(L, false);
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

/* ---- parameters ---- */

/* () -> { tensor, ... }: the weights that are trained, each once, in the order of gradients() */
static int variables(lua_State *L) {
  nn_graph_push_variables(L, check_graph(L)->graph);
  return 1;
}

/* () -> { tensor, ... }: the gradient of each of variables() after backward, which later walks leave as they are */
static int gradients(lua_State *L) {
  const graph_object *self = check_graph(L);
  luaL_argcheck(L, self->has_gradient, 1, "only a graph that was walked backward has gradients");
  nn_graph_push_gradients(L, self->graph);
  return 1;
}

int nn_open_graph(lua_State *L) {
  static const luaL_Reg methods[] = {
      {"forward", forward}, {"backward", backward}, {"variables", variables}, {"gradients", gradients}, {NULL, NULL}};
  static const luaL_Reg functions[] = {{"new", new}, {NULL, NULL}};
  luaL_newmetatable(L, NN_GRAPH);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  luaL_newlib(L, functions);
  return 1;
}
