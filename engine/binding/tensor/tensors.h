/* tensors.h - what the files that show tensors to Lua share. */
#ifndef NN_TENSORS_H
#define NN_TENSORS_H

#include "binding/binding.h"
#include "tensor/walk.h"

/* A Lua value taken as a tensor; a number needs no memory but this. */
typedef struct nn_operand {
  nn_tensor tensor;
  union {
    float real;
    int32_t whole;
    uint8_t byte;
  } number;
} nn_operand;

/* The value at that position in the words of an error: 1.5, "x", nil, a table. May push a string. */
const char *nn_describe(lua_State *L, int position);
/* Raises error's message unless status is NN_OK. */
void nn_check(lua_State *L, int status, const nn_error *error);
/* A shape is refused if its tensor would exceed any memory. */
void nn_check_size(lua_State *L, const nn_shape *shape);
bool nn_test_integer(lua_State *L, int position, lua_Integer *out);
nn_dtype nn_check_dtype(lua_State *L, int position, nn_dtype default_value);
/* An axis counted from 1, or from the end if negative; returned from 0. */
int nn_check_axis(lua_State *L, int position, const nn_shape *shape);
/* The integers of the list at that position, or of the arguments from there on; at most NN_MAX_NDIM. */
int nn_check_integers(lua_State *L, int position, const char *what, int64_t list[NN_MAX_NDIM]);

/* The tensor at that position has been assigned to. */
void nn_count_change(lua_State *L, int position);

bool nn_dtype_holds(nn_dtype dtype, double value);
const char *nn_dtype_range(nn_dtype dtype); /* "whole numbers from 0 to 255" */

/* A number as a tensor without axes; an error if the type cannot hold it exactly (float32: as nearly as it does). */
void nn_check_number(lua_State *L, int position, nn_dtype dtype, nn_operand *out);
/* A tensor, number or nested table. A whole number is int32, others and tables are float32. */
void nn_check_operand(lua_State *L, int position, nn_operand *out);

/* The position of an index along an axis, from 0. */
int64_t nn_resolve_index(lua_State *L, const nn_tensor *tensor, int axis, lua_Integer index);

void nn_push_element(lua_State *L, const nn_tensor *tensor, int64_t offset);
/* A view of the tensor at stack position owner; its number if it has no axes. */
void nn_push_view(lua_State *L, int owner, const nn_tensor *view);
/* The userdata whose memory the tensor at that position sees. */
void nn_push_owner(lua_State *L, int position);
nn_tensor *nn_push_copy(lua_State *L, const nn_tensor *tensor, nn_dtype dtype);
/* From the nested table at that position. */
nn_tensor *nn_push_from_table(lua_State *L, int position, nn_dtype dtype);

int nn_tensor_get(lua_State *L); /* __index; its upvalue is the table of methods */
int nn_tensor_set(lua_State *L); /* __newindex */

/* t[mask], pushed; and t[mask] = source, which is of t's type or a narrower one. The mask is at that stack position. */
int nn_mask_get(lua_State *L, const nn_tensor *tensor, int position);
void nn_mask_set(lua_State *L, const nn_tensor *tensor, int position, nn_tensor *source);

extern const luaL_Reg nn_tensor_mask_functions[];                             /* tensor_mask.c */
extern const luaL_Reg nn_tensor_table_functions[], nn_tensor_table_methods[]; /* tensor_table.c */
extern const luaL_Reg nn_tensor_shape_functions[], nn_tensor_shape_methods[]; /* tensor_shape.c */
extern const luaL_Reg nn_tensor_math_functions[], nn_tensor_math_methods[];   /* tensor_math.c */
/* Adds the element-wise methods, or the metamethods of arithmetic, to the table on top of the stack. */
void nn_set_operations(lua_State *L, bool metamethods);

#endif
