/* process.h - what the files of module engine.process share. */
#ifndef NN_BINDING_PROCESS_H
#define NN_BINDING_PROCESS_H

#include "binding/binding.h"

/* True, or nil with the reason, as Lua's own io functions give it: of a call that gives a negative number if it fails.
 */
static inline int result(lua_State *L, int value) { return luaL_fileresult(L, value >= 0, NULL); }

static inline int check_int(lua_State *L, int position) { return (int)luaL_checkinteger(L, position); }

/* descriptor.c: its functions, which are in the module too; the last name is NULL. */
extern const luaL_Reg nn_descriptor_functions[];

#endif
