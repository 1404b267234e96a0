/* attention.c - the core of all attention layers: out = softmax(scale q k') v, for each head.
 *
 * Inputs are q (..., queries, heads, width), k (..., keys, key_heads, width) and v (..., keys, key_heads, value_width),
 * the same axes before, then the masks that the config announces, all 0 or 1: query_mask (queries), key_mask (keys),
 * mask (..., queries, keys) or (..., heads, queries, keys), where the length of heads may be 1. Outputs are out
 * (..., queries, heads, value_width) and, with return_scores, the scores (..., heads, queries, keys). */
#include "products/attention.h"

#include <math.h>
#include <string.h>

#include "graph/node.h"

typedef struct attention_config {
  double scale, dropout;
  int seed;
  bool is_causal, has_query_mask, has_key_mask, has_mask, return_scores;
} attention_config;

#define FLAG(name)                                                                                                     \
  { #name, NN_FIELD_BOOL, offsetof(attention_config, name), false, 0, 1, NULL }
static const nn_field fields[] = {
    {"scale", NN_FIELD_FLOAT, offsetof(attention_config, scale), 1, -INFINITY, INFINITY, NULL},
    {"dropout", NN_FIELD_FLOAT, offsetof(attention_config, dropout), 0, 0, 1, NULL},
    {"seed", NN_FIELD_INT, offsetof(attention_config, seed), NN_NO_SEED, NN_NO_SEED, INT32_MAX, NULL},
    FLAG(is_causal),
    FLAG(has_query_mask),
    FLAG(has_key_mask),
    FLAG(has_mask),
    FLAG(return_scores),
    {0}};

enum { Q, K, V, FIRST_MASK };

static const attention_config *config_of(const nn_node *node) { return node->config; }

/* Axes before the last three. */
static int outer_axes(const nn_node *node) { return node->inputs[Q]->shape.ndim - 3; }

static int64_t outer_count(const nn_node *node) {
  nn_shape outer = node->inputs[Q]->shape;
  outer.ndim -= 3;
  return nn_shape_count(&outer);
}

/* The length of an axis of q, k or v, from 0 after the outer ones. */
static int64_t length(const nn_node *node, int input, int axis) {
  return node->inputs[input]->shape.dim[outer_axes(node) + axis];
}

/* ---- shapes ---- */

static int check_operands(nn_error *error, const nn_node *node) {
  const nn_shape *q = &node->inputs[Q]->shape, *k = &node->inputs[K]->shape, *v = &node->inputs[V]->shape;
  char qs[NN_SHAPE_TEXT], ks[NN_SHAPE_TEXT], vs[NN_SHAPE_TEXT];
  nn_shape_text(q, qs), nn_shape_text(k, ks), nn_shape_text(v, vs);
  bool same = q->ndim >= 3 && k->ndim == q->ndim && v->ndim == q->ndim;
  for (int i = 0; same && i < q->ndim - 3; i++)
    same = k->dim[i] == q->dim[i] && v->dim[i] == q->dim[i];
  if (!same)
    return nn_fail(error, "query, key and value do not fit together: their heads are %s, %s and %s", qs, ks, vs);
  if (length(node, K, 0) != length(node, V, 0))
    return nn_fail(error, "expected as many keys as values, got %d keys and %d values", (int)length(node, K, 0),
                   (int)length(node, V, 0));
  if (length(node, K, 1) != length(node, V, 1) || length(node, Q, 1) % length(node, K, 1))
    return nn_fail(error, "expected a number of query heads that key and value heads divide, got %s, %s and %s", qs, ks,
                   vs);
  if (length(node, Q, 2) != length(node, K, 2))
    return nn_fail(error, "expected queries and keys of the same length, got %d and %d", (int)length(node, Q, 2),
                   (int)length(node, K, 2));
  return NN_OK;
}

static int check_places(nn_error *error, const nn_node *node, int input, const char *what, int64_t places) {
  const nn_shape *mask = &node->inputs[input]->shape;
  char text[NN_SHAPE_TEXT];
  if (outer_axes(node) > 0)
    return nn_fail(error, "%s_mask: only for attention over all axes; use attention_mask", what);
  if (mask->ndim != 1 || mask->dim[0] != places)
    return nn_fail(error, "%s_mask: expected a mask of shape %d, one number for each place, got %s", what, (int)places,
                   nn_shape_text(mask, text));
  return NN_OK;
}

/* Whether the mask has an axis for the heads. */
static bool has_heads(const nn_node *node, const nn_shape *mask) { return mask->ndim == outer_axes(node) + 3; }

static int check_mask(nn_error *error, const nn_node *node, int input) {
  const nn_shape *mask = &node->inputs[input]->shape, *q = &node->inputs[Q]->shape;
  const int outer = outer_axes(node), last = mask->ndim - 1;
  const int64_t queries = length(node, Q, 0), keys = length(node, K, 0), heads = length(node, Q, 1);
  bool fits = mask->ndim == outer + 2 || has_heads(node, mask);
  for (int i = 0; fits && i < outer; i++)
    fits = mask->dim[i] == q->dim[i];
  if (fits && has_heads(node, mask))
    fits = mask->dim[outer] == 1 || mask->dim[outer] == heads;
  char text[NN_SHAPE_TEXT];
  if (!fits || (mask->dim[last - 1] != queries && mask->dim[last - 1] != 1) ||
      (mask->dim[last] != keys && mask->dim[last] != 1))
    return nn_fail(error,
                   "attention_mask: expected a mask of %dx%d (queries and keys) or %dx%dx%d (heads first), got %s",
                   (int)queries, (int)keys, (int)heads, (int)queries, (int)keys, nn_shape_text(mask, text));
  return NN_OK;
}

static int check_masks(nn_error *error, const nn_node *node) {
  const attention_config *config = config_of(node);
  int input = FIRST_MASK;
  if (config->has_query_mask && check_places(error, node, input++, "query", length(node, Q, 0)) != NN_OK)
    return NN_ERROR;
  if (config->has_key_mask && check_places(error, node, input++, "key", length(node, K, 0)) != NN_OK)
    return NN_ERROR;
  return config->has_mask ? check_mask(error, node, input) : NN_OK;
}

/* ---- what is computed ---- */

/* The shapes; 1 sample and no memory. */
static nn_attention measure(const nn_node *node) {
  const attention_config *config = config_of(node);
  return (nn_attention){.samples = outer_count(node),
                        .queries = length(node, Q, 0),
                        .keys = length(node, K, 0),
                        .heads = length(node, Q, 1),
                        .key_heads = length(node, K, 1),
                        .width = length(node, Q, 2),
                        .value_width = length(node, V, 2),
                        .scale = (float)config->scale,
                        .is_causal = config->is_causal,
                        .rate = config->dropout};
}

static nn_attention_mask strides_of(const nn_node *node, const nn_value *mask) {
  const nn_shape *shape = &mask->shape;
  const int64_t keys = shape->dim[shape->ndim - 1], queries = shape->dim[shape->ndim - 2];
  const bool heads = has_heads(node, shape);
  return (nn_attention_mask){.data = mask->data,
                             .sample = mask->width / outer_count(node),
                             .head = heads && shape->dim[shape->ndim - 3] > 1 ? queries * keys : 0,
                             .query = queries > 1 ? keys : 0,
                             .key = keys > 1};
}

static nn_attention attention_of(const nn_node *node, const nn_pass *pass) {
  const attention_config *config = config_of(node);
  nn_attention a = measure(node);
  int input = FIRST_MASK, masks = 0;
  a.samples *= pass->rows;
  a.q = node->inputs[Q]->data, a.k = node->inputs[K]->data, a.v = node->inputs[V]->data;
  if (config->has_query_mask)
    a.masks[masks++] = (nn_attention_mask){node->inputs[input++]->data, a.queries, 0, 1, 0};
  if (config->has_key_mask)
    a.masks[masks++] = (nn_attention_mask){node->inputs[input++]->data, a.keys, 0, 0, 1};
  if (config->has_mask)
    a.masks[masks++] = strides_of(node, node->inputs[input++]);
  a.rate = pass->training ? config->dropout : 0;
  a.noise = nn_noise_stream(node, pass, config->seed);
  a.out = node->output->data;
  a.scores = config->return_scores ? node->output[1].data : NULL;
  a.scratch = node->scratch;
  return a;
}

static int build(nn_error *error, nn_node *node) {
  const attention_config *config = config_of(node);
  if (check_operands(error, node) != NN_OK || check_masks(error, node) != NN_OK)
    return NN_ERROR;
  nn_attention a = measure(node);
  const int outer = outer_axes(node);
  node->output->shape = node->inputs[Q]->shape;
  node->output->shape.dim[outer + 2] = a.value_width;
  node->output_count = 1 + config->return_scores;
  if (config->return_scores) {
    node->output[1].shape = node->inputs[Q]->shape;
    node->output[1].shape.dim[outer] = a.heads;
    node->output[1].shape.dim[outer + 1] = a.queries;
    node->output[1].shape.dim[outer + 2] = a.keys;
  }
  a.samples = INT32_MAX; /* as much as any batch takes */
  node->fixed_scratch_size = nn_attention_scratch(&a);
  return NN_OK;
}

static void forward(nn_node *node, const nn_pass *pass) {
  const nn_attention a = attention_of(node, pass);
  nn_attention_forward(pass->team, &a);
}

/* The gradient of out may be NULL if only that of the scores is there. */
static void backward(nn_node *node, const nn_pass *pass) {
  nn_attention a = attention_of(node, pass);
  const nn_attention_gradients gradients = {.out = node->output->grad,
                                            .scores = node->output_count > 1 ? node->output[1].grad : NULL,
                                            .q = node->input_grad[Q],
                                            .k = node->input_grad[K],
                                            .v = node->input_grad[V]};
  a.scores = NULL;
  nn_attention_backward(pass->team, &a, &gradients);
  for (int i = FIRST_MASK; i < node->input_count; i++)
    if (node->input_grad[i])
      memset(node->input_grad[i], 0, sizeof(float) * (size_t)(pass->rows * node->inputs[i]->width));
}

static double work(const nn_node *node) {
  const nn_attention a = measure(node);
  return (double)(a.samples * a.heads * a.queries) * (double)(a.keys * (a.width + a.value_width));
}

const nn_layer nn_layer_attention = {.name = "attention",
                                     .config_size = sizeof(attention_config),
                                     .fields = fields,
                                     .most_outputs = 2,
                                     .build = build,
                                     .forward = forward,
                                     .backward = backward,
                                     .work = work};
