/* numbers.c - of engine.data: numbers of a file, of any of its types, as tensors. */
#include "data/numbers.h"

#include "binding/data/data.h"

static const nn_number_type *check_type(lua_State *L, int position) {
  const nn_number_type *type = nn_number_type_of(luaL_checkstring(L, position));
  luaL_argcheck(L, type != NULL, position, "expected the name of a type of numbers");
  return type;
}

/* number_size(type) -> bytes; nil where the type is not known */
static int number_size(lua_State *L) {
  const nn_number_type *type = nn_number_type_of(luaL_checkstring(L, 1));
  if (type != NULL)
    lua_pushinteger(L, type->size);
  else
    lua_pushnil(L);
  return 1;
}

/* numbers(string, first, type, shape[, is_big_endian]) -> tensor of the numbers from that byte on (from 1); nil and
 * what is wrong where the string is shorter, or a tensor cannot hold a number */
static int numbers(lua_State *L) {
  size_t length;
  const char *bytes = luaL_checklstring(L, 1, &length);
  lua_Integer first = luaL_checkinteger(L, 2);
  const nn_number_type *type = check_type(L, 3);
  nn_shape shape = nn_check_shape(L, 4);
  bool is_big_endian = lua_toboolean(L, 5);
  luaL_argcheck(L, first >= 1 && (size_t)first <= length + 1, 2, "expected a position within the string");
  size_t available = length - (size_t)(first - 1);
  if ((size_t)nn_shape_count(&shape) > available / (size_t)type->size) {
    char text[NN_SHAPE_TEXT];
    lua_pushnil(L);
    lua_pushfstring(L, "it is cut off: %s of %s do not fit into its %I bytes", nn_shape_text(&shape, text), type->name,
                    (LUAI_UACINT)available);
    return 2;
  }
  nn_error error;
  nn_tensor *out = nn_new_tensor(L, type->dtype, &shape);
  if (nn_numbers_decode(&error, out, bytes + first - 1, type, is_big_endian) == NN_OK)
    return 1;
  lua_pushnil(L);
  lua_pushstring(L, error.message);
  return 2;
}

const luaL_Reg nn_number_functions[] = {{"number_size", number_size}, {"numbers", numbers}, {NULL, NULL}};
