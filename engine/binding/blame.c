/* blame.c - errors that point into the user's script, whatever layer of nnrun found them. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "binding.h"

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

int nn_blame(lua_State *L, const char *format, ...) {
  char message[1024];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  nn_push_position(L);
  lua_pushstring(L, message);
  lua_concat(L, 2);
  lua_error(L);
  __builtin_unreachable();
}
