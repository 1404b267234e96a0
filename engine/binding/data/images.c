/* images.c - of engine.data: one picture, or a tensor of them: decoded, resized, warped, saved. */
#include <string.h>

#include "data/image.h"
#include "data/resize.h"
#include "tensor/warp.h"
#include "binding/data/data.h"

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
    return nn_push_failure(L, path, &error);
  lua_pushboolean(L, true);
  return 1;
}

const luaL_Reg nn_image_functions[] = {
    {"decode_image", decode_image}, {"resize", resize}, {"warp", warp}, {"save_image", save_image}, {NULL, NULL}};
