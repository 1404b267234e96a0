/* pictures.c - module engine.pictures: streams of batches that are decoded from files. */
#include <stdlib.h>

#include "binding/binding.h"
#include "data/picture_stream.h"

#define STREAM_TYPE "nn.picture_stream"
#define CACHE_TYPE  "nn.picture_cache"

/* ---- caches ---- */

static int collect_cache(lua_State *L) {
  nn_picture_cache *cache = luaL_checkudata(L, 1, CACHE_TYPE);
  free(cache->pixels);
  free(cache->is_kept);
  *cache = (nn_picture_cache){0};
  return 0;
}

/* cache(count, size of a picture) -> room for so many pictures; nil if there is no memory. Memory is used when a
 * picture comes. */
static int new_cache(lua_State *L) {
  lua_Integer count = luaL_checkinteger(L, 1), size = luaL_checkinteger(L, 2);
  luaL_argcheck(L, count >= 1, 1, "expected at least one picture");
  luaL_argcheck(L, size >= 1, 2, "expected a size in bytes");
  nn_picture_cache *cache = lua_newuserdatauv(L, sizeof *cache, 0);
  *cache = (nn_picture_cache){0};
  luaL_setmetatable(L, CACHE_TYPE);
  cache->pixels = calloc((size_t)count, (size_t)size);
  cache->is_kept = calloc((size_t)count, sizeof *cache->is_kept);
  if (!cache->pixels || !cache->is_kept)
    lua_pushnil(L);
  return 1;
}

/* ---- streams ---- */

/* The userdata keeps order, cache and paths alive; the paths are strings of Lua's. */
typedef struct stream {
  nn_picture_stream *pictures; /* NULL once it is closed */
  nn_picture_form form;
  const char *paths[];
} stream;

enum { ORDER = 1, CACHE, PATHS, KEPT = PATHS };

static nn_picture_form check_form(lua_State *L, int first) {
  nn_picture_form form = {luaL_checkinteger(L, first), luaL_checkinteger(L, first + 1), luaL_checkinteger(L, first + 2),
                          (nn_interpolation)luaL_checkoption(L, first + 3, NULL, nn_interpolation_names),
                          (nn_fit)luaL_checkoption(L, first + 4, NULL, nn_fit_names)};
  luaL_argcheck(L, form.height >= 1 && form.width >= 1, first, "expected a size in pixels");
  luaL_argcheck(L, form.channels == 1 || form.channels == 3 || form.channels == 4, first + 2, "expected 1, 3 or 4");
  return form;
}

static const int32_t *check_order(lua_State *L, int position, int64_t *count, int64_t path_count) {
  const nn_tensor *order = nn_check_tensor(L, position);
  luaL_argcheck(L, order->dtype == NN_INT32 && nn_tensor_is_contiguous(order), position, "expected int32, contiguous");
  *count = nn_shape_count(&order->shape);
  const int32_t *places = order->data;
  for (int64_t i = 0; i < *count; i++)
    luaL_argcheck(L, places[i] >= 0 && places[i] < path_count, position, "a position is out of range");
  return places;
}

/* open(paths, height, width, channels, interpolation, fit, order (int32, from 0), batch_size, first batch (from 0),
 * threads, cache or nil) -> stream */
static int open_stream(lua_State *L) {
  enum { FORM = 2, ORDER_AT = 7, BATCH, FIRST, THREADS, CACHE_AT };
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, CACHE_AT);
  const int64_t path_count = (int64_t)lua_rawlen(L, 1);
  nn_picture_plan plan = {.form = check_form(L, FORM),
                          .batch_size = luaL_checkinteger(L, BATCH),
                          .first = luaL_checkinteger(L, FIRST),
                          .threads = (int)luaL_checkinteger(L, THREADS),
                          .cache = lua_isnil(L, CACHE_AT) ? NULL : luaL_checkudata(L, CACHE_AT, CACHE_TYPE)};
  plan.order = check_order(L, ORDER_AT, &plan.count, path_count);
  luaL_argcheck(L, plan.batch_size >= 1, BATCH, "expected at least one picture a batch");
  luaL_argcheck(L, plan.first >= 0, FIRST, "expected a batch from 0 on");
  stream *self = lua_newuserdatauv(L, sizeof *self + (size_t)path_count * sizeof *self->paths, KEPT);
  self->pictures = NULL;
  self->form = plan.form;
  luaL_setmetatable(L, STREAM_TYPE);
  for (int64_t i = 0; i < path_count; i++) {
    lua_rawgeti(L, 1, i + 1);
    self->paths[i] = luaL_checkstring(L, -1);
    lua_pop(L, 1);
  }
  lua_pushvalue(L, ORDER_AT);
  lua_setiuservalue(L, -2, ORDER);
  lua_pushvalue(L, CACHE_AT);
  lua_setiuservalue(L, -2, CACHE);
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, -2, PATHS);
  plan.paths = self->paths;
  self->pictures = nn_picture_stream_new(&plan);
  if (!self->pictures)
    return nn_blame(L, "not enough memory for batches of %d pictures", (int)plan.batch_size);
  return 1;
}

static int close_stream(lua_State *L) {
  stream *self = luaL_checkudata(L, 1, STREAM_TYPE);
  if (self->pictures)
    nn_picture_stream_free(self->pictures);
  self->pictures = NULL;
  return 0;
}

/* Bytes (rows, height, width, channels) in single precision; with is_first as (rows, channels, height, width). */
static void write_floats(float *out, const uint8_t *in, int64_t rows, const nn_picture_form *form, bool is_first) {
  const int64_t pixels = form->height * form->width, channels = form->channels;
  if (!is_first) {
    for (int64_t i = 0; i < rows * pixels * channels; i++)
      out[i] = in[i];
    return;
  }
  for (int64_t row = 0; row < rows; row++)
    for (int64_t channel = 0; channel < channels; channel++)
      for (int64_t i = 0; i < pixels; i++)
        *out++ = in[(row * pixels + i) * channels + channel];
}

static int push_batch(lua_State *L, const stream *self, const nn_picture_batch *batch, bool is_first) {
  const nn_picture_form *f = &self->form;
  nn_shape last = {4, {batch->rows, f->height, f->width, f->channels}};
  nn_shape first = {4, {batch->rows, f->channels, f->height, f->width}};
  nn_tensor *out = nn_new_tensor(L, NN_FLOAT32, is_first ? &first : &last);
  write_floats(out->data, batch->pixels, batch->rows, f, is_first);
  return 1;
}

/* stream:next(channels first) -> float32 tensor of the next batch; or nil after the last; or false, which place in the
 * order is broken (from 1), and why; or "stopped" if somebody wants the program to stop */
static int next_batch(lua_State *L) {
  stream *self = luaL_checkudata(L, 1, STREAM_TYPE);
  bool is_first = lua_toboolean(L, 2);
  nn_picture_batch batch;
  luaL_argcheck(L, self->pictures, 1, "the stream is closed");
  switch (nn_picture_stream_next(self->pictures, &batch, &nn_stop_requests)) {
  case NN_PICTURES_READ: return push_batch(L, self, &batch, is_first);
  case NN_PICTURES_BROKEN:
    lua_pushboolean(L, false);
    lua_pushinteger(L, batch.broken + 1);
    lua_pushstring(L, batch.error.message);
    return 3;
  case NN_PICTURES_STOPPED: lua_pushliteral(L, "stopped"); return 1;
  case NN_PICTURES_OVER: break;
  }
  lua_pushnil(L);
  return 1;
}

int nn_open_pictures(lua_State *L) {
  static const luaL_Reg functions[] = {{"open", open_stream}, {"cache", new_cache}, {NULL, NULL}};
  static const luaL_Reg methods[] = {{"next", next_batch}, {"close", close_stream}, {NULL, NULL}};
  luaL_newmetatable(L, CACHE_TYPE);
  lua_pushcfunction(L, collect_cache);
  lua_setfield(L, -2, "__gc");
  luaL_newmetatable(L, STREAM_TYPE);
  lua_pushcfunction(L, close_stream);
  lua_setfield(L, -2, "__gc");
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  luaL_newlib(L, functions);
  return 1;
}
