/* sides.h - the products of a recurrent layer that take all steps at once: with the inputs, and for the gradients. */
#ifndef NN_RECURRENCE_SIDES_H
#define NN_RECURRENCE_SIDES_H

#include "layers/recurrent/recurrence.h"

/* The masks of dropout of a batch in training: one for all its steps. */
void nn_draw_recurrence_factors(const nn_recurrence *, const nn_node *, const nn_pass *);
/* x W of all steps, into the slots. */
void nn_input_products(const nn_recurrence *, nn_team *);
/* From the gradients in the slots of all steps: */
void nn_kernel_gradients(const nn_recurrence *, nn_team *, float *kernel, float *recurrent_kernel);
void nn_recurrence_bias_gradient(const nn_recurrence *, float *bias);
void nn_recurrence_input_gradient(const nn_recurrence *, nn_team *, float *dx);

#endif
