/* broadcast.h - loops over pairs of elements of two inputs that are broadcast together, and gradients back to them. */
#ifndef NN_OPERATION_BROADCAST_H
#define NN_OPERATION_BROADCAST_H

#include "operations/shapes.h"

/* out[i] from a[i * step_a], b[i * step_b] (each step is 0 or 1) and, in a backward pass, from g[i]. */
typedef void nn_pair_loop(float *restrict out, const float *g, const float *a, int64_t step_a, const float *b,
                          int64_t step_b, int64_t n);

/* The body of such a loop: a statement in x and y, the elements, and i. Compiled for each pair of steps, so that each
 * is vector code. */
#define NN_EACH_PAIR(statement)                                                                                        \
  if (step_a && step_b) {                                                                                              \
    for (int64_t i = 0; i < n; i++) {                                                                                  \
      float x = a[i], y = b[i];                                                                                        \
      (void)x, (void)y;                                                                                                \
      statement;                                                                                                       \
    }                                                                                                                  \
  } else if (step_a) {                                                                                                 \
    float y = *b;                                                                                                      \
    (void)y;                                                                                                           \
    for (int64_t i = 0; i < n; i++) {                                                                                  \
      float x = a[i];                                                                                                  \
      (void)x;                                                                                                         \
      statement;                                                                                                       \
    }                                                                                                                  \
  } else {                                                                                                             \
    float x = *a;                                                                                                      \
    (void)x;                                                                                                           \
    for (int64_t i = 0; i < n; i++) {                                                                                  \
      float y = b[i * step_b];                                                                                         \
      (void)y;                                                                                                         \
      statement;                                                                                                       \
    }                                                                                                                  \
  }

/* Fills out from inputs 0 and 1. */
void nn_broadcast_forward(const nn_call *call, nn_pair_loop *loop);
/* Fills grad, the gradient of input `target`, from the inputs `first` and `second`. The loop gives one number for each
 * element of grad_out; these are summed over the axes along which the target was broadcast. */
void nn_broadcast_backward(const nn_call *call, const nn_tensor *grad_out, int first, int second, int target,
                           nn_tensor *grad, nn_pair_loop *loop);
/* What the latter takes. */
int64_t nn_broadcast_scratch(const nn_call *call);

#endif
