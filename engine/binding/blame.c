/* blame.c - errors that point into the user's script, whatever layer of nnrun found them. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "binding.h"
#include "operations/operation.h"

/* nnrun's own Lua carries chunk names of this form (see embed.lua). */
#define OWN_SOURCES "=scripts/nn/"

bool nn_is_script(const lua_Debug *frame) {
  return frame->currentline >= 0 && strncmp(frame->source, OWN_SOURCES, sizeof OWN_SOURCES - 1) != 0;
}

/* Pushes where a function of the script was written, if the frame is a call of one through invoke.lua and that has left
 * the stack by a tail call. */
static bool push_invoked(lua_State *L, const lua_Debug *frame) {
  lua_Debug function;
  if (strcmp(frame->source, OWN_SOURCES "support/invoke.lua") != 0 || !lua_getlocal(L, frame, 1))
    return false;
  if (!lua_isfunction(L, -1)) {
    lua_pop(L, 1);
    return false;
  }
  lua_getinfo(L, ">S", &function);
  function.currentline = function.linedefined;
  if (!nn_is_script(&function))
    return false;
  lua_pushfstring(L, "%s:%d: ", function.short_src, function.linedefined);
  return true;
}

void nn_push_position(lua_State *L) {
  lua_Debug frame;
  for (int level = 0; lua_getstack(L, level, &frame); level++) {
    lua_getinfo(L, "Sl", &frame);
    if (push_invoked(L, &frame))
      return;
    if (nn_is_script(&frame)) {
      lua_pushfstring(L, "%s:%d: ", frame.short_src, frame.currentline);
      return;
    }
  }
  lua_pushliteral(L, "");
}

/* ---- names: operations are made of other operations, but a message names the one that the script called ---- */

/* In the registry: [function] = name and [name] = true. */
#define NAMES "nn.blame.names"

void nn_set_blame_name(lua_State *L, int function, const char *name) {
  function = lua_absindex(L, function);
  luaL_getsubtable(L, LUA_REGISTRYINDEX, NAMES);
  lua_pushvalue(L, function);
  lua_pushstring(L, name);
  lua_rawset(L, -3);
  lua_pushboolean(L, true);
  lua_setfield(L, -2, name);
  lua_pop(L, 1);
}

/* Pushes the name of the outermost named function between the script and this place; nil if there is none. */
static void push_called_name(lua_State *L) {
  lua_Debug frame;
  luaL_getsubtable(L, LUA_REGISTRYINDEX, NAMES);
  lua_pushnil(L);
  for (int level = 0; lua_getstack(L, level, &frame); level++) {
    lua_getinfo(L, "Slf", &frame);
    if (nn_is_script(&frame)) {
      lua_pop(L, 1);
      break;
    }
    lua_rawget(L, -3);
    lua_remove(L, lua_isnil(L, -1) ? -1 : -2);
  }
  lua_remove(L, -2);
}

/* Whether it is the name of such a function, or of an operation of the engine's table. */
static bool is_blame_name(lua_State *L, const char *text, size_t length) {
  luaL_getsubtable(L, LUA_REGISTRYINDEX, NAMES);
  const char *name = lua_pushlstring(L, text, length);
  lua_pushvalue(L, -1);
  const bool is_name = lua_rawget(L, -3) != LUA_TNIL || nn_find_operation(name);
  lua_pop(L, 3);
  return is_name;
}

/* The message without the sign that printf gives some NaN. */
static void push_plain(lua_State *L, const char *message) {
  luaL_Buffer text;
  luaL_buffinit(L, &text);
  for (const char *c = message; *c; c++) {
    const bool is_signed = strncmp(c, "-nan", 4) == 0 && (c == message || !isalnum((unsigned char)c[-1]));
    if (!is_signed)
      luaL_addchar(&text, *c);
  }
  luaL_pushresult(&text);
}

void nn_push_message(lua_State *L, const char *message) {
  const char *colon = strstr(message, ": ");
  push_called_name(L);
  const bool is_renamed = colon && !lua_isnil(L, -1) && is_blame_name(L, message, (size_t)(colon - message));
  push_plain(L, is_renamed ? colon : message);
  if (is_renamed)
    lua_concat(L, 2);
  else
    lua_remove(L, -2);
}

int nn_blame(lua_State *L, const char *format, ...) {
  char message[1024];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  nn_push_position(L);
  nn_push_message(L, message);
  lua_concat(L, 2);
  lua_error(L);
  __builtin_unreachable();
}
