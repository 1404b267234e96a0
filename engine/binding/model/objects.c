/* objects.c - engine.objects: activations, losses, metrics and optimizers on their own, without a model. The Lua side
 * has aligned shapes and types before: tensors come as contiguous float32. */
#include <string.h>

#include "binding/tensor/tensors.h"

#define NN_METRIC_STATE "nn.metric_state"

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
  nn_tensor *x = nn_check_floats(L, 2);
  nn_tensor *y = nn_new_tensor(L, NN_FLOAT32, &x->shape);
  nn_activate(&config.activation, y->data, x->data, rows_of(x), last_axis(x));
  return 1;
}

/* (name, config, y_true, y_pred, axes, with_gradient) -> one loss for each place of y_pred's shape without its last
 * `axes` axes; with_gradient: also the derivative of each loss by y_pred */
static int loss(lua_State *L) {
  const nn_loss *self = nn_check_loss(L, 1);
  _Alignas(8) unsigned char config[NN_OBJECT_BYTES];
  nn_fill_fields(L, 2, self->name, self->fields, config);
  nn_tensor *y_true = nn_check_floats(L, 3), *y_pred = nn_check_floats(L, 4);
  nn_error error;
  if (self->class_ids && nn_check_class_ids(&error, self, config, y_true, last_axis(y_pred)) != NN_OK)
    return nn_blame(L, "%s: %s", self->name, error.message);
  lua_Integer axes = luaL_optinteger(L, 5, 1);
  nn_shape shape = y_pred->shape;
  shape.ndim = axes < shape.ndim ? shape.ndim - (int)axes : 0;
  nn_tensor *out = nn_new_tensor(L, NN_FLOAT32, &shape);
  int64_t rows = nn_shape_count(&shape), count = nn_shape_count(&y_pred->shape);
  float *gradient = lua_toboolean(L, 6) ? nn_new_tensor(L, NN_FLOAT32, &y_pred->shape)->data : NULL;
  self->evaluate(config, out->data, gradient, y_true->data, y_pred->data, rows, rows ? count / rows : 0);
  return gradient ? 2 : 1;
}

/* (name): whether the loss of that name holds one id a row against predictions */
static int wants_class_ids(lua_State *L) {
  const nn_loss *loss = nn_check_loss(L, 1);
  lua_pushboolean(L, loss->class_ids || loss->is_pairwise);
  return 1;
}

/* (name): the activation whose input the loss of that name takes with from_logits, such as "softmax"; nil for none */
static int fused_activation(lua_State *L) {
  const int function = nn_check_loss(L, 1)->fused_activation;
  if (function == NN_ACT_LINEAR)
    return 0;
  lua_pushstring(L, nn_activation_names[function]);
  return 1;
}

/* (name): whether the loss of that name holds the rows of a batch against each other */
static int is_pairwise(lua_State *L) {
  lua_pushboolean(L, nn_check_loss(L, 1)->is_pairwise);
  return 1;
}

/* ---- metrics ---- */

enum { CONFIG_TABLE = 1, STATE_BLOCK, METRIC_USER_VALUES = STATE_BLOCK };

typedef struct metric_state {
  nn_observer observer;
  _Alignas(8) unsigned char config[NN_OBJECT_BYTES];
} metric_state;

/* (name, config, is_loss) -> a state with update(y_true, y_pred, weight), sums() */
static int metric(lua_State *L) {
  lua_settop(L, 3);
  metric_state *self = lua_newuserdatauv(L, sizeof *self, METRIC_USER_VALUES);
  memset(self, 0, sizeof *self);
  luaL_setmetatable(L, NN_METRIC_STATE);
  if (lua_toboolean(L, 3))
    self->observer.loss = nn_check_loss(L, 1);
  else
    self->observer.metric = nn_check_metric(L, 1);
  self->observer.config = self->config;
  const nn_field *fields = self->observer.metric ? self->observer.metric->fields : self->observer.loss->fields;
  nn_fill_fields(L, 2, lua_tostring(L, 1), fields, self->config);
  lua_pushvalue(L, 2); /* it may hold lists of numbers */
  lua_setiuservalue(L, 4, CONFIG_TABLE);
  return 1;
}

/* The first predictions say how many sums there are. */
static void take_state(lua_State *L, nn_observer *observer, int64_t width) {
  int64_t size = nn_observer_state_size(observer, width);
  if (observer->state && observer->state_size != size)
    nn_blame(L, "update_state: predictions of width %lld after some of another width", (long long)width);
  if (observer->state)
    return;
  observer->state_size = size;
  observer->state = lua_newuserdatauv(L, sizeof(double) * (size_t)size, 0);
  lua_setiuservalue(L, 1, STATE_BLOCK);
  nn_observer_clear(observer);
}

/* (y_true, y_pred, weight): weight has one element for each of y_pred, or one for each row, or is nil */
static int metric_update(lua_State *L) {
  static const float one = 1;
  metric_state *self = luaL_checkudata(L, 1, NN_METRIC_STATE);
  nn_tensor *y_true = nn_check_floats(L, 2), *y_pred = nn_check_floats(L, 3);
  nn_tensor *weight = lua_isnoneornil(L, 4) ? NULL : nn_check_floats(L, 4);
  nn_scored scored = {.y_true = y_true->data, .y_pred = y_pred->data, .weight = weight ? weight->data : &one};
  scored.rows = rows_of(y_pred), scored.width = last_axis(y_pred);
  if (weight) {
    bool by_value = nn_shape_count(&weight->shape) == scored.rows * scored.width;
    luaL_argcheck(L, by_value || nn_shape_count(&weight->shape) == scored.rows, 4, "weights do not fit");
    scored.weight_row = by_value ? scored.width : 1;
    scored.weight_column = by_value;
  }
  const nn_loss *of = self->observer.loss;
  nn_error error;
  if (of && of->class_ids && nn_check_class_ids(&error, of, self->config, y_true, scored.width) != NN_OK)
    return nn_blame(L, "%s: %s", of->name, error.message);
  take_state(L, &self->observer, scored.width);
  float *row_loss = of ? lua_newuserdatauv(L, sizeof(float) * (size_t)scored.rows, 0) : NULL;
  nn_observer_update(&self->observer, &scored, row_loss);
  return 0;
}

void nn_push_sums(lua_State *L, const nn_observer *observer) {
  lua_createtable(L, (int)observer->state_size, 0);
  for (int64_t i = 0; i < observer->state_size; i++) {
    lua_pushnumber(L, observer->state[i]);
    lua_rawseti(L, -2, i + 1);
  }
}

/* () -> list of numbers; empty before the first update */
static int metric_sums(lua_State *L) {
  nn_push_sums(L, &((metric_state *)luaL_checkudata(L, 1, NN_METRIC_STATE))->observer);
  return 1;
}

/* (list of numbers, as sums() gave it): goes on from these sums */
static int metric_set_sums(lua_State *L) {
  nn_observer *observer = &((metric_state *)luaL_checkudata(L, 1, NN_METRIC_STATE))->observer;
  luaL_checktype(L, 2, LUA_TTABLE);
  int64_t size = (int64_t)lua_rawlen(L, 2);
  observer->state_size = size;
  observer->state = lua_newuserdatauv(L, sizeof(double) * (size_t)size, 0);
  lua_setiuservalue(L, 1, STATE_BLOCK);
  for (int64_t i = 0; i < size; i++) {
    lua_rawgeti(L, 2, i + 1);
    observer->state[i] = luaL_checknumber(L, -1);
    lua_pop(L, 1);
  }
  return 0;
}

/* (name, config, y_true, y_pred) -> for a metric that is a mean: the value of each row, a tensor of y_pred's shape
 * without its last axis */
static int metric_values(lua_State *L) {
  static const float one = 1;
  const nn_metric *self = nn_check_metric(L, 1);
  _Alignas(8) unsigned char config[NN_OBJECT_BYTES];
  nn_fill_fields(L, 2, self->name, self->fields, config);
  nn_tensor *y_true = nn_check_floats(L, 3), *y_pred = nn_check_floats(L, 4);
  int64_t rows = rows_of(y_pred), width = last_axis(y_pred);
  double state[2];
  luaL_argcheck(L, self->state_size(config, width) == 2, 1, "this metric is no mean");
  nn_shape shape = y_pred->shape;
  shape.ndim -= shape.ndim > 0;
  nn_tensor *out = nn_new_tensor(L, NN_FLOAT32, &shape);
  int64_t target_width = rows ? nn_shape_count(&y_true->shape) / rows : 0;
  for (int64_t r = 0; r < rows; r++) {
    const nn_scored row = {.y_true = (const float *)y_true->data + r * target_width,
                           .y_pred = (const float *)y_pred->data + r * width,
                           .rows = 1,
                           .width = width,
                           .weight = &one};
    state[0] = state[1] = 0;
    self->update(config, state, &row);
    ((float *)out->data)[r] = (float)(state[0] / state[1]);
  }
  return 1;
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

/* The entry { gradient, variable, { slots }, factor of the learning rate } on top of the stack; the gradient may be
 * written to. */
static void read_variable(lua_State *L, nn_variable *out, int slot_count) {
  int entry = lua_gettop(L);
  for (int i = 1; i <= 4; i++)
    lua_rawgeti(L, entry, i);
  const nn_tensor *grad = nn_check_floats(L, entry + 1), *value = nn_check_tensor(L, entry + 2);
  if (value->dtype != NN_FLOAT32 || !nn_tensor_is_contiguous(value))
    nn_blame(L, "apply_gradients: a variable is a float32 tensor, and no view with its numbers apart");
  luaL_argcheck(L, nn_shape_equal(&grad->shape, &value->shape), 5, "a gradient does not fit its variable");
  nn_count_change(L, entry + 2);
  *out = (nn_variable){.shape = value->shape,
                       .value = value->data,
                       .grad = grad->data,
                       .rate_factor = (float)luaL_optnumber(L, entry + 4, 1)};
  for (int k = 0; k < slot_count; k++) {
    lua_rawgeti(L, entry + 3, k + 1);
    const nn_tensor *slot = nn_check_floats(L, -1);
    luaL_argcheck(L, nn_shape_equal(&slot->shape, &value->shape), 5, "a slot does not fit its variable");
    out->slots[k] = slot->data;
    lua_pop(L, 1);
  }
  lua_settop(L, entry);
}

/* (name, config, calls, learning rate, { { gradient, variable, { slots }, factor }, ... }): one step, in place;
 * gradients may be overwritten */
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
  nn_optimization_step(&o, rate, NULL);
  return 0;
}

int nn_open_objects(lua_State *L) {
  static const luaL_Reg functions[] = {{"activate", activate},
                                       {"loss", loss},
                                       {"wants_class_ids", wants_class_ids},
                                       {"is_pairwise", is_pairwise},
                                       {"fused_activation", fused_activation},
                                       {"metric", metric},
                                       {"metric_values", metric_values},
                                       {"slots", slots},
                                       {"apply_gradients", apply_gradients},
                                       {NULL, NULL}};
  static const luaL_Reg methods[] = {
      {"update", metric_update}, {"sums", metric_sums}, {"set_sums", metric_set_sums}, {NULL, NULL}};
  luaL_newmetatable(L, NN_METRIC_STATE);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  luaL_newlib(L, functions);
  return 1;
}
