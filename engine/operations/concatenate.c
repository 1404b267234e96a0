/* concatenate.c - tensors one behind the other along an axis. */
#include "operations/indexing.h"

typedef struct concatenate_config {
  int axis;
} concatenate_config;

static const nn_field fields[] = {
    {"axis", NN_FIELD_INT, offsetof(concatenate_config, axis), -1, -NN_MAX_NDIM, NN_MAX_NDIM, NULL}, {0}};

static int infer(nn_error *error, const void *config, const nn_shape *in, int count, nn_shape *out) {
  char has[NN_SHAPE_TEXT], wants[NN_SHAPE_TEXT];
  nn_shape shape = in[0];
  int axis = 0;
  if (nn_find_axis(error, &axis, ((const concatenate_config *)config)->axis, shape.ndim) != NN_OK)
    return NN_ERROR;
  for (int i = 1; i < count; i++) {
    nn_shape same = in[i];
    if (same.ndim == shape.ndim)
      same.dim[axis] = shape.dim[axis];
    if (!nn_shape_equal(&same, &shape) || (in[i].dim[axis] < 0) != (shape.dim[axis] < 0))
      return nn_fail(error, "tensor %d of the list has shape %s, which does not fit %s: only axis %d may differ", i + 1,
                     nn_shape_text(&in[i], has), nn_shape_text(&in[0], wants), axis + 1);
    shape.dim[axis] += in[i].dim[axis];
  }
  *out = shape;
  return NN_OK;
}

typedef void copy_rows(float *joined, float *part, size_t size);

static void copy_to_joined(float *joined, float *part, size_t size) { memcpy(joined, part, size); }
static void copy_to_part(float *joined, float *part, size_t size) { memcpy(part, joined, size); }

/* Copies between the joined tensor (outer, sum of lengths, inner) and the parts (outer, length, inner) with data. */
static void copy_parts(const nn_call *call, float *joined, const nn_tensor *parts, copy_rows *copy) {
  nn_error error;
  int axis = 0;
  nn_find_axis(&error, &axis, ((const concatenate_config *)call->config)->axis, call->out.shape.ndim);
  nn_lanes whole = nn_lanes_of(&call->out.shape, axis);
  for (int i = 0; i < call->input_count; i++) {
    int64_t width = call->in[i].shape.dim[axis] * whole.inner;
    for (int64_t o = 0; parts[i].data && o < whole.outer; o++)
      copy(joined + o * whole.length * whole.inner, (float *)parts[i].data + o * width, (size_t)width * sizeof(float));
    joined += width;
  }
}

static int forward(nn_error *error, const nn_call *call) {
  (void)error;
  copy_parts(call, call->out.data, call->in, copy_to_joined);
  return NN_OK;
}

static void backward(const nn_call *call, const nn_tensor *grad_out, nn_tensor *grad_in) {
  copy_parts(call, grad_out->data, grad_in, copy_to_part);
}

const nn_operation nn_operation_concatenate = {.name = "concatenate",
                                               .config_size = sizeof(concatenate_config),
                                               .fields = fields,
                                               .min_inputs = 1,
                                               .max_inputs = -1,
                                               .infer = infer,
                                               .forward = forward,
                                               .backward = backward};
