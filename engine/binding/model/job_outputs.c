/* job_outputs.c - the outputs of a job, their losses and metrics, from its description (see job_spec.c). */
#include "job.h"

/* A tensor stays alive through the spec, so it can leave the stack. */
static nn_tensor *get_tensor(lua_State *L, int table, const char *name) {
  lua_getfield(L, table, name);
  nn_tensor *tensor = lua_isnil(L, -1) ? NULL : nn_check_tensor(L, -1);
  if (tensor && !nn_tensor_is_contiguous(tensor))
    nn_blame(L, "%s: a job wants its tensors contiguous", name);
  lua_pop(L, 1);
  return tensor;
}

/* The value that a field names, as nn_job_value says; NULL if there is none. */
static nn_value *get_value(lua_State *L, const nn_graph *graph, int table, const char *name) {
  lua_getfield(L, table, name);
  nn_value *value = lua_isnil(L, -1) ? NULL : nn_job_value(L, graph, graph->node_count);
  lua_pop(L, 1);
  return value;
}

/* Where activation and loss belong together the loss is taken from the activation's input: exact for any logits. */
static void fuse(nn_output *out) {
  const nn_node *node = out->value->node;
  const nn_activation_config *activation = (const nn_activation_config *)node->config;
  out->loss_value = out->value;
  if (out->loss->fused_activation == NN_ACT_LINEAR || !(node->layer->traits & NN_IS_ACTIVATION) ||
      activation->function != out->loss->fused_activation || activation->axes != 1)
    return;
  nn_from_logits *config = (nn_from_logits *)out->loss_config;
  if (!config->from_logits) {
    config->from_logits = true;
    out->loss_value = node->inputs[0];
  }
}

/* One metric's table is on top of the stack. */
static void read_observer(lua_State *L, nn_observer *observer) {
  int table = lua_gettop(L);
  lua_getfield(L, table, "is_loss");
  bool is_loss = lua_toboolean(L, -1);
  lua_getfield(L, table, "name");
  lua_getfield(L, table, "config");
  if (is_loss)
    observer->loss = nn_check_loss(L, -2);
  else
    observer->metric = nn_check_metric(L, -2);
  lua_getfield(L, table, "weighted");
  observer->is_weighted = lua_toboolean(L, -1);
  lua_getfield(L, table, "uses_mask");
  observer->uses_mask = lua_toboolean(L, -1);
  lua_pop(L, 2);
  nn_fill_fields(L, -1, lua_tostring(L, -2), is_loss ? observer->loss->fields : observer->metric->fields,
                 observer->config);
  lua_pop(L, 3);
}

/* How many predictions the last axes hold together, of a batch whose samples the value's shape describes. */
static int64_t loss_width(const nn_value *value, lua_Integer axes) {
  if (axes > value->shape.ndim)
    return value->shape.ndim ? 0 : 1;
  int64_t width = 1;
  for (int i = 0; i < axes; i++)
    width *= value->shape.dim[value->shape.ndim - 1 - i];
  return width;
}

/* Metrics take rows of the last axis; if the value is itself a loss or a metric, each of its numbers is a row. */
static void read_rows(lua_State *L, nn_output *out, int table) {
  const nn_shape *shape = &out->value->shape;
  lua_getfield(L, table, "is_value");
  out->row_width = lua_toboolean(L, -1) || !shape->ndim ? 1 : shape->dim[shape->ndim - 1];
  lua_getfield(L, table, "is_kept");
  out->value->is_output |= lua_toboolean(L, -1);
  lua_pop(L, 2);
  out->target = nn_source_of_tensor(get_tensor(L, table, "target"));
  out->sample_weight = nn_source_of_tensor(get_tensor(L, table, "sample_weight"));
}

static void read_loss(lua_State *L, nn_output *out, int table) {
  static const char *const reductions[] = {"mean", "sum", "mean_with_sample_weight", NULL};
  if (lua_getfield(L, table, "loss") == LUA_TNIL) {
    lua_pop(L, 1);
    return;
  }
  out->loss = nn_check_loss(L, -1);
  lua_getfield(L, table, "loss_config");
  nn_fill_fields(L, -1, lua_tostring(L, -2), out->loss->fields, out->loss_config);
  lua_getfield(L, table, "loss_weight");
  out->loss_weight = (float)luaL_optnumber(L, -1, 1);
  lua_getfield(L, table, "reduction");
  out->reduction = (nn_reduction)luaL_checkoption(L, -1, "mean", reductions);
  lua_pop(L, 4);
  out->loss_width = loss_width(out->value, nn_job_integer(L, table, "loss_axes", 1));
  fuse(out);
  out->loss_value->is_loss = out->loss_value->is_output = true;
}

/* A mask counts where each of its numbers stands for whole rows of the loss. */
static void read_mask(lua_State *L, nn_graph *graph, nn_output *out, int table) {
  nn_value *mask = get_value(L, graph, table, "mask");
  const int64_t rows = out->value->width / out->row_width;
  const bool in_rows = !out->loss || out->loss_width == out->row_width;
  if (mask && mask->width > 0 && in_rows && !out->value->is_whole && rows % mask->width == 0)
    out->mask = mask, mask->is_output = true;
}

static void read_metrics(lua_State *L, nn_output *out, int table) {
  lua_getfield(L, table, "metrics");
  out->observer_count = lua_isnil(L, -1) ? 0 : (int)lua_rawlen(L, -1);
  for (int i = 0; i < out->observer_count; i++) {
    lua_rawgeti(L, -1, i + 1);
    read_observer(L, &out->observers[i]);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

void nn_job_read_outputs(lua_State *L, nn_batches *b) {
  lua_getfield(L, 1, "outputs");
  for (int i = 0; i < b->output_count; i++) {
    lua_rawgeti(L, -1, i + 1);
    int table = lua_gettop(L);
    if (i > 0)
      b->outputs[i].observers = b->outputs[i - 1].observers + b->outputs[i - 1].observer_count;
    b->outputs[i].value = get_value(L, b->graph, table, "node");
    if (b->mode != NN_PREDICT) {
      read_rows(L, &b->outputs[i], table);
      read_loss(L, &b->outputs[i], table);
      read_mask(L, b->graph, &b->outputs[i], table);
      read_metrics(L, &b->outputs[i], table);
    }
    b->outputs[i].value->is_output |= b->mode == NN_PREDICT || b->outputs[i].observer_count > 0;
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}
