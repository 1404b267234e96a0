/* tensor.c - tensors as Lua userdata: their memory. Module engine.tensor.
 *
 * A tensor is one userdata: the view, then (in those that own memory) the elements. Its first user value keeps alive
 * the userdata whose memory it sees, so Lua's collector knows every byte and frees nothing too early. An owner's second
 * user value counts assignments to its memory. */
#include "tensors.h"

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

static void check_memory(lua_State *L, const nn_shape *shape, size_t bytes) {
  char text[NN_SHAPE_TEXT];
  if (!nn_has_memory(L, bytes))
    nn_blame(L, "not enough memory for a tensor of shape %s: it takes %s", nn_shape_text(shape, text),
             nn_memory_text(L, bytes));
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

/* ---------------------------------------------------------------- the module */

static int is_tensor(lua_State *L) {
  lua_pushboolean(L, nn_test_tensor(L, 1) != NULL);
  return 1;
}

static int position(lua_State *L) {
  nn_push_position(L);
  return 1;
}

/* message(text) -> the text as users read it: see binding.h */
static int message(lua_State *L) {
  nn_push_message(L, luaL_checkstring(L, 1));
  return 1;
}

/* name_for_blame(function, name): how messages name it where a script calls it */
static int name_for_blame(lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  nn_set_blame_name(L, 1, luaL_checkstring(L, 2));
  return 0;
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

/* have_same_shape(a, b): whether two tensors have the same lengths. */
static int have_same_shape(lua_State *L) {
  lua_pushboolean(L, nn_shape_equal(&nn_check_tensor(L, 1)->shape, &nn_check_tensor(L, 2)->shape));
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

/* place(tensor): the userdata whose memory it sees, and the address in it. */
static int place(lua_State *L) {
  const nn_tensor *tensor = nn_check_tensor(L, 1);
  nn_push_owner(L, 1);
  lua_pushinteger(L, (lua_Integer)(intptr_t)tensor->data);
  return 2;
}

static int length(lua_State *L) {
  const nn_tensor *tensor = nn_check_tensor(L, 1);
  if (tensor->shape.ndim == 0)
    nn_blame(L, "a tensor without axes has no length; :item() gives its number");
  lua_pushinteger(L, tensor->shape.dim[0]);
  return 1;
}

static int no_order(lua_State *L) {
  return nn_blame(L, "tensors have no order; compare their elements with a:lt(b), a:le(b), a:gt(b) or a:ge(b), and a "
                     "single number as a:item()");
}

static const luaL_Reg metamethods[] = {{"__len", length}, {"__lt", no_order}, {"__le", no_order}, {NULL, NULL}};
static const luaL_Reg functions[] = {{"is_tensor", is_tensor},
                                     {"position", position},
                                     {"message", message},
                                     {"name_for_blame", name_for_blame},
                                     {"rebind", rebind},
                                     {"overlap", overlap},
                                     {"changes", changes},
                                     {"place", place},
                                     {"have_same_shape", have_same_shape},
                                     {NULL, NULL}};

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

/* Functions, `methods` (where tensors look up their methods) and `metatable`; scripts/nn/tensor/init.lua adds to both.
 * The lists of lengths that `shape` gives have `shape_metatable`, to which scripts/nn/support/list.lua adds. */
int nn_open_tensor(lua_State *L) {
  luaL_newlib(L, functions);
  luaL_setfuncs(L, nn_tensor_table_functions, 0);
  luaL_setfuncs(L, nn_tensor_shape_functions, 0);
  luaL_setfuncs(L, nn_tensor_math_functions, 0);
  luaL_setfuncs(L, nn_tensor_mask_functions, 0);
  push_methods(L);
  push_metatable(L, lua_gettop(L));
  lua_setfield(L, -3, "metatable");
  lua_setfield(L, -2, "methods");
  luaL_newmetatable(L, NN_SHAPE);
  lua_setfield(L, -2, "shape_metatable");
  return 1;
}
