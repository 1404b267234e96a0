/* job_graph.c - the graph of a job, from the nodes of its description (see job_spec.c). */
#include "job.h"

static const char *get_what(lua_State *L, int table) {
  lua_getfield(L, table, "what");
  const char *what = lua_tostring(L, -1);
  lua_pop(L, 1); /* the table still holds it */
  return what ? what : "layer";
}

static void read_params(lua_State *L, int table, nn_node *node, const char *what) {
  lua_getfield(L, table, "params");
  for (int i = 0; i < node->param_count; i++) {
    lua_rawgeti(L, -1, i + 1);
    nn_tensor *tensor = nn_check_tensor(L, -1);
    if (tensor->dtype != NN_FLOAT32 || !nn_tensor_is_contiguous(tensor) ||
        !nn_shape_equal(&tensor->shape, &node->params[i].shape))
      nn_blame(L, "%s: weight %s does not fit", what, node->params[i].name);
    node->params[i].value = tensor->data;
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

/* Penalties and limits of the parameters that have one. */
static void read_rules(lua_State *L, int table, nn_node *node, const char *what) {
  lua_getfield(L, table, "regularizers");
  lua_getfield(L, table, "constraints");
  for (int i = 0; i < node->param_count; i++) {
    nn_param *param = &node->params[i];
    if (!lua_isnil(L, table + 1) && lua_rawgeti(L, table + 1, i + 1) != LUA_TNIL)
      nn_check_regularizer(L, -1, what, &param->regularizer, &param->shape);
    if (!lua_isnil(L, table + 2) && lua_rawgeti(L, table + 2, i + 1) != LUA_TNIL)
      nn_check_constraint(L, -1, what, &param->constraint, &param->shape);
    lua_settop(L, table + 2);
  }
  lua_pop(L, 2);
}

const nn_layer *nn_node_layer(lua_State *L, int table) {
  lua_getfield(L, table, "layer");
  const nn_layer *layer = nn_check_layer(L, -1);
  lua_pop(L, 1);
  return layer;
}

const nn_operation *nn_node_operation(lua_State *L, int table) {
  lua_getfield(L, table, "operation");
  const char *name = lua_tostring(L, -1);
  const nn_operation *operation = name ? nn_find_operation(name) : NULL;
  if (name && !operation)
    nn_blame(L, "there is no operation %s", name);
  lua_pop(L, 1);
  return operation;
}

int nn_job_count(lua_State *L, int table, const char *list) {
  lua_getfield(L, table, list);
  int count = lua_isnil(L, -1) ? 0 : (int)lua_rawlen(L, -1);
  lua_pop(L, 1);
  return count;
}

static void read_inputs(lua_State *L, int table, nn_graph *graph, nn_node *node) {
  lua_getfield(L, table, "inputs");
  for (int i = 0; i < node->input_count; i++) {
    lua_rawgeti(L, -1, i + 1);
    node->inputs[i] = nn_job_value(L, graph, node->position);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

/* The node's table is on top of the stack. */
static void read_node(lua_State *L, nn_graph *graph) {
  int table = lua_gettop(L);
  const char *what = get_what(L, table);
  const nn_operation *operation = nn_node_operation(L, table);
  const int inputs = nn_job_count(L, table, "inputs");
  nn_node *node = operation ? nn_graph_append_operation(graph, operation, inputs)
                            : nn_graph_append(graph, nn_node_layer(L, table), inputs);
  lua_getfield(L, table, "config");
  nn_fill_fields(L, -1, what, operation ? operation->fields : node->layer->fields, node->config);
  lua_getfield(L, table, "trainable");
  node->trainable = lua_isnil(L, -1) || lua_toboolean(L, -1);
  lua_pop(L, 2);
  read_inputs(L, table, graph, node);
  nn_error error;
  if (nn_node_build(&error, node) != NN_OK)
    nn_blame(L, "%s: %s", what, error.message);
  if (node->param_count)
    read_params(L, table, node, what);
  read_rules(L, table, node, what);
}

nn_graph *nn_job_graph(lua_State *L, int owner) {
  lua_getfield(L, 1, "nodes");
  const int nodes = lua_gettop(L), count = (int)lua_rawlen(L, nodes);
  nn_extent extent = {0};
  for (int i = 0; i < count; i++) {
    lua_rawgeti(L, nodes, i + 1);
    const nn_operation *operation = nn_node_operation(L, nodes + 1);
    const int inputs = nn_job_count(L, nodes + 1, "inputs");
    if (operation)
      nn_extent_add_operation(&extent, operation, inputs);
    else
      nn_extent_add(&extent, nn_node_layer(L, nodes + 1), inputs);
    lua_pop(L, 1);
  }
  nn_graph *graph = nn_graph_place(nn_job_block(L, owner, GRAPH_BLOCK, nn_graph_size(&extent)), &extent);
  for (int i = 0; i < count; i++) {
    lua_rawgeti(L, nodes, i + 1);
    read_node(L, graph);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return graph;
}

nn_value *nn_job_value(lua_State *L, const nn_graph *graph, int before) {
  lua_Integer position = lua_tointeger(L, -1), output = 1;
  if (lua_istable(L, -1)) {
    lua_rawgeti(L, -1, 1);
    lua_rawgeti(L, -2, 2);
    position = lua_tointeger(L, -2);
    output = lua_tointeger(L, -1);
    lua_pop(L, 2);
  }
  luaL_argcheck(L, position >= 1 && position <= before, 1, "no such node before");
  const nn_node *node = &graph->nodes[position - 1];
  luaL_argcheck(L, output >= 1 && output <= node->output_count, 1, "no such output");
  return &node->output[output - 1];
}

void nn_graph_push_variables(lua_State *L, const nn_graph *graph) {
  lua_createtable(L, graph->segment_count, 0);
  lua_getiuservalue(L, 1, SPEC);
  lua_getfield(L, -1, "nodes");
  int list = lua_gettop(L) - 2, nodes = lua_gettop(L);
  for (const nn_node *node = graph->nodes; node < graph->nodes + graph->node_count; node++)
    for (int k = 0; k < node->param_count; k++) {
      if (!node->params[k].is_trained || node->params[k].is_shared)
        continue;
      lua_rawgeti(L, nodes, node->position + 1);
      lua_getfield(L, -1, "params");
      lua_rawgeti(L, -1, k + 1);
      lua_rawseti(L, list, (lua_Integer)lua_rawlen(L, list) + 1);
      lua_settop(L, nodes);
    }
  lua_settop(L, list);
}
