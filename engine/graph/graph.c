/* graph.c - nodes in order: their shapes, and the walks forward and backward. plan.c places their memory. */
#include <stddef.h>

#include "base/arena.h"
#include "graph.h"
#include "operation_node.h"

/* ---- values ---- */

nn_shape nn_value_shape(const nn_value *value, int64_t rows) {
  nn_shape shape = value->shape;
  for (int i = 0; value->is_whole && i < shape.ndim; i++)
    if (shape.dim[i] < 0)
      shape.dim[i] *= -rows;
  if (value->is_whole || shape.ndim == NN_MAX_NDIM)
    return shape;
  for (int i = shape.ndim++; i > 0; i--)
    shape.dim[i] = shape.dim[i - 1];
  shape.dim[0] = rows;
  return shape;
}

int64_t nn_value_count(const nn_value *value, int64_t rows) {
  if (!value->is_whole)
    return rows * nn_shape_count(&value->shape);
  const nn_shape shape = nn_value_shape(value, rows);
  return nn_shape_count(&shape);
}

/* ---- building ---- */

static size_t aligned(size_t bytes) {
  const size_t ALIGNMENT = _Alignof(max_align_t);
  return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static int most_outputs(const nn_layer *layer) { return layer->most_outputs ? layer->most_outputs : 1; }

void nn_extent_add(nn_extent *extent, const nn_layer *layer, int input_count) {
  extent->nodes++;
  extent->outputs += (size_t)most_outputs(layer);
  extent->edges += (size_t)input_count;
  extent->params += (size_t)layer->most_params;
  extent->config_bytes += aligned(layer->config_size);
}

void nn_extent_add_operation(nn_extent *extent, const nn_operation *operation, int input_count) {
  nn_extent_add(extent, &nn_layer_operation, input_count);
  extent->config_bytes += aligned(operation->config_size) + aligned(nn_operation_use_size(input_count));
}

/* Places a graph, or without a block only measures. */
static nn_graph *place(nn_arena *memory, const nn_extent *extent) {
  nn_graph *graph = nn_take(memory, sizeof *graph), ignored = {0};
  nn_graph *g = memory->block ? graph : &ignored;
  g->nodes = nn_take(memory, extent->nodes * sizeof *g->nodes);
  g->values = nn_take(memory, extent->outputs * sizeof *g->values);
  g->buffers = nn_take(memory, extent->outputs * sizeof *g->buffers);
  g->segments = nn_take(memory, extent->params * sizeof *g->segments);
  g->free_params = nn_take(memory, extent->params * sizeof *g->free_params);
  g->free_inputs = nn_take(memory, extent->edges * sizeof *g->free_inputs);
  g->free_input_grads = nn_take(memory, extent->edges * sizeof *g->free_input_grads);
  g->free_config = nn_take(memory, extent->config_bytes);
  return graph;
}

size_t nn_graph_size(const nn_extent *extent) {
  nn_arena memory = {NULL, 0};
  place(&memory, extent);
  return memory.used;
}

nn_graph *nn_graph_place(void *memory, const nn_extent *extent) { return place(&(nn_arena){memory, 0}, extent); }

nn_node *nn_graph_append(nn_graph *graph, const nn_layer *layer, int input_count) {
  nn_node *node = &graph->nodes[graph->node_count];
  const nn_node *last = graph->node_count ? node - 1 : NULL;
  node->layer = layer;
  node->position = graph->node_count++;
  node->input_count = input_count;
  node->inputs = graph->free_inputs;
  node->input_grad = graph->free_input_grads;
  node->params = graph->free_params;
  node->config = graph->free_config;
  node->output = last ? last->output + last->output_count : graph->values;
  node->output_count = 1;
  graph->free_inputs += input_count;
  graph->free_input_grads += input_count;
  graph->free_params += layer->most_params;
  graph->free_config += aligned(layer->config_size);
  for (int i = 0; i < most_outputs(layer); i++)
    node->output[i].node = node;
  return node;
}

nn_node *nn_graph_append_operation(nn_graph *graph, const nn_operation *operation, int input_count) {
  nn_node *node = nn_graph_append(graph, &nn_layer_operation, input_count);
  node->operation = operation;
  node->use = graph->free_config + aligned(operation->config_size);
  graph->free_config += aligned(operation->config_size) + aligned(nn_operation_use_size(input_count));
  return node;
}

static int check_output(nn_error *error, nn_value *value) {
  char text[NN_SHAPE_TEXT];
  const nn_shape one = nn_value_shape(value, 1);
  if (!nn_shape_fits_memory(&one))
    return nn_fail(error, "samples of %s would be too large", nn_shape_text(&value->shape, text));
  value->width = nn_value_count(value, 1);
  if (value->width == 0)
    return nn_fail(error, "expected an axis length of at least 1, got samples of %s, which hold no numbers",
                   nn_shape_text(&value->shape, text));
  return NN_OK;
}

int nn_node_build(nn_error *error, nn_node *node) {
  for (int k = 0; k < node->input_count; k++)
    if (node->inputs[k]->is_whole && !(node->layer->traits & NN_TAKES_WHOLE))
      return nn_fail(error, "expected samples, with the batch's axis first, got a tensor without that axis");
  if (node->layer->build(error, node) != NN_OK)
    return NN_ERROR;
  if (node->param_count > node->layer->most_params)
    return nn_fail(error, "the layer %s has %d parameters, but its most_params is %d", node->layer->name,
                   node->param_count, node->layer->most_params);
  if (node->output_count > most_outputs(node->layer))
    return nn_fail(error, "the layer %s has %d outputs, but its most_outputs is %d", node->layer->name,
                   node->output_count, most_outputs(node->layer));
  for (nn_value *value = node->output; value < node->output + node->output_count; value++)
    if (check_output(error, value) != NN_OK)
      return NN_ERROR;
  return NN_OK;
}

nn_rng nn_noise_stream(const nn_node *node, const nn_pass *pass, int seed) {
  return nn_rng_stream(seed == NN_NO_SEED ? pass->seed : (uint64_t)seed, NN_DROPOUT | (uint32_t)node->position << 8,
                       pass->step);
}

bool nn_reads_sparse(const nn_graph *graph, const nn_value *input) {
  int readers = 0; /* without any, the value itself is wanted */
  for (const nn_node *node = input->node + 1; node < graph->nodes + graph->node_count; node++)
    for (int k = 0; k < node->input_count; k++) {
      if (node->inputs[k] != input)
        continue;
      if (!(node->is_view ? nn_reads_sparse(graph, node->output)
                          : node->layer->traits & NN_TAKES_SPARSE && input->shape.ndim == 1))
        return false;
      readers++;
    }
  return readers > 0 && !input->is_watched && !input->is_output;
}

/* ---- walking ---- */

/* An input's data move with the batch, and a view moves with it. */
static void look_again(nn_node *node) {
  node->output->data = node->input_count ? node->inputs[0]->data : node->params[0].value;
  node->output->sparse = node->input_count ? node->inputs[0]->sparse : NULL;
}

void nn_graph_forward(nn_graph *graph, const nn_pass *pass) {
  for (nn_node *node = graph->nodes; node < graph->nodes + graph->node_count; node++)
    if (node->is_view)
      look_again(node);
    else if (node->layer->forward && node->is_wanted)
      node->layer->forward(node, pass);
}

static void add_to(float *sum, const float *x, int64_t n) {
  for (int64_t i = 0; i < n; i++)
    sum[i] += x[i];
}

static void merge_input_gradients(nn_node *node, int64_t rows) {
  for (int k = 0; k < node->input_count; k++) {
    nn_value *input = node->inputs[k];
    if (node->input_grad[k] && node->input_grad[k] != input->grad)
      add_to(input->grad, node->input_grad[k], nn_value_count(input, rows));
  }
}

/* Of the nodes that share a parameter the last one has written the gradient; the others add what they have in scratch.
 */
static void merge_shared_parameters(nn_graph *graph, const nn_node *node) {
  for (const nn_param *param = node->params; param < node->params + node->param_count; param++)
    if (param->grad && param->adds)
      add_to(graph->gradient + param->offset, param->grad, nn_shape_count(&param->shape));
}

static void add_penalty_gradients(nn_graph *graph) {
  for (nn_node *node = graph->nodes; node < graph->nodes + graph->node_count; node++)
    for (nn_param *param = node->params; param < node->params + node->param_count; param++)
      if (param->grad && !param->is_shared)
        nn_regularize(&param->regularizer, graph->gradient + param->offset, param->value, &param->shape);
}

void nn_graph_backward(nn_graph *graph, const nn_pass *pass) {
  for (nn_node *node = graph->nodes + graph->node_count - 1; node >= graph->nodes; node--) {
    if (!node->learns)
      continue;
    if (node->layer->backward)
      node->layer->backward(node, pass);
    merge_input_gradients(node, pass->rows);
    merge_shared_parameters(graph, node);
  }
  if (graph->has_penalties && !pass->without_penalties)
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
