/* objects.c - engine.objects: activations, losses, metrics and optimizers on their own, without a model. The Lua side
 * has aligned shapes and types before: tensors come as contiguous float32. */
#include <string.h>

#include "binding.h"

#define NN_METRIC_STATE "nn.metric_state"

static nn_tensor *check_floats(lua_State *L, int position) {
  nn_tensor *tensor = nn_check_tensor(L, position);
  luaL_argcheck(L, tensor->dtype == NN_FLOAT32 && nn_tensor_is_contiguous(tensor), position,
                "expected a contiguous float32 tensor");
  return tensor;
}

static int64_t last_axis(const nn_tensor *t) { return t->shape.ndim ? t->shape.dim[t->shape.ndim - 1] : 1; }

static int64_t rows_of(const nn_tensor *t) {
  int64_t width = last_axis(t);
  return width ? nn_shape_count(&t->shape) / width : 0;
}

typedef struct activation_holder {
  nn_activation_config activation;
} activation_holder;

/* (config, x) -> y */
static int activate(lua_State *L) {
  static const nn_field fields[] = {NN_ACTIVATION_FIELDS("activation", activation_holder, activation), {0}};
  activation_holder config;
  nn_fill_fields(L, 1, "activation", fields, &config);
  nn_tensor *x = check_floats(L, 2);
  nn_tensor *y = nn_new_tensor(L, NN_FLOAT32, &x->shape);
  nn_activate(&config.activation, y->data, x->data, rows_of(x), last_axis(x));
  return 1;
}

/* (name, config, y_true, y_pred) -> one loss a row: y_pred's shape without its last axis */
static int loss(lua_State *L) {
  const nn_loss *self = nn_check_loss(L, 1);
  _Alignas(8) unsigned char config[NN_OBJECT_BYTES];
  nn_fill_fields(L, 2, self->name, self->fields, config);
  nn_tensor *y_true = check_floats(L, 3), *y_pred = check_floats(L, 4);
  nn_error error;
  if (self->class_ids && nn_check_class_ids(&error, y_true, last_axis(y_pred)) != NN_OK)
    return nn_blame(L, "%s: %s", self->name, error.message);
  nn_shape shape = y_pred->shape;
  shape.ndim -= shape.ndim > 0;
  nn_tensor *out = nn_new_tensor(L, NN_FLOAT32, &shape);
  self->evaluate(config, out->data, NULL, y_true->data, y_pred->data, rows_of(y_pred), last_axis(y_pred));
  return 1;
}

/* (name): whether the loss or metric of that name holds class ids against predictions */
static int wants_class_ids(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  const nn_loss *as_loss = nn_find_loss(name);
  const nn_metric *as_metric = nn_find_metric(name);
  lua_pushboolean(L, (as_loss && as_loss->class_ids) || (as_metric && as_metric->class_ids));
  return 1;
}

/* ---- metrics ---- */

typedef struct metric_state {
  const nn_metric *metric;
  _Alignas(8) unsigned char config[NN_OBJECT_BYTES];
  double state[NN_MAX_STATE];
} metric_state;

/* (name, config) -> a state with update(y_true, y_pred), result(), reset() */
static int metric(lua_State *L) {
  const nn_metric *type = nn_check_metric(L, 1);
  metric_state *self = lua_newuserdatauv(L, sizeof *self, 0);
  memset(self, 0, sizeof *self);
  self->metric = type;
  luaL_setmetatable(L, NN_METRIC_STATE);
  nn_fill_fields(L, 2, type->name, type->fields, self->config);
  return 1;
}

static int metric_update(lua_State *L) {
  metric_state *self = luaL_checkudata(L, 1, NN_METRIC_STATE);
  nn_tensor *y_true = check_floats(L, 2), *y_pred = check_floats(L, 3);
  self->metric->update(self->config, self->state, y_true->data, y_pred->data, rows_of(y_pred), last_axis(y_pred));
  return 0;
}

static int metric_result(lua_State *L) {
  metric_state *self = luaL_checkudata(L, 1, NN_METRIC_STATE);
  lua_pushnumber(L, self->metric->result(self->config, self->state));
  return 1;
}

static int metric_reset(lua_State *L) {
  metric_state *self = luaL_checkudata(L, 1, NN_METRIC_STATE);
  memset(self->state, 0, sizeof self->state);
  return 0;
}

/* ---- optimizers ---- */

/* Reads name and config at stack positions 1 and 2. */
static nn_optimization read_optimizer(lua_State *L, void *config) {
  nn_optimization o = {.rule = nn_check_optimizer(L, 1), .config = config};
  nn_fill_fields(L, 2, o.rule->name, o.rule->fields, config);
  nn_fill_fields(L, 2, o.rule->name, nn_optimizer_option_fields, &o.options);
  return o;
}

/* (name, config) -> { { name =, start = }, ... }: the state vectors this configuration keeps, what they begin with */
static int slots(lua_State *L) {
  _Alignas(8) unsigned char config[NN_OBJECT_BYTES];
  nn_optimization o = read_optimizer(L, config);
  int count = nn_slot_count(&o);
  lua_createtable(L, count, 0);
  for (int i = 0; i < count; i++) {
    lua_createtable(L, 0, 2);
    lua_pushstring(L, nn_slot_name(&o, i));
    lua_setfield(L, -2, "name");
    lua_pushnumber(L, nn_slot_start(&o, i));
    lua_setfield(L, -2, "start");
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

/* The entry { gradient, variable, { slots } } on top of the stack; the gradient may be written to. */
static void read_variable(lua_State *L, nn_variable *out, int slot_count) {
  int entry = lua_gettop(L);
  for (int i = 1; i <= 3; i++)
    lua_rawgeti(L, entry, i);
  const nn_tensor *grad = check_floats(L, entry + 1), *value = nn_check_tensor(L, entry + 2);
  if (value->dtype != NN_FLOAT32 || !nn_tensor_is_contiguous(value))
    nn_blame(L, "apply_gradients: a variable is a float32 tensor, and no view with its numbers apart");
  luaL_argcheck(L, nn_shape_equal(&grad->shape, &value->shape), 5, "a gradient does not fit its variable");
  *out = (nn_variable){.shape = value->shape, .value = value->data, .grad = grad->data};
  for (int k = 0; k < slot_count; k++) {
    lua_rawgeti(L, entry + 3, k + 1);
    const nn_tensor *slot = check_floats(L, -1);
    luaL_argcheck(L, nn_shape_equal(&slot->shape, &value->shape), 5, "a slot does not fit its variable");
    out->slots[k] = slot->data;
    lua_pop(L, 1);
  }
  lua_settop(L, entry);
}

/* (name, config, calls, learning rate, { { gradient, variable, { slots } }, ... }): one step, in place; gradients may
 * be overwritten */
static int apply_gradients(lua_State *L) {
  _Alignas(8) unsigned char config[NN_OBJECT_BYTES];
  nn_optimization o = read_optimizer(L, config);
  o.calls = luaL_checkinteger(L, 3);
  float rate = (float)luaL_checknumber(L, 4);
  o.variable_count = (int)lua_rawlen(L, 5);
  o.variables = lua_newuserdatauv(L, sizeof(nn_variable) * (size_t)o.variable_count, 0);
  for (int i = 0; i < o.variable_count; i++) {
    lua_rawgeti(L, 5, i + 1);
    read_variable(L, &o.variables[i], nn_slot_count(&o));
    lua_pop(L, 1);
  }
  nn_optimization_step(&o, rate);
  return 0;
}

int nn_open_objects(lua_State *L) {
  static const luaL_Reg functions[] = {{"activate", activate}, {"loss", loss},     {"wants_class_ids", wants_class_ids},
                                       {"metric", metric},     {"slots", slots},   {"apply_gradients", apply_gradients},
                                       {NULL, NULL}};
  static const luaL_Reg methods[] = {
      {"update", metric_update}, {"result", metric_result}, {"reset", metric_reset}, {NULL, NULL}};
  luaL_newmetatable(L, NN_METRIC_STATE);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  luaL_newlib(L, functions);
  return 1;
}
