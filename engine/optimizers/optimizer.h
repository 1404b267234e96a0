/* optimizer.h - the contract of an optimizer: the rule by which a variable follows its gradient. */
#ifndef NN_OPTIMIZER_H
#define NN_OPTIMIZER_H

#include <stdbool.h>

#include "base/field.h"
#include "tensor/tensor.h"

enum { NN_MAX_SLOTS = 6 }; /* of a rule up to four, the gradient accumulator, the average */

typedef struct nn_update {
  int64_t iteration; /* updates done before this one: 0 at the first */
  float learning_rate;
  const nn_shape *shape; /* of the variable */
} nn_update;

/* The rule by which one variable of n numbers follows its gradient. */
typedef struct nn_optimizer {
  const char *name;
  size_t config_size;
  const nn_field *fields;
  /* how many state vectors as long as the variable this configuration keeps */
  int (*slot_count)(const void *config);
  const char *const *slot_names;
  double (*slot_start)(const void *config, int slot); /* what one is filled with at first; NULL: 0 */
  bool by_variable; /* the rule looks at a variable as a whole, so that several never count as one */
  void (*update)(const void *config, const nn_update *, float *weight, const float *grad, float *const *slots,
                 int64_t n);
} nn_optimizer;

#endif
