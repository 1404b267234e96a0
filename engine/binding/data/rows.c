/* rows.c - of engine.data: the rows of tensors as hashes, and the numbers in their columns. */
#include <math.h>
#include <string.h>

#include "data/columns.h"
#include "data/rows.h"
#include "binding/data/data.h"

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
  luaL_newmetatable(L, ROW_SET_TYPE); /* the first call makes it */
  lua_setmetatable(L, -2);
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

const luaL_Reg nn_row_functions[] = {{"row_hashes", row_hashes},   {"row_set", new_row_set},
                                     {"common_rows", common_rows}, {"distinct_rows", distinct_rows},
                                     {"columns", columns},         {NULL, NULL}};
