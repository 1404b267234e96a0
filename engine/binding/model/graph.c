/* graph.c - engine.graph: what the registry holds, and shapes and parameters of a layer before anything runs. */
#include <string.h>

#include "binding/binding.h"

#define CHECK(kind, room)                                                                                              \
  const nn_##kind *nn_check_##kind(lua_State *L, int position) {                                                       \
    const char *name = luaL_checkstring(L, position);                                                                  \
    const nn_##kind *found = nn_find_##kind(name);                                                                     \
    if (!found)                                                                                                        \
      nn_blame(L, "the engine has no " #kind " named %s", name);                                                       \
    if (found->config_size > room)                                                                                     \
      nn_blame(L, "the config of the " #kind " %s is larger than its place, " #room, name);                            \
    return found;                                                                                                      \
  }
CHECK(layer, NN_CONFIG_BYTES)
CHECK(loss, NN_OBJECT_BYTES)
CHECK(optimizer, NN_OBJECT_BYTES)
CHECK(metric, NN_OBJECT_BYTES)

/* (layer, config, what): raises where a value of the config is not what the layer's fields allow */
static int check_layer(lua_State *L) {
  nn_node node;
  nn_fill_fields(L, 2, luaL_checkstring(L, 3), nn_check_layer(L, 1)->fields, node.config);
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

enum { MAX_INPUTS = 64 };

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

/* (layer, config, { input shape, ... }, what) -> output shape, { { name =, shape =, is_state = }, ... }; or nil and a
 * message */
static int infer(lua_State *L) {
  nn_node node = {.layer = nn_check_layer(L, 1)}, inputs[MAX_INPUTS], *input_list[MAX_INPUTS];
  nn_fill_fields(L, 2, luaL_checkstring(L, 4), node.layer->fields, node.config);
  node.inputs = input_list;
  node.input_count = (int)lua_rawlen(L, 3);
  if (node.input_count > MAX_INPUTS)
    return nn_blame(L, "a layer takes at most %d inputs, got %d", MAX_INPUTS, node.input_count);
  for (int i = 0; i < node.input_count; i++) {
    lua_rawgeti(L, 3, i + 1);
    inputs[i] = (nn_node){.shape = nn_check_shape(L, -1)};
    inputs[i].width = nn_shape_count(&inputs[i].shape);
    input_list[i] = &inputs[i];
    lua_pop(L, 1);
  }
  nn_error error;
  if (nn_node_build(&error, &node) != NN_OK) {
    lua_pushnil(L);
    lua_pushstring(L, error.message);
    return 2;
  }
  nn_push_shape(L, &node.shape);
  push_params(L, &node);
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

int nn_open_graph(lua_State *L) {
  static const luaL_Reg functions[] = {{"check_layer", check_layer},
                                       {"check_loss", check_loss},
                                       {"check_optimizer", check_optimizer},
                                       {"infer", infer},
                                       {"names", names},
                                       {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
