/* plan_values.c - the memory of what nodes give, and of what layers save for their walk backward. */
#include "plan.h"

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
      if (value->is_output || node->layer->penalty)
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
          nn_take_buffer(graph, &used, value->node->position, nn_value_count(value, batch), value->last_reader);
  nn_place_buffers(graph, memory, used);
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

void nn_plan_values(nn_graph *graph, nn_arena *memory, int64_t batch, bool training) {
  if (training)
    place_values(graph, memory, batch);
  else
    share_buffers(graph, memory, batch);
}
