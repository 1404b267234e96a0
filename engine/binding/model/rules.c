/* rules.c - engine.rules: penalties on weights and limits of weights, on their own. */
#include <string.h>

#include "binding/binding.h"

void nn_check_regularizer(lua_State *L, int position, const char *what, nn_regularizer *out, const nn_shape *shape) {
  char text[NN_SHAPE_TEXT];
  nn_fill_fields(L, position, what, nn_regularizer_fields, out);
  if (out->kind == NN_REGULARIZE_ORTHOGONAL && shape->ndim != 2)
    nn_blame(L, "%s: an orthogonal regularizer wants weights of two axes, got %s", what, nn_shape_text(shape, text));
}

void nn_check_constraint(lua_State *L, int position, const char *what, nn_constraint *out, const nn_shape *shape) {
  char text[NN_SHAPE_TEXT];
  nn_fill_fields(L, position, what, nn_constraint_fields, out);
  for (int i = 0; i < out->axes.ndim; i++)
    if (out->axes.dim[i] >= shape->ndim)
      nn_blame(L, "%s: weights of %s have no axis %d", what, nn_shape_text(shape, text), (int)out->axes.dim[i] + 1);
}

/* (config, tensor, what, with_gradient) -> the penalty, a number; with_gradient: also its derivative by the tensor */
static int regularize(lua_State *L) {
  nn_tensor *w = nn_check_floats(L, 2);
  nn_regularizer regularizer;
  nn_check_regularizer(L, 1, luaL_checkstring(L, 3), &regularizer, &w->shape);
  nn_tensor *gradient = NULL;
  if (lua_toboolean(L, 4)) {
    gradient = nn_new_tensor(L, NN_FLOAT32, &w->shape);
    memset(gradient->data, 0, sizeof(float) * (size_t)nn_shape_count(&w->shape));
  }
  lua_pushnumber(L, nn_regularize(&regularizer, gradient ? gradient->data : NULL, w->data, &w->shape));
  if (!gradient)
    return 1;
  lua_insert(L, -2);
  return 2;
}

/* (config, tensor, what) -> a tensor within the limits */
static int constrain(lua_State *L) {
  nn_tensor *w = nn_check_floats(L, 2);
  nn_constraint constraint;
  nn_check_constraint(L, 1, luaL_checkstring(L, 3), &constraint, &w->shape);
  nn_tensor *out = nn_new_tensor(L, NN_FLOAT32, &w->shape);
  memcpy(out->data, w->data, sizeof(float) * (size_t)nn_shape_count(&w->shape));
  nn_constrain(&constraint, out->data, &out->shape);
  return 1;
}

int nn_open_rules(lua_State *L) {
  static const luaL_Reg functions[] = {{"regularize", regularize}, {"constrain", constrain}, {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
