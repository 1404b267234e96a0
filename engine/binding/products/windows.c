/* windows.c - engine.windows: convolutions and pooling on their own, of any level of vector code and any number of
 * threads, so that the tests can hold them against naive twins. */
#include <string.h>

#include "binding/binding.h"
#include "products/convolution.h"
#include "products/pooling.h"

static void read_cells(lua_State *L, int position, const char *name, int64_t *cells) {
  lua_getfield(L, position, name);
  for (int i = 0; i < NN_WINDOW_AXES; i++) {
    lua_rawgeti(L, -1, i + 1);
    cells[i] = luaL_optinteger(L, -1, 1);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

static int64_t read_count(lua_State *L, int position, const char *name) {
  lua_getfield(L, position, name);
  const int64_t count = luaL_optinteger(L, -1, 1);
  lua_pop(L, 1);
  return count;
}

/* A window from a table of its fields: image, kernel, stride and dilation are lists of three numbers; padding "valid",
 * "same" or "causal". `transposed`: output is given, and image follows. */
static nn_window check_window(lua_State *L, int position) {
  static const char *const paddings[] = {"valid", "same", "causal", NULL};
  nn_window w;
  luaL_checktype(L, position, LUA_TTABLE);
  lua_getfield(L, position, "transposed");
  const bool transposed = lua_toboolean(L, -1);
  lua_getfield(L, position, "padding");
  const nn_padding padding = (nn_padding)luaL_checkoption(L, -1, "valid", paddings);
  lua_pop(L, 2);
  read_cells(L, position, "kernel", w.kernel);
  read_cells(L, position, "stride", w.stride);
  read_cells(L, position, "dilation", w.dilation);
  w.channels = read_count(L, position, "channels");
  w.filters = read_count(L, position, "filters");
  w.groups = read_count(L, position, "groups");
  if (transposed) {
    read_cells(L, position, "output", w.output);
    nn_window_pad_transposed(&w, padding, NULL);
  } else {
    read_cells(L, position, "image", w.image);
    nn_window_pad(&w, padding);
  }
  return w;
}

static void set_cells(lua_State *L, const char *name, const int64_t *cells) {
  lua_newtable(L);
  for (int i = 0; i < NN_WINDOW_AXES; i++) {
    lua_pushinteger(L, cells[i]);
    lua_rawseti(L, -2, i + 1);
  }
  lua_setfield(L, -2, name);
}

/* (window) -> { image = {...}, output = {...}, before = {...} } */
static int sizes(lua_State *L) {
  const nn_window w = check_window(L, 1);
  lua_newtable(L);
  set_cells(L, "image", w.image);
  set_cells(L, "output", w.output);
  set_cells(L, "before", w.before);
  return 1;
}

/* Contiguous floats, as many as expected. */
static float *check_size(lua_State *L, int position, int64_t size) {
  const nn_tensor *t = nn_check_floats(L, position);
  luaL_argcheck(L, nn_shape_count(&t->shape) == size, position, "does not fit the window");
  return t->data;
}

/* The convolution of the level, window, images and threads at positions 1 to 4, with a workspace that Lua collects. It
 * ends where it has to: a number behind it must stay what it is. */
static nn_convolution begin(lua_State *L, const nn_window *window) {
  nn_convolution c = {.window = window, .kernels = nn_check_level(L, 1), .images = luaL_checkinteger(L, 3)};
  c.workspace = lua_newuserdatauv(L, sizeof(float) * ((size_t)nn_convolution_workspace(window, c.images) + 1), 0);
  c.workspace[nn_convolution_workspace(window, c.images)] = 12345;
  c.team = nn_team_new((int)luaL_optinteger(L, 4, 1));
  return c;
}

static void end(lua_State *L, const nn_convolution *c) {
  nn_team_free(c->team);
  if (c->workspace[nn_convolution_workspace(c->window, c->images)] != 12345)
    luaL_error(L, "the workspace is too small");
}

static const float *optional(lua_State *L, int position, int64_t size) {
  return lua_isnoneornil(L, position) ? NULL : check_size(L, position, size);
}

static float *new_images(lua_State *L, int64_t images, const int64_t *cells, int64_t channels) {
  return nn_new_tensor(L, NN_FLOAT32, &(nn_shape){5, {images, cells[0], cells[1], cells[2], channels}})->data;
}

/* (level, window, images, threads, x, kernel, bias, relu) -> y */
static int convolve(lua_State *L) {
  const nn_window w = check_window(L, 2);
  const float *x = check_size(L, 5, luaL_checkinteger(L, 3) * nn_window_image_size(&w));
  const float *kernel = check_size(L, 6, nn_window_kernel_size(&w)), *bias = optional(L, 7, w.filters);
  const bool relu = lua_toboolean(L, 8);
  const nn_convolution c = begin(L, &w);
  float *y = new_images(L, c.images, w.output, w.filters);
  nn_convolve(&c, y, x, kernel, bias, relu);
  end(L, &c);
  return 1;
}

/* (level, window, images, threads, y, kernel, bias, relu) -> x */
static int convolve_transposed(lua_State *L) {
  const nn_window w = check_window(L, 2);
  const float *y = check_size(L, 5, luaL_checkinteger(L, 3) * nn_window_output_size(&w));
  const float *kernel = check_size(L, 6, nn_window_kernel_size(&w)), *bias = optional(L, 7, w.channels);
  const bool relu = lua_toboolean(L, 8);
  const nn_convolution c = begin(L, &w);
  float *x = new_images(L, c.images, w.image, w.channels);
  nn_convolve_transposed(&c, x, y, kernel, bias, relu);
  end(L, &c);
  return 1;
}

/* (level, window, images, threads, x, dy) -> dkernel, dbias */
static int kernel_gradient(lua_State *L) {
  const nn_window w = check_window(L, 2);
  const float *x = check_size(L, 5, luaL_checkinteger(L, 3) * nn_window_image_size(&w));
  const float *dy = check_size(L, 6, luaL_checkinteger(L, 3) * nn_window_output_size(&w));
  const nn_convolution c = begin(L, &w);
  nn_tensor *dkernel = nn_new_tensor(L, NN_FLOAT32, &(nn_shape){1, {nn_window_kernel_size(&w)}});
  nn_tensor *dbias = nn_new_tensor(L, NN_FLOAT32, &(nn_shape){1, {w.filters}});
  nn_convolve_kernel_gradient(&c, dkernel->data, x, dy);
  nn_convolve_bias_gradient(c.kernels, dbias->data, dy, c.images, nn_window_cells(w.output), w.filters);
  end(L, &c);
  return 2;
}

/* (level, window, images, threads, x) -> y, places of the largest numbers as raw floats */
static int max_pool(lua_State *L) {
  const nn_window w = check_window(L, 2);
  nn_pooling p = {&w, nn_check_level(L, 1), NULL, luaL_checkinteger(L, 3)};
  const float *x = check_size(L, 5, p.images * nn_window_image_size(&w));
  float *y = new_images(L, p.images, w.output, w.channels);
  nn_tensor *places = nn_new_tensor(L, NN_FLOAT32, &(nn_shape){2, {p.images, nn_max_pool_places_size(&w)}});
  p.team = nn_team_new((int)luaL_optinteger(L, 4, 1));
  nn_max_pool(&p, y, places->data, x);
  nn_team_free(p.team);
  return 2;
}

/* (level, window, images, threads, places, dy) -> dx */
static int max_pool_gradient(lua_State *L) {
  const nn_window w = check_window(L, 2);
  nn_pooling p = {&w, nn_check_level(L, 1), NULL, luaL_checkinteger(L, 3)};
  const float *places = check_size(L, 5, p.images * nn_max_pool_places_size(&w));
  const float *dy = check_size(L, 6, p.images * nn_window_cells(w.output) * w.channels);
  float *dx = new_images(L, p.images, w.image, w.channels);
  p.team = nn_team_new((int)luaL_optinteger(L, 4, 1));
  nn_max_pool_gradient(&p, dx, places, dy);
  nn_team_free(p.team);
  return 1;
}

/* (level, window, images, threads, x, dy) -> y, dx */
static int average_pool(lua_State *L) {
  const nn_window w = check_window(L, 2);
  nn_pooling p = {&w, nn_check_level(L, 1), NULL, luaL_checkinteger(L, 3)};
  const float *x = check_size(L, 5, p.images * nn_window_image_size(&w));
  const float *dy = check_size(L, 6, p.images * nn_window_cells(w.output) * w.channels);
  float *y = new_images(L, p.images, w.output, w.channels), *dx = new_images(L, p.images, w.image, w.channels);
  p.team = nn_team_new((int)luaL_optinteger(L, 4, 1));
  nn_average_pool(&p, y, x);
  nn_average_pool_gradient(&p, dx, dy);
  nn_team_free(p.team);
  return 2;
}

int nn_open_windows(lua_State *L) {
  static const luaL_Reg functions[] = {{"sizes", sizes},
                                       {"convolve", convolve},
                                       {"convolve_transposed", convolve_transposed},
                                       {"kernel_gradient", kernel_gradient},
                                       {"max_pool", max_pool},
                                       {"max_pool_gradient", max_pool_gradient},
                                       {"average_pool", average_pool},
                                       {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
