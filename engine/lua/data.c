/* data.c - module engine.data: files, checksums, IDX, pictures, generated digits. What goes wrong with a file is the
 * caller's to judge, so the readers return nil and "path: what is wrong". */
#include <string.h>

#include "../data/digits.h"
#include "../data/file.h"
#include "../data/idx.h"
#include "../data/image.h"
#include "../data/resize.h"
#include "../data/rows.h"
#include "binding.h"

static int push_failure(lua_State *L, const char *path, const nn_error *error) {
  lua_pushnil(L);
  lua_pushfstring(L, "%s: %s", path, error->message);
  return 2;
}

static int close_and_push_failure(lua_State *L, nn_file *file, const char *path, const nn_error *error) {
  nn_file_close(file);
  return push_failure(L, path, error);
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

/* shared_rows(a, b) -> how many rows of b are in a too; tensors of one type, with rows of one length */
static int shared_rows(lua_State *L) {
  const nn_tensor *a = nn_push_contiguous(L, 1), *b = nn_push_contiguous(L, 2);
  luaL_argcheck(L, a->shape.ndim > 0 && a->shape.dim[0] > 0, 1, "expected a tensor with rows");
  luaL_argcheck(L, b->shape.ndim > 0 && b->shape.dim[0] > 0, 2, "expected a tensor with rows");
  int64_t a_rows = a->shape.dim[0], b_rows = b->shape.dim[0];
  int64_t length = nn_shape_count(&a->shape) / a_rows;
  luaL_argcheck(L, a->dtype == b->dtype && length == nn_shape_count(&b->shape) / b_rows, 2,
                "expected rows as in the first");
  size_t size = (size_t)nn_rows_slots(a_rows) * sizeof(uint64_t);
  uint64_t *table = memset(lua_newuserdatauv(L, size, 0), 0, size);
  lua_pushinteger(L, nn_rows_shared(table, a->data, a_rows, b->data, b_rows, (size_t)length * nn_dtype_size(a->dtype)));
  return 1;
}

/* ---- pictures ---- */

static int push_message(lua_State *L, const nn_error *error) {
  lua_pushnil(L);
  lua_pushstring(L, error->message);
  return 2;
}

/* decode_image(bytes, channels, dtype) -> tensor (height, width, channels), or nil and what is wrong; the bits of a
 * channel in the file. Of 16 bits, uint8 gets the upper 8. */
static int decode_image(lua_State *L) {
  size_t size;
  const uint8_t *bytes = (const uint8_t *)luaL_checklstring(L, 1, &size);
  int channels = (int)luaL_checkinteger(L, 2);
  static const char *const names[] = {"uint8", "int32", NULL};
  static const nn_dtype dtypes[] = {NN_UINT8, NN_INT32};
  nn_dtype dtype = dtypes[luaL_checkoption(L, 3, NULL, names)];
  luaL_argcheck(L, channels == 1 || channels == 3 || channels == 4, 2, "expected 1, 3 or 4 channels");
  nn_error error;
  nn_image_info info;
  if (nn_image_inspect(&error, &info, bytes, size) != NN_OK)
    return push_message(L, &error);
  nn_tensor *pixels = nn_new_tensor(L, dtype, &(nn_shape){3, {info.height, info.width, channels}});
  if (nn_image_decode(&error, pixels, bytes, size) != NN_OK)
    return push_message(L, &error);
  lua_pushinteger(L, info.bits);
  return 2;
}

/* resize(tensor (count, height, width, channels) of uint8 or float32, height, width, interpolation, antialias) ->
 * tensor of the same type */
static int resize(lua_State *L) {
  const nn_tensor *in = nn_push_contiguous(L, 1);
  nn_shape shape = {4, {in->shape.dim[0], luaL_checkinteger(L, 2), luaL_checkinteger(L, 3), in->shape.dim[3]}};
  int interpolation = luaL_checkoption(L, 4, NULL, nn_interpolation_names);
  luaL_argcheck(L, in->shape.ndim == 4 && in->dtype != NN_INT32 && nn_shape_count(&in->shape) > 0, 1,
                "expected pictures of uint8 or float32");
  luaL_argcheck(L, shape.dim[1] > 0 && shape.dim[2] > 0, 2, "expected a size in pixels");
  nn_error error;
  nn_tensor *out = nn_new_tensor(L, in->dtype, &shape);
  if (nn_resize(&error, out, in, (nn_interpolation)interpolation, lua_toboolean(L, 5)) != NN_OK)
    return push_message(L, &error);
  return 1;
}

/* save_image(path, tensor (height, width, channels) of uint8) -> true */
static int save_image(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  const nn_tensor *pixels = nn_push_contiguous(L, 2);
  const int64_t *dim = pixels->shape.dim;
  luaL_argcheck(L, pixels->dtype == NN_UINT8, 2, "expected uint8");
  luaL_argcheck(L, pixels->shape.ndim == 3 && (dim[2] == 1 || dim[2] == 3 || dim[2] == 4), 2,
                "expected a shape (height, width, channels)");
  nn_error error;
  if (nn_image_write(&error, path, pixels->data, dim[0], dim[1], (int)dim[2]) != NN_OK)
    return push_failure(L, path, &error);
  lua_pushboolean(L, true);
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
  static const luaL_Reg functions[] = {{"read_file", read_file},
                                       {"read_idx", read_idx},
                                       {"hash", hash},
                                       {"decode_image", decode_image},
                                       {"resize", resize},
                                       {"save_image", save_image},
                                       {"digits", digits},
                                       {"shared_rows", shared_rows},
                                       {NULL, NULL}};
  luaL_newmetatable(L, FILE_TYPE);
  lua_pushcfunction(L, collect_file);
  lua_setfield(L, -2, "__gc");
  luaL_newlib(L, functions);
  return 1;
}
