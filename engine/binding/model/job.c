/* job.c - engine.job: running what job_spec.c made from its description, and reading what came out. */
#include "job.h"

#include <string.h>

static nn_batches *check_job(lua_State *L) { return &((nn_job *)luaL_checkudata(L, 1, NN_JOB))->batches; }

/* () -> { tensor, ... }: the weights that are trained, each once, in the order of the gradient */
static int variables(lua_State *L) {
  nn_graph_push_variables(L, check_job(L)->graph);
  return 1;
}

/* The state vectors of a parameter, from the list on top of the stack. */
static void read_slots(lua_State *L, nn_variable *out, int count, const nn_shape *shape) {
  for (int k = 0; k < count; k++) {
    lua_rawgeti(L, -1, k + 1);
    const nn_tensor *slot = nn_check_floats(L, -1);
    luaL_argcheck(L, nn_shape_count(&slot->shape) == nn_shape_count(shape), 4, "a slot does not fit");
    out->slots[k] = slot->data;
    lua_pop(L, 1);
  }
}

/* (name, config, { { slot tensors }, ... }, { factor, ... } or nil): the state vectors of each of variables(), float32,
 * and what its learning rate is multiplied by (1, if the list is shorter) */
static int set_optimizer(lua_State *L) {
  lua_settop(L, 5);
  if (lua_isnil(L, 5)) {
    lua_newtable(L);
    lua_replace(L, 5);
  }
  nn_batches *b = check_job(L);
  nn_optimization *o = &b->optimization;
  void *config = ((nn_job *)lua_touserdata(L, 1))->optimizer_config;
  o->rule = nn_check_optimizer(L, 2);
  o->config = config;
  nn_fill_fields(L, 3, o->rule->name, o->rule->fields, config);
  nn_fill_fields(L, 3, o->rule->name, nn_optimizer_option_fields, &o->options);
  nn_variable *room = nn_job_block(L, 1, VARIABLES, sizeof(nn_variable) * (size_t)b->graph->segment_count);
  for (int i = 0; i < b->graph->segment_count; i++) {
    lua_rawgeti(L, 4, i + 1);
    read_slots(L, &room[i], nn_slot_count(o), &b->graph->segments[i].shape);
    lua_rawgeti(L, 5, i + 1);
    room[i].rate_factor = (float)luaL_optnumber(L, -1, 1);
    lua_pop(L, 2);
  }
  nn_optimization_plan(o, room, b->graph);
  lua_pushvalue(L, 4);
  lua_setiuservalue(L, 1, SLOTS);
  return 0;
}

/* (int32 tensor of positions from 0, or nil): which sample comes when. It may name some samples only, or some of them
 * several times: an epoch has as many samples as the order. */
static int set_order(lua_State *L) {
  nn_batches *b = check_job(L);
  nn_tensor *order = lua_isnoneornil(L, 2) ? NULL : nn_check_tensor(L, 2);
  const int64_t rows = b->row_count;
  if (order) {
    luaL_argcheck(L, order->dtype == NN_INT32 && nn_tensor_is_contiguous(order), 2, "an order is int32, contiguous");
    const int32_t *position = order->data;
    const int64_t count = nn_shape_count(&order->shape);
    luaL_argcheck(L, b->mode != NN_PREDICT || count == rows, 2, "there is one prediction for each sample");
    for (int64_t i = 0; i < count; i++)
      luaL_argcheck(L, position[i] >= 0 && position[i] < rows, 2, "a position is out of range");
    b->sample_count = count;
  } else {
    b->sample_count = rows;
  }
  b->order = order ? order->data : NULL;
  lua_settop(L, 2);
  lua_setiuservalue(L, 1, ORDER);
  return 0;
}

static void check_labels(lua_State *L, const nn_output *out, const nn_loss *loss, const void *config) {
  nn_error error;
  const int64_t classes = out->row_width;
  if (loss && loss->class_ids && nn_check_class_ids(&error, loss, config, out->target.data, classes) != NN_OK)
    nn_blame(L, "%s", error.message);
}

/* (): raises where a label is not one of the model's classes; to be called once before the first run */
static int check_targets(lua_State *L) {
  const nn_batches *b = check_job(L);
  for (const nn_output *out = b->outputs; out < b->outputs + b->output_count; out++) {
    check_labels(L, out, out->loss, out->loss_config);
    for (int k = 0; k < out->observer_count; k++)
      check_labels(L, out, out->observers[k].loss, out->observers[k].config);
  }
  return 0;
}

/* (first batch from 1, count, learning rate or float32 tensor of one rate a batch, gradients the optimizer has seen)
 * -> "done"|"stopped"|"not finite", batches finished; without a rate and that number where it does not train */
static int run(lua_State *L) {
  static const char *const outcomes[] = {"done", "stopped", "not finite"};
  nn_batches *b = check_job(L);
  int64_t first = luaL_checkinteger(L, 2) - 1, count = luaL_checkinteger(L, 3), done;
  int64_t batches = (b->sample_count + b->batch_size - 1) / b->batch_size;
  luaL_argcheck(L, first >= 0 && count >= 0 && first + count <= batches, 2, "no such batches");
  luaL_argcheck(L, b->mode != NN_TRAIN || b->optimization.rule, 1, "training wants an optimizer");
  b->optimization.calls = luaL_optinteger(L, 5, 0);
  float rate = lua_type(L, 4) == LUA_TNUMBER ? (float)lua_tonumber(L, 4) : 0;
  const nn_tensor *rates = nn_test_tensor(L, 4) ? nn_check_floats(L, 4) : NULL;
  luaL_argcheck(L, !rates || nn_shape_count(&rates->shape) >= count, 4, "too few rates");
  nn_job_functions functions = nn_job_functions_of(L);
  const int blas_threads = nn_blas_threads();
  const nn_job_threads threads = nn_job_threads_for(L, b);
  nn_blas_set_threads(threads.blas);
  b->team = b->twin ? NULL : threads.team;
  b->foreign = &functions.foreign;
  nn_outcome outcome =
      b->twin ? nn_batches_predict(b, threads.team, first, count, &nn_stop_requests, &done)
              : nn_batches_run(b, first, count, rates ? rates->data : &rate, rates != NULL, &nn_stop_requests, &done);
  nn_blas_set_threads(blas_threads);
  nn_job_threads_end(L, threads);
  b->team = NULL;
  b->foreign = NULL;
  if (outcome == NN_FAILED && b->error.message[0])
    return nn_blame(L, "%s", b->error.message);
  if (outcome == NN_FAILED)
    return lua_error(L);
  lua_pushstring(L, outcomes[outcome]);
  lua_pushinteger(L, done);
  return 2;
}

static void push_output_sums(lua_State *L, const nn_batches *b, const nn_output *out) {
  lua_createtable(L, 0, 2);
  lua_pushnumber(L, b->sample_sum > 0 ? out->loss_sum / b->sample_sum : 0);
  lua_setfield(L, -2, "loss");
  lua_createtable(L, out->observer_count, 0);
  for (int k = 0; k < out->observer_count; k++) {
    nn_push_sums(L, &out->observers[k]);
    lua_rawseti(L, -2, k + 1);
  }
  lua_setfield(L, -2, "metrics");
}

/* () -> { { loss =, metrics = { { sums } } }, ... }: one entry an output, over the samples since clear(); penalties */
static int results(lua_State *L) {
  const nn_batches *b = check_job(L);
  lua_createtable(L, b->output_count, 0);
  for (int i = 0; i < b->output_count; i++) {
    push_output_sums(L, b, &b->outputs[i]);
    lua_rawseti(L, -2, i + 1);
  }
  lua_pushnumber(L, b->sample_sum > 0 ? b->penalty_sum / b->sample_sum : 0);
  return 2;
}

/* Rows of the last batch, of the shape of a tensor (n, ...); nil if there are none. */
static void push_rows(lua_State *L, const float *rows, const nn_tensor *like, int64_t count) {
  if (!rows) {
    lua_pushnil(L);
    return;
  }
  nn_shape shape = like->shape;
  shape.dim[0] = count;
  memcpy(nn_new_tensor(L, NN_FLOAT32, &shape)->data, rows, sizeof(float) * (size_t)nn_shape_count(&shape));
}

/* (output, from 1) -> copies of the last batch's targets, predictions and weights or nil; wants is_kept = true */
static int batch(lua_State *L) {
  const nn_batches *b = check_job(L);
  lua_Integer position = luaL_checkinteger(L, 2);
  luaL_argcheck(L, position >= 1 && position <= b->output_count, 2, "no such output");
  const nn_output *out = &b->outputs[position - 1];
  const nn_shape shape = nn_value_shape(out->value, b->last_rows);
  push_rows(L, out->last_target, out->target.data, b->last_rows);
  memcpy(nn_new_tensor(L, NN_FLOAT32, &shape)->data, out->value->data, sizeof(float) * (size_t)nn_shape_count(&shape));
  push_rows(L, out->last_weight, out->sample_weight.data, b->last_rows);
  return 3;
}

static int clear(lua_State *L) {
  nn_batches_clear_sums(check_job(L));
  return 0;
}

/* () -> the sums since clear(), as bytes: a uint8 tensor for set_sums() */
static int sums(lua_State *L) {
  nn_batches *b = check_job(L);
  int64_t size = nn_batches_exchange_sums(b, NULL, NULL) * (int64_t)sizeof(double);
  nn_batches_exchange_sums(b, nn_new_tensor(L, NN_UINT8, &(nn_shape){1, {size}})->data, NULL);
  return 1;
}

/* (what sums() gave): goes on from these sums */
static int set_sums(lua_State *L) {
  nn_batches *b = check_job(L);
  const nn_tensor *sums = nn_check_tensor(L, 2);
  int64_t size = nn_batches_exchange_sums(b, NULL, NULL) * (int64_t)sizeof(double);
  luaL_argcheck(L, sums->dtype == NN_UINT8 && nn_shape_count(&sums->shape) == size, 2, "sums of another job");
  nn_batches_exchange_sums(b, NULL, sums->data);
  return 0;
}

static int predictions(lua_State *L) {
  check_job(L);
  lua_getiuservalue(L, 1, PREDICTIONS);
  return 1;
}

/* () -> rows of a batch: those of the spec, or fewer because of its limit of memory */
static int batch_size(lua_State *L) {
  lua_pushinteger(L, check_job(L)->batch_size);
  return 1;
}

/* () -> gradients the optimizer has seen */
static int calls(lua_State *L) {
  lua_pushinteger(L, check_job(L)->optimization.calls);
  return 1;
}

static void push_copy(lua_State *L, const float *from, int64_t count) {
  nn_tensor *copy = nn_new_tensor(L, NN_FLOAT32, &(nn_shape){1, {count}});
  memcpy(copy->data, from, sizeof(float) * (size_t)count);
}

/* (input, from 1) -> the share of its numbers that are not zero where they are kept as compressed rows, else nil */
static int density(lua_State *L) {
  const nn_batches *b = check_job(L);
  lua_Integer input = luaL_checkinteger(L, 2);
  luaL_argcheck(L, input >= 1 && input <= b->input_count, 2, "no such input");
  const nn_sparse_batch *sparse = b->inputs[input - 1].sparse;
  if (!sparse)
    return 0;
  const nn_sparse *m = sparse->matrix;
  lua_pushnumber(L, (double)m->count / ((double)m->rows * (double)m->columns));
  return 1;
}

/* () -> the flat gradient of the last batch, a copy */
static int gradient(lua_State *L) {
  nn_batches *b = check_job(L);
  luaL_argcheck(L, b->mode == NN_TRAIN, 1, "only training has gradients");
  push_copy(L, b->graph->gradient, b->graph->gradient_count);
  return 1;
}

/* (input, from 1) -> the gradient of the last full batch by that input, flat; wants watch = true */
static int input_gradient(lua_State *L) {
  nn_batches *b = check_job(L);
  lua_Integer position = luaL_checkinteger(L, 2);
  const bool is_there = position >= 1 && position <= b->input_count;
  const nn_value *value = is_there ? b->inputs[position - 1].value : NULL;
  luaL_argcheck(L, value && value->grad, 2, "no gradient there");
  push_copy(L, value->grad, b->batch_size * value->width);
  return 1;
}

int nn_open_job(lua_State *L) {
  static const luaL_Reg methods[] = {{"variables", variables},
                                     {"set_optimizer", set_optimizer},
                                     {"set_order", set_order},
                                     {"feed", nn_job_feed},
                                     {"check_targets", check_targets},
                                     {"run", run},
                                     {"results", results},
                                     {"batch", batch},
                                     {"clear", clear},
                                     {"sums", sums},
                                     {"set_sums", set_sums},
                                     {"predictions", predictions},
                                     {"batch_size", batch_size},
                                     {"calls", calls},
                                     {"gradient", gradient},
                                     {"input_gradient", input_gradient},
                                     {"density", density},
                                     {NULL, NULL}};
  static const luaL_Reg functions[] = {{"new", nn_job_new}, {"compress", nn_job_compress}, {NULL, NULL}};
  nn_open_job_threads(L);
  luaL_newmetatable(L, NN_COMPRESSED);
  luaL_newmetatable(L, NN_JOB);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  luaL_newlib(L, functions);
  return 1;
}
