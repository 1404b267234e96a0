/* operations.c - module engine.operations: the table of operations on tensors.
 *
 * Tensors may be of any type and order in memory; an operation gets contiguous float32 copies where they are not.
 * A call keeps everything it needs on Lua's stack, so an error leaves nothing behind. */
#include <string.h>

#include "operations/operation.h"
#include "tensors.h"

/* The operation of the name at that position. */
static const nn_operation *check_operation(lua_State *L, int position) {
  const char *name = luaL_checkstring(L, position);
  const nn_operation *operation = nn_find_operation(name);
  if (!operation)
    nn_blame(L, "there is no operation %s", name);
  return operation;
}

/* The config from the table at that position, pushed. */
static const void *push_config(lua_State *L, int position, const nn_operation *operation) {
  void *config = lua_newuserdatauv(L, operation->config_size + 1, 0);
  nn_fill_fields(L, position, operation->name, operation->fields, config);
  return config;
}

/* How many inputs the list at that position holds. */
static int check_count(lua_State *L, int position, const nn_operation *operation) {
  luaL_checktype(L, position, LUA_TTABLE);
  int count = (int)lua_rawlen(L, position);
  if (count < operation->min_inputs || (operation->max_inputs >= 0 && count > operation->max_inputs))
    nn_blame(L, "%s: expected %d inputs, got %d", operation->name, operation->min_inputs, count);
  return count;
}

/* The tensor on top of the stack becomes one of contiguous float32. */
static const nn_tensor *as_floats(lua_State *L) {
  const nn_tensor *tensor = nn_check_tensor(L, -1);
  if (tensor->dtype != NN_FLOAT32 || !nn_tensor_is_contiguous(tensor)) {
    tensor = nn_push_copy(L, tensor, NN_FLOAT32);
    lua_replace(L, -2);
  }
  return tensor;
}

/* A call's inputs from the list at that position; they stay on the stack. */
static nn_call begin_call(lua_State *L, const nn_operation *operation, const void *config, int position) {
  int count = check_count(L, position, operation);
  luaL_checkstack(L, count + 20, "too many inputs");
  nn_tensor *in = lua_newuserdatauv(L, (size_t)count * sizeof *in + 1, 0);
  for (int i = 0; i < count; i++) {
    lua_rawgeti(L, position, i + 1);
    in[i] = *as_floats(L);
  }
  return (nn_call){.config = config, .input_count = count, .in = in};
}

static void push_scratch(lua_State *L, const nn_operation *operation, nn_call *call) {
  int64_t floats = operation->scratch ? operation->scratch(call) : 0;
  if (floats > 0)
    call->scratch = nn_new_tensor(L, NN_FLOAT32, &(nn_shape){1, {floats}})->data;
}

static nn_shape infer_shape(lua_State *L, const nn_operation *operation, const nn_call *call) {
  nn_error error;
  nn_shape out, *in = lua_newuserdatauv(L, (size_t)call->input_count * sizeof *in + 1, 0);
  for (int i = 0; i < call->input_count; i++)
    in[i] = call->in[i].shape;
  if (operation->infer(&error, call->config, in, call->input_count, &out) != NN_OK)
    nn_blame(L, "%s: %s", operation->name, error.message);
  return out;
}

/* apply(name, config, { tensor, ... }) -> tensor */
static int apply(lua_State *L) {
  nn_error error;
  const nn_operation *operation = check_operation(L, 1);
  nn_call call = begin_call(L, operation, push_config(L, 2, operation), 3);
  nn_shape shape = infer_shape(L, operation, &call);
  nn_tensor *out = nn_new_tensor(L, NN_FLOAT32, &shape);
  int result = lua_gettop(L);
  call.out = *out;
  push_scratch(L, operation, &call);
  if (operation->forward(&error, &call) != NN_OK)
    return nn_blame(L, "%s: %s", operation->name, error.message);
  lua_pushvalue(L, result);
  return 1;
}

/* gradient(name, config, { input, ... }, output, grad_out, { wanted, ... }) -> { tensor or false, ... } */
static int gradient(lua_State *L) {
  const nn_operation *operation = check_operation(L, 1);
  if (!operation->backward)
    return nn_blame(L, "%s: it has no gradient", operation->name);
  nn_call call = begin_call(L, operation, push_config(L, 2, operation), 3);
  lua_pushvalue(L, 4);
  call.out = *as_floats(L);
  lua_pushvalue(L, 5);
  const nn_tensor *grad_out = as_floats(L);
  luaL_argcheck(L, nn_shape_equal(&grad_out->shape, &call.out.shape), 5, "expected the output's shape");
  push_scratch(L, operation, &call);
  nn_tensor *grad_in = lua_newuserdatauv(L, (size_t)call.input_count * sizeof *grad_in + 1, 0);
  lua_createtable(L, call.input_count, 0);
  for (int i = 0; i < call.input_count; i++) {
    lua_rawgeti(L, 6, i + 1);
    bool is_wanted = lua_toboolean(L, -1);
    lua_pop(L, 1);
    grad_in[i] = call.in[i];
    grad_in[i].data = NULL;
    if (is_wanted)
      grad_in[i] = *nn_new_tensor(L, NN_FLOAT32, &call.in[i].shape);
    else
      lua_pushboolean(L, false);
    lua_rawseti(L, -2, i + 1);
  }
  operation->backward(&call, grad_out, grad_in);
  return 1;
}

/* infer(name, config, { shape, ... }) -> shape; or nil and what is wrong. Lengths may be negative: see operation.h. */
static int infer(lua_State *L) {
  nn_error error;
  const nn_operation *operation = check_operation(L, 1);
  const void *config = push_config(L, 2, operation);
  int count = check_count(L, 3, operation);
  nn_shape out, *in = lua_newuserdatauv(L, (size_t)count * sizeof *in + 1, 0);
  for (int i = 0; i < count; i++) {
    lua_rawgeti(L, 3, i + 1);
    luaL_checktype(L, -1, LUA_TTABLE);
    in[i].ndim = nn_check_integers(L, lua_gettop(L), "shape", in[i].dim);
    lua_pop(L, 1);
  }
  if (operation->infer(&error, config, in, count, &out) != NN_OK) {
    lua_pushnil(L);
    lua_pushfstring(L, "%s: %s", operation->name, error.message);
    return 2;
  }
  nn_push_shape(L, &out);
  return 1;
}

/* names() -> { "abs", ... }, sorted */
static int names(lua_State *L) {
  lua_newtable(L);
  for (int i = 0; nn_operations[i]; i++) {
    lua_pushstring(L, nn_operations[i]->name);
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

static int has_gradient(lua_State *L) {
  lua_pushboolean(L, check_operation(L, 1)->backward != NULL);
  return 1;
}

static const luaL_Reg functions[] = {{"apply", apply}, {"gradient", gradient},         {"infer", infer},
                                     {"names", names}, {"has_gradient", has_gradient}, {NULL, NULL}};

int nn_open_operations(lua_State *L) {
  luaL_newlib(L, functions);
  return 1;
}
