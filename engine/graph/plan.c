/* plan.c - the memory of a graph: one block, measured and handed out by the same walk. */
#include "operation_node.h"
#include "plan.h"

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
  nn_plan_parameters(graph, &memory, training);
  place_state_and_scratch(graph, &memory, batch);
  nn_plan_values(graph, &memory, batch, training);
  if (training)
    nn_plan_gradients(graph, &memory, batch);
  return memory.used;
}
