/* activation.h - the functions between layers, and their slopes. */
#ifndef NN_ACTIVATION_H
#define NN_ACTIVATION_H

#include <math.h>
#include <stdbool.h>

#include "base/field.h"

typedef enum nn_activation {
  NN_ACT_LINEAR,
  NN_ACT_RELU,
  NN_ACT_SIGMOID,
  NN_ACT_TANH,
  NN_ACT_SOFTMAX,
  NN_ACT_ELU,
  NN_ACT_SELU,
  NN_ACT_LEAKY_RELU,
  NN_ACT_SOFTPLUS,
  NN_ACT_GELU,
  NN_ACT_GELU_TANH,
  NN_ACT_SILU,
  NN_ACT_EXPONENTIAL,
  NN_ACT_GENERAL_RELU,
  NN_ACT_RELU6,
  NN_ACT_CELU,
  NN_ACT_SOFTSIGN,
  NN_ACT_HARD_SIGMOID,
  NN_ACT_HARD_SILU,
  NN_ACT_HARD_TANH,
  NN_ACT_MISH,
  NN_ACT_LOG_SIGMOID,
  NN_ACT_SQUAREPLUS,
  NN_ACT_SPARSE_PLUS,
  NN_ACT_SPARSE_SIGMOID,
  NN_ACT_SOFT_SHRINK,
  NN_ACT_HARD_SHRINK,
  NN_ACT_TANH_SHRINK,
  NN_ACT_THRESHOLD,
  NN_ACT_STEP,
  NN_ACT_LOG_SOFTMAX,
  NN_ACT_SPARSEMAX,
  NN_ACT_HARD_SIGMOID_KERAS2
} nn_activation;

extern const char *const nn_activation_names[]; /* in that order, then NULL */

typedef struct nn_activation_config {
  int function;          /* an nn_activation */
  double alpha;          /* elu, celu: minus the limit far below 0 */
  double negative_slope; /* leaky_relu, general_relu: slope below the threshold */
  double max_value;      /* general_relu: the value it saturates at */
  double threshold;      /* general_relu, threshold, soft_shrink, hard_shrink */
  double default_value;  /* threshold: what is given at and below it */
  double b;              /* squareplus: how rounded the bend is */
  int axes;              /* activation layers: how many of the last axes are a row */
} nn_activation_config;

/* The fields of nn_activation_config, for a config that holds one at that offset under that argument name. */
#define NN_ACTIVATION_FIELDS(argument, config, member)                                                                 \
  {argument, NN_FIELD_CHOICE, offsetof(config, member.function), NN_ACT_LINEAR, 0, 0, nn_activation_names},            \
      {"alpha", NN_FIELD_FLOAT, offsetof(config, member.alpha), 1, 0, INFINITY, NULL},                                 \
      {"negative_slope", NN_FIELD_FLOAT, offsetof(config, member.negative_slope), 0, -INFINITY, INFINITY, NULL},       \
      {"max_value", NN_FIELD_FLOAT, offsetof(config, member.max_value), INFINITY, 0, INFINITY, NULL},                  \
      {"threshold", NN_FIELD_FLOAT, offsetof(config, member.threshold), 0, -INFINITY, INFINITY, NULL},                 \
      {"default_value", NN_FIELD_FLOAT, offsetof(config, member.default_value), 0, -INFINITY, INFINITY, NULL}, {       \
    "b", NN_FIELD_FLOAT, offsetof(config, member.b), 4, 0, INFINITY, NULL                                              \
  }

/* y(rows, width) from x; x may be y. Those by row (softmax and its kin) look at the whole width. */
void nn_activate(const nn_activation_config *config, float *y, const float *x, int64_t rows, int64_t width);
/* Whether the derivative can be had from y alone: then x need not be kept. */
bool nn_activation_from_output(const nn_activation_config *config);
bool nn_activation_by_row(const nn_activation_config *config);
/* dx = dy * f'(x); dx may be dy. x may be NULL where nn_activation_from_output says so. */
void nn_activate_backward(const nn_activation_config *config, float *dx, const float *dy, const float *y,
                          const float *x, int64_t rows, int64_t width);

#endif
