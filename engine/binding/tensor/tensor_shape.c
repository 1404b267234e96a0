/* tensor_shape.c - the same numbers in another form: reshape, transpose, copy, astype, gather, concatenate, stack. */
#include "tensors.h"

/* ---------------------------------------------------------------- one tensor */

/* The one length given as -1 becomes what is left for it. */
static nn_shape complete_shape(lua_State *L, const nn_tensor *tensor, int position) {
  char text[NN_SHAPE_TEXT];
  nn_shape shape, known = {0};
  int open = -1;
  shape.ndim = nn_check_integers(L, position, "reshape", shape.dim);
  for (int axis = 0; axis < shape.ndim; axis++)
    if (shape.dim[axis] >= 0)
      known.dim[known.ndim++] = shape.dim[axis];
    else if (shape.dim[axis] == -1 && open < 0)
      open = axis;
    else
      nn_blame(L, "reshape: a length is 0 or more, and -1 at most once");
  nn_check_size(L, &known);
  int64_t count = nn_shape_count(&tensor->shape), rest = nn_shape_count(&known);
  if (open >= 0 && (rest == 0 || count % rest != 0))
    nn_blame(L, "cannot reshape %s (%lld elements): no length for the -1 fits the other lengths (%lld elements)",
             nn_shape_text(&tensor->shape, text), (long long)count, (long long)rest);
  if (open >= 0)
    shape.dim[open] = count / rest;
  return shape;
}

static int push_reshaped(lua_State *L, const nn_tensor *tensor, const nn_shape *shape) {
  nn_error error;
  nn_tensor view;
  lua_pushvalue(L, 1);
  if (!nn_tensor_is_contiguous(tensor))
    tensor = nn_push_copy(L, tensor, tensor->dtype);
  nn_check(L, nn_tensor_view(&error, &view, tensor, shape), &error);
  nn_new_view(L, -1, &view);
  return 1;
}

/* t:reshape{ -1, 784 } or t:reshape(-1, 784): a view, or a copy where the elements do not lie in order. */
static int reshape(lua_State *L) {
  const nn_tensor *tensor = nn_check_tensor(L, 1);
  nn_shape shape = complete_shape(L, tensor, 2);
  return push_reshaped(L, tensor, &shape);
}

static int flatten(lua_State *L) {
  const nn_tensor *tensor = nn_check_tensor(L, 1);
  nn_shape shape = {1, {nn_shape_count(&tensor->shape)}};
  return push_reshaped(L, tensor, &shape);
}

/* t:transpose() reverses the axes; t:transpose{ 2, 1, 3 } puts them in that order. A view. */
static int transpose(lua_State *L) {
  char text[NN_SHAPE_TEXT];
  nn_error error;
  nn_tensor view;
  const nn_tensor *tensor = nn_check_tensor(L, 1);
  int64_t list[NN_MAX_NDIM];
  int axes[NN_MAX_NDIM], ndim = tensor->shape.ndim;
  int count = nn_check_integers(L, 2, "transpose", list);
  if (count != 0 && count != ndim)
    nn_blame(L, "transpose: %d axes given for a tensor of shape %s", count, nn_shape_text(&tensor->shape, text));
  for (int i = 0; i < ndim; i++) {
    lua_pushinteger(L, count ? list[i] : ndim - i);
    axes[i] = nn_check_axis(L, -1, &tensor->shape);
    lua_pop(L, 1);
  }
  nn_check(L, nn_tensor_permute(&error, &view, tensor, axes), &error);
  nn_new_view(L, 1, &view);
  return 1;
}

static int copy(lua_State *L) {
  const nn_tensor *tensor = nn_check_tensor(L, 1);
  nn_push_copy(L, tensor, tensor->dtype);
  return 1;
}

/* t:contiguous(): itself where its elements lie in order in memory, else a copy. */
static int contiguous(lua_State *L) {
  nn_push_contiguous(L, 1);
  return 1;
}

/* t:astype(dtype): always a copy; to whole numbers by truncation towards zero. */
static int astype(lua_State *L) {
  const nn_tensor *tensor = nn_check_tensor(L, 1);
  luaL_checkany(L, 2);
  nn_push_copy(L, tensor, nn_check_dtype(L, 2, NN_FLOAT32));
  return 1;
}

/* ---------------------------------------------------------------- gather */

/* The whole numbers at stack position list, in a list or a tensor. */
static nn_tensor *push_positions(lua_State *L, int list) {
  if (lua_istable(L, list))
    return nn_push_from_table(L, list, NN_INT32);
  const nn_tensor *tensor = nn_check_tensor(L, list);
  if (tensor->dtype == NN_FLOAT32)
    nn_blame(L, "gather: positions are whole numbers; convert them with :astype(\"int32\")");
  return nn_push_copy(L, tensor, NN_INT32);
}

/* t:gather(positions): the sub-tensors at those positions along the first axis, counted from 1, or from the end. */
static int gather(lua_State *L) {
  nn_error error;
  const nn_tensor *tensor = nn_check_tensor(L, 1);
  nn_tensor *positions = push_positions(L, 2);
  if (tensor->shape.ndim == 0 || positions->shape.ndim != 1)
    nn_blame(L, "gather: expected a tensor with axes and one list of positions");
  int32_t *position = positions->data;
  for (int64_t i = 0; i < positions->shape.dim[0]; i++)
    position[i] = (int32_t)nn_resolve_index(L, tensor, 0, position[i]);
  nn_shape shape = tensor->shape;
  shape.dim[0] = positions->shape.dim[0];
  nn_tensor *out = nn_new_tensor(L, tensor->dtype, &shape);
  nn_check(L, nn_tensor_gather(&error, out, tensor, positions), &error);
  return 1;
}

/* ---------------------------------------------------------------- joining */

/* The i-th tensor of the list at stack position 1, which keeps it alive. */
static const nn_tensor *listed(lua_State *L, lua_Integer i) {
  lua_rawgeti(L, 1, i);
  const nn_tensor *tensor = nn_test_tensor(L, -1);
  if (tensor == NULL)
    nn_blame(L, "expected a list of tensors, got %s at position %lld", nn_describe(L, -1), (long long)i);
  lua_pop(L, 1);
  return tensor;
}

/* Checks that the listed tensors differ in the length of that axis alone (-1: in nothing). Returns the first one's
 * shape with the sum of those lengths, and the type that holds all. */
static nn_shape joined_shape(lua_State *L, lua_Integer count, int axis, nn_dtype *dtype) {
  char has[NN_SHAPE_TEXT], wants[NN_SHAPE_TEXT];
  nn_shape shape = listed(L, 1)->shape;
  *dtype = listed(L, 1)->dtype;
  for (lua_Integer i = 2; i <= count; i++) {
    const nn_tensor *tensor = listed(L, i);
    nn_shape same = tensor->shape;
    if (axis >= 0)
      same.dim[axis] = shape.dim[axis];
    if (!nn_shape_equal(&same, &shape))
      nn_blame(L, "tensor %lld of the list has shape %s, which does not fit %s of those before it%s", (long long)i,
               nn_shape_text(&tensor->shape, has), nn_shape_text(&shape, wants),
               axis < 0 ? "" : ": only the joined axis may differ");
    if (axis >= 0)
      shape.dim[axis] += tensor->shape.dim[axis];
    if (tensor->dtype != *dtype)
      *dtype = nn_binary_dtype(NN_ADD, *dtype, tensor->dtype);
  }
  return shape;
}

static lua_Integer check_list(lua_State *L) {
  if (!lua_istable(L, 1) || lua_rawlen(L, 1) == 0)
    nn_blame(L, "expected a list of tensors, got %s", lua_istable(L, 1) ? "an empty one" : nn_describe(L, 1));
  return (lua_Integer)lua_rawlen(L, 1);
}

/* concatenate(list, axis) */
static int concatenate(lua_State *L) {
  nn_error error;
  nn_dtype dtype;
  lua_Integer count = check_list(L);
  int axis = nn_check_axis(L, 2, &listed(L, 1)->shape);
  nn_shape shape = joined_shape(L, count, axis, &dtype);
  nn_tensor *out = nn_new_tensor(L, dtype, &shape), part;
  int64_t done = 0;
  for (lua_Integer i = 1; i <= count; i++) {
    const nn_tensor *tensor = listed(L, i);
    nn_check(L, nn_tensor_range(&error, &part, out, axis, done, tensor->shape.dim[axis]), &error);
    nn_check(L, nn_tensor_copy(&error, &part, tensor), &error);
    done += tensor->shape.dim[axis];
  }
  return 1;
}

/* stack(list, axis): along a new axis */
static int stack(lua_State *L) {
  nn_error error;
  nn_dtype dtype;
  lua_Integer count = check_list(L);
  nn_shape one = joined_shape(L, count, -1, &dtype), shape = {.ndim = one.ndim + 1};
  if (one.ndim == NN_MAX_NDIM)
    nn_blame(L, "stack: a tensor has at most %d axes", NN_MAX_NDIM);
  int axis = nn_check_axis(L, 2, &shape);
  for (int i = 0; i < shape.ndim; i++)
    shape.dim[i] = i == axis ? count : one.dim[i - (i > axis)];
  nn_tensor *out = nn_new_tensor(L, dtype, &shape), part;
  for (lua_Integer i = 1; i <= count; i++) {
    nn_check(L, nn_tensor_index(&error, &part, out, axis, i - 1), &error);
    nn_check(L, nn_tensor_copy(&error, &part, listed(L, i)), &error);
  }
  return 1;
}

const luaL_Reg nn_tensor_shape_functions[] = {{"concatenate", concatenate}, {"stack", stack}, {NULL, NULL}};
const luaL_Reg nn_tensor_shape_methods[] = {
    {"reshape", reshape},       {"flatten", flatten}, {"transpose", transpose}, {"copy", copy},
    {"contiguous", contiguous}, {"astype", astype},   {"gather", gather},       {NULL, NULL}};
