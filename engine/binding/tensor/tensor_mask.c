/* tensor_mask.c - t[mask], where a mask is what comparisons give: a uint8 tensor of 0 and 1 over the first axes of t.
 * It selects the sub-tensors at its ones, in order. Positions, which are also whole numbers, go to t:gather. */
#include "tensors.h"

/* ---- masks ---- */

static bool is_zero_or_one(const nn_tensor *mask) {
  double block[NN_BLOCK];
  for (nn_walk walk = nn_walk_start(1, &mask); nn_walk_next(&walk);) {
    nn_block_load(block, mask, walk.offset[0], walk.step[0], walk.n);
    for (int64_t i = 0; i < walk.n; i++)
      if (block[i] != 0 && block[i] != 1)
        return false;
  }
  return true;
}

/* The mask at that stack position, as bytes. */
static const nn_tensor *push_mask(lua_State *L, int position, const nn_tensor *tensor) {
  char text[NN_SHAPE_TEXT], has[NN_SHAPE_TEXT];
  const nn_tensor *mask = nn_check_tensor(L, position);
  if (mask->dtype == NN_FLOAT32 || !is_zero_or_one(mask))
    nn_blame(L, "t[mask]: expected a mask of 0 and 1, as t:gt(0) gives, got %s; t:gather(positions) takes positions",
             mask->dtype == NN_FLOAT32 ? "float32" : "other numbers");
  bool fits = mask->shape.ndim > 0 && mask->shape.ndim <= tensor->shape.ndim;
  for (int axis = 0; fits && axis < mask->shape.ndim; axis++)
    fits = mask->shape.dim[axis] == tensor->shape.dim[axis];
  if (!fits)
    nn_blame(L, "t[mask]: a mask of shape %s does not fit the first axes of a tensor of shape %s",
             nn_shape_text(&mask->shape, text), nn_shape_text(&tensor->shape, has));
  return nn_push_copy(L, mask, NN_UINT8);
}

static int64_t count_ones(lua_State *L, const nn_tensor *mask) {
  nn_error error;
  double sum;
  nn_check(L, nn_tensor_total(&error, NN_SUM, &sum, mask), &error);
  return (int64_t)sum;
}

/* ---- the parts that a mask selects ---- */

/* Called for each part with its number among the selected, from 0. */
typedef int (*visitor_function)(nn_error *, void *context, nn_tensor *part, int64_t i);

static int visit(nn_error *error, const nn_tensor *tensor, const nn_tensor *mask, visitor_function visitor,
                 void *context, int64_t *i) {
  nn_tensor part = *tensor, flag;
  if (mask->shape.ndim == 0)
    return *(const uint8_t *)mask->data ? visitor(error, context, &part, (*i)++) : NN_OK;
  for (int64_t position = 0; position < mask->shape.dim[0]; position++)
    if (nn_tensor_index(error, &flag, mask, 0, position) || nn_tensor_index(error, &part, tensor, 0, position) ||
        visit(error, &part, &flag, visitor, context, i))
      return NN_ERROR;
  return NN_OK;
}

/* ---- reading ---- */

static int read_part(nn_error *error, void *context, nn_tensor *part, int64_t i) {
  nn_tensor to;
  return nn_tensor_index(error, &to, context, 0, i) || nn_tensor_copy(error, &to, part) ? NN_ERROR : NN_OK;
}

int nn_mask_get(lua_State *L, const nn_tensor *tensor, int position) {
  nn_error error;
  int64_t i = 0;
  const nn_tensor *mask = push_mask(L, position, tensor);
  nn_shape shape = {1, {count_ones(L, mask)}};
  for (int axis = mask->shape.ndim; axis < tensor->shape.ndim; axis++)
    shape.dim[shape.ndim++] = tensor->shape.dim[axis];
  nn_tensor *out = nn_new_tensor(L, tensor->dtype, &shape);
  nn_check(L, visit(&error, tensor, mask, read_part, out, &i), &error);
  return 1;
}

/* ---- writing ---- */

/* One source for all parts, or a row for each. */
static int write_part(nn_error *error, void *context, nn_tensor *part, int64_t i) {
  const nn_tensor *source = context;
  nn_tensor row = *source;
  if (source->shape.ndim > part->shape.ndim &&
      nn_tensor_index(error, &row, source, 0, source->shape.dim[0] == 1 ? 0 : i) != NN_OK)
    return NN_ERROR;
  return nn_tensor_copy(error, part, &row);
}

void nn_mask_set(lua_State *L, const nn_tensor *tensor, int position, nn_tensor *source) {
  nn_error error;
  int64_t i = 0;
  const nn_tensor *mask = push_mask(L, position, tensor);
  int64_t count = count_ones(L, mask);
  int part_ndim = tensor->shape.ndim - mask->shape.ndim;
  if (source->shape.ndim > part_ndim && source->shape.dim[0] != 1 && source->shape.dim[0] != count)
    nn_blame(L, "cannot assign: the mask selects %lld, the value has %lld", (long long)count,
             (long long)source->shape.dim[0]);
  if (visit(&error, tensor, mask, write_part, source, &i) != NN_OK)
    nn_blame(L, "cannot assign: %s", error.message);
}

/* ---- where ---- */

/* where(condition, a, b): elements of a where the condition is other than 0, else of b */
static int where(lua_State *L) {
  nn_error error;
  nn_shape shape;
  nn_operand operand[3];
  lua_settop(L, 3);
  for (int i = 0; i < 3; i++)
    nn_check_operand(L, i + 1, &operand[i]);
  const nn_tensor *condition = &operand[0].tensor, *a = &operand[1].tensor, *b = &operand[2].tensor;
  if (nn_shape_broadcast(&error, &shape, &a->shape, &b->shape) != NN_OK ||
      nn_shape_broadcast(&error, &shape, &shape, &condition->shape) != NN_OK)
    nn_blame(L, "where: %s", error.message);
  nn_dtype dtype = a->dtype == b->dtype ? a->dtype : nn_binary_dtype(NN_ADD, a->dtype, b->dtype);
  nn_tensor *out = nn_new_tensor(L, dtype, &shape);
  nn_check(L, nn_tensor_copy(&error, out, b), &error);
  nn_check(L, nn_tensor_copy_where(&error, out, condition, a), &error);
  return 1;
}

const luaL_Reg nn_tensor_mask_functions[] = {{"where", where}, {NULL, NULL}};
