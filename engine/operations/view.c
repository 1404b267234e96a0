/* view.c - what all operations compute whose result is a view of their input. */
#include <string.h>

#include "view.h"

nn_view nn_view_whole(const nn_shape *shape) {
  nn_tensor tensor = nn_tensor_over(NN_FLOAT32, shape, NULL);
  nn_view whole = {.shape = *shape};
  memcpy(whole.stride, tensor.stride, sizeof whole.stride);
  return whole;
}

static nn_tensor view_over(const nn_view *view, float *data) {
  nn_tensor tensor = {.dtype = NN_FLOAT32, .shape = view->shape, .data = data + view->offset};
  memcpy(tensor.stride, view->stride, sizeof tensor.stride);
  return tensor;
}
/* The axes of a view: those along which it moves in the input, then those along which it stays (broadcasting). */
typedef struct view_axis {
  int64_t length, dx_stride, dy_stride;
} view_axis;

static double sum_over(const view_axis *axes, int count, const float *dy) {
  double sum = 0;
  if (count == 0)
    return *dy;
  for (int64_t i = 0; i < axes->length; i++)
    sum += sum_over(axes + 1, count - 1, dy + i * axes->dy_stride);
  return sum;
}

static void add_up(const view_axis *moving, int moving_count, const view_axis *still, int still_count, float *dx,
                   const float *dy) {
  if (moving_count == 0)
    *dx = (float)sum_over(still, still_count, dy);
  for (int64_t i = 0; moving_count > 0 && i < moving->length; i++)
    add_up(moving + 1, moving_count - 1, still, still_count, dx + i * moving->dx_stride, dy + i * moving->dy_stride);
}

int nn_view_forward(nn_error *error, const nn_call *call, nn_view_function *view_of) {
  nn_view view;
  if (view_of(error, call->config, &call->in[0].shape, &view) != NN_OK)
    return NN_ERROR;
  nn_tensor from = view_over(&view, call->in[0].data), to = call->out;
  return nn_tensor_copy(error, &to, &from);
}

void nn_view_backward(const nn_call *call, const nn_tensor *grad_out, nn_tensor *grad_in, nn_view_function *view_of) {
  nn_error error;
  nn_view view;
  float *dx = grad_in[0].data;
  if (!dx || view_of(&error, call->config, &call->in[0].shape, &view) != NN_OK)
    return;
  if (nn_count(&call->out) < nn_count(&call->in[0]))
    memset(dx, 0, (size_t)nn_count(&call->in[0]) * sizeof *dx);
  view_axis moving[NN_MAX_NDIM], still[NN_MAX_NDIM];
  int moving_count = 0, still_count = 0;
  for (int i = 0; i < view.shape.ndim; i++) {
    view_axis axis = {view.shape.dim[i], view.stride[i], grad_out->stride[i]};
    if (axis.dx_stride == 0 && axis.length > 1)
      still[still_count++] = axis;
    else
      moving[moving_count++] = axis;
  }
  nn_tensor seen = view_over(&view, dx);
  if (still_count == 0)
    nn_tensor_copy(&error, &seen, grad_out);
  else
    add_up(moving, moving_count, still, still_count, seen.data, grad_out->data);
}
