/* operation_node.c - the one adaptor that makes a node of any operation.
 *
 * An operation sees whole tensors. Samples become one by the batch's axis in front. The shape of the result is inferred
 * for two numbers of rows: a length that is the same for both is fixed, another has to be a multiple of the rows. So no
 * operation need know of batches. */
#include "operation_node.h"

#include <stdio.h>
#include <string.h>

typedef struct operation_use {
  nn_call call;
  nn_tensor *in, *grad_in; /* (input_count) */
  nn_shape *shapes;        /* (input_count) */
} operation_use;

size_t nn_operation_use_size(int input_count) {
  return sizeof(operation_use) + (size_t)input_count * (2 * sizeof(nn_tensor) + sizeof(nn_shape));
}

static operation_use *use_of(const nn_node *node) {
  operation_use *use = node->use;
  use->in = (nn_tensor *)(use + 1);
  use->grad_in = use->in + node->input_count;
  use->shapes = (nn_shape *)(use->grad_in + node->input_count);
  return use;
}

/* ---- shapes ---- */

/* Primes that nobody takes for the length of an axis. */
enum { ROWS = 99991, OTHER_ROWS = 99989 };

static int infer(nn_error *error, const nn_node *node, int64_t rows, nn_shape *out) {
  operation_use *use = use_of(node);
  for (int k = 0; k < node->input_count; k++)
    use->shapes[k] = nn_value_shape(node->inputs[k], rows);
  return node->operation->infer(error, node->config, use->shapes, node->input_count, out);
}

static bool is_of_batch(const nn_value *value) {
  bool any = !value->is_whole;
  for (int i = 0; i < value->shape.ndim; i++)
    any |= value->shape.dim[i] < 0;
  return any;
}

/* From a length for ROWS and one for OTHER_ROWS to one that holds for any number of rows. */
static int combine(nn_error *error, int64_t *length, int64_t other) {
  if (*length == other)
    return NN_OK;
  if (*length % ROWS || *length / ROWS * OTHER_ROWS != other)
    return nn_fail(error, "the length of an axis of the result depends on the number of rows in a batch, but is no "
                          "multiple of it");
  *length = -(*length / ROWS);
  return NN_OK;
}

/* In a message the number of rows is n. */
static void name_rows(nn_error *error) {
  char rows[24];
  snprintf(rows, sizeof rows, "%d", ROWS);
  const size_t length = strlen(rows);
  for (char *at = strstr(error->message, rows); at; at = strstr(at, rows)) {
    *at++ = 'n';
    memmove(at, at + length - 1, strlen(at + length - 1) + 1);
  }
}

static int infer_for_any_rows(nn_error *error, const nn_node *node, nn_shape *out) {
  bool depends = false;
  nn_shape other;
  for (int k = 0; k < node->input_count; k++)
    depends |= is_of_batch(node->inputs[k]);
  if (infer(error, node, ROWS, out) != NN_OK) {
    name_rows(error);
    return NN_ERROR;
  }
  if (!depends)
    return NN_OK;
  if (infer(error, node, OTHER_ROWS, &other) != NN_OK)
    return NN_ERROR;
  if (other.ndim != out->ndim)
    return nn_fail(error, "the number of axes of the result depends on the number of rows in a batch");
  for (int i = 0; i < out->ndim; i++)
    if (combine(error, &out->dim[i], other.dim[i]) != NN_OK)
      return NN_ERROR;
  return NN_OK;
}

/* Samples, if the batch's axis is the first and no other length depends on it. */
static bool are_samples(const nn_shape *shape) {
  for (int i = 1; i < shape->ndim; i++)
    if (shape->dim[i] < 0)
      return false;
  return shape->ndim > 0 && shape->dim[0] == -1;
}

static int build(nn_error *error, nn_node *node) {
  nn_shape shape;
  if (infer_for_any_rows(error, node, &shape) != NN_OK)
    return NN_ERROR;
  node->output->is_whole = !are_samples(&shape);
  if (!node->output->is_whole) {
    shape.ndim--;
    memmove(shape.dim, shape.dim + 1, sizeof *shape.dim * (size_t)shape.ndim);
  }
  node->output->shape = shape;
  return NN_OK;
}

/* ---- running ---- */

static nn_tensor tensor_of(const nn_value *value, int64_t rows) {
  const nn_shape shape = nn_value_shape(value, rows);
  return nn_tensor_over(NN_FLOAT32, &shape, value->data);
}

static operation_use *call_with(const nn_node *node, int64_t rows, nn_team *team) {
  operation_use *use = use_of(node);
  for (int k = 0; k < node->input_count; k++)
    use->in[k] = tensor_of(node->inputs[k], rows);
  use->call = (nn_call){.config = node->config,
                        .input_count = node->input_count,
                        .in = use->in,
                        .out = tensor_of(node->output, rows),
                        .scratch = node->scratch,
                        .team = team};
  return use;
}

int64_t nn_operation_scratch(const nn_node *node, int64_t rows) {
  return node->operation->scratch ? node->operation->scratch(&call_with(node, rows, NULL)->call) : 0;
}

static void forward(nn_node *node, const nn_pass *pass) {
  nn_error ignored, *error = pass->error ? pass->error : &ignored;
  if (!pass->error || !pass->error->message[0])
    node->operation->forward(error, &call_with(node, pass->rows, pass->team)->call);
}

static void backward(nn_node *node, const nn_pass *pass) {
  operation_use *use = call_with(node, pass->rows, pass->team);
  nn_tensor grad = use->call.out;
  grad.data = node->output->grad;
  for (int k = 0; k < node->input_count; k++) {
    use->grad_in[k] = use->in[k];
    use->grad_in[k].data = node->input_grad[k];
  }
  node->operation->backward(&use->call, &grad, use->grad_in);
}

const nn_layer nn_layer_operation = {
    .name = "operation", .traits = NN_TAKES_WHOLE, .build = build, .forward = forward, .backward = backward};
