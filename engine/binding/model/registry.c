/* registry.c - engine.registry: what layers, losses, optimizers and metrics there are, and shapes and parameters of a
 * layer before anything runs. */
#include <string.h>

#include "binding/tensor/tensors.h"
#include "job.h"

#define CHECK(kind)                                                                                                    \
  const nn_##kind *nn_check_##kind(lua_State *L, int position) {                                                       \
    const char *name = luaL_checkstring(L, position);                                                                  \
    const nn_##kind *found = nn_find_##kind(name);                                                                     \
    if (!found)                                                                                                        \
      nn_blame(L, "the engine has no " #kind " named %s", name);                                                       \
    return found;                                                                                                      \
  }
CHECK(layer)
CHECK(loss)
CHECK(optimizer)
CHECK(metric)

/* (layer, config, what): raises where a value of the config is not what the layer's fields allow */
static int check_layer(lua_State *L) {
  const nn_layer *layer = nn_check_layer(L, 1);
  void *config = lua_newuserdatauv(L, layer->config_size, 0);
  nn_fill_fields(L, 2, luaL_checkstring(L, 3), layer->fields, config);
  return 0;
}

/* (loss, config, what) */
static int check_loss(lua_State *L) {
  _Alignas(8) unsigned char config[NN_OBJECT_BYTES];
  nn_fill_fields(L, 2, luaL_checkstring(L, 3), nn_check_loss(L, 1)->fields, config);
  return 0;
}

/* (optimizer, config, what) */
static int check_optimizer(lua_State *L) {
  _Alignas(8) unsigned char config[NN_OBJECT_BYTES];
  nn_optimizer_options options;
  nn_fill_fields(L, 2, luaL_checkstring(L, 3), nn_check_optimizer(L, 1)->fields, config);
  nn_fill_fields(L, 2, luaL_checkstring(L, 3), nn_optimizer_option_fields, &options);
  return 0;
}

static void push_params(lua_State *L, const nn_node *node) {
  lua_createtable(L, node->param_count, 0);
  for (int i = 0; i < node->param_count; i++) {
    lua_createtable(L, 0, 2);
    lua_pushstring(L, node->params[i].name);
    lua_setfield(L, -2, "name");
    nn_push_shape(L, &node->params[i].shape);
    lua_setfield(L, -2, "shape");
    lua_pushboolean(L, node->params[i].is_state);
    lua_setfield(L, -2, "is_state");
    lua_rawseti(L, -2, i + 1);
  }
}

/* The shape of an input at the top of the stack: of samples, or with the field is_whole of all of them together (see
 * graph/value.h). */
static void read_shape(lua_State *L, nn_value *value) {
  lua_getfield(L, -1, "is_whole");
  value->is_whole = lua_toboolean(L, -1);
  lua_pop(L, 1);
  value->shape.ndim = nn_check_integers(L, lua_gettop(L), "shape", value->shape.dim);
  value->width = nn_value_count(value, 1);
}

static void push_shape(lua_State *L, const nn_value *value) {
  nn_push_shape(L, &value->shape);
  if (!value->is_whole)
    return;
  lua_pushboolean(L, true);
  lua_setfield(L, -2, "is_whole");
}

/* A graph of inputs of the shapes at stack position 2 and one layer, or operation, in a userdata on top of the stack.
 */
static nn_graph *graph_of_one(lua_State *L, const nn_layer *layer, const nn_operation *operation) {
  const nn_layer *input = nn_find_layer("input");
  const int count = (int)lua_rawlen(L, 2);
  nn_extent extent = {0};
  for (int i = 0; i < count; i++)
    nn_extent_add(&extent, input, 0);
  if (operation)
    nn_extent_add_operation(&extent, operation, count);
  else
    nn_extent_add(&extent, layer, count);
  enum { ALIGNMENT = 64 };
  const size_t size = nn_graph_size(&extent);
  char *memory = lua_newuserdatauv(L, size + ALIGNMENT, 0);
  memory += (ALIGNMENT - (uintptr_t)memory % ALIGNMENT) % ALIGNMENT;
  memset(memory, 0, size);
  nn_graph *graph = nn_graph_place(memory, &extent);
  for (int i = 0; i < count; i++) {
    lua_rawgeti(L, 2, i + 1);
    read_shape(L, nn_graph_append(graph, input, 0)->output);
    lua_pop(L, 1);
  }
  nn_node *node = operation ? nn_graph_append_operation(graph, operation, count) : nn_graph_append(graph, layer, count);
  for (int i = 0; i < count; i++)
    node->inputs[i] = graph->nodes[i].output;
  return graph;
}

static void push_output_shapes(lua_State *L, const nn_node *node) {
  lua_createtable(L, node->output_count, 0);
  for (int i = 0; i < node->output_count; i++) {
    push_shape(L, &node->output[i]);
    lua_rawseti(L, -2, i + 1);
  }
}

/* ({ layer = or operation =, config = }, { input shape, ... }, what) -> { output shape, ... }, { { name =, shape =,
 * is_state = }, ... }; or nil and a message */
static int infer(lua_State *L) {
  const char *what = luaL_checkstring(L, 3);
  const nn_operation *operation = nn_node_operation(L, 1);
  const nn_layer *layer = operation ? NULL : nn_node_layer(L, 1);
  nn_graph *graph = graph_of_one(L, layer, operation);
  nn_node *node = &graph->nodes[graph->node_count - 1];
  lua_getfield(L, 1, "config");
  nn_fill_fields(L, -1, what, operation ? operation->fields : layer->fields, node->config);
  nn_error error;
  if (nn_node_build(&error, node) != NN_OK) {
    lua_pushnil(L);
    lua_pushstring(L, error.message);
    return 2;
  }
  push_output_shapes(L, node);
  push_params(L, node);
  return 2;
}

/* (layer) -> the field of its config with the number of ids that an input may hold, or nil; whether it adds to the loss
 * a sum over the batch */
static int traits(lua_State *L) {
  const nn_layer *layer = nn_check_layer(L, 1);
  lua_pushstring(L, layer->id_count);
  lua_pushboolean(L, layer->penalty != NULL);
  return 2;
}

#define PUSH_NAMES(list)                                                                                               \
  do {                                                                                                                 \
    lua_newtable(L);                                                                                                   \
    for (int i = 0; list[i]; i++) {                                                                                    \
      lua_pushstring(L, list[i]->name);                                                                                \
      lua_rawseti(L, -2, i + 1);                                                                                       \
    }                                                                                                                  \
  } while (0)

/* () -> lists of the names of all layers, losses, optimizers, metrics */
static int names(lua_State *L) {
  PUSH_NAMES(nn_layers);
  PUSH_NAMES(nn_losses);
  PUSH_NAMES(nn_optimizers);
  PUSH_NAMES(nn_metrics);
  return 4;
}

int nn_open_registry(lua_State *L) {
  static const luaL_Reg functions[] = {{"check_layer", check_layer},
                                       {"check_loss", check_loss},
                                       {"check_optimizer", check_optimizer},
                                       {"infer", infer},
                                       {"traits", traits},
                                       {"names", names},
                                       {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
