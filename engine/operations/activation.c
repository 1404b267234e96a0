/* activation.c - the functions between layers: one operation, whose config names the function. */
#include "tensor/activation.h"

#include "operations/shapes.h"

typedef struct activation_config {
  nn_activation_config activation;
} activation_config;

static const nn_field fields[] = {NN_ACTIVATION_FIELDS("activation", activation_config, activation), {0}};

/* Functions of a whole row (softmax) look along the last axis. */
static int64_t width_of(const nn_tensor *x) { return x->shape.ndim ? x->shape.dim[x->shape.ndim - 1] : 1; }

static int64_t rows_of(const nn_tensor *x) { return width_of(x) ? nn_count(x) / width_of(x) : 0; }

static int activation_forward(nn_error *error, const nn_call *call) {
  const activation_config *self = call->config;
  const nn_tensor *x = &call->in[0];
  (void)error;
  nn_activate(&self->activation, call->out.data, x->data, rows_of(x), width_of(x));
  return NN_OK;
}

static void activation_backward(const nn_call *call, const nn_tensor *grad_out, nn_tensor *grad_in) {
  const activation_config *self = call->config;
  const nn_tensor *x = &call->in[0];
  if (grad_in[0].data)
    nn_activate_backward(&self->activation, grad_in[0].data, grad_out->data, call->out.data, x->data, rows_of(x),
                         width_of(x));
}

const nn_operation nn_operation_activation = {
    .name = "activation",
    .config_size = sizeof(activation_config),
    .fields = fields,
    .min_inputs = 1,
    .max_inputs = 1,
    .infer = nn_infer_first,
    .forward = activation_forward,
    .backward = activation_backward,
};
