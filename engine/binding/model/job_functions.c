/* job_functions.c - Lua functions within a job's graph (layers/lambda.c): nodes whose table has the fields
 *   forward(inputs) -> tensor (n, ...)      inputs: a list of tensors (n, ...)
 *   gradient(inputs, dy) -> { tensor, ... } the gradient of each input, from that of the result
 * They run under a protected call, so that an error in one does not leave the engine by a jump: the run ends, and then
 * the error is raised. */
#include <string.h>

#include "job.h"

typedef struct request {
  const nn_node *node;
  int64_t rows;
  bool backward;
} request;

static void push_rows(lua_State *L, const nn_value *value, int64_t rows, const float *from) {
  const nn_shape shape = nn_value_shape(value, rows);
  nn_tensor *tensor = nn_new_tensor(L, NN_FLOAT32, &shape);
  memcpy(tensor->data, from, sizeof(float) * (size_t)nn_shape_count(&shape));
}

/* Takes the tensor at the top of the stack. */
static void pop_rows(lua_State *L, float *to, const nn_value *value, int64_t rows) {
  const nn_tensor *tensor = nn_check_floats(L, -1);
  if (nn_shape_count(&tensor->shape) != nn_value_count(value, rows))
    luaL_error(L, "a function's result does not fit");
  memcpy(to, tensor->data, sizeof(float) * (size_t)(nn_value_count(value, rows)));
  lua_pop(L, 1);
}

/* (request, spec) */
static int call_protected(lua_State *L) {
  const request *r = lua_touserdata(L, 1);
  const nn_node *node = r->node;
  lua_getfield(L, 2, "nodes");
  lua_rawgeti(L, -1, node->position + 1);
  lua_getfield(L, -1, r->backward ? "gradient" : "forward");
  lua_createtable(L, node->input_count, 0);
  for (int k = 0; k < node->input_count; k++) {
    push_rows(L, node->inputs[k], r->rows, node->inputs[k]->data);
    lua_rawseti(L, -2, k + 1);
  }
  if (r->backward)
    push_rows(L, node->output, r->rows, node->output->grad);
  lua_call(L, 1 + r->backward, 1);
  if (!r->backward)
    pop_rows(L, node->output->data, node->output, r->rows);
  for (int k = 0; k < node->input_count && r->backward; k++)
    if (node->input_grad[k]) {
      lua_rawgeti(L, -1, k + 1);
      pop_rows(L, node->input_grad[k], node->inputs[k], r->rows);
    }
  return 0;
}

static bool call(nn_foreign *foreign, nn_node *node, const nn_pass *pass, bool backward) {
  lua_State *L = ((nn_job_functions *)foreign)->L;
  request r = {node, pass->rows, backward};
  lua_pushcfunction(L, call_protected);
  lua_pushlightuserdata(L, &r);
  lua_getiuservalue(L, 1, SPEC);
  return lua_pcall(L, 2, 0, 0) == LUA_OK;
}

nn_job_functions nn_job_functions_of(lua_State *L) {
  luaL_checkstack(L, LUA_MINSTACK, "functions of a job");
  return (nn_job_functions){{.call = call}, L};
}
