/* plan.c - the memory of a graph: one block, measured and handed out by the same walk. */
#include <string.h>

#include "base/arena.h"
#include "graph.h"

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

/* A node's value is wanted if somebody reads it, or if computing it leaves something behind. That of an activation at
 * the end is not where the loss is taken before it and there are no metrics. */
static void find_wanted(nn_graph *graph) {
  for (nn_node *node = graph->nodes; node < graph->nodes + graph->node_count; node++)
    node->is_wanted = node->is_output || node->layer->penalty || has_state(node);
  for (nn_node *node = graph->nodes + graph->node_count - 1; node >= graph->nodes; node--)
    for (int k = 0; k < node->input_count; k++)
      node->inputs[k]->is_wanted |= node->is_wanted;
}

/* A node learns if it is watched, has parameters to train or reads one that learns, and a loss lies at or after it. */
static void find_learners(nn_graph *graph) {
  for (int i = 0; i < graph->node_count; i++) {
    nn_node *node = &graph->nodes[i];
    node->learns = has_trainable(node) || node->is_watched;
    for (int k = 0; k < node->input_count; k++)
      node->learns |= node->inputs[k]->learns;
    node->readers = node->is_loss;
  }
  for (int i = graph->node_count - 1; i >= 0; i--) {
    nn_node *node = &graph->nodes[i];
    node->learns &= node->readers > 0;
    for (int k = 0; k < node->input_count; k++)
      if (node->learns && node->inputs[k]->learns)
        node->inputs[k]->readers++;
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

/* ---- values ---- */

/* The node whose memory a node's value lies in: its own, or for views that of what they view. */
static nn_node *base_of(nn_node *node) {
  while (node->is_view)
    node = node->inputs[0];
  return node;
}

static void read_until(nn_node *node, int position) {
  nn_node *base = base_of(node);
  base->last_reader = position > base->last_reader ? position : base->last_reader;
}

/* The last node that reads each value; what is read after the walk lives to its end. */
static void find_last_readers(nn_graph *graph) {
  for (int i = 0; i < graph->node_count; i++) {
    nn_node *node = &graph->nodes[i];
    node->last_reader = i;
    for (int k = 0; k < node->input_count; k++)
      read_until(node->inputs[k], node->layer->penalty ? graph->node_count : i);
    if (node->is_output)
      read_until(node, graph->node_count);
  }
}

/* A buffer that nobody reads from node i on: of those that are large enough the smallest, else the largest, which
 * grows; else a new one. */
static int free_buffer(nn_graph *graph, int count, int i, int64_t width) {
  int best = count;
  for (int k = 0; k < count; k++) {
    const nn_buffer *buffer = &graph->buffers[k], *chosen = best < count ? &graph->buffers[best] : NULL;
    if (buffer->last_reader >= i)
      continue;
    const bool fits = buffer->width >= width, chosen_fits = chosen && chosen->width >= width;
    if (!chosen || (fits && (!chosen_fits || buffer->width < chosen->width)) ||
        (!fits && !chosen_fits && buffer->width > chosen->width))
      best = k;
  }
  return best;
}

/* Values of a walk that no walk backward follows: a buffer is used again when its value has been read for the last
 * time. */
static void share_buffers(nn_graph *graph, nn_arena *memory, int64_t batch) {
  int count = 0;
  find_last_readers(graph);
  for (int i = 0; i < graph->node_count; i++) {
    nn_node *node = &graph->nodes[i];
    if (node->is_view || !node->layer->forward)
      continue;
    node->buffer = free_buffer(graph, count, i, node->width);
    if (node->buffer == count)
      graph->buffers[count++] = (nn_buffer){0};
    nn_buffer *buffer = &graph->buffers[node->buffer];
    buffer->width = node->width > buffer->width ? node->width : buffer->width;
    buffer->last_reader = node->last_reader;
  }
  for (int k = 0; k < count; k++)
    graph->buffers[k].value = nn_take_floats(memory, batch * graph->buffers[k].width);
  for (int i = 0; i < graph->node_count; i++) {
    nn_node *node = &graph->nodes[i];
    node->value = node->is_view || !node->layer->forward ? NULL : graph->buffers[node->buffer].value;
    node->grad = node->saved = NULL;
    for (int k = 0; k < node->input_count; k++)
      node->input_grad[k] = NULL;
  }
}

/* ---- gradients ---- */

/* The last node that hands a gradient to each one, which is the first on the way back: it writes where the others
 * add. None where a loss has written before. */
static void find_last_learners(nn_graph *graph) {
  for (int i = 0; i < graph->node_count; i++) {
    nn_node *node = &graph->nodes[i];
    node->last_reader = -1;
    for (int k = 0; k < node->input_count; k++)
      if (node->learns && !node->inputs[k]->is_loss)
        node->inputs[k]->last_reader = i;
  }
}

/* Whether a node writes the gradient of its input k in place: as the first, and where it reads that input twice, once.
 */
static bool writes_in_place(const nn_node *node, int k) {
  for (int earlier = 0; earlier < k; earlier++)
    if (node->inputs[earlier] == node->inputs[k])
      return false;
  return node->inputs[k]->last_reader == node->position;
}

/* The node whose gradient's memory a node's lies in: a view that writes in place passes on its own. */
static nn_node *gradient_base_of(nn_node *node) {
  while (node->is_view && node->inputs[0]->learns && writes_in_place(node, 0))
    node = node->inputs[0];
  return node;
}

/* Gives a node's gradient a buffer at time t of the walk backward. The node's own turn is the last to read it, unless
 * somebody wants it after the walk. */
static void take_gradient(nn_graph *graph, nn_node *node, int *count, int t) {
  nn_node *base = gradient_base_of(node);
  if (base->buffer != NONE)
    return;
  base->buffer = free_buffer(graph, *count, t, base->width);
  if (base->buffer == *count)
    graph->buffers[(*count)++] = (nn_buffer){0};
  nn_buffer *buffer = &graph->buffers[base->buffer];
  buffer->width = base->width > buffer->width ? base->width : buffer->width;
  buffer->last_reader = base->is_watched ? graph->node_count : graph->node_count - 1 - base->position;
}

/* A buffer is used again when the node whose gradient was in it has had its turn. Time runs from the last node. */
static int share_gradients(nn_graph *graph) {
  int count = 0;
  for (int i = 0; i < graph->node_count; i++)
    graph->nodes[i].buffer = NONE;
  for (int i = 0; i < graph->node_count; i++)
    if (graph->nodes[i].learns && graph->nodes[i].is_loss)
      take_gradient(graph, &graph->nodes[i], &count, 0);
  for (int i = graph->node_count - 1; i >= 0; i--) {
    const nn_node *node = &graph->nodes[i];
    for (int k = 0; node->learns && k < node->input_count; k++)
      if (node->inputs[k]->learns)
        take_gradient(graph, node->inputs[k], &count, graph->node_count - 1 - i);
  }
  return count;
}

/* Where a node writes the gradients of its inputs; those that are added come from the scratch. */
static void place_input_gradients(nn_node *node, nn_arena *scratch, int64_t batch) {
  for (int k = 0; k < node->input_count; k++) {
    nn_node *input = node->inputs[k];
    if (!node->learns || !input->learns)
      node->input_grad[k] = NULL;
    else if (node->is_view)
      node->input_grad[k] = node->grad;
    else
      node->input_grad[k] = writes_in_place(node, k) ? input->grad : nn_take_floats(scratch, batch * input->width);
  }
}

static void place_gradients(nn_graph *graph, nn_arena *memory, int64_t batch) {
  find_last_learners(graph);
  const int count = share_gradients(graph);
  for (int k = 0; k < count; k++)
    graph->buffers[k].value = nn_take_floats(memory, batch * graph->buffers[k].width);
  for (int i = 0; i < graph->node_count; i++) {
    nn_node *node = &graph->nodes[i];
    node->grad = node->learns ? graph->buffers[gradient_base_of(node)->buffer].value : NULL;
  }
  size_t most = 0;
  for (int i = 0; i < graph->node_count; i++) {
    nn_arena measured = {NULL, 0};
    place_input_gradients(&graph->nodes[i], &measured, batch);
    most = measured.used > most ? measured.used : most;
  }
  char *shared = nn_take(memory, most);
  for (int i = 0; i < graph->node_count; i++)
    place_input_gradients(&graph->nodes[i], &(nn_arena){shared, 0}, batch);
}

/* Values that the walk backward reads again, each in memory of its own. */
static void place_values(nn_graph *graph, nn_arena *memory, int64_t batch) {
  for (int i = 0; i < graph->node_count; i++) {
    nn_node *node = &graph->nodes[i];
    node->value =
        node->layer->forward ? nn_take_floats(memory, batch * node->width) : NULL; /* others point elsewhere */
    node->saved = node->saved_size ? nn_take_floats(memory, batch * node->saved_size) : NULL;
  }
}

size_t nn_graph_plan(nn_graph *graph, int64_t batch, bool training, void *block) {
  nn_arena memory = {block, 0};
  graph->batch = batch;
  find_wanted(graph);
  find_learners(graph);
  lay_out_parameters(graph);
  find_penalties(graph);
  place_parameters(graph, &memory, training);
  for (int i = 0; i < graph->node_count; i++) {
    nn_node *node = &graph->nodes[i];
    node->state = node->state_size ? nn_take_floats(&memory, node->state_size) : NULL;
  }
  if (training) {
    place_values(graph, &memory, batch);
    place_gradients(graph, &memory, batch);
  } else {
    share_buffers(graph, &memory, batch);
  }
  return memory.used;
}
