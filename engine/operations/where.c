/* where.c - elements of one input or of another, by a condition; all three are broadcast together. */
#include "operations/broadcast.h"
#include "tensor/walk.h"

static const nn_field no_fields[] = {{0}};

static int where_forward(nn_error *error, const nn_call *call) {
  const float *condition = call->in[0].data, *x = call->in[1].data, *y = call->in[2].data;
  float *out = call->out.data;
  (void)error;
  for (nn_walk walk = nn_walk_start(4, (const nn_tensor *[]){&call->out, &call->in[0], &call->in[1], &call->in[2]});
       nn_walk_next(&walk);)
    for (int64_t i = 0; i < walk.n; i++)
      out[walk.offset[0] + i] = condition[walk.offset[1] + i * walk.step[1]] != 0
                                    ? x[walk.offset[2] + i * walk.step[2]]
                                    : y[walk.offset[3] + i * walk.step[3]];
  return NN_OK;
}

/* Here x is the condition. */
static void slopes_if_true(float *restrict out, const float *g, const float *a, int64_t step_a, const float *b,
                           int64_t step_b, int64_t n) {
  NN_EACH_PAIR(out[i] = x != 0 ? g[i] : 0)
}

static void slopes_if_false(float *restrict out, const float *g, const float *a, int64_t step_a, const float *b,
                            int64_t step_b, int64_t n) {
  NN_EACH_PAIR(out[i] = x != 0 ? 0 : g[i])
}

static void zero_condition(nn_tensor *grad) {
  float *data = grad->data;
  for (int64_t i = 0, n = data ? nn_count(grad) : 0; i < n; i++)
    data[i] = 0;
}

static void where_backward(const nn_call *call, const nn_tensor *grad_out, nn_tensor *grad_in) {
  zero_condition(&grad_in[0]);
  nn_broadcast_backward(call, grad_out, 0, 1, 1, &grad_in[1], slopes_if_true);
  nn_broadcast_backward(call, grad_out, 0, 2, 2, &grad_in[2], slopes_if_false);
}

const nn_operation nn_operation_where = {
    .name = "where",
    .fields = no_fields,
    .min_inputs = 3,
    .max_inputs = 3,
    .infer = nn_infer_broadcast,
    .scratch = nn_broadcast_scratch,
    .forward = where_forward,
    .backward = where_backward,
};
