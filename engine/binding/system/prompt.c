/* prompt.c - module engine.prompt: lines typed by the user, with editing, history and completion, by libedit.
 *
 * libedit keeps its state in globals, so there is one prompt in a process; the completer is kept in Lua's registry. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <editline/readline.h>

#include "binding/binding.h"

static lua_State *completing; /* while a line is read */
static char completer_key;

/* The n-th name that the completer gives for a text, as libedit asks for them: from 0 on until there is none. */
static char *next_name(const char *text, int n) {
  lua_State *L = completing;
  if (n == 0) {
    lua_settop(L, 2); /* the list of the last time goes */
    lua_rawgetp(L, LUA_REGISTRYINDEX, &completer_key);
    lua_pushstring(L, text);
    if (lua_pcall(L, 1, 1, 0) != LUA_OK)
      lua_pop(L, 1);
  }
  if (!lua_istable(L, 3))
    return NULL;
  lua_rawgeti(L, 3, n + 1);
  const char *name = lua_tostring(L, -1);
  char *copy = name ? strdup(name) : NULL; /* libedit frees it */
  lua_pop(L, 1);
  return copy;
}

static char **complete(const char *text, int start, int end) {
  (void)start, (void)end;
  rl_attempted_completion_over = 1; /* never names of files */
  rl_completion_append_character = 0;
  return rl_completion_matches(text, next_name);
}

/* read(prompt, completer) -> the line without its end; nil at the end of input. completer(text) -> list of names */
static int read_line(lua_State *L) {
  const char *prompt = luaL_checkstring(L, 1);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  lua_settop(L, 2);
  lua_pushvalue(L, 2);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &completer_key);
  completing = L;
  char *line = readline(prompt);
  completing = NULL;
  lua_pushstring(L, line); /* nil where there is none */
  free(line);
  return 1;
}

/* add(line): to the history */
static int add(lua_State *L) {
  add_history(luaL_checkstring(L, 1));
  return 0;
}

/* load(path), save(path, lines): the history; a file that is not there is an empty one */
static int load(lua_State *L) {
  read_history(luaL_checkstring(L, 1));
  return 0;
}

static int save(lua_State *L) {
  stifle_history((int)luaL_checkinteger(L, 2));
  lua_pushboolean(L, write_history(luaL_checkstring(L, 1)) == 0);
  return 1;
}

int nn_open_prompt(lua_State *L) {
  static const luaL_Reg functions[] = {{"read", read_line}, {"add", add}, {"load", load}, {"save", save}, {NULL, NULL}};
  rl_readline_name = "nnrun";
  rl_attempted_completion_function = complete;
  rl_completer_word_break_characters = " \t\n\"\\'><=;+-*/%^~#{}()[],";
  luaL_newlib(L, functions);
  return 1;
}
