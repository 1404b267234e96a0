/* constraints.h - limits that weights may not leave after an update. */
#ifndef NN_CONSTRAINTS_H
#define NN_CONSTRAINTS_H

#include "base/field.h"
#include "tensor/tensor.h"

typedef enum nn_constraint_kind {
  NN_CONSTRAIN_NOT,
  NN_CONSTRAIN_NON_NEGATIVE,
  NN_CONSTRAIN_UNIT_NORM,
  NN_CONSTRAIN_MAX_NORM,
  NN_CONSTRAIN_MIN_MAX_NORM
} nn_constraint_kind;

typedef struct nn_constraint {
  int kind; /* an nn_constraint_kind */
  double min_value, max_value, rate;
  nn_shape axes; /* the norm runs along these */
} nn_constraint;

extern const nn_field nn_constraint_fields[];

/* Brings w within its limits, in place. */
void nn_constrain(const nn_constraint *, float *w, const nn_shape *shape);

#endif
