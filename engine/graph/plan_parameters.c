/* plan_parameters.c - the layout of the flat gradient, and the memory of parameters' gradients. */
#include "plan.h"

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

void nn_graph_place_gradient(nn_graph *graph, float *gradient) {
  graph->gradient = gradient;
  for (nn_node *node = graph->nodes; node < graph->nodes + graph->node_count; node++)
    for (nn_param *param = node->params; param < node->params + node->param_count; param++)
      if (param->grad && !param->adds)
        param->grad = gradient + param->offset;
}

void nn_plan_parameters(nn_graph *graph, nn_arena *memory, bool training) {
  lay_out_parameters(graph);
  find_penalties(graph);
  place_parameters(graph, memory, training);
}
