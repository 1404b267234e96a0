/* tensor_index.c - t[i], t[{ 3, {1, 100}, {} }] and t.shape: views of parts of a tensor, and assignment to them. */
#include <string.h>

#include "tensors.h"

/* ---------------------------------------------------------------- parts */

int64_t nn_resolve_index(lua_State *L, const nn_tensor *tensor, int axis, lua_Integer index) {
  char text[NN_SHAPE_TEXT];
  lua_Integer length = tensor->shape.dim[axis];
  if (index == 0 || index > length || index < -length)
    nn_blame(L, "index %lld is out of range for axis %d of a tensor of shape %s%s", (long long)index, axis + 1,
             nn_shape_text(&tensor->shape, text), index == 0 ? "; positions count from 1" : "");
  return index > 0 ? index - 1 : index + length;
}

/* The list at stack position range is {}, { first, last } or { first, last, step }. */
static void select_range(lua_State *L, nn_tensor *view, int view_axis, const nn_tensor *tensor, int axis, int range) {
  enum { FIRST, LAST, STEP };
  lua_Integer number[] = {1, tensor->shape.dim[axis], 1};
  lua_Integer count = (lua_Integer)lua_rawlen(L, range);
  bool fits = count == 0 || count == 2 || count == 3;
  for (int i = 0; fits && i < count; i++) {
    lua_rawgeti(L, range, i + 1);
    fits = nn_test_integer(L, -1, &number[i]);
    lua_pop(L, 1);
  }
  if (!fits || number[STEP] < 1)
    nn_blame(L, "axis %d: a range is {}, { first, last } or { first, last, step } with a positive step", axis + 1);
  if (count == 0)
    return;
  nn_error error;
  int64_t first = nn_resolve_index(L, tensor, axis, number[FIRST]);
  int64_t last = nn_resolve_index(L, tensor, axis, number[LAST]);
  if (first > last)
    nn_blame(L, "the range { %lld, %lld } of axis %d is empty", (long long)number[FIRST], (long long)number[LAST],
             axis + 1);
  nn_check(L, nn_tensor_range(&error, view, view, view_axis, first, last - first + 1), &error);
  view->shape.dim[view_axis] = (last - first) / number[STEP] + 1;
  view->stride[view_axis] = view->shape.dim[view_axis] > 1 ? view->stride[view_axis] * number[STEP] : 1;
}

static void select_index(lua_State *L, nn_tensor *view, int view_axis, const nn_tensor *tensor, int axis,
                         lua_Integer index) {
  nn_error error;
  nn_check(L, nn_tensor_index(&error, view, view, view_axis, nn_resolve_index(L, tensor, axis, index)), &error);
}

static nn_tensor select_list(lua_State *L, const nn_tensor *tensor, int list) {
  char text[NN_SHAPE_TEXT];
  nn_tensor view = *tensor;
  int view_axis = 0;
  lua_Integer count = (lua_Integer)lua_rawlen(L, list), index;
  if (count > tensor->shape.ndim)
    nn_blame(L, "%lld indices for a tensor of shape %s; a range is a list of its own: x[{ { 1, 10 } }]",
             (long long)count, nn_shape_text(&tensor->shape, text));
  for (int axis = 0; axis < count; axis++) {
    lua_rawgeti(L, list, axis + 1);
    if (nn_test_integer(L, -1, &index))
      select_index(L, &view, view_axis, tensor, axis, index);
    else if (lua_istable(L, -1))
      select_range(L, &view, view_axis++, tensor, axis, lua_gettop(L));
    else
      nn_blame(L, "axis %d: expected a position or a range such as { 1, 100 }, got %s", axis + 1, nn_describe(L, -1));
    lua_pop(L, 1);
  }
  return view;
}

/* The part of a tensor that the key at that stack position names. */
static nn_tensor select_part(lua_State *L, const nn_tensor *tensor, int key) {
  lua_Integer index;
  if (lua_istable(L, key))
    return select_list(L, tensor, key);
  if (!nn_test_integer(L, key, &index))
    nn_blame(L, "expected a position, a list such as t[{ 3, {1, 100}, {} }] or a mask such as t:gt(0), got %s",
             nn_describe(L, key));
  if (tensor->shape.ndim == 0)
    nn_blame(L, "a tensor without axes has no positions; :item() gives its number");
  nn_tensor view = *tensor;
  select_index(L, &view, 0, tensor, 0, index);
  return view;
}

/* ---------------------------------------------------------------- reading */

void nn_push_element(lua_State *L, const nn_tensor *tensor, int64_t offset) {
  switch (tensor->dtype) {
  case NN_FLOAT32: lua_pushnumber(L, ((const float *)tensor->data)[offset]); break;
  case NN_UINT8: lua_pushinteger(L, ((const uint8_t *)tensor->data)[offset]); break;
  case NN_INT32: lua_pushinteger(L, ((const int32_t *)tensor->data)[offset]); break;
  }
}

void nn_push_view(lua_State *L, int owner, const nn_tensor *view) {
  if (view->shape.ndim == 0)
    nn_push_element(L, view, 0);
  else
    nn_new_view(L, owner, view);
}

/* Pushes what the methods' own metatable knows of a name: __index(methods, name, tensor). */
static void get_computed_field(lua_State *L, int methods) {
  luaL_getmetafield(L, methods, "__index");
  lua_pushvalue(L, methods);
  lua_pushvalue(L, 2);
  lua_pushvalue(L, 1);
  lua_call(L, 3, 1);
}

/* Methods come first; a name that is neither method nor attribute is left to the methods' own metatable, which has
 * fields that Lua computes and knows the nearest name. */
static int get_field(lua_State *L, const nn_tensor *tensor, const char *name) {
  int methods = lua_upvalueindex(1);
  lua_pushvalue(L, 2);
  if (lua_rawget(L, methods) != LUA_TNIL)
    return 1;
  if (strcmp(name, "shape") == 0) {
    nn_push_shape(L, &tensor->shape);
    luaL_setmetatable(L, NN_SHAPE);
  } else if (strcmp(name, "ndim") == 0)
    lua_pushinteger(L, tensor->shape.ndim);
  else if (strcmp(name, "size") == 0)
    lua_pushinteger(L, nn_shape_count(&tensor->shape));
  else if (strcmp(name, "dtype") == 0)
    lua_pushstring(L, nn_dtype_name(tensor->dtype));
  else
    get_computed_field(L, methods);
  return 1;
}

int nn_tensor_get(lua_State *L) {
  const nn_tensor *tensor = nn_check_tensor(L, 1);
  if (lua_type(L, 2) == LUA_TSTRING)
    return get_field(L, tensor, lua_tostring(L, 2));
  if (nn_test_tensor(L, 2))
    return nn_mask_get(L, tensor, 2);
  nn_tensor part = select_part(L, tensor, 2);
  nn_push_view(L, 1, &part);
  return 1;
}

/* ---------------------------------------------------------------- writing */

static bool share_memory(lua_State *L, int a, int b) {
  nn_push_owner(L, a);
  nn_push_owner(L, b);
  bool same = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  return same;
}

/* What is to be written into a tensor of that type: nothing is rounded or cut off on the way. */
static void check_source(lua_State *L, int position, nn_dtype dtype, nn_operand *out) {
  if (lua_istable(L, position)) {
    out->tensor = *nn_push_from_table(L, position, dtype);
    return;
  }
  if (!nn_test_tensor(L, position)) {
    nn_check_number(L, position, dtype, out);
    return;
  }
  out->tensor = *nn_check_tensor(L, position);
  if (out->tensor.dtype == NN_FLOAT32 && dtype != NN_FLOAT32)
    nn_blame(L, "cannot assign a float32 tensor to a %s tensor; convert it with :astype(\"%s\")", nn_dtype_name(dtype),
             nn_dtype_name(dtype));
  if (share_memory(L, 1, position))
    out->tensor = *nn_push_copy(L, &out->tensor, out->tensor.dtype);
}

int nn_tensor_set(lua_State *L) {
  nn_error error;
  nn_operand source;
  const nn_tensor *tensor = nn_check_tensor(L, 1);
  if (lua_type(L, 2) == LUA_TSTRING)
    nn_blame(L, "cannot set \"%s\": a tensor is assigned to by position, as in t[1] = 0", lua_tostring(L, 2));
  if (nn_test_tensor(L, 2)) {
    check_source(L, 3, tensor->dtype, &source);
    nn_count_change(L, 1);
    nn_mask_set(L, tensor, 2, &source.tensor);
    return 0;
  }
  nn_tensor part = select_part(L, tensor, 2);
  check_source(L, 3, part.dtype, &source);
  nn_count_change(L, 1);
  if (nn_tensor_copy(&error, &part, &source.tensor) != NN_OK)
    nn_blame(L, "cannot assign: %s", error.message);
  return 0;
}
