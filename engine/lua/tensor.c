/* tensor.c - tensors as Lua userdata: their memory, and the checks of arguments. Module engine.tensor.
 *
 * A tensor is one userdata: the view, then (in those that own memory) the elements. Its first user value keeps alive
 * the userdata whose memory it sees, so Lua's collector knows every byte and frees nothing too early. An owner's second
 * user value counts assignments to its memory. */
#include "tensors.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { ALIGNMENT = 64, CHANGES = 2 /* user value */ };

/* ---------------------------------------------------------------- making tensors */

void nn_check(lua_State *L, int status, const nn_error *error) {
  if (status != NN_OK)
    nn_blame(L, "%s", error->message);
}

void nn_check_size(lua_State *L, const nn_shape *shape) {
  char text[NN_SHAPE_TEXT];
  if (!nn_shape_fits_memory(shape))
    nn_blame(L, "a tensor of shape %s would be too large", nn_shape_text(shape, text));
}

static bool can_allocate(lua_State *L, size_t bytes) {
  void *data;
  lua_Alloc allocate = lua_getallocf(L, &data);
  void *block = allocate(data, NULL, LUA_TUSERDATA, bytes);
  allocate(data, block, bytes, 0);
  return block != NULL;
}

/* Asks before Lua does, for Lua's own "not enough memory" names neither tensor nor line. */
static void check_memory(lua_State *L, const nn_shape *shape, size_t bytes) {
  enum { WORTH_ASKING = 1 << 26 };
  char text[NN_SHAPE_TEXT];
  if (bytes < WORTH_ASKING || can_allocate(L, bytes))
    return;
  lua_gc(L, LUA_GCCOLLECT);
  if (!can_allocate(L, bytes))
    nn_blame(L, "not enough memory for a tensor of shape %s (%.1f GB)", nn_shape_text(shape, text),
             (double)bytes / 1e9);
}

nn_tensor *nn_new_tensor(lua_State *L, nn_dtype dtype, const nn_shape *shape) {
  nn_check_size(L, shape);
  size_t bytes = (size_t)nn_shape_count(shape) * nn_dtype_size(dtype);
  check_memory(L, shape, bytes);
  nn_tensor *tensor = lua_newuserdatauv(L, sizeof *tensor + ALIGNMENT - 1 + bytes, CHANGES);
  uintptr_t data = ((uintptr_t)(tensor + 1) + ALIGNMENT - 1) & ~(uintptr_t)(ALIGNMENT - 1);
  *tensor = nn_tensor_over(dtype, shape, (void *)data);
  luaL_setmetatable(L, NN_TENSOR);
  return tensor;
}

void nn_push_owner(lua_State *L, int position) {
  position = lua_absindex(L, position);
  if (nn_test_tensor(L, position)) {
    if (lua_getiuservalue(L, position, 1) == LUA_TUSERDATA)
      return;
    lua_pop(L, 1);
  }
  lua_pushvalue(L, position);
}

static lua_Integer changes_of(lua_State *L, int owner) {
  lua_getiuservalue(L, owner, CHANGES);
  lua_Integer count = lua_tointeger(L, -1);
  lua_pop(L, 1);
  return count;
}

void nn_count_change(lua_State *L, int position) {
  nn_push_owner(L, position);
  lua_pushinteger(L, changes_of(L, -1) + 1);
  lua_setiuservalue(L, -2, CHANGES);
  lua_pop(L, 1);
}

nn_tensor *nn_new_view(lua_State *L, int owner, const nn_tensor *view) {
  owner = lua_absindex(L, owner);
  nn_tensor *tensor = lua_newuserdatauv(L, sizeof *tensor, 1);
  *tensor = *view;
  nn_push_owner(L, owner);
  lua_setiuservalue(L, -2, 1);
  luaL_setmetatable(L, NN_TENSOR);
  return tensor;
}

nn_tensor *nn_push_copy(lua_State *L, const nn_tensor *tensor, nn_dtype dtype) {
  nn_error error;
  nn_tensor *copy = nn_new_tensor(L, dtype, &tensor->shape);
  nn_check(L, nn_tensor_copy(&error, copy, tensor), &error);
  return copy;
}

const nn_tensor *nn_push_contiguous(lua_State *L, int position) {
  const nn_tensor *tensor = nn_check_tensor(L, position);
  if (!nn_tensor_is_contiguous(tensor))
    return nn_push_copy(L, tensor, tensor->dtype);
  lua_pushvalue(L, position);
  return tensor;
}

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

nn_dtype nn_check_dtype(lua_State *L, int position, nn_dtype standard) {
  if (lua_isnoneornil(L, position))
    return standard;
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

/* ---------------------------------------------------------------- the module */

static int is_tensor(lua_State *L) {
  lua_pushboolean(L, nn_test_tensor(L, 1) != NULL);
  return 1;
}

static int position(lua_State *L) {
  nn_push_position(L);
  return 1;
}

/* rebind(a, b): from now on a sees b's memory. */
static int rebind(lua_State *L) {
  char has[NN_SHAPE_TEXT], wants[NN_SHAPE_TEXT];
  nn_tensor *a = nn_check_tensor(L, 1), *b = nn_check_tensor(L, 2);
  if (a->dtype != b->dtype || !nn_shape_equal(&a->shape, &b->shape))
    nn_blame(L, "cannot rebind a %s tensor of shape %s to a %s tensor of shape %s", nn_dtype_name(a->dtype),
             nn_shape_text(&a->shape, wants), nn_dtype_name(b->dtype), nn_shape_text(&b->shape, has));
  nn_push_owner(L, 2);
  if (lua_touserdata(L, -1) == a) /* its own memory again: a cycle would only keep it alive longer */
    lua_pushnil(L);
  lua_setiuservalue(L, 1, 1);
  *a = *b;
  return 0;
}

/* The bytes from *low to below *high hold all elements. */
static void memory_of(const nn_tensor *tensor, uintptr_t *low, uintptr_t *high) {
  int64_t first = 0, last = 0, size = (int64_t)nn_dtype_size(tensor->dtype);
  for (int i = 0; i < tensor->shape.ndim; i++) {
    int64_t reach = (tensor->shape.dim[i] - 1) * tensor->stride[i];
    *(reach < 0 ? &first : &last) += reach;
  }
  *low = (uintptr_t)tensor->data + (uintptr_t)(first * size);
  *high = (uintptr_t)tensor->data + (uintptr_t)((last + 1) * size);
}

/* changes(tensor): how many assignments its memory has seen; nil where the memory is not a tensor's own, and changes
 * without any. */
static int changes(lua_State *L) {
  nn_check_tensor(L, 1);
  nn_push_owner(L, 1);
  if (!nn_test_tensor(L, -1))
    return 0;
  lua_pushinteger(L, changes_of(L, -1));
  return 1;
}

/* overlap(a, b): whether the stretches of memory that two tensors lie in have a byte in common. */
static int overlap(lua_State *L) {
  const nn_tensor *a = nn_check_tensor(L, 1), *b = nn_check_tensor(L, 2);
  uintptr_t a_low, a_high, b_low, b_high;
  memory_of(a, &a_low, &a_high);
  memory_of(b, &b_low, &b_high);
  bool any = nn_shape_count(&a->shape) > 0 && nn_shape_count(&b->shape) > 0;
  lua_pushboolean(L, any && a_low < b_high && b_low < a_high);
  return 1;
}

static int length(lua_State *L) {
  const nn_tensor *tensor = nn_check_tensor(L, 1);
  if (tensor->shape.ndim == 0)
    nn_blame(L, "a tensor without axes has no length; :item() gives its number");
  lua_pushinteger(L, tensor->shape.dim[0]);
  return 1;
}

static int no_order(lua_State *L) {
  return nn_blame(L, "tensors have no order; compare their elements with a:lt(b), a:le(b), a:gt(b) or a:ge(b)");
}

static const luaL_Reg metamethods[] = {{"__len", length}, {"__lt", no_order}, {"__le", no_order}, {NULL, NULL}};
static const luaL_Reg functions[] = {{"is_tensor", is_tensor}, {"position", position}, {"rebind", rebind},
                                     {"overlap", overlap},     {"changes", changes},   {NULL, NULL}};

static void push_methods(lua_State *L) {
  lua_newtable(L);
  luaL_setfuncs(L, nn_tensor_table_methods, 0);
  luaL_setfuncs(L, nn_tensor_shape_methods, 0);
  luaL_setfuncs(L, nn_tensor_math_methods, 0);
  nn_set_operations(L, false);
}

static void push_metatable(lua_State *L, int methods) {
  luaL_newmetatable(L, NN_TENSOR);
  luaL_setfuncs(L, metamethods, 0);
  nn_set_operations(L, true);
  lua_pushvalue(L, methods);
  lua_pushcclosure(L, nn_tensor_get, 1);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, nn_tensor_set);
  lua_setfield(L, -2, "__newindex");
}

/* Functions, `methods` (where tensors look up their methods) and `metatable`; scripts/nn/tensor.lua adds to both. */
int nn_open_tensor(lua_State *L) {
  luaL_newlib(L, functions);
  luaL_setfuncs(L, nn_tensor_table_functions, 0);
  luaL_setfuncs(L, nn_tensor_shape_functions, 0);
  luaL_setfuncs(L, nn_tensor_math_functions, 0);
  push_methods(L);
  push_metatable(L, lua_gettop(L));
  lua_setfield(L, -3, "metatable");
  lua_setfield(L, -2, "methods");
  return 1;
}
