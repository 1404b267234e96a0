/* tensor_math.c - arithmetic, comparisons, functions, reductions and matrix products of tensors. */
#include "tensors.h"

/* ---------------------------------------------------------------- element by element */

struct operation {
  const char *name;
  int op;
  const char *verb;
};

static const struct operation binary_metamethods[] = {
    {"__add", NN_ADD, "add"},    {"__sub", NN_SUB, "subtract"},           {"__mul", NN_MUL, "multiply"},
    {"__div", NN_DIV, "divide"}, {"__pow", NN_POW, "raise to the power"}, {NULL, 0, NULL}};
static const struct operation binary_methods[] = {
    {"maximum", NN_MAXIMUM, "compare"}, {"minimum", NN_MINIMUM, "compare"}, {"eq", NN_EQ, "compare"},
    {"ne", NN_NE, "compare"},           {"lt", NN_LT, "compare"},           {"le", NN_LE, "compare"},
    {"gt", NN_GT, "compare"},           {"ge", NN_GE, "compare"},           {NULL, 0, NULL}};
static const struct operation unary_metamethods[] = {{"__unm", NN_NEG, NULL}, {NULL, 0, NULL}};
static const struct operation unary_methods[] = {
    {"abs", NN_ABS, NULL},     {"sqrt", NN_SQRT, NULL}, {"exp", NN_EXP, NULL},   {"log", NN_LOG, NULL},
    {"sin", NN_SIN, NULL},     {"cos", NN_COS, NULL},   {"tanh", NN_TANH, NULL}, {"floor", NN_FLOOR, NULL},
    {"round", NN_ROUND, NULL}, {NULL, 0, NULL}};

/* Lua asks the first operand for its operator. If the second is an object with an operator of its own, as symbolic
 * tensors are, calls that one. */
static bool call_of_second(lua_State *L, const char *operator_name) {
  if (lua_type(L, 2) != LUA_TTABLE || luaL_getmetafield(L, 2, operator_name) == LUA_TNIL)
    return false;
  lua_pushvalue(L, 1);
  lua_pushvalue(L, 2);
  lua_call(L, 2, 1);
  return true;
}

static int binary(lua_State *L) {
  const struct operation *operation = lua_touserdata(L, lua_upvalueindex(1));
  nn_binary_op op = (nn_binary_op)operation->op;
  nn_error error;
  nn_shape shape;
  nn_operand a, b;
  lua_settop(L, 2);
  if (call_of_second(L, operation->name))
    return 1;
  nn_check_operand(L, 1, &a);
  nn_check_operand(L, 2, &b);
  if (nn_shape_broadcast(&error, &shape, &a.tensor.shape, &b.tensor.shape) != NN_OK)
    nn_blame(L, "cannot %s: %s", operation->verb, error.message);
  nn_tensor *out = nn_new_tensor(L, nn_binary_dtype(op, a.tensor.dtype, b.tensor.dtype), &shape);
  if (nn_tensor_binary(&error, op, out, &a.tensor, &b.tensor) != NN_OK)
    nn_blame(L, "cannot %s: %s; convert with :astype(\"float32\") first", operation->verb, error.message);
  return 1;
}

/* Whole numbers stay whole where the function's values do; a negative one does not fit into uint8. */
static nn_dtype unary_dtype(nn_unary_op op, nn_dtype dtype) {
  if (op == NN_NEG && dtype == NN_UINT8)
    return NN_INT32;
  return op == NN_NEG || op == NN_ABS || op == NN_FLOOR || op == NN_ROUND ? dtype : NN_FLOAT32;
}

static int unary(lua_State *L) {
  const struct operation *operation = lua_touserdata(L, lua_upvalueindex(1));
  nn_unary_op op = (nn_unary_op)operation->op;
  nn_error error;
  const nn_tensor *tensor = nn_check_tensor(L, 1);
  nn_tensor *out = nn_new_tensor(L, unary_dtype(op, tensor->dtype), &tensor->shape);
  nn_check(L, nn_tensor_unary(&error, op, out, tensor), &error);
  return 1;
}

static void set_operations(lua_State *L, const struct operation *operation, lua_CFunction function) {
  for (; operation->name; operation++) {
    lua_pushlightuserdata(L, (void *)operation);
    lua_pushcclosure(L, function, 1);
    lua_setfield(L, -2, operation->name);
  }
}

void nn_set_operations(lua_State *L, bool metamethods) {
  set_operations(L, metamethods ? binary_metamethods : binary_methods, binary);
  set_operations(L, metamethods ? unary_metamethods : unary_methods, unary);
}

/* ---------------------------------------------------------------- reductions */

static nn_reduce_op check_reduction(lua_State *L, int position) {
  static const char *const names[] = {"sum", "mean", "var", "min", "max", "argmin", "argmax", NULL};
  return (nn_reduce_op)luaL_checkoption(L, position, NULL, names);
}

/* reduce(t, "sum", axis): a tensor without that axis */
static int reduce(lua_State *L) {
  nn_error error;
  const nn_tensor *tensor = nn_check_tensor(L, 1);
  nn_reduce_op op = check_reduction(L, 2);
  int axis = nn_check_axis(L, 3, &tensor->shape);
  nn_shape shape = {0};
  for (int i = 0; i < tensor->shape.ndim; i++)
    if (i != axis)
      shape.dim[shape.ndim++] = tensor->shape.dim[i];
  nn_tensor *out = nn_new_tensor(L, nn_reduce_dtype(op, tensor->dtype), &shape);
  nn_check(L, nn_tensor_reduce(&error, op, out, tensor, axis), &error);
  return 1;
}

/* total(t, "sum"): a number, of all elements */
static int total(lua_State *L) {
  nn_error error;
  double value;
  nn_reduce_op op = check_reduction(L, 2);
  const nn_tensor *tensor = nn_push_contiguous(L, 1);
  nn_check(L, nn_tensor_total(&error, op, &value, tensor), &error);
  if (nn_reduce_dtype(op, tensor->dtype) == NN_FLOAT32)
    lua_pushnumber(L, value);
  else
    lua_pushinteger(L, (lua_Integer)value);
  return 1;
}

/* ---------------------------------------------------------------- matrix products */

/* The operand as BLAS takes it, copied if it must be. */
static const nn_tensor *push_matrix(lua_State *L, const nn_tensor *tensor) {
  return nn_tensor_fits_matmul(tensor) ? tensor : nn_push_copy(L, tensor, NN_FLOAT32);
}

static int matmul(lua_State *L) {
  nn_error error;
  nn_shape shape;
  nn_operand a, b;
  lua_settop(L, 2);
  nn_check_operand(L, 1, &a);
  nn_check_operand(L, 2, &b);
  nn_check(L, nn_matmul_shape(&error, &shape, &a.tensor.shape, &b.tensor.shape), &error);
  const nn_tensor *left = push_matrix(L, &a.tensor), *right = push_matrix(L, &b.tensor);
  nn_tensor *out = nn_new_tensor(L, NN_FLOAT32, &shape);
  nn_check(L, nn_tensor_matmul(&error, out, left, right), &error);
  if (shape.ndim == 0)
    nn_push_element(L, out, 0);
  return 1;
}

const luaL_Reg nn_tensor_math_functions[] = {{"reduce", reduce}, {"total", total}, {NULL, NULL}};
const luaL_Reg nn_tensor_math_methods[] = {{"matmul", matmul}, {NULL, NULL}};
