/* watch.c - module engine.watch: what a script asks of the system through Lua's own functions. */
#include "binding/binding.h"

/* Upvalues: the note, and Lua's function. That one runs in this frame, so that its errors name the script's line. */
static int note_and_call(lua_State *L) {
  int count = lua_gettop(L);
  luaL_checkstack(L, count + 1, NULL);
  lua_pushvalue(L, lua_upvalueindex(1));
  for (int i = 1; i <= count; i++)
    lua_pushvalue(L, i);
  lua_call(L, count, 0);
  return lua_tocfunction(L, lua_upvalueindex(2))(L);
}

/* after_note(function, note) -> a function that calls note(...), then the C function, which may use no upvalues */
static int after_note(lua_State *L) {
  luaL_argexpected(L, lua_iscfunction(L, 1), 1, "C function");
  luaL_checktype(L, 2, LUA_TFUNCTION);
  lua_settop(L, 2);
  lua_insert(L, 1);
  lua_pushcclosure(L, note_and_call, 2);
  return 1;
}

int nn_open_watch(lua_State *L) {
  static const luaL_Reg functions[] = {{"after_note", after_note}, {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
