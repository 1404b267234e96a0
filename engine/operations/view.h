/* view.h - operations that give elements of their input at other places: a strided view of it, copied.
 *
 *   forward   out = the view
 *   backward  each element of dx = the sum of dy over the places at which the view shows it, 0 if at none */
#ifndef NN_OPERATION_VIEW_H
#define NN_OPERATION_VIEW_H

#include "operations/shapes.h"

/* Where in the input the elements of the result lie. If a length of the input is unknown (negative), strides and offset
 * mean nothing. */
typedef struct nn_view {
  nn_shape shape;
  int64_t stride[NN_MAX_NDIM];
  int64_t offset;
} nn_view;

typedef int nn_view_function(nn_error *, const void *config, const nn_shape *x, nn_view *out);

/* The view that shows everything where it is. */
nn_view nn_view_whole(const nn_shape *shape);

/* nn_operation.forward and .backward, given the view. */
int nn_view_forward(nn_error *, const nn_call *, nn_view_function *view_of);
void nn_view_backward(const nn_call *, const nn_tensor *grad_out, nn_tensor *grad_in, nn_view_function *view_of);

/* The operation `identifier` from its config and its function identifier_view; then come its fields. */
#define NN_VIEW(identifier, type, ...)                                                                                 \
  static const nn_field identifier##_fields[] = {__VA_ARGS__{0}};                                                      \
  static int identifier##_infer(nn_error *error, const void *config, const nn_shape *in, int count, nn_shape *out) {   \
    (void)count;                                                                                                       \
    nn_view view;                                                                                                      \
    if (identifier##_view(error, config, in, &view) != NN_OK)                                                          \
      return NN_ERROR;                                                                                                 \
    *out = view.shape;                                                                                                 \
    return NN_OK;                                                                                                      \
  }                                                                                                                    \
  static int identifier##_forward(nn_error *error, const nn_call *call) {                                              \
    return nn_view_forward(error, call, identifier##_view);                                                            \
  }                                                                                                                    \
  static void identifier##_backward(const nn_call *call, const nn_tensor *grad_out, nn_tensor *grad_in) {              \
    nn_view_backward(call, grad_out, grad_in, identifier##_view);                                                      \
  }                                                                                                                    \
  const nn_operation nn_operation_##identifier = {                                                                     \
      .name = #identifier,                                                                                             \
      .config_size = sizeof(type),                                                                                     \
      .fields = identifier##_fields,                                                                                   \
      .min_inputs = 1,                                                                                                 \
      .max_inputs = 1,                                                                                                 \
      .infer = identifier##_infer,                                                                                     \
      .forward = identifier##_forward,                                                                                 \
      .backward = identifier##_backward,                                                                               \
  };

/* Fields: a list of whole numbers of at least `least`, empty by default; a whole number. */
#define NN_VIEW_LIST(type, member, least) {#member, NN_FIELD_SHAPE, offsetof(type, member), 0, least, INT32_MAX, NULL},
#define NN_VIEW_INT(type, member, value)                                                                               \
  {#member, NN_FIELD_INT, offsetof(type, member), value, INT32_MIN, INT32_MAX, NULL},

#endif
