/* plan_gradients.c - the memory of gradients. A value that several nodes read gets the sum of what they hand back. */
#include "plan.h"

enum { NONE = -1 };

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
  base->buffer = nn_take_buffer(graph, used, t, nn_value_count(base, batch), last_reader);
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

void nn_plan_gradients(nn_graph *graph, nn_arena *memory, int64_t batch) {
  find_last_learners(graph);
  nn_place_buffers(graph, memory, share_gradients(graph, batch));
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
