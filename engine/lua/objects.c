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

/* (name, config) -> the names of the state vectors this configuration keeps */
static int slots(lua_State *L) {
  const nn_optimizer *self = nn_check_optimizer(L, 1);
  _Alignas(8) unsigned char config[NN_OBJECT_BYTES];
  nn_fill_fields(L, 2, self->name, self->fields, config);
  int count = self->slot_count(config);
  lua_createtable(L, count, 0);
  for (int i = 0; i < count; i++) {
    lua_pushstring(L, self->slot_names[i]);
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

/* (name, config, iteration, learning rate, variable, gradient, { slots }): one update of the variable, in place */
static int update(lua_State *L) {
  const nn_optimizer *self = nn_check_optimizer(L, 1);
  _Alignas(8) unsigned char config[NN_OBJECT_BYTES];
  nn_fill_fields(L, 2, self->name, self->fields, config);
  nn_update step = {.iteration = luaL_checkinteger(L, 3), .learning_rate = (float)luaL_checknumber(L, 4)};
  nn_tensor *variable = check_floats(L, 5), *grad = check_floats(L, 6);
  float *state[NN_MAX_SLOTS] = {NULL};
  for (int i = 0; i < self->slot_count(config); i++) {
    lua_rawgeti(L, 7, i + 1);
    state[i] = check_floats(L, -1)->data;
    lua_pop(L, 1);
  }
  self->update(config, &step, variable->data, grad->data, state, nn_shape_count(&variable->shape));
  return 0;
}

int nn_open_objects(lua_State *L) {
  static const luaL_Reg functions[] = {{"activate", activate}, {"loss", loss},     {"wants_class_ids", wants_class_ids},
                                       {"metric", metric},     {"slots", slots},   {"update", update},
                                       {NULL, NULL}};
  static const luaL_Reg methods[] = {
      {"update", metric_update}, {"result", metric_result}, {"reset", metric_reset}, {NULL, NULL}};
  luaL_newmetatable(L, NN_METRIC_STATE);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  luaL_newlib(L, functions);
  return 1;
}
