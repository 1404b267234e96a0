/* fields.c - fills any config struct from a Lua table by its field table, and reads a shape of whole numbers. */
#include <string.h>

#include "binding.h"

static const char *received(lua_State *L) {
  if (lua_type(L, -1) == LUA_TSTRING)
    return lua_pushfstring(L, "\"%s\"", lua_tostring(L, -1));
  if (nn_test_tensor(L, -1))
    return "a tensor";
  return lua_type(L, -1) == LUA_TTABLE ? "a table" : luaL_tolstring(L, -1, NULL);
}

static bool in_range(const nn_field *field, double value) { return value >= field->min && value <= field->max; }

static int wrong_number(lua_State *L, const char *what, const nn_field *field, const char *kind) {
  const char *got = received(L);
  if (field->min > -INFINITY && field->max < INT32_MAX)
    return nn_blame(L, "%s: %s: expected %s from %g to %g, got %s", what, field->name, kind, field->min, field->max,
                    got);
  if (field->min > -INFINITY)
    return nn_blame(L, "%s: %s: expected %s of at least %g, got %s", what, field->name, kind, field->min, got);
  return nn_blame(L, "%s: %s: expected %s, got %s", what, field->name, kind, got);
}

static void set_choice(lua_State *L, const char *what, const nn_field *field, int *place) {
  const char *name = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
  for (int i = 0; name && field->choices[i]; i++)
    if (strcmp(field->choices[i], name) == 0) {
      *place = i;
      return;
    }
  const char *got = received(L);
  luaL_Buffer names;
  luaL_buffinit(L, &names);
  for (int i = 0; field->choices[i]; i++) {
    luaL_addstring(&names, i == 0 ? "" : field->choices[i + 1] ? ", " : " or ");
    luaL_addstring(&names, field->choices[i]);
  }
  luaL_pushresult(&names);
  nn_blame(L, "%s: %s: expected %s, got %s", what, field->name, lua_tostring(L, -1), got);
}

static void set_shape(lua_State *L, const char *what, const nn_field *field, nn_shape *shape) {
  if (lua_type(L, -1) != LUA_TTABLE || lua_rawlen(L, -1) > NN_MAX_NDIM)
    nn_blame(L, "%s: %s: expected a list of up to %d whole numbers, such as {28, 28}, got %s", what, field->name,
             NN_MAX_NDIM, received(L));
  shape->ndim = (int)lua_rawlen(L, -1);
  for (int i = 0; i < shape->ndim; i++) {
    lua_rawgeti(L, -1, i + 1);
    int is_integer;
    shape->dim[i] = lua_tointegerx(L, -1, &is_integer);
    if (!is_integer || shape->dim[i] < (int64_t)field->min || shape->dim[i] > INT32_MAX)
      nn_blame(L, "%s: %s: axis %d: expected a whole number of at least %d, got %s", what, field->name, i + 1,
               (int)field->min, received(L));
    lua_pop(L, 1);
  }
}

static void set_numbers(lua_State *L, const char *what, const nn_field *field, nn_numbers *numbers) {
  const nn_tensor *tensor = nn_test_tensor(L, -1);
  if (!tensor || tensor->dtype != NN_FLOAT32 || !nn_tensor_is_contiguous(tensor))
    nn_blame(L, "%s: %s: expected a list of numbers, got %s", what, field->name, received(L));
  *numbers = (nn_numbers){nn_shape_count(&tensor->shape), tensor->data};
}

/* The value is on top of the stack. */
static void set_field(lua_State *L, const char *what, const nn_field *field, char *config) {
  void *place = config + field->offset;
  int fits = 0;
  switch (field->kind) {
  case NN_FIELD_INT: {
    lua_Integer value = lua_tointegerx(L, -1, &fits);
    if (!fits || lua_type(L, -1) != LUA_TNUMBER || !in_range(field, (double)value))
      wrong_number(L, what, field, "a whole number");
    *(int *)place = (int)value;
    break;
  }
  case NN_FIELD_FLOAT: {
    double value = lua_tonumberx(L, -1, &fits);
    if (!fits || lua_type(L, -1) != LUA_TNUMBER || !in_range(field, value))
      wrong_number(L, what, field, "a number");
    *(double *)place = value;
    break;
  }
  case NN_FIELD_BOOL:
    if (lua_type(L, -1) != LUA_TBOOLEAN)
      nn_blame(L, "%s: %s: expected true or false, got %s", what, field->name, received(L));
    *(bool *)place = lua_toboolean(L, -1);
    break;
  case NN_FIELD_CHOICE: set_choice(L, what, field, place); break;
  case NN_FIELD_SHAPE: set_shape(L, what, field, place); break;
  case NN_FIELD_NUMBERS: set_numbers(L, what, field, place); break;
  }
}

static void set_default(lua_State *L, const char *what, const nn_field *field, char *config) {
  void *place = config + field->offset;
  if (isnan(field->default_value))
    nn_blame(L, "%s: %s is missing", what, field->name);
  switch (field->kind) {
  case NN_FIELD_INT:
  case NN_FIELD_CHOICE: *(int *)place = (int)field->default_value; break;
  case NN_FIELD_FLOAT: *(double *)place = field->default_value; break;
  case NN_FIELD_BOOL: *(bool *)place = field->default_value != 0; break;
  case NN_FIELD_SHAPE: *(nn_shape *)place = (nn_shape){0}; break;
  case NN_FIELD_NUMBERS: *(nn_numbers *)place = (nn_numbers){0}; break;
  }
}

void nn_fill_fields(lua_State *L, int position, const char *what, const nn_field *fields, void *config) {
  position = lua_absindex(L, position);
  for (const nn_field *field = fields; field->name; field++) {
    if (lua_type(L, position) == LUA_TTABLE)
      lua_getfield(L, position, field->name);
    else
      lua_pushnil(L);
    if (lua_isnil(L, -1))
      set_default(L, what, field, config);
    else
      set_field(L, what, field, config);
    lua_pop(L, 1);
  }
}
