/* regularizers.h - penalties on weights, added to the loss. */
#ifndef NN_REGULARIZERS_H
#define NN_REGULARIZERS_H

#include "base/field.h"
#include "tensor/tensor.h"

typedef enum nn_regularizer_kind {
  NN_REGULARIZE_NOT,
  NN_REGULARIZE_L1_L2,
  NN_REGULARIZE_ORTHOGONAL
} nn_regularizer_kind;

typedef struct nn_regularizer {
  int kind;      /* an nn_regularizer_kind */
  double l1, l2; /* l1 sum |w| + l2 sum w^2 */
  double factor; /* orthogonal: factor times the mean of |cosine| over all pairs of rows, or of columns */
  bool by_columns;
} nn_regularizer;

extern const nn_field nn_regularizer_fields[];

/* The penalty on w; adds its derivative to grad, where not NULL. ORTHOGONAL wants two axes. */
double nn_regularize(const nn_regularizer *, float *grad, const float *w, const nn_shape *shape);

#endif
