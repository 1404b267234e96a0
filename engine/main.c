/* main.c - the program: a protected Lua with nnrun's modules inside, signals, and the exit status.
 *
 * Everything a command does is Lua (scripts/nn/cli); this file only makes it safe to run. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "lua/binding.h"

volatile int nn_stop_requests = 0;
volatile bool nn_stop_is_polled = false;

static lua_State *main_state;

static void stop_in_lua(lua_State *L, lua_Debug *frame) {
  (void)frame;
  lua_sethook(L, NULL, 0, 0);
  luaL_error(L, "interrupted");
}

static void break_into_lua(void) {
  lua_sethook(main_state, stop_in_lua, LUA_MASKCALL | LUA_MASKRET | LUA_MASKCOUNT, 1);
}

/* Ctrl-C is a flag that batch loops and waiting loops poll; the second one also breaks into Lua code that polls
 * nothing. */
static void on_interrupt(int signal_number) {
  (void)signal_number;
  if (nn_stop_requests != 0)
    break_into_lua();
  if (nn_stop_requests >= 0)
    nn_stop_requests++;
}

/* SIGTERM and SIGUSR1 come from a machine that takes its processor back: nobody is there to ask a second time, so what
 * does not poll is broken into at once. */
static void on_preemption(int signal_number) {
  if (!nn_stop_is_polled || nn_stop_requests < 0)
    break_into_lua();
  nn_stop_requests = -signal_number;
}

static int load_embedded(lua_State *L) {
  const nn_embedded *file = lua_touserdata(L, lua_upvalueindex(1));
  if (luaL_loadbuffer(L, file->source, file->length, file->chunkname) != LUA_OK)
    return lua_error(L);
  lua_pushstring(L, file->module);
  lua_call(L, 1, 1);
  return 1;
}

static void preload(lua_State *L) {
  static const luaL_Reg modules[] = {{"engine.csv", nn_open_csv},         {"engine.tensor", nn_open_tensor},
                                     {"engine.data", nn_open_data},       {"engine.random", nn_open_random},
                                     {"engine.graph", nn_open_graph},     {"engine.job", nn_open_job},
                                     {"engine.objects", nn_open_objects}, {"engine.rules", nn_open_rules},
                                     {"engine.process", nn_open_process}, {"engine.machine", nn_open_machine},
                                     {"engine.index", nn_open_index},     {"engine.prompt", nn_open_prompt},
                                     {"engine.kernels", nn_open_kernels}, {NULL, NULL}};
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  for (const luaL_Reg *m = modules; m->name; m++) {
    lua_pushcfunction(L, m->func);
    lua_setfield(L, -2, m->name);
  }
  for (const nn_embedded *file = nn_embedded_sources; file->module; file++) {
    lua_pushlightuserdata(L, (void *)file);
    lua_pushcclosure(L, load_embedded, 1);
    lua_setfield(L, -2, file->module);
  }
  lua_pop(L, 1);
}

/* require("nn.cli")(arguments) -> exit status. It handles its own errors; what escapes is a bug of nnrun. */
static int run(lua_State *L) {
  int count = (int)lua_tointeger(L, 1);
  char **words = lua_touserdata(L, 2);
  luaL_openlibs(L);
  preload(L);
  lua_getglobal(L, "require");
  lua_pushliteral(L, "nn.cli");
  lua_call(L, 1, 1);
  lua_createtable(L, count, 1);
  for (int i = 0; i < count; i++) {
    lua_pushstring(L, words[i]);
    lua_rawseti(L, -2, i);
  }
  lua_call(L, 1, 1);
  return 1;
}

static int with_traceback(lua_State *L) {
  luaL_traceback(L, L, luaL_tolstring(L, 1, NULL), 1);
  return 1;
}

int main(int argc, char **argv) {
  lua_State *L = main_state = luaL_newstate();
  if (L == NULL) {
    fputs("nnrun: not enough memory\n", stderr);
    return 1;
  }
  signal(SIGINT, on_interrupt);
  signal(SIGTERM, on_preemption);
  signal(SIGUSR1, on_preemption);
  signal(SIGPIPE, SIG_IGN);
  lua_pushcfunction(L, with_traceback);
  lua_pushcfunction(L, run);
  lua_pushinteger(L, argc);
  lua_pushlightuserdata(L, argv);
  int status;
  if (lua_pcall(L, 2, 1, 1) == LUA_OK) {
    status = (int)lua_tointeger(L, -1);
  } else {
    fprintf(stderr, "nnrun: %s\n", lua_tostring(L, -1));
    status = 2;
  }
  lua_close(L);
  return status;
}
