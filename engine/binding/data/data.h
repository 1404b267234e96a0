/* data.h - what the files of engine.data share. */
#ifndef NN_BINDING_DATA_H
#define NN_BINDING_DATA_H

#include "binding/binding.h"

/* Pushes nil and "path: what is wrong"; returns their number. */
int nn_push_failure(lua_State *L, const char *path, const nn_error *error);

extern const luaL_Reg nn_row_functions[];    /* rows.c */
extern const luaL_Reg nn_image_functions[];  /* images.c */
extern const luaL_Reg nn_number_functions[]; /* numbers.c */

#endif
