/* batches.h - runs of batches through a graph: training, evaluation, prediction. */
#ifndef NN_BATCHES_H
#define NN_BATCHES_H

#include "graph/graph.h"
#include "run/observer.h"
#include "run/optimization.h"
#include "run/pace.h"
#include "run/source.h"

enum { NN_OBJECT_BYTES = 64 }; /* the most bytes of a loss's, a metric's or an optimizer's config */

/* How the losses of a batch become one number: Keras' sum_over_batch_size (mean), sum, mean_with_sample_weight. */
typedef enum nn_reduction { NN_REDUCE_MEAN, NN_REDUCE_SUM, NN_REDUCE_WEIGHTED_MEAN } nn_reduction;

/* One input of a model during a run: where it is, what it gets. */
typedef struct nn_input {
  nn_value *value;
  nn_source *source;              /* of its rows; usually tensor */
  nn_tensor_source tensor;        /* its data (n, ...) */
  struct nn_sparse_batch *sparse; /* data as compressed rows, or NULL (products/sparse_batch.h) */
  float *buffer;                  /* (batch, width), set by nn_batches_plan */
} nn_input;

/* A value of the graph during a run: an output of the model and what it is held against, or a number for each sample or
 * for the whole batch that a script's own function has computed: a loss, a penalty or a metric. */
typedef struct nn_output {
  nn_value *value;      /* the predictions */
  nn_value *mask;       /* where not NULL: 0 for rows that do not count in the loss */
  nn_value *loss_value; /* the value itself, or the input of its node if activation and loss are fused */
  const nn_loss *loss;  /* NULL: it is only observed */
  _Alignas(8) unsigned char loss_config[NN_OBJECT_BYTES];
  float loss_weight;
  nn_reduction reduction;
  int64_t loss_width; /* predictions under one loss: those of the last axis, more, or 0: the whole batch's */
  int observer_count;
  nn_observer *observers;
  int64_t row_width;              /* what observers take as a row: the last axis, or 1 */
  nn_tensor_source target;        /* (n, ...); without data if the value is a loss or a metric itself */
  nn_tensor_source sample_weight; /* (n), or (n, ...) for the rows of a sample; float32; data may be NULL */
  nn_tensor *predictions;         /* (n, ...) float32, NN_PREDICT */
  double loss_sum;                /* over samples, before loss_weight */
  /* batch buffers, set by nn_batches_plan */
  int64_t rows_per_sample, target_width, weights_per_sample;
  float *batch_target, *batch_weight, *row_weight, *row_loss;
  const float *last_target, *last_weight; /* rows of the last batch, or NULL */
} nn_output;

typedef enum nn_mode { NN_TRAIN, NN_EVALUATE, NN_PREDICT } nn_mode;

typedef enum nn_outcome { NN_DONE, NN_STOPPED, NN_NOT_FINITE, NN_FAILED } nn_outcome;

typedef struct nn_batches {
  nn_mode mode;
  bool training; /* layers act as in training: always with NN_TRAIN */
  nn_graph *graph;
  int input_count, output_count;
  nn_input *inputs;
  nn_output *outputs;
  int64_t row_count;                /* of the data */
  int64_t sample_count, batch_size; /* an epoch takes so many samples: the rows, or those that the order names */
  const int32_t *order;             /* (sample_count) which sample comes when; NULL: as they stand */
  uint64_t seed;
  nn_team *team; /* shares the work where that is faster; may be NULL */
  nn_pace pace;
  nn_foreign *foreign; /* for nodes of lambda layers; if it fails a run ends as NN_FAILED */
  nn_error error;      /* of an operation whose inputs were wrong; then, too */

  struct nn_batches *twin; /* the same with buffers of its own, for another thread; NULL after the last (predict.c) */
  _Atomic bool is_taken;   /* by a thread */

  nn_optimization optimization; /* NN_TRAIN */

  int64_t last_rows;  /* samples of the last batch */
  double sample_sum;  /* samples seen since the sums were last cleared */
  double penalty_sum; /* over samples */
} nn_batches;

/* Bytes of the batch buffers; with memory given, sets their pointers. */
size_t nn_batches_plan(nn_batches *, void *memory);
/* Whether each class id of the target that the loss does not ignore lies in 0 .. classes-1; the error names the
 * sample. */
int nn_check_class_ids(nn_error *, const nn_loss *, const void *config, const nn_tensor *target, int64_t classes);
void nn_batches_clear_sums(nn_batches *);
/* All sums as one vector, to be gone on with later: `out` is filled, unless NULL; then they become what `in` holds,
 * unless NULL. Gives how many there are. */
int64_t nn_batches_exchange_sums(nn_batches *, double *out, const double *in);
/* THE hot loop: batches first .. first+count-1 of the epoch, each with its learning rate (rate_step 0: one for all).
 * Returns why it ended; *done counts the batches that were finished. */
nn_outcome nn_batches_run(nn_batches *, int64_t first, int64_t count, const float *rates, int rate_step,
                          const volatile int *stop, int64_t *done);

/* NN_PREDICT: the same batches in any order, several at once by the threads of a team (predict.c). There have to be as
 * many twins as threads besides the caller; layers must not act as in training, and none may be foreign. */
nn_outcome nn_batches_predict(nn_batches *, nn_team *, int64_t first, int64_t count, const volatile int *stop,
                              int64_t *done);

#endif
