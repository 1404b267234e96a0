/* tensor_arguments.c - Lua values taken as tensors, types, axes, shapes and numbers, and what is said of those that are
 * not. */
#include "tensors.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* ---------------------------------------------------------------- words for errors */

const char *nn_describe(lua_State *L, int position) {
  enum { WORTH_QUOTING = 40 };
  int type = lua_type(L, position);
  if (nn_test_tensor(L, position))
    return "a tensor";
  if (type == LUA_TSTRING && lua_rawlen(L, position) <= WORTH_QUOTING)
    return lua_pushfstring(L, "\"%s\"", lua_tostring(L, position));
  if (type == LUA_TNUMBER || type == LUA_TBOOLEAN || type <= LUA_TNIL)
    return luaL_tolstring(L, position, NULL);
  return lua_pushfstring(L, "a %s", lua_typename(L, type));
}

/* ---------------------------------------------------------------- numbers */

bool nn_dtype_holds(nn_dtype dtype, double value) {
  switch (dtype) {
  case NN_FLOAT32: return !isfinite(value) || fabs(value) <= FLT_MAX;
  case NN_UINT8: return value >= 0 && value <= UINT8_MAX && value == floor(value);
  case NN_INT32: return value >= INT32_MIN && value <= INT32_MAX && value == floor(value);
  }
  return false;
}

const char *nn_dtype_range(nn_dtype dtype) {
  static const char *const ranges[] = {[NN_FLOAT32] = "magnitudes up to 3.4e38",
                                       [NN_UINT8] = "whole numbers from 0 to 255",
                                       [NN_INT32] = "whole numbers from -2147483648 to 2147483647"};
  return ranges[dtype];
}

void nn_check_number(lua_State *L, int position, nn_dtype dtype, nn_operand *out) {
  if (lua_type(L, position) != LUA_TNUMBER)
    nn_blame(L, "expected a number, got %s", nn_describe(L, position));
  double value = lua_tonumber(L, position);
  if (!nn_dtype_holds(dtype, value))
    nn_blame(L, "%.15g does not fit into %s (%s)", value, nn_dtype_name(dtype), nn_dtype_range(dtype));
  out->tensor = nn_tensor_over(dtype, &(nn_shape){0}, &out->number);
  switch (dtype) {
  case NN_FLOAT32: out->number.real = (float)value; break;
  case NN_UINT8: out->number.byte = (uint8_t)value; break;
  case NN_INT32: out->number.whole = (int32_t)value; break;
  }
}

void nn_check_operand(lua_State *L, int position, nn_operand *out) {
  switch (lua_type(L, position)) {
  case LUA_TNUMBER:
    nn_check_number(L, position, nn_dtype_holds(NN_INT32, lua_tonumber(L, position)) ? NN_INT32 : NN_FLOAT32, out);
    break;
  case LUA_TTABLE:
    if (lua_rawlen(L, position) == 0 && luaL_getmetafield(L, position, "__name") != LUA_TNIL)
      nn_blame(L, "expected a tensor or a number, got %s; nn.ops has operations that take both",
               luaL_tolstring(L, position, NULL));
    out->tensor = *nn_push_from_table(L, position, NN_FLOAT32);
    lua_replace(L, position);
    break;
  default:
    if (!nn_test_tensor(L, position))
      nn_blame(L, "expected a tensor or a number, got %s", nn_describe(L, position));
    out->tensor = *nn_test_tensor(L, position);
  }
}

/* ---------------------------------------------------------------- checking arguments */

nn_tensor *nn_test_tensor(lua_State *L, int position) { return luaL_testudata(L, position, NN_TENSOR); }

nn_tensor *nn_check_tensor(lua_State *L, int position) {
  nn_tensor *tensor = nn_test_tensor(L, position);
  if (tensor == NULL)
    nn_blame(L, "expected a tensor, got %s%s", nn_describe(L, position),
             position == 1 ? " (methods are called with a colon: t:sum())" : "");
  return tensor;
}

nn_tensor *nn_check_floats(lua_State *L, int position) {
  nn_tensor *tensor = nn_check_tensor(L, position);
  luaL_argcheck(L, tensor->dtype == NN_FLOAT32 && nn_tensor_is_contiguous(tensor), position,
                "expected a contiguous float32 tensor");
  return tensor;
}

bool nn_test_integer(lua_State *L, int position, lua_Integer *out) {
  int whole;
  *out = lua_tointegerx(L, position, &whole);
  return whole && lua_type(L, position) == LUA_TNUMBER;
}

nn_dtype nn_check_dtype(lua_State *L, int position, nn_dtype default_value) {
  if (lua_isnoneornil(L, position))
    return default_value;
  for (nn_dtype dtype = NN_FLOAT32; lua_type(L, position) == LUA_TSTRING && dtype <= NN_INT32; dtype++)
    if (strcmp(lua_tostring(L, position), nn_dtype_name(dtype)) == 0)
      return dtype;
  nn_blame(L, "dtype: expected \"float32\", \"uint8\" or \"int32\", got %s", nn_describe(L, position));
}

int nn_check_axis(lua_State *L, int position, const nn_shape *shape) {
  char text[NN_SHAPE_TEXT];
  lua_Integer axis;
  if (!nn_test_integer(L, position, &axis))
    nn_blame(L, "axis: expected a whole number, got %s", nn_describe(L, position));
  if (axis == 0 || axis > shape->ndim || axis < -shape->ndim)
    nn_blame(L, "axis %lld is out of range for a tensor of shape %s", (long long)axis, nn_shape_text(shape, text));
  return (int)(axis > 0 ? axis - 1 : axis + shape->ndim);
}

int nn_check_integers(lua_State *L, int position, const char *what, int64_t list[NN_MAX_NDIM]) {
  bool is_list = lua_istable(L, position);
  lua_Integer count = is_list ? (lua_Integer)lua_rawlen(L, position) : lua_gettop(L) - position + 1;
  if (count > NN_MAX_NDIM)
    nn_blame(L, "%s: at most %d axes, got %lld", what, NN_MAX_NDIM, (long long)count);
  for (lua_Integer i = 0; i < count; i++) {
    lua_Integer value;
    if (is_list)
      lua_rawgeti(L, position, i + 1);
    else
      lua_pushvalue(L, position + (int)i);
    if (!nn_test_integer(L, -1, &value))
      nn_blame(L, "%s: expected whole numbers such as { 28, 28 }, got %s", what, nn_describe(L, -1));
    list[i] = value;
    lua_pop(L, 1);
  }
  return (int)count;
}

nn_shape nn_check_shape(lua_State *L, int position) {
  nn_shape shape;
  if (!lua_istable(L, position) && !lua_isinteger(L, position))
    nn_blame(L, "shape: expected a list of whole numbers such as { 28, 28 }, got %s", nn_describe(L, position));
  lua_pushvalue(L, position);
  shape.ndim = nn_check_integers(L, lua_gettop(L), "shape", shape.dim);
  lua_pop(L, 1);
  for (int axis = 0; axis < shape.ndim; axis++)
    if (shape.dim[axis] < 0)
      nn_blame(L, "shape: axis %d has length %lld; a length is 0 or more", axis + 1, (long long)shape.dim[axis]);
  nn_check_size(L, &shape);
  return shape;
}

void nn_push_shape(lua_State *L, const nn_shape *shape) {
  lua_createtable(L, shape->ndim, 0);
  for (int axis = 0; axis < shape->ndim; axis++) {
    lua_pushinteger(L, shape->dim[axis]);
    lua_rawseti(L, -2, axis + 1);
  }
}
