/* attention.c - dot-product attention over query (samples, queries, heads, width), key (samples, keys, key_heads,
 * width) and value (samples, keys, key_heads, value_width), and a mask that is broadcast to (samples, heads, queries,
 * keys): 0 where a query may not see a key. */
#include <math.h>
#include <string.h>

#include "operations/operation.h"
#include "products/attention.h"

typedef struct attention_config {
  double scale;
  bool is_causal;
} attention_config;

static const nn_field fields[] = {
    {"scale", NN_FIELD_FLOAT, offsetof(attention_config, scale), 1, -INFINITY, INFINITY, NULL},
    {"is_causal", NN_FIELD_BOOL, offsetof(attention_config, is_causal), false, 0, 1, NULL},
    {0}};

enum { Q, K, V, MASK, AXES = 4 };

static int check_mask(nn_error *error, const nn_shape *in) {
  const nn_shape scores = {AXES, {in[Q].dim[0], in[Q].dim[2], in[Q].dim[1], in[K].dim[1]}};
  char got[NN_SHAPE_TEXT], wanted[NN_SHAPE_TEXT];
  nn_shape_text(&in[MASK], got), nn_shape_text(&scores, wanted);
  bool fits = in[MASK].ndim <= AXES;
  for (int i = 0; fits && i < in[MASK].ndim; i++) {
    const int64_t own = in[MASK].dim[i], whole = scores.dim[i + AXES - in[MASK].ndim];
    fits = own == 1 || own == whole;
  }
  return fits ? NN_OK : nn_fail(error, "mask: expected a mask that broadcasts to %s, got %s", wanted, got);
}

static int infer(nn_error *error, const void *config, const nn_shape *in, int count, nn_shape *out) {
  char q[NN_SHAPE_TEXT], k[NN_SHAPE_TEXT], v[NN_SHAPE_TEXT];
  (void)config;
  nn_shape_text(&in[Q], q), nn_shape_text(&in[K], k), nn_shape_text(&in[V], v);
  if (in[Q].ndim != AXES || in[K].ndim != AXES || in[V].ndim != AXES)
    return nn_fail(error, "expected query, key and value of (samples, length, heads, width), got %s, %s and %s", q, k,
                   v);
  const int64_t *dq = in[Q].dim, *dk = in[K].dim, *dv = in[V].dim;
  if (dq[0] != dk[0] || dk[0] != dv[0] || dk[1] != dv[1] || dk[2] != dv[2] || dq[3] != dk[3] || dk[2] == 0 ||
      dq[2] % dk[2])
    return nn_fail(error,
                   "query, key and value do not fit together: %s, %s and %s; expected as many samples, as many keys as "
                   "values, the same width of query and key, and heads of key and value that divide the query's",
                   q, k, v);
  if (dk[1] == 0 || dk[3] == 0)
    return nn_fail(error, "expected at least one key, and keys of at least one number, got %s", k);
  *out = in[Q];
  out->dim[3] = dv[3];
  return count > MASK ? check_mask(error, in) : NN_OK;
}

static nn_attention_mask mask_of(const nn_tensor *mask) {
  int64_t strides[AXES] = {0}, stride = 1;
  for (int i = mask->shape.ndim - 1; i >= 0; i--) {
    strides[i + AXES - mask->shape.ndim] = mask->shape.dim[i] > 1 ? stride : 0;
    stride *= mask->shape.dim[i];
  }
  return (nn_attention_mask){mask->data, strides[0], strides[1], strides[2], strides[3]};
}

static nn_attention attention_of(const nn_call *call) {
  const attention_config *config = call->config;
  const int64_t *q = call->in[Q].shape.dim, *k = call->in[K].shape.dim;
  nn_attention a = {.samples = q[0], .queries = q[1], .keys = k[1], .heads = q[2], .key_heads = k[2], .width = q[3]};
  a.value_width = call->in[V].shape.dim[3];
  a.scale = (float)config->scale;
  a.is_causal = config->is_causal;
  a.q = call->in[Q].data, a.k = call->in[K].data, a.v = call->in[V].data;
  if (call->input_count > MASK)
    a.masks[0] = mask_of(&call->in[MASK]);
  a.out = call->out.data;
  a.scratch = call->scratch;
  return a;
}

static int64_t scratch(const nn_call *call) {
  const nn_attention a = attention_of(call);
  return nn_attention_scratch(&a);
}

static int forward(nn_error *error, const nn_call *call) {
  const nn_attention a = attention_of(call);
  (void)error;
  nn_attention_forward(call->team, &a);
  return NN_OK;
}

static void backward(const nn_call *call, const nn_tensor *grad_out, nn_tensor *grad_in) {
  const nn_attention a = attention_of(call);
  const nn_attention_gradients gradients = {grad_out->data, NULL, grad_in[Q].data, grad_in[K].data, grad_in[V].data};
  nn_attention_backward(call->team, &a, &gradients);
  if (call->input_count > MASK && grad_in[MASK].data)
    memset(grad_in[MASK].data, 0, sizeof(float) * (size_t)nn_shape_count(&call->in[MASK].shape));
}

const nn_operation nn_operation_dot_product_attention = {.name = "dot_product_attention",
                                                         .config_size = sizeof(attention_config),
                                                         .fields = fields,
                                                         .min_inputs = 3,
                                                         .max_inputs = 4,
                                                         .infer = infer,
                                                         .scratch = scratch,
                                                         .forward = forward,
                                                         .backward = backward};
