/* graph.c - nodes in order: shapes before anything runs, one block of memory, walks forward and backward. */
#include <string.h>

#include "base/arena.h"
#include "graph.h"

/* ---- building ---- */

size_t nn_graph_size(int node_count, int edge_count) {
  size_t params = (size_t)node_count * NN_MAX_PARAMS;
  return sizeof(nn_graph) + (size_t)node_count * sizeof(nn_node) + params * sizeof(nn_segment) +
         2 * (size_t)edge_count * sizeof(void *) + 64;
}

nn_graph *nn_graph_place(void *memory, int node_count, int edge_count) {
  memset(memory, 0, nn_graph_size(node_count, edge_count));
  nn_graph *graph = memory;
  graph->nodes = (nn_node *)(graph + 1);
  graph->node_count = node_count;
  graph->segments = (nn_segment *)(graph->nodes + node_count);
  nn_node **inputs = (nn_node **)(graph->segments + (size_t)node_count * NN_MAX_PARAMS);
  float **input_grads = (float **)(inputs + edge_count);
  if (node_count > 0) { /* the nodes share these lists out as they are built */
    graph->nodes[0].inputs = inputs;
    graph->nodes[0].input_grad = input_grads;
  }
  return graph;
}

int nn_node_build(nn_error *error, nn_node *node) {
  char text[NN_SHAPE_TEXT];
  if (node->layer->build(error, node) != NN_OK)
    return NN_ERROR;
  if (!nn_shape_fits_memory(&node->shape))
    return nn_fail(error, "samples of %s would be too large", nn_shape_text(&node->shape, text));
  node->width = nn_shape_count(&node->shape);
  if (node->width == 0)
    return nn_fail(error, "expected an axis length of at least 1, got samples of %s, which hold no numbers",
                   nn_shape_text(&node->shape, text));
  return NN_OK;
}

nn_rng nn_noise_stream(const nn_node *node, const nn_pass *pass, int seed) {
  return nn_rng_stream(seed == NN_NO_SEED ? pass->seed : (uint64_t)seed, NN_DROPOUT | (uint32_t)node->position << 8,
                       pass->step);
}

/* ---- planning ---- */

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

static void place_parameters(nn_graph *graph, nn_arena *memory, bool training) {
  graph->gradient = training ? nn_take_floats(memory, graph->gradient_count) : NULL;
  for (nn_node *node = graph->nodes; node < graph->nodes + graph->node_count; node++)
    for (nn_param *param = node->params; param < node->params + node->param_count; param++) {
      if (!training || !param->is_trained)
        param->grad = NULL;
      else if (param->is_shared)
        param->grad = nn_take_floats(memory, nn_shape_count(&param->shape));
      else
        param->grad = graph->gradient ? graph->gradient + param->offset : NULL;
    }
}

/* A view's gradient is its input's own, unless others write there too. */
static void place_node(nn_node *node, nn_arena *memory, int64_t batch, bool training) {
  bool learns = training && node->learns;
  node->value = node->layer->forward ? nn_take_floats(memory, batch * node->width) : NULL; /* others point elsewhere */
  node->state = node->state_size ? nn_take_floats(memory, node->state_size) : NULL;
  node->saved = training && node->saved_size ? nn_take_floats(memory, batch * node->saved_size) : NULL;
  if (node->is_view && learns && node->inputs[0]->learns && node->inputs[0]->readers == 1)
    node->grad = node->inputs[0]->grad;
  else
    node->grad = learns ? nn_take_floats(memory, batch * node->width) : NULL;
  for (int k = 0; k < node->input_count; k++) {
    nn_node *input = node->inputs[k];
    if (!learns || !input->learns)
      node->input_grad[k] = NULL;
    else if (node->is_view)
      node->input_grad[k] = node->grad;
    else
      node->input_grad[k] = input->readers == 1 ? input->grad : nn_take_floats(memory, batch * input->width);
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
  for (int i = 0; i < graph->node_count; i++)
    place_node(&graph->nodes[i], &memory, batch, training);
  return memory.used;
}

bool nn_reads_sparse(const nn_graph *graph, const nn_node *input) {
  int readers = 0; /* without any, the value itself is wanted */
  for (const nn_node *node = input + 1; node < graph->nodes + graph->node_count; node++)
    for (int k = 0; k < node->input_count; k++) {
      if (node->inputs[k] != input)
        continue;
      if (!(node->is_view ? nn_reads_sparse(graph, node) : node->layer->takes_sparse && input->shape.ndim == 1))
        return false;
      readers++;
    }
  return readers > 0 && !input->is_watched && !input->is_output;
}

/* ---- walking ---- */

void nn_graph_forward(nn_graph *graph, const nn_pass *pass) {
  for (nn_node *node = graph->nodes; node < graph->nodes + graph->node_count; node++)
    if (node->is_view) { /* an input's value moves with the batch */
      node->value = node->inputs[0]->value;
      node->sparse = node->inputs[0]->sparse;
    } else if (node->layer->forward && node->is_wanted) {
      node->layer->forward(node, pass);
    }
}

static void add_to(float *sum, const float *x, int64_t n) {
  for (int64_t i = 0; i < n; i++)
    sum[i] += x[i];
}

static void merge_input_gradients(nn_node *node, int64_t rows) {
  for (int k = 0; k < node->input_count; k++) {
    nn_node *input = node->inputs[k];
    if (node->input_grad[k] && node->input_grad[k] != input->grad)
      add_to(input->grad, node->input_grad[k], rows * input->width);
  }
}

static void merge_shared_parameters(nn_graph *graph) {
  for (nn_node *node = graph->nodes; node < graph->nodes + graph->node_count; node++)
    for (nn_param *param = node->params; param < node->params + node->param_count; param++)
      if (param->grad && param->is_shared)
        add_to(graph->gradient + param->offset, param->grad, nn_shape_count(&param->shape));
}

static void add_penalty_gradients(nn_graph *graph) {
  for (nn_node *node = graph->nodes; node < graph->nodes + graph->node_count; node++)
    for (nn_param *param = node->params; param < node->params + node->param_count; param++)
      if (param->grad && !param->is_shared)
        nn_regularize(&param->regularizer, param->grad, param->value, &param->shape);
}

void nn_graph_backward(nn_graph *graph, const nn_pass *pass) {
  for (nn_node *node = graph->nodes; node < graph->nodes + graph->node_count; node++)
    if (node->grad && node->readers > 1 && !node->is_loss) /* a loss has written its gradient already */
      memset(node->grad, 0, sizeof(float) * (size_t)(pass->rows * node->width));
  for (nn_node *node = graph->nodes + graph->node_count - 1; node >= graph->nodes; node--) {
    if (!node->grad)
      continue;
    if (node->layer->backward)
      node->layer->backward(node, pass);
    merge_input_gradients(node, pass->rows);
  }
  merge_shared_parameters(graph);
  if (graph->has_penalties)
    add_penalty_gradients(graph);
}

double nn_graph_penalty(const nn_graph *graph, const nn_pass *pass) {
  double sum = 0;
  for (const nn_node *node = graph->nodes; node < graph->nodes + graph->node_count; node++) {
    if (node->layer->penalty)
      sum += node->layer->penalty(node, pass);
    for (const nn_param *param = node->params; param < node->params + node->param_count; param++)
      if (param->is_trained && !param->is_shared)
        sum += nn_regularize(&param->regularizer, NULL, param->value, &param->shape);
  }
  return sum;
}

void nn_graph_constrain(nn_graph *graph) {
  for (nn_node *node = graph->nodes; node < graph->nodes + graph->node_count; node++)
    for (nn_param *param = node->params; param < node->params + node->param_count; param++)
      if (param->is_trained && !param->is_shared)
        nn_constrain(&param->constraint, param->value, &param->shape);
}
