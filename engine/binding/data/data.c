/* data.c - module engine.data: files, checksums, IDX, pictures, generated digits. What goes wrong with a file is the
 * caller's to judge, so the readers return nil and "path: what is wrong". */
#include <math.h>
#include <string.h>

#include "data/columns.h"
#include "data/digits.h"
#include "data/file.h"
#include "data/idx.h"
#include "data/image.h"
#include "data/resize.h"
#include "data/rows.h"
#include "tensor/warp.h"
#include "binding/binding.h"

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

/* ---- rows and columns ---- */

static int64_t check_rows(lua_State *L, const nn_tensor *tensor, int position) {
  luaL_argcheck(L, tensor->shape.ndim > 0 && nn_shape_count(&tensor->shape) > 0, position,
                "expected a tensor with rows");
  return tensor->shape.dim[0];
}

/* row_hashes(tensor...) -> a string with the hash of each row, of 8 bytes; of several tensors those of their rows side
 * by side */
static int row_hashes(lua_State *L) {
  int count = lua_gettop(L);
  int64_t rows = check_rows(L, nn_check_tensor(L, 1), 1);
  uint64_t *hashes = lua_newuserdatauv(L, (size_t)rows * sizeof *hashes, 0);
  for (int i = 1; i <= count; i++) {
    const nn_tensor *tensor = nn_push_contiguous(L, i);
    luaL_argcheck(L, check_rows(L, tensor, i) == rows, i, "expected as many rows as in the first");
    size_t row_bytes = (size_t)(nn_shape_count(&tensor->shape) / rows) * nn_dtype_size(tensor->dtype);
    nn_rows_hash(hashes, tensor->data, rows, row_bytes, i > 1);
    lua_pop(L, 1);
  }
  lua_pushlstring(L, (const char *)hashes, (size_t)rows * sizeof *hashes);
  return 1;
}

/* The hashes in a string of row_hashes, copied, for strings have no alignment. */
static uint64_t *push_hashes(lua_State *L, int position, int64_t *count) {
  size_t size;
  const char *text = luaL_checklstring(L, position, &size);
  *count = (int64_t)(size / sizeof(uint64_t));
  uint64_t *copy = lua_newuserdatauv(L, size, 0);
  memcpy(copy, text, size);
  return copy;
}

#define ROW_SET_TYPE "nn.row_set"

typedef struct row_set {
  int64_t slots;
  uint64_t table[];
} row_set;

/* row_set(hashes) -> what common_rows looks rows up in */
static int new_row_set(lua_State *L) {
  int64_t count, slots;
  const uint64_t *hashes = push_hashes(L, 1, &count);
  slots = nn_rows_slots(count);
  size_t size = (size_t)slots * sizeof(uint64_t);
  row_set *set = lua_newuserdatauv(L, sizeof *set + size, 0);
  set->slots = slots;
  memset(set->table, 0, size);
  nn_rows_add(set->table, slots, hashes, count);
  luaL_setmetatable(L, ROW_SET_TYPE);
  return 1;
}

/* common_rows(set, hashes[, but]) -> how many of the rows are in the set and not in the set `but`, and the positions of
 * the first few of them */
static int common_rows(lua_State *L) {
  enum { MOST = 8 };
  const row_set *set = luaL_checkudata(L, 1, ROW_SET_TYPE);
  const row_set *but = lua_isnoneornil(L, 3) ? NULL : luaL_checkudata(L, 3, ROW_SET_TYPE);
  int64_t rows, count = 0;
  const uint64_t *hashes = push_hashes(L, 2, &rows);
  lua_newtable(L);
  for (int64_t i = 0; i < rows; i++) {
    if (!nn_rows_has(set->table, set->slots, hashes[i]) ||
        (but != NULL && nn_rows_has(but->table, but->slots, hashes[i])))
      continue;
    if (++count > MOST)
      continue;
    lua_pushinteger(L, i + 1);
    lua_rawseti(L, -2, count);
  }
  lua_pushinteger(L, count);
  lua_insert(L, -2);
  return 2;
}

/* distinct_rows(hashes) -> how many different rows there are, and how many that are equal to no other */
static int distinct_rows(lua_State *L) {
  int64_t count, distinct, single;
  uint64_t *hashes = push_hashes(L, 1, &count);
  nn_rows_count(hashes, count, &distinct, &single);
  lua_pushinteger(L, distinct);
  lua_pushinteger(L, single);
  return 2;
}

static void push_floats(lua_State *L, const char *name, int64_t count, float **out) {
  *out = nn_new_tensor(L, NN_FLOAT32, &(nn_shape){1, {count}})->data;
  lua_setfield(L, -2, name);
}

/* columns(tensor) -> { low, high, mean, deviation: tensors with a number a column, of what is finite in it; broken: how
 * many rows have a number that is not finite; first: which is the first of them }. A column without a finite number has
 * low = inf. Columns are all axes but the first. */
static int columns(lua_State *L) {
  const nn_tensor *tensor = nn_push_contiguous(L, 1);
  int64_t rows = check_rows(L, tensor, 1), width = nn_shape_count(&tensor->shape) / rows;
  nn_column *found = lua_newuserdatauv(L, (size_t)width * sizeof *found, 0);
  uint8_t *is_broken = memset(lua_newuserdatauv(L, (size_t)rows, 0), 0, (size_t)rows);
  nn_columns_read(found, is_broken, tensor, rows, width);
  lua_newtable(L);
  float *low, *high, *mean, *deviation;
  push_floats(L, "low", width, &low);
  push_floats(L, "high", width, &high);
  push_floats(L, "mean", width, &mean);
  push_floats(L, "deviation", width, &deviation);
  for (int64_t j = 0; j < width; j++) {
    const nn_column *c = &found[j];
    double n = c->count > 0 ? (double)c->count : 1, offset = c->sum / n;
    low[j] = (float)c->low;
    high[j] = (float)c->high;
    mean[j] = (float)(c->shift + offset);
    deviation[j] = (float)sqrt(fmax(0, c->squares / n - offset * offset));
  }
  int64_t broken = 0, first = 0;
  for (int64_t i = rows - 1; i >= 0; i--) {
    broken += is_broken[i];
    first = is_broken[i] ? i + 1 : first;
  }
  lua_pushinteger(L, broken);
  lua_setfield(L, -2, "broken");
  lua_pushinteger(L, first);
  lua_setfield(L, -2, "first");
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
  if (nn_image_decode(&error, pixels, &info, bytes, size) != NN_OK)
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

/* warp(pictures float32 (n, height, width, channels), maps float32 (n, 8), fill mode, fill value, nearest pixels) ->
 * pictures, each seen through its map (tensor/warp.h) */
static int warp(lua_State *L) {
  enum { MAP = 8 };
  const nn_tensor *in = nn_check_floats(L, 1), *maps = nn_check_floats(L, 2);
  nn_fill_mode mode = (nn_fill_mode)luaL_checkoption(L, 3, NULL, nn_fill_mode_names);
  const int64_t *dim = in->shape.dim, picture = dim[1] * dim[2] * dim[3];
  luaL_argcheck(L, in->shape.ndim == 4, 1, "expected pictures");
  luaL_argcheck(L, nn_shape_count(&maps->shape) == dim[0] * MAP, 2, "expected a map for each picture");
  nn_tensor *out = nn_new_tensor(L, NN_FLOAT32, &in->shape);
  for (int64_t i = 0; i < dim[0]; i++) {
    nn_warp seen = {.is_nearest = lua_toboolean(L, 5),
                    .fill_mode = mode,
                    .fill_value = (float)luaL_checknumber(L, 4),
                    .height = dim[1],
                    .width = dim[2],
                    .out_height = dim[1],
                    .out_width = dim[2],
                    .channels = dim[3]};
    memcpy(seen.m, (const float *)maps->data + i * MAP, sizeof seen.m);
    nn_warp_picture((float *)out->data + i * picture, (const float *)in->data + i * picture, &seen);
  }
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
                                       {"warp", warp},
                                       {"save_image", save_image},
                                       {"digits", digits},
                                       {"row_hashes", row_hashes},
                                       {"row_set", new_row_set},
                                       {"common_rows", common_rows},
                                       {"distinct_rows", distinct_rows},
                                       {"columns", columns},
                                       {NULL, NULL}};
  luaL_newmetatable(L, FILE_TYPE);
  lua_pushcfunction(L, collect_file);
  lua_setfield(L, -2, "__gc");
  luaL_newmetatable(L, ROW_SET_TYPE);
  luaL_newlib(L, functions);
  return 1;
}
