/* pad.c - more elements before and behind those of a tensor, along each axis. */
#include "operations/indexing.h"

enum { CONSTANT, EDGE, REFLECT, SYMMETRIC };

static const char *const modes[] = {"constant", "edge", "reflect", "symmetric", NULL};

typedef struct pad_config {
  nn_shape before, after;
  int mode;
  double value;
} pad_config;

static const nn_field fields[] = {{"before", NN_FIELD_SHAPE, offsetof(pad_config, before), 0, 0, INT32_MAX, NULL},
                                  {"after", NN_FIELD_SHAPE, offsetof(pad_config, after), 0, 0, INT32_MAX, NULL},
                                  {"mode", NN_FIELD_CHOICE, offsetof(pad_config, mode), CONSTANT, 0, 0, modes},
                                  {"value", NN_FIELD_FLOAT, offsetof(pad_config, value), 0, -INFINITY, INFINITY, NULL},
                                  {0}};

static int infer(nn_error *error, const void *given, const nn_shape *in, int count, nn_shape *out) {
  (void)count;
  const pad_config *config = given;
  if (config->before.ndim != in->ndim || config->after.ndim != in->ndim)
    return nn_fail(error, "pad_width: expected {before, after} for each of %d axes, got %d", in->ndim,
                   config->before.ndim);
  nn_shape shape = *in;
  for (int i = 0; i < in->ndim; i++) {
    int64_t more = config->before.dim[i] + config->after.dim[i];
    if (more > 0 && in->dim[i] < 0)
      return nn_fail(error, "axis %d is the batch, whose length is not known: it cannot be padded", i + 1);
    if (more > 0 && in->dim[i] == 0 && config->mode != CONSTANT)
      return nn_fail(error, "axis %d has no elements to repeat", i + 1);
    shape.dim[i] += more;
  }
  *out = shape;
  return NN_OK;
}

static int64_t modulo(int64_t i, int64_t n) { return (i % n + n) % n; }

/* The element that stands at position i of an axis of n elements, which may be outside; -1: the constant. */
static int64_t source_of(int mode, int64_t i, int64_t n) {
  if (i >= 0 && i < n)
    return i;
  switch (mode) {
  case EDGE: return i < 0 ? 0 : n - 1;
  case REFLECT: /* abcd cb abcd: the ends are not repeated */
    i = n == 1 ? 0 : modulo(i, 2 * (n - 1));
    return i < n ? i : 2 * (n - 1) - i;
  case SYMMETRIC: /* abcd dcba abcd */ i = modulo(i, 2 * n); return i < n ? i : 2 * n - 1 - i;
  default: return -1;
  }
}

/* Goes over all elements of the padded tensor; x is NULL if an earlier axis is outside. */
typedef struct pad_walk {
  const pad_config *config;
  const nn_tensor *x, *out;
  bool is_backward;
} pad_walk;

static void pad_elements(const pad_walk *walk, float *x, float *out, int64_t count) {
  float value = (float)walk->config->value;
  if (!walk->is_backward)
    for (int64_t i = 0; i < count; i++)
      out[i] = x ? x[i] : value;
  else if (x)
    for (int64_t i = 0; i < count; i++)
      x[i] += out[i];
}

static void pad_axis(const pad_walk *walk, int axis, float *x, float *out) {
  if (axis == walk->x->shape.ndim) {
    pad_elements(walk, x, out, 1);
    return;
  }
  int64_t length = walk->x->shape.dim[axis], before = walk->config->before.dim[axis];
  bool is_last = axis == walk->x->shape.ndim - 1;
  for (int64_t i = 0; i < walk->out->shape.dim[axis]; i++) {
    if (is_last && i == before && length > 0) { /* a row at once */
      pad_elements(walk, x, out + before, length);
      i += length - 1;
      continue;
    }
    int64_t source = source_of(walk->config->mode, i - before, length);
    pad_axis(walk, axis + 1, x && source >= 0 ? x + source * walk->x->stride[axis] : NULL,
             out + i * walk->out->stride[axis]);
  }
}

static int forward(nn_error *error, const nn_call *call) {
  (void)error;
  pad_walk walk = {call->config, &call->in[0], &call->out, .is_backward = false};
  pad_axis(&walk, 0, call->in[0].data, call->out.data);
  return NN_OK;
}

static void backward(const nn_call *call, const nn_tensor *grad_out, nn_tensor *grad_in) {
  pad_walk walk = {call->config, &call->in[0], grad_out, .is_backward = true};
  nn_clear(&grad_in[0]);
  if (grad_in[0].data)
    pad_axis(&walk, 0, grad_in[0].data, grad_out->data);
}

const nn_operation nn_operation_pad = {.name = "pad",
                                       .config_size = sizeof(pad_config),
                                       .fields = fields,
                                       .min_inputs = 1,
                                       .max_inputs = 1,
                                       .infer = infer,
                                       .forward = forward,
                                       .backward = backward};
