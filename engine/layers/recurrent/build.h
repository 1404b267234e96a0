/* build.h - how a walk over a batch finds its inputs and memory. */
#ifndef NN_RECURRENCE_BUILD_H
#define NN_RECURRENCE_BUILD_H

#include "layers/recurrent/recurrence.h"

/* Whether the last input is a mask. */
bool nn_recurrence_is_masked(const nn_node *);
/* How many of the inputs are states before the first step: none, or all of the cell. */
int nn_states_given(const nn_node *);
/* A walk over all rows of the batch, with its memory. */
nn_recurrence nn_recurrence_place(nn_node *, const nn_pass *, const nn_cell *);

#endif
