/* plan.c - the memory of a graph: one block, measured and handed out by the same walk. */
#include <string.h>

#include "base/arena.h"
#include "graph.h"
#include "operation_node.h"

enum { NONE = -1 };

/* ---- what is computed, and what learns ---- */

static bool has_trainable(const nn_node *node) {
  bool any = false;
  for (int i = 0; i < node->param_count; i++)
    any |= node->trainable && !node->params[i].is_state;
  return any;
}

static bool has_state(const nn_node *node) {
  bool any = false;
  for (int i = 0; i < node->param_count; i++)
    any |= node->params[i].is_state;
  return any;
}

static bool is_output(const nn_node *node) {
  bool any = false;
  for (int i = 0; i < node->output_count; i++)
    any |= node->output[i].is_output;
  return any;
}

/* A node's outputs are wanted if somebody reads one, or if computing them leaves something behind. Those of an
 * activation at the end are not if the loss is taken before it and there are no metrics. */
static void find_wanted(nn_graph *graph) {
  for (nn_node *node = graph->nodes; node < graph->nodes + graph->node_count; node++)
    node->is_wanted = is_output(node) || node->layer->penalty || has_state(node);
  for (nn_node *node = graph->nodes + graph->node_count - 1; node >= graph->nodes; node--)
    for (int k = 0; k < node->input_count; k++)
      node->inputs[k]->node->is_wanted |= node->is_wanted;
}

/* Whether training changes something at or before the node. No gradient passes some operations. */
static bool can_learn(const nn_node *node) {
  bool any = has_trainable(node);
  if (node->operation && !node->operation->backward)
    return false;
  for (int k = 0; k < node->input_count; k++)
    any |= node->inputs[k]->learns;
  return any;
}

/* A value learns if it is watched, or if its node has parameters to train or reads a value that learns; and if a loss
 * lies at or after it. */
static void find_learners(nn_graph *graph) {
  for (nn_node *node = graph->nodes; node < graph->nodes + graph->node_count; node++) {
    const bool learns = can_learn(node);
    for (nn_value *value = node->output; value < node->output + node->output_count; value++) {
      value->learns = learns || value->is_watched;
      value->readers = value->is_loss;
    }
  }
  for (nn_node *node = graph->nodes + graph->node_count - 1; node >= graph->nodes; node--) {
    node->learns = false;
    for (nn_value *value = node->output; value < node->output + node->output_count; value++) {
      value->learns &= value->readers > 0;
      node->learns |= value->learns;
    }
    for (int k = 0; k < node->input_count; k++)
      node->inputs[k]->readers += node->learns && node->inputs[k]->learns;
  }
}

/* ---- parameters ---- */

/* The earlier place of a parameter that several nodes share, or NULL. */
static const nn_param *shared_with(const nn_graph *graph, const nn_node *node, const nn_param *param) {
  for (const nn_node *earlier = graph->nodes; earlier < node; earlier++)
    for (int k = 0; k < earlier->param_count; k++)
      if (earlier->params[k].is_trained && earlier->params[k].value == param->value)
        return &earlier->params[k];
  return NULL;
}

static void append_segment(nn_graph *graph, const nn_param *param) {
  graph->segments[graph->segment_count++] = (nn_segment){param->shape, param->value, graph->gradient_count};
  graph->gradient_count += nn_shape_count(&param->shape);
}

/* The layout of the flat gradient: parameters in the order of the nodes, a shared one where it is met first. */
static void lay_out_parameters(nn_graph *graph) {
  graph->segment_count = 0;
  graph->gradient_count = 0;
  for (nn_node *node = graph->nodes; node < graph->nodes + graph->node_count; node++)
    for (nn_param *param = node->params; param < node->params + node->param_count; param++) {
      param->is_trained = node->trainable && node->learns && !param->is_state;
      const nn_param *first = param->is_trained ? shared_with(graph, node, param) : NULL;
      param->is_shared = first != NULL;
      param->offset = first ? first->offset : graph->gradient_count;
      if (param->is_trained && !first)
        append_segment(graph, param);
    }
}

static void find_penalties(nn_graph *graph) {
  graph->has_penalties = graph->has_constraints = false;
  for (nn_node *node = graph->nodes; node < graph->nodes + graph->node_count; node++) {
    graph->has_penalties |= node->layer->penalty != NULL;
    for (nn_param *param = node->params; param < node->params + node->param_count; param++) {
      graph->has_penalties |= param->is_trained && param->regularizer.kind != NN_REGULARIZE_NOT;
      graph->has_constraints |= param->is_trained && param->constraint.kind != NN_CONSTRAIN_NOT;
    }
  }
}

/* Whether a later node has the parameter too. */
static bool is_read_later(const nn_graph *graph, const nn_node *node, const nn_param *param) {
  for (const nn_node *later = node + 1; later < graph->nodes + graph->node_count; later++)
    for (int k = 0; k < later->param_count; k++)
      if (later->params[k].is_trained && later->params[k].value == param->value)
        return true;
  return false;
}

/* Nodes are walked backward. So the last one that has a parameter writes its gradient, and all others write into a
 * scratch that they share, from which it is added. */
static void place_parameters(nn_graph *graph, nn_arena *memory, bool training) {
  size_t most = 0;
  for (nn_node *node = graph->nodes; node < graph->nodes + graph->node_count; node++) {
    nn_arena scratch = {NULL, 0};
    for (nn_param *param = node->params; param < node->params + node->param_count; param++) {
      param->adds = training && param->is_trained && is_read_later(graph, node, param);
      if (param->adds)
        nn_take_floats(&scratch, nn_shape_count(&param->shape));
    }
    most = scratch.used > most ? scratch.used : most;
  }
  graph->gradient = training ? nn_take_floats(memory, graph->gradient_count) : NULL;
  char *shared = nn_take(memory, most);
  for (nn_node *node = graph->nodes; node < graph->nodes + graph->node_count; node++) {
    nn_arena scratch = {shared, 0};
    for (nn_param *param = node->params; param < node->params + node->param_count; param++)
      if (!training || !param->is_trained || !graph->gradient)
        param->grad = NULL;
      else
        param->grad =
            param->adds ? nn_take_floats(&scratch, nn_shape_count(&param->shape)) : graph->gradient + param->offset;
  }
}

/* ---- buffers ---- */

/* A buffer that nobody reads from node i on: of those that are large enough the smallest, else the largest, which
 * grows; else a new one. */
static nn_buffer *free_buffer(nn_graph *graph, int *used, int i, int64_t count) {
  nn_buffer *best = NULL;
  for (nn_buffer *buffer = graph->buffers; buffer < graph->buffers + *used; buffer++) {
    if (buffer->last_reader >= i)
      continue;
    const bool fits = buffer->count >= count, best_fits = best && best->count >= count;
    if (!best || (fits && (!best_fits || buffer->count < best->count)) ||
        (!fits && !best_fits && buffer->count > best->count))
      best = buffer;
  }
  if (best)
    return best;
  best = &graph->buffers[(*used)++];
  *best = (nn_buffer){0};
  return best;
}

/* Puts `count` floats into a buffer from node i on, until the last one reads them. */
static int take_buffer(nn_graph *graph, int *used, int i, int64_t count, int last_reader) {
  nn_buffer *buffer = free_buffer(graph, used, i, count);
  buffer->count = count > buffer->count ? count : buffer->count;
  buffer->last_reader = last_reader;
  return (int)(buffer - graph->buffers);
}

static void place_buffers(nn_graph *graph, nn_arena *memory, int used) {
  for (int k = 0; k < used; k++)
    graph->buffers[k].data = nn_take_floats(memory, graph->buffers[k].count);
}

/* ---- values ---- */

/* The value whose memory a value lies in: its own, or for views that of what they view. */
static nn_value *base_of(nn_value *value) {
  while (value->node->is_view && value->node->input_count)
    value = value->node->inputs[0];
  return value;
}

/* Inputs and views have no memory of their own. */
static bool is_placed(const nn_node *node) { return node->layer->forward && !node->is_view; }

static void read_until(nn_value *value, int position) {
  nn_value *base = base_of(value);
  base->last_reader = position > base->last_reader ? position : base->last_reader;
}

/* The last node that reads each value; what is read after the walk lives to its end. */
static void find_last_readers(nn_graph *graph) {
  for (nn_node *node = graph->nodes; node < graph->nodes + graph->node_count; node++) {
    for (nn_value *value = node->output; value < node->output + node->output_count; value++) {
      value->last_reader = node->position;
      if (value->is_output)
        read_until(value, graph->node_count);
    }
    for (int k = 0; k < node->input_count; k++)
      read_until(node->inputs[k], node->layer->penalty ? graph->node_count : node->position);
  }
}

/* Values of a walk that no walk backward follows: a buffer is used again when its value has been read for the last
 * time. */
static void share_buffers(nn_graph *graph, nn_arena *memory, int64_t batch) {
  int used = 0;
  find_last_readers(graph);
  for (nn_value *value = graph->values; value < graph->values + graph->value_count; value++)
    if (is_placed(value->node))
      value->buffer =
          take_buffer(graph, &used, value->node->position, nn_value_count(value, batch), value->last_reader);
  place_buffers(graph, memory, used);
  for (nn_value *value = graph->values; value < graph->values + graph->value_count; value++) {
    value->data = is_placed(value->node) ? graph->buffers[value->buffer].data : NULL;
    value->grad = NULL;
  }
  for (nn_node *node = graph->nodes; node < graph->nodes + graph->node_count; node++) {
    node->saved = NULL;
    for (int k = 0; k < node->input_count; k++)
      node->input_grad[k] = NULL;
  }
}

/* Values that the walk backward reads again, each in memory of its own. */
static void place_values(nn_graph *graph, nn_arena *memory, int64_t batch) {
  for (nn_node *node = graph->nodes; node < graph->nodes + graph->node_count; node++) {
    for (nn_value *value = node->output; value < node->output + node->output_count; value++)
      value->data = is_placed(node) ? nn_take_floats(memory, nn_value_count(value, batch)) : NULL;
    node->saved = node->saved_size ? nn_take_floats(memory, batch * node->saved_size) : NULL;
  }
}

/* ---- gradients ---- */

/* The last node that hands a gradient to each value, which is the first on the way back: it writes where the others
 * add. None if a loss has written before. */
static void find_last_learners(nn_graph *graph) {
  for (nn_value *value = graph->values; value < graph->values + graph->value_count; value++)
    value->last_reader = NONE;
  for (const nn_node *node = graph->nodes; node < graph->nodes + graph->node_count; node++)
    for (int k = 0; k < node->input_count; k++)
      if (node->learns && !node->inputs[k]->is_loss)
        node->inputs[k]->last_reader = node->position;
}

/* Whether a node writes the gradient of its input k in place: as the first, and if it reads that input twice, once. */
static bool writes_in_place(const nn_node *node, int k) {
  for (int earlier = 0; earlier < k; earlier++)
    if (node->inputs[earlier] == node->inputs[k])
      return false;
  return node->inputs[k]->last_reader == node->position;
}

/* The value whose gradient's memory a value's lies in: a view that writes in place passes on its own. */
static nn_value *gradient_base_of(nn_value *value) {
  while (value->node->is_view && value->node->input_count && value->node->inputs[0]->learns &&
         writes_in_place(value->node, 0))
    value = value->node->inputs[0];
  return value;
}

/* Gives a value's gradient a buffer at time t of the walk backward. The turn of the node that gives the value is the
 * last to read it, unless somebody wants it after the walk. */
static void take_gradient(nn_graph *graph, nn_value *value, int *used, int t, int64_t batch) {
  nn_value *base = gradient_base_of(value);
  if (base->buffer != NONE)
    return;
  const int last_reader = base->is_watched ? graph->node_count : graph->node_count - 1 - base->node->position;
  base->buffer = take_buffer(graph, used, t, nn_value_count(base, batch), last_reader);
}

/* A buffer is used again when the node that gives the value whose gradient was in it has had its turn. Time runs from
 * the last node. */
static int share_gradients(nn_graph *graph, int64_t batch) {
  int used = 0;
  for (nn_value *value = graph->values; value < graph->values + graph->value_count; value++)
    value->buffer = NONE;
  for (nn_value *value = graph->values; value < graph->values + graph->value_count; value++)
    if (value->learns && value->is_loss)
      take_gradient(graph, value, &used, 0, batch);
  for (int i = graph->node_count - 1; i >= 0; i--) {
    const nn_node *node = &graph->nodes[i];
    for (int k = 0; node->learns && k < node->input_count; k++)
      if (node->inputs[k]->learns)
        take_gradient(graph, node->inputs[k], &used, graph->node_count - 1 - i, batch);
  }
  return used;
}

/* Where a node writes the gradients of its inputs; those that are added come from the scratch. */
static void place_input_gradients(nn_node *node, nn_arena *scratch, int64_t batch) {
  for (int k = 0; k < node->input_count; k++) {
    nn_value *input = node->inputs[k];
    if (!node->learns || !input->learns)
      node->input_grad[k] = NULL;
    else if (node->is_view)
      node->input_grad[k] = node->output->grad;
    else
      node->input_grad[k] =
          writes_in_place(node, k) ? input->grad : nn_take_floats(scratch, nn_value_count(input, batch));
  }
}

static void place_gradients(nn_graph *graph, nn_arena *memory, int64_t batch) {
  find_last_learners(graph);
  place_buffers(graph, memory, share_gradients(graph, batch));
  for (nn_value *value = graph->values; value < graph->values + graph->value_count; value++)
    value->grad = value->learns ? graph->buffers[gradient_base_of(value)->buffer].data : NULL;
  size_t most = 0;
  for (nn_node *node = graph->nodes; node < graph->nodes + graph->node_count; node++) {
    nn_arena measured = {NULL, 0};
    place_input_gradients(node, &measured, batch);
    most = measured.used > most ? measured.used : most;
  }
  char *shared = nn_take(memory, most);
  for (nn_node *node = graph->nodes; node < graph->nodes + graph->node_count; node++)
    place_input_gradients(node, &(nn_arena){shared, 0}, batch);
}

/* ---- the layers' own ---- */

static void place_state_and_scratch(nn_graph *graph, nn_arena *memory, int64_t batch) {
  int64_t most = 0;
  for (nn_node *node = graph->nodes; node < graph->nodes + graph->node_count; node++) {
    const int64_t scratch =
        node->operation ? nn_operation_scratch(node, batch) : batch * node->scratch_size + node->fixed_scratch_size;
    node->state = node->state_size ? nn_take_floats(memory, node->state_size) : NULL;
    most = scratch > most ? scratch : most;
  }
  float *scratch = most ? nn_take_floats(memory, most) : NULL;
  for (nn_node *node = graph->nodes; node < graph->nodes + graph->node_count; node++)
    node->scratch = scratch;
}

size_t nn_graph_plan(nn_graph *graph, int64_t batch, bool training, void *block) {
  nn_arena memory = {block, 0};
  const nn_node *last = &graph->nodes[graph->node_count - 1];
  graph->batch = batch;
  graph->value_count = (int)(last->output - graph->values) + last->output_count;
  find_wanted(graph);
  find_learners(graph);
  lay_out_parameters(graph);
  find_penalties(graph);
  place_parameters(graph, &memory, training);
  place_state_and_scratch(graph, &memory, batch);
  if (training) {
    place_values(graph, &memory, batch);
    place_gradients(graph, &memory, batch);
  } else {
    share_buffers(graph, &memory, batch);
  }
  return memory.used;
}
