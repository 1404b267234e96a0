/* data.c - module engine.data: files, checksums, IDX, generated digits; with rows.c, images.c and numbers.c. What goes
 * wrong with a file is the caller's to judge, so the readers return nil and "path: what is wrong". */
#include <string.h>

#include "data/digits.h"
#include "data/file.h"
#include "data/idx.h"
#include "binding/data/data.h"

int nn_push_failure(lua_State *L, const char *path, const nn_error *error) {
  lua_pushnil(L);
  lua_pushfstring(L, "%s: %s", path, error->message);
  return 2;
}

static int close_and_push_failure(lua_State *L, nn_file *file, const char *path, const nn_error *error) {
  nn_file_close(file);
  return nn_push_failure(L, path, error);
}

/* ---- files ---- */

#define FILE_TYPE "nn.file"

static int collect_file(lua_State *L) {
  nn_file_close(luaL_checkudata(L, 1, FILE_TYPE));
  return 0;
}

/* A closed file on top of the stack, which closes itself when an error throws it away. */
static nn_file *new_file(lua_State *L) {
  nn_file *file = lua_newuserdatauv(L, sizeof *file, 0);
  *file = NN_FILE_CLOSED;
  luaL_setmetatable(L, FILE_TYPE);
  return file;
}

/* read_file(path) -> contents, unpacked if gzip'ed */
static int read_file(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  nn_error error;
  nn_file *file = new_file(L);
  if (nn_file_open(&error, file, path) != NN_OK)
    return close_and_push_failure(L, file, path, &error);
  luaL_Buffer contents;
  luaL_buffinit(L, &contents);
  int64_t count;
  do {
    size_t room = luaL_bufflen(&contents) + LUAL_BUFFERSIZE; /* twice as much each time */
    if (nn_file_read(&error, file, luaL_prepbuffsize(&contents, room), (int64_t)room, &count) != NN_OK)
      return close_and_push_failure(L, file, path, &error);
    luaL_addsize(&contents, (size_t)count);
  } while (count > 0);
  if (nn_file_check_end(&error, file) != NN_OK)
    return close_and_push_failure(L, file, path, &error);
  nn_file_close(file);
  luaL_pushresult(&contents);
  return 1;
}

/* read_idx(path[, ndim]) -> uint8 tensor, checksum of the file's contents */
static int read_idx(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  int ndim = (int)luaL_optinteger(L, 2, 0);
  nn_error error;
  nn_shape shape;
  nn_file *file = new_file(L);
  if (nn_file_open(&error, file, path) != NN_OK ||
      nn_idx_read_header(&error, &shape, file, ndim, nn_file_capacity(path)) != NN_OK)
    return close_and_push_failure(L, file, path, &error);
  nn_tensor *values = nn_new_tensor(L, NN_UINT8, &shape);
  if (nn_idx_read_values(&error, values->data, &shape, file) != NN_OK)
    return close_and_push_failure(L, file, path, &error);
  char checksum[NN_HASH_TEXT];
  nn_file_checksum(file, checksum);
  nn_file_close(file);
  lua_pushstring(L, checksum);
  return 2;
}

/* ---- checksums ---- */

static XXH128_hash_t hash_tensor(lua_State *L, int position) {
  const nn_tensor *tensor = nn_push_contiguous(L, position);
  const char *dtype = nn_dtype_name(tensor->dtype);
  char shape[NN_SHAPE_TEXT];
  nn_shape_text(&tensor->shape, shape);
  size_t size = (size_t)nn_shape_count(&tensor->shape) * nn_dtype_size(tensor->dtype);
  XXH128_hash_t parts[3] = {XXH3_128bits(dtype, strlen(dtype)), XXH3_128bits(shape, strlen(shape)),
                            XXH3_128bits(tensor->data, size)};
  lua_pop(L, 1);
  return XXH3_128bits(parts, sizeof parts);
}

static XXH128_hash_t hash_argument(lua_State *L, int position) {
  if (nn_test_tensor(L, position) != NULL)
    return hash_tensor(L, position);
  if (lua_type(L, position) != LUA_TSTRING)
    nn_blame(L, "hash: expected strings and tensors, got a %s", luaL_typename(L, position));
  size_t length;
  const char *text = lua_tolstring(L, position, &length);
  return XXH3_128bits(text, length);
}

/* hash(string_or_tensor...) -> 32 hexadecimal digits of XXH3-128. Of one string: those of `xxhsum -H128`. Of a tensor:
 * of its type, shape and values. Of several: of their hashes, in order. */
static int hash(lua_State *L) {
  int count = lua_gettop(L);
  XXH128_hash_t all = hash_argument(L, 1);
  for (int i = 2; i <= count; i++) {
    XXH128_hash_t pair[2] = {all, hash_argument(L, i)};
    all = XXH3_128bits(pair, sizeof pair);
  }
  char digits[NN_HASH_TEXT];
  nn_hash_text(all, digits);
  lua_pushstring(L, digits);
  return 1;
}

/* ---- generated digits ---- */

/* digits(n, seed) -> images (n, 28, 28), labels (n), both uint8 */
static int digits(lua_State *L) {
  lua_Integer n = luaL_checkinteger(L, 1), seed = luaL_checkinteger(L, 2);
  luaL_argcheck(L, n >= 0 && n <= INT32_MAX, 1, "expected a number of images");
  nn_tensor *images = nn_new_tensor(L, NN_UINT8, &(nn_shape){3, {n, 28, 28}});
  nn_tensor *labels = nn_new_tensor(L, NN_UINT8, &(nn_shape){1, {n}});
  nn_digits_draw(images->data, labels->data, n, (uint64_t)seed);
  return 2;
}

int nn_open_data(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"read_file", read_file}, {"read_idx", read_idx}, {"hash", hash}, {"digits", digits}, {NULL, NULL}};
  luaL_newmetatable(L, FILE_TYPE);
  lua_pushcfunction(L, collect_file);
  lua_setfield(L, -2, "__gc");
  luaL_newlib(L, functions);
  luaL_setfuncs(L, nn_row_functions, 0);
  luaL_setfuncs(L, nn_image_functions, 0);
  luaL_setfuncs(L, nn_number_functions, 0);
  return 1;
}
