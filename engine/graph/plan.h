/* plan.h - the parts of nn_graph_plan. All of them run twice: with an arena that only measures, and with one that hands
 * out memory. */
#ifndef NN_PLAN_H
#define NN_PLAN_H

#include "base/arena.h"
#include "graph.h"

/* plan_parameters.c: which parameters are trained, where their gradients lie, whether there are penalties and limits */
void nn_plan_parameters(nn_graph *, nn_arena *, bool training);
/* plan_values.c: memory of the outputs and of what layers save. In prediction values share buffers. */
void nn_plan_values(nn_graph *, nn_arena *, int64_t batch, bool training);
/* plan_gradients.c: in training, memory of the gradients, which share buffers */
void nn_plan_gradients(nn_graph *, nn_arena *, int64_t batch);

/* plan_buffers.c. Puts `count` floats into a buffer that nobody reads from node i on, until the last one reads them;
 * gives its position. `used` counts the buffers. */
int nn_take_buffer(nn_graph *, int *used, int i, int64_t count, int last_reader);
void nn_place_buffers(nn_graph *, nn_arena *, int used);

#endif
