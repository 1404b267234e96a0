/* operation.h - the contract of an operation: what nn.ops computes at once, a tape differentiates and a graph runs.
 *
 * An operation is a constant table without state. It sees float32 tensors only; integers are the binding's business.
 * A file holds a family: operations that share their loops. table.c lists all of them. */
#ifndef NN_OPERATION_H
#define NN_OPERATION_H

#include "base/error.h"
#include "base/field.h"
#include "base/team.h"
#include "tensor/tensor.h"

/* One use of an operation. All tensors are contiguous float32, in memory of the caller; none overlaps another. */
typedef struct nn_call {
  const void *config; /* (operation->config_size), filled from fields */
  int input_count;
  const nn_tensor *in; /* (input_count) */
  nn_tensor out;
  float *scratch; /* what scratch() asked for, aligned for doubles. Nothing in it lasts from forward to backward */
  nn_team *team;  /* may be NULL */
} nn_call;

typedef struct nn_operation {
  const char *name;
  size_t config_size;
  const nn_field *fields;
  int min_inputs, max_inputs; /* max -1: any number */
  /* out's shape from the inputs' shapes. A length may be negative: -k stands for k times the rows of a batch that is
   * not known yet (-1: the batch). An operation that cannot do with an unknown length says so as an error. */
  int (*infer)(nn_error *, const void *config, const nn_shape *in, int count, nn_shape *out);
  /* Floats of scratch memory for forward or backward, whichever takes more. NULL: none. */
  int64_t (*scratch)(const nn_call *);
  /* Fills out. Shapes have passed infer: only values can be wrong (a position out of range). */
  int (*forward)(nn_error *, const nn_call *);
  /* Overwrites grad_in[i].data, if it is not NULL, from grad_out; in and out hold what forward saw and gave.
   * NULL: no gradient passes (comparisons, argsort, one_hot ...). */
  void (*backward)(const nn_call *, const nn_tensor *grad_out, nn_tensor *grad_in);
} nn_operation;

extern const nn_operation *const nn_operations[]; /* sorted by name, ends with NULL */

const nn_operation *nn_find_operation(const char *name);

#endif
