/* tensor_table.c - tensors from Lua values (nested tables, numbers, strings of bytes) and back. */
#include <math.h>
#include <string.h>

#include "tensors.h"

/* ---------------------------------------------------------------- from a nested table */

typedef struct builder {
  nn_tensor *tensor;
  int64_t next;                  /* element to be written */
  lua_Integer path[NN_MAX_NDIM]; /* where in the table we are */
} builder;

/* The lengths of the first list, its first list, and so on; that all others agree is checked while copying. */
static nn_shape table_shape(lua_State *L, int position) {
  nn_shape shape = {0};
  lua_pushvalue(L, position);
  while (lua_istable(L, -1)) {
    if (shape.ndim == NN_MAX_NDIM)
      nn_blame(L, "a tensor has at most %d axes; this table is nested deeper", NN_MAX_NDIM);
    shape.dim[shape.ndim] = (int64_t)lua_rawlen(L, -1);
    if (shape.dim[shape.ndim++] == 0)
      break;
    lua_rawgeti(L, -1, 1);
    lua_remove(L, -2);
  }
  lua_pop(L, 1);
  return shape;
}

/* "[2][3]: ", where the value that was not as expected stands. */
static const char *path_text(lua_State *L, const builder *b, int depth) {
  luaL_Buffer text;
  luaL_buffinit(L, &text);
  for (int i = 0; i < depth; i++) {
    lua_pushfstring(L, "[%I]", (LUAI_UACINT)b->path[i]);
    luaL_addvalue(&text);
  }
  luaL_addstring(&text, depth ? ": " : "");
  luaL_pushresult(&text);
  return lua_tostring(L, -1);
}

static void copy_number(lua_State *L, builder *b, int depth) {
  nn_dtype dtype = b->tensor->dtype;
  double value = lua_tonumber(L, -1);
  if (lua_type(L, -1) != LUA_TNUMBER) {
    const char *hint = nn_test_tensor(L, -1) ? "; nn.stack and nn.concatenate put tensors together" : "";
    const char *got = nn_describe(L, -1);
    nn_blame(L, "%sexpected a number, got %s%s", path_text(L, b, depth), got, hint);
  }
  if (!nn_dtype_holds(dtype, value))
    nn_blame(L, "%s%.15g does not fit into %s (%s)", path_text(L, b, depth), value, nn_dtype_name(dtype),
             nn_dtype_range(dtype));
  nn_error error;
  nn_check(L, nn_block_store(&error, b->tensor, b->next++, 1, &value, 1), &error);
}

/* A nil in a list may end it early for Lua, with numbers behind it. */
static void check_end(lua_State *L, const builder *b, int depth, lua_Integer count) {
  lua_pushinteger(L, count);
  while (lua_next(L, -2)) {
    lua_Integer key;
    lua_pop(L, 1);
    if (!nn_test_integer(L, -1, &key) || key < 1 || key > count) {
      const char *found = nn_describe(L, -1);
      nn_blame(L, "%sthe list ends after %lld, but has the key %s too: is one of its values nil?",
               path_text(L, b, depth), (long long)count, found);
    }
  }
}

/* Copies the value on top of the stack, depth lists deep in the table, and pops it. */
static void copy_value(lua_State *L, builder *b, int depth) {
  if (depth == b->tensor->shape.ndim) {
    copy_number(L, b, depth);
    lua_pop(L, 1);
    return;
  }
  lua_Integer wants = b->tensor->shape.dim[depth], has = (lua_Integer)lua_rawlen(L, -1);
  if (!lua_istable(L, -1)) {
    const char *got = nn_describe(L, -1);
    nn_blame(L, "%sexpected a list of %lld like the first one, got %s", path_text(L, b, depth), (long long)wants, got);
  }
  if (has != wants)
    nn_blame(L, "%sexpected %lld elements as in the first list, got %lld", path_text(L, b, depth), (long long)wants,
             (long long)has);
  for (lua_Integer i = 1; i <= wants; i++) {
    b->path[depth] = i;
    lua_rawgeti(L, -1, i);
    copy_value(L, b, depth + 1);
  }
  if (wants > 0)
    check_end(L, b, depth, wants);
  lua_pop(L, 1);
}

nn_tensor *nn_push_from_table(lua_State *L, int position, nn_dtype dtype) {
  nn_shape shape = table_shape(L, position);
  luaL_checkstack(L, 2 * NN_MAX_NDIM, NULL);
  position = lua_absindex(L, position);
  builder b = {.tensor = nn_new_tensor(L, dtype, &shape)};
  lua_pushvalue(L, position);
  copy_value(L, &b, 0);
  return b.tensor;
}

/* new(nested table, number or tensor, dtype) */
static int new_tensor(lua_State *L) {
  nn_dtype dtype = nn_check_dtype(L, 2, nn_test_tensor(L, 1) ? nn_test_tensor(L, 1)->dtype : NN_FLOAT32);
  nn_operand number;
  if (lua_istable(L, 1)) {
    lua_pushnil(L);
    if (lua_rawlen(L, 1) == 0 && lua_next(L, 1))
      nn_blame(L, "expected a list of numbers or of lists, got a table with the key %s", nn_describe(L, -2));
    nn_push_from_table(L, 1, dtype);
  } else if (nn_test_tensor(L, 1)) {
    nn_push_copy(L, nn_test_tensor(L, 1), dtype);
  } else {
    nn_check_number(L, 1, dtype, &number);
    nn_push_copy(L, &number.tensor, dtype);
  }
  return 1;
}

/* ---------------------------------------------------------------- from a shape */

/* A tensor of the shape at stack position 1, with the number and the dtype at those positions. */
static int push_filled(lua_State *L, int number, int dtype) {
  nn_error error;
  nn_operand value;
  nn_shape shape = nn_check_shape(L, 1);
  nn_check_number(L, number, nn_check_dtype(L, dtype, NN_FLOAT32), &value);
  nn_tensor *tensor = nn_new_tensor(L, value.tensor.dtype, &shape);
  nn_check(L, nn_tensor_copy(&error, tensor, &value.tensor), &error);
  return 1;
}

/* zeros(shape, dtype) */
static int zeros(lua_State *L) {
  lua_settop(L, 2);
  lua_pushinteger(L, 0);
  return push_filled(L, 3, 2);
}

/* empty(shape): float32, its numbers are not set. Large memory takes no pages until it is written to. */
static int empty(lua_State *L) {
  nn_shape shape = nn_check_shape(L, 1);
  nn_new_tensor(L, NN_FLOAT32, &shape);
  return 1;
}

/* ones(shape, dtype) */
static int ones(lua_State *L) {
  lua_settop(L, 2);
  lua_pushinteger(L, 1);
  return push_filled(L, 3, 2);
}

/* full(shape, value, dtype) */
static int full(lua_State *L) {
  lua_settop(L, 3);
  return push_filled(L, 2, 3);
}

/* arange(stop, [dtype]), arange(start, stop, [step], [dtype]) */
static int arange(lua_State *L) {
  nn_error error;
  int last = lua_gettop(L);
  nn_dtype dtype = NN_FLOAT32;
  double number[] = {0, 0, 1}; /* start, stop, step */
  if (lua_type(L, last) == LUA_TSTRING)
    dtype = nn_check_dtype(L, last--, dtype);
  for (int i = 1; i <= last; i++)
    if (i > 3 || lua_type(L, i) != LUA_TNUMBER || !isfinite(lua_tonumber(L, i)))
      nn_blame(L, "arange: expected numbers (stop, or start, stop, step), got %s", nn_describe(L, i));
    else
      number[last == 1 ? 1 : i - 1] = lua_tonumber(L, i);
  if (last < 1 || number[2] == 0)
    nn_blame(L, "arange: expected %s", last < 1 ? "a number" : "a step other than 0");
  double count = ceil((number[1] - number[0]) / number[2]);
  if (count > INT32_MAX)
    nn_blame(L, "arange: %.0f numbers are too many", count);
  nn_shape shape = {1, {count > 0 ? (int64_t)count : 0}};
  nn_tensor *tensor = nn_new_tensor(L, dtype, &shape);
  for (int64_t i = 0; i < shape.dim[0]; i++) {
    double value = number[0] + (double)i * number[2];
    nn_check(L, nn_block_store(&error, tensor, i, 1, &value, 1), &error);
  }
  return 1;
}

/* ---------------------------------------------------------------- back to Lua */

static void push_table(lua_State *L, const nn_tensor *tensor) {
  nn_error error;
  nn_tensor part;
  if (tensor->shape.ndim == 0) {
    nn_push_element(L, tensor, 0);
    return;
  }
  luaL_checkstack(L, 2, NULL);
  lua_createtable(L, tensor->shape.dim[0] < INT32_MAX ? (int)tensor->shape.dim[0] : 0, 0);
  for (int64_t i = 0; i < tensor->shape.dim[0]; i++) {
    nn_check(L, nn_tensor_index(&error, &part, tensor, 0, i), &error);
    push_table(L, &part);
    lua_rawseti(L, -2, i + 1);
  }
}

static int totable(lua_State *L) {
  push_table(L, nn_check_tensor(L, 1));
  return 1;
}

static int item(lua_State *L) {
  char text[NN_SHAPE_TEXT];
  const nn_tensor *tensor = nn_check_tensor(L, 1);
  if (nn_shape_count(&tensor->shape) != 1)
    nn_blame(L, "item: expected a tensor with one element, got shape %s", nn_shape_text(&tensor->shape, text));
  nn_push_element(L, tensor, 0);
  return 1;
}

/* ---------------------------------------------------------------- raw contents */

/* The elements in row-major order as they lie in memory (little-endian on every machine this runs on). */
static int bytes(lua_State *L) {
  const nn_tensor *tensor = nn_push_contiguous(L, 1);
  lua_pushlstring(L, tensor->data, (size_t)nn_shape_count(&tensor->shape) * nn_dtype_size(tensor->dtype));
  return 1;
}

/* from_bytes(string, dtype, shape) */
static int from_bytes(lua_State *L) {
  char text[NN_SHAPE_TEXT];
  if (lua_type(L, 1) != LUA_TSTRING)
    nn_blame(L, "from_bytes: expected a string, got %s", nn_describe(L, 1));
  size_t length;
  const char *contents = lua_tolstring(L, 1, &length);
  nn_dtype dtype = nn_check_dtype(L, 2, NN_FLOAT32);
  nn_shape shape = nn_check_shape(L, 3);
  size_t wants = (size_t)nn_shape_count(&shape) * nn_dtype_size(dtype);
  if (length != wants)
    nn_blame(L, "from_bytes: shape %s of %s takes %zu bytes, got %zu", nn_shape_text(&shape, text),
             nn_dtype_name(dtype), wants, length);
  memcpy(nn_new_tensor(L, dtype, &shape)->data, contents, length);
  return 1;
}

const luaL_Reg nn_tensor_table_functions[] = {
    {"new", new_tensor}, {"zeros", zeros},   {"empty", empty},           {"ones", ones},
    {"full", full},      {"arange", arange}, {"from_bytes", from_bytes}, {NULL, NULL}};
const luaL_Reg nn_tensor_table_methods[] = {{"totable", totable}, {"item", item}, {"bytes", bytes}, {NULL, NULL}};
