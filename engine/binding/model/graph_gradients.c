/* graph_gradients.c - the memory that a graph of engine.graph writes its flat gradient into. Each walk backward has a
 * block of its own, and the tensors that a script gets are views of it, so nothing is copied. When Lua has collected
 * them the block goes back to the graph, for a later walk.
 *
 * Memory that was written a moment ago is still in the processor's cache; other memory makes a step of a small network
 * half as long again. So few blocks are used, by collecting what is new soon: a collection of the objects that are
 * younger than the last one costs little, and the gradients of a training loop die young. */
#include <string.h>

#include "job.h"

#define NN_GRADIENT "nn.gradient"

/* User values of what the views of one gradient keep alive. */
enum { BLOCK = 1, FREE, GRADIENT_USER_VALUES = FREE, ALIGNMENT = 64 };

/* After walks of so many bytes in all what is young is collected, if no block is free then; and all garbage, after so
 * many bytes of new blocks. */
enum { YOUNG_BYTES = 1 << 19, ALL_BYTES = 1 << 25 };

enum { MOST_FREE = 4 }; /* blocks that a graph keeps */

static size_t size_of(const nn_graph *graph) { return sizeof(float) * (size_t)graph->gradient_count; }

/* Gives a block back. */
static int collect(lua_State *L) {
  lua_getiuservalue(L, 1, FREE);
  const lua_Unsigned count = lua_rawlen(L, -1);
  if (count < MOST_FREE) {
    lua_getiuservalue(L, 1, BLOCK);
    lua_rawseti(L, -2, (lua_Integer)count + 1);
  }
  return 0;
}

/* Pushes the list of blocks that nobody uses. */
static void push_free(lua_State *L) {
  if (lua_getiuservalue(L, 1, FREE_GRADIENTS) != LUA_TNIL)
    return;
  lua_pop(L, 1);
  lua_newtable(L);
  lua_pushvalue(L, -1);
  lua_setiuservalue(L, 1, FREE_GRADIENTS);
}

/* Collects garbage if that may free a block for the list on top of the stack. */
static void look_for_free(lua_State *L, nn_gradient_use *use, size_t bytes) {
  use->walked += bytes;
  if (!lua_gc(L, LUA_GCISRUNNING))
    return; /* as the script wants */
  if (lua_rawlen(L, -1) == 0 && use->walked > YOUNG_BYTES) {
    lua_gc(L, LUA_GCSTEP, 0);
    use->walked = 0;
  }
  if (lua_rawlen(L, -1) == 0 && use->made > ALL_BYTES) {
    lua_gc(L, LUA_GCCOLLECT);
    use->made = 0;
  }
}

/* Pushes a block, one of the list on top of the stack if there is one. A new one is zeroed, as a layer may leave out
 * what never has a gradient. */
static void push_block(lua_State *L, nn_gradient_use *use, size_t bytes) {
  const lua_Integer count = (lua_Integer)lua_rawlen(L, -1);
  if (count > 0) {
    lua_rawgeti(L, -1, count);
    lua_pushnil(L);
    lua_rawseti(L, -3, count);
    return;
  }
  if (!nn_has_memory(L, bytes))
    nn_blame(L, "not enough memory for gradients: they take %s", nn_memory_text(L, bytes));
  memset(lua_newuserdatauv(L, bytes + ALIGNMENT, 0), 0, bytes + ALIGNMENT);
  use->made += bytes;
}

/* Sets the metatable of the userdata on top of the stack. The first time Lua's collector is set to tell young objects
 * from old ones. */
static void set_metatable(lua_State *L) {
  if (luaL_newmetatable(L, NN_GRADIENT)) {
    lua_pushcfunction(L, collect);
    lua_setfield(L, -2, "__gc");
    lua_gc(L, LUA_GCGEN, 0, 0);
  }
  lua_setmetatable(L, -2);
}

void nn_graph_take_gradient(lua_State *L, nn_graph *graph, nn_gradient_use *use) {
  const size_t bytes = size_of(graph);
  const int top = lua_gettop(L);
  lua_pushnil(L);
  lua_setiuservalue(L, 1, GRADIENT);
  push_free(L);
  look_for_free(L, use, bytes);
  push_block(L, use, bytes);
  const uintptr_t block = (uintptr_t)lua_touserdata(L, -1);
  lua_newuserdatauv(L, 0, GRADIENT_USER_VALUES);
  float *data = (float *)((block + ALIGNMENT - 1) & ~(uintptr_t)(ALIGNMENT - 1));
  lua_pushvalue(L, top + 2);
  lua_setiuservalue(L, -2, BLOCK);
  lua_pushvalue(L, top + 1);
  lua_setiuservalue(L, -2, FREE);
  set_metatable(L);
  lua_setiuservalue(L, 1, GRADIENT);
  lua_settop(L, top);
  nn_graph_place_gradient(graph, data);
}

void nn_graph_push_gradients(lua_State *L, const nn_graph *graph) {
  lua_createtable(L, graph->segment_count, 0);
  lua_getiuservalue(L, 1, GRADIENT);
  const int list = lua_gettop(L) - 1, owner = lua_gettop(L);
  for (int i = 0; i < graph->segment_count; i++) {
    const nn_segment *segment = &graph->segments[i];
    const nn_tensor view = nn_tensor_over(NN_FLOAT32, &segment->shape, graph->gradient + segment->offset);
    nn_new_view(L, owner, &view);
    lua_rawseti(L, list, i + 1);
  }
  lua_pop(L, 1);
}
