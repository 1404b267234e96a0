/* value.h - what a node gives: an edge of the graph. Nodes read the values of earlier nodes. */
#ifndef NN_VALUE_H
#define NN_VALUE_H

#include "tensor/tensor.h"

struct nn_node;

typedef struct nn_value {
  struct nn_node *node; /* which gives it */
  nn_shape shape;       /* of one sample; set by layer->build */
  bool is_whole;        /* set by layer->build: shape has all axes, of which none need be the batch's. A length -k in it
                           stands for k times the batch's rows, so -1 is the batch's own axis */
  int64_t width;        /* elements in one sample; of a whole value only counted by nn_value_count */
  bool is_loss;         /* a loss is taken here */
  bool is_output;       /* it is read by who runs the graph */
  bool is_watched;      /* its gradient is wanted even if nothing before it is trained */

  float *data;                          /* (rows, width) */
  const struct nn_sparse_batch *sparse; /* where not NULL the batch is here, not in data */
  float *grad;                          /* (rows, width); NULL if no gradient reaches it */

  /* plan.c's */
  bool learns;     /* a gradient has to reach it */
  int readers;     /* how many write into grad */
  int last_reader; /* position of the last node that reads data, or hands back a gradient */
  int buffer;      /* which its data, or its gradient, lies in */
} nn_value;

/* How many elements it has in a batch of so many rows. */
int64_t nn_value_count(const nn_value *, int64_t rows);
/* All its lengths in a batch of so many rows, the batch's axis included. */
nn_shape nn_value_shape(const nn_value *, int64_t rows);

#endif
