/* plan_buffers.c - memory that several values, or gradients, use one after the other. */
#include "plan.h"

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

int nn_take_buffer(nn_graph *graph, int *used, int i, int64_t count, int last_reader) {
  nn_buffer *buffer = free_buffer(graph, used, i, count);
  buffer->count = count > buffer->count ? count : buffer->count;
  buffer->last_reader = last_reader;
  return (int)(buffer - graph->buffers);
}

void nn_place_buffers(nn_graph *graph, nn_arena *memory, int used) {
  for (int k = 0; k < used; k++)
    graph->buffers[k].data = nn_take_floats(memory, graph->buffers[k].count);
}
