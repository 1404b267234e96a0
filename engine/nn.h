/* nn.h - the public face of the numeric core.
 *
 * The core knows nothing of Lua, files of scripts, or terminals. It works on tensors (strided views of
 * memory somebody else owns), on graphs of layers whose memory is planned once and bound once, and on jobs:
 * runs of batches through such a graph. A function that can fail returns 0 or NN_ERROR and leaves a sentence
 * in an nn_error; nothing in the core prints, exits, long-jumps or allocates inside a batch loop.
 *
 * Shapes of pointers are given as (rows, columns); everything is row-major.
 */
#ifndef NN_H
#define NN_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/team.h"

#define NN_VERSION "0.1.0"

/* ---------------------------------------------------------------- errors (error.c) */

enum { NN_OK = 0, NN_ERROR = -1 };

typedef struct nn_error {
  char message[512];
} nn_error;

/* Writes the sentence and returns NN_ERROR, so that a check reads `return nn_fail(error, "...")`. */
int nn_fail(nn_error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---------------------------------------------------------------- tensors (tensor.c) */

#define NN_MAX_NDIM 8

typedef enum nn_dtype { NN_FLOAT32, NN_UINT8, NN_INT32 } nn_dtype;

typedef struct nn_shape {
  int ndim;
  int64_t dim[NN_MAX_NDIM];
} nn_shape;

/* A view: it owns nothing. Strides count elements, not bytes. */
typedef struct nn_tensor {
  nn_dtype dtype;
  nn_shape shape;
  int64_t stride[NN_MAX_NDIM];
  void *data;
} nn_tensor;

enum { NN_SHAPE_TEXT = 128 };

size_t nn_dtype_size(nn_dtype dtype);
const char *nn_dtype_name(nn_dtype dtype); /* "float32" */
int64_t nn_shape_count(const nn_shape *shape);
/* Whether a tensor of that shape is no larger than any memory; then its count overflows nothing. */
bool nn_shape_fits_memory(const nn_shape *shape);
bool nn_shape_equal(const nn_shape *a, const nn_shape *b);
/* "28x28", "scalar" for no axes; writes into text and returns it. */
char *nn_shape_text(const nn_shape *shape, char text[NN_SHAPE_TEXT]);

/* A contiguous tensor over data. */
nn_tensor nn_tensor_over(nn_dtype dtype, const nn_shape *shape, void *data);
bool nn_tensor_is_contiguous(const nn_tensor *tensor);

/* Views. Axes and positions count from 0 here; the Lua side counts from 1. */
int nn_tensor_index(nn_error *, nn_tensor *out, const nn_tensor *in, int axis, int64_t position);
int nn_tensor_range(nn_error *, nn_tensor *out, const nn_tensor *in, int axis, int64_t first, int64_t count);
int nn_tensor_permute(nn_error *, nn_tensor *out, const nn_tensor *in, const int *axes);
/* A contiguous tensor seen with another shape of as many elements. */
int nn_tensor_view(nn_error *, nn_tensor *out, const nn_tensor *in, const nn_shape *shape);

typedef enum nn_binary_op {
  NN_ADD,
  NN_SUB,
  NN_MUL,
  NN_DIV,
  NN_POW,
  NN_MAXIMUM,
  NN_MINIMUM,
  NN_EQ,
  NN_NE,
  NN_LT,
  NN_LE,
  NN_GT,
  NN_GE
} nn_binary_op;

typedef enum nn_unary_op {
  NN_NEG,
  NN_ABS,
  NN_SQRT,
  NN_EXP,
  NN_LOG,
  NN_SIN,
  NN_COS,
  NN_TANH,
  NN_FLOOR,
  NN_ROUND
} nn_unary_op;

typedef enum nn_reduce_op { NN_SUM, NN_MEAN, NN_VAR, NN_MIN, NN_MAX, NN_ARGMIN, NN_ARGMAX } nn_reduce_op;

/* NumPy's rule: axes aligned at the right, 1 stretches. */
int nn_shape_broadcast(nn_error *, nn_shape *out, const nn_shape *a, const nn_shape *b);
/* The type an operation gives: comparisons uint8, DIV and POW float32, the rest int32 unless a side is float32. */
nn_dtype nn_binary_dtype(nn_binary_op op, nn_dtype a, nn_dtype b);
nn_dtype nn_reduce_dtype(nn_reduce_op op, nn_dtype dtype);

/* out has the broadcast shape and the type nn_binary_dtype says. A result an int32 cannot hold is an error. */
int nn_tensor_binary(nn_error *, nn_binary_op op, nn_tensor *out, const nn_tensor *a, const nn_tensor *b);
int nn_tensor_unary(nn_error *, nn_unary_op op, nn_tensor *out, const nn_tensor *in);
/* Copies with conversion and broadcasting. A value the target type cannot hold is an error naming it. */
int nn_tensor_copy(nn_error *, nn_tensor *out, const nn_tensor *in);
/* Copies where the condition is other than 0; both broadcast to out's shape. */
int nn_tensor_copy_where(nn_error *, nn_tensor *out, const nn_tensor *condition, const nn_tensor *in);
/* Reduces one axis; out has the shape without it. Sums run in double. VAR is the population variance. */
int nn_tensor_reduce(nn_error *, nn_reduce_op op, nn_tensor *out, const nn_tensor *in, int axis);
/* (m,k)x(k,n); also (k)x(k,n), (m,k)x(k) and (k)x(k), as NumPy. All float32. */
int nn_tensor_matmul(nn_error *, nn_tensor *out, const nn_tensor *a, const nn_tensor *b);
/* out[i] = in[index[i]] along the first axis; index is int32, positions from 0. */
int nn_tensor_gather(nn_error *, nn_tensor *out, const nn_tensor *in, const nn_tensor *index);

/* ---------------------------------------------------------------- matrix products (blas.c) */

/* c(m,n) = op(a)(m,k) * op(b)(k,n), where op transposes on request. ld* are row lengths in memory. The team, which may
 * be NULL, shares the work; results are the same bits for any size of it. */
void nn_gemm(nn_team *team, bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, const float *a,
             int64_t lda, const float *b, int64_t ldb, float *c, int64_t ldc);
/* The same in ten lines, for the tests. */
void nn_gemm_reference(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, const float *a, int64_t lda,
                       const float *b, int64_t ldb, float *c, int64_t ldc);
/* Whether nn_gemm is the engine's own here, which a team can share, and not BLAS with its own threads. */
bool nn_gemm_takes_team(void);
void nn_blas_set_threads(int threads);
int nn_blas_threads(void);
const char *nn_blas_description(void);
/* Whether forking after products is safe: not with an OpenMP build at more than one thread. */
bool nn_blas_fork_safe(void);
/* Whether there is memory for products at all. */
bool nn_blas_has_memory(void);
/* Whether threads of ours may multiply at the same time, each alone: an OpenMP build of OpenBLAS would start more. */
bool nn_gemm_works_apart(void);

/* ---------------------------------------------------------------- numbers next to 0 (denormals.c) */

/* Denormal numbers in an optimizer's state make steps several times slower and change nothing worth having. Each thread
 * has a mode of its own; the one before is returned. */
unsigned nn_flush_denormals(void);
void nn_restore_denormals(unsigned before);

/* ---------------------------------------------------------------- random numbers (rng.c) */

/* A stream is named, never shared: the same (seed, purpose, step) gives the same numbers, whatever ran before.
 * Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011). */
typedef struct nn_rng {
  uint32_t key[2];
  uint32_t counter[4];
  uint32_t block[4];
  int left;
} nn_rng;

enum nn_purpose { NN_INITIALIZE = 1, NN_SHUFFLE = 2, NN_DROPOUT = 3, NN_SAMPLE = 4, NN_DIGITS = 5 };

nn_rng nn_rng_stream(uint64_t seed, uint32_t purpose, uint64_t step);
uint32_t nn_rng_next(nn_rng *rng);
/* The next n words, as n calls of nn_rng_next, several times faster. Callers take them in chunks of this many. */
enum { NN_RNG_CHUNK = 256 };
void nn_rng_words(nn_rng *rng, uint32_t *out, int64_t n);
/* 24 random bits in [0, 1). */
float nn_rng_float(nn_rng *rng);
/* Below bound, without bias (Lemire 2019). */
uint32_t nn_rng_below(nn_rng *rng, uint32_t bound);
void nn_rng_uniform(nn_rng *rng, float *out, int64_t n, float low, float high);
void nn_rng_normal(nn_rng *rng, float *out, int64_t n, float mean, float stddev);
/* Redrawn beyond two standard deviations, as Keras does. */
void nn_rng_truncated_normal(nn_rng *rng, float *out, int64_t n, float mean, float stddev);
/* 0 .. n-1 in random order (Fisher-Yates). */
void nn_rng_permutation(nn_rng *rng, int32_t *out, int32_t n);

/* ---------------------------------------------------------------- configuration by table (fields) */

typedef enum nn_kind {
  NN_FIELD_INT,
  NN_FIELD_FLOAT,
  NN_FIELD_BOOL,
  NN_FIELD_CHOICE,
  NN_FIELD_SHAPE,
  NN_FIELD_NUMBERS
} nn_kind;

/* A list of numbers of any length, which whoever filled the config keeps alive; empty where none was given. */
typedef struct nn_numbers {
  int64_t count;
  const float *values;
} nn_numbers;

/* One argument of a layer, loss, optimizer or metric: where it lives in the config struct (int, double, bool,
 * int, nn_shape, nn_numbers by kind), its default, the values it may take. The binding fills structs from such tables.
 */
typedef struct nn_field {
  const char *name;
  nn_kind kind;
  size_t offset;
  double standard; /* default; NAN: the argument must be given */
  double min, max;
  const char *const *choices; /* NULL-terminated names for NN_FIELD_CHOICE; the struct holds the position */
} nn_field;

/* ---------------------------------------------------------------- activations (activation.c) */

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
  NN_ACT_SPARSEMAX
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

/* ---------------------------------------------------------------- penalties on weights (regularizers.c) */

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

/* ---------------------------------------------------------------- limits of weights (constraints.c) */

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

/* ---------------------------------------------------------------- layers (layers/) */

typedef struct nn_node nn_node;

struct nn_node;
struct nn_pass;

/* A function that the engine does not know: forward it fills the node's value from its inputs', backward their
 * input_grad from the node's grad. Once it has returned false it is not called again, and the run ends. */
typedef struct nn_foreign {
  bool (*call)(struct nn_foreign *, struct nn_node *, const struct nn_pass *, bool backward);
  bool failed;
} nn_foreign;

/* What one walk through the graph needs to know. */
typedef struct nn_pass {
  int64_t rows;        /* samples in this batch */
  nn_team *team;       /* shares the work; may be NULL */
  nn_foreign *foreign; /* for nodes of lambda layers */
  bool training;
  uint64_t seed; /* of the model; with the node's position and step it names a random stream */
  uint64_t step;
} nn_pass;

enum { NN_MAX_PARAMS = 4, NN_CONFIG_BYTES = 192 };

typedef struct nn_param {
  const char *name; /* "kernel" */
  nn_shape shape;
  bool is_state; /* the layer itself keeps it up to date, or it never changes: nothing an optimizer trains */
  float *value;
  nn_regularizer regularizer;
  nn_constraint constraint;

  /* set by the graph */
  bool is_trained, is_shared; /* shared: an earlier node has the same value and counts as its owner */
  int64_t offset;             /* in the flat gradient */
  float *grad;                /* NULL where not trained */
} nn_param;

/* The contract of a layer. build reads config and the inputs' shapes and sets shape, params, saved_width, is_view;
 * forward writes value; backward reads grad (and may overwrite it) and overwrites input_grad[i] and params[i].grad
 * wherever they are not NULL. The graph sums where several writers meet. Nothing here allocates. */
typedef struct nn_layer {
  const char *name;
  size_t config_size;
  const nn_field *fields; /* ends with a NULL name */
  bool takes_sparse;      /* forward and backward look for a sparse batch first */
  int (*build)(nn_error *, nn_node *);
  void (*forward)(nn_node *, const nn_pass *);
  void (*backward)(nn_node *, const nn_pass *);
  /* What the layer adds to the loss; NULL for nearly all. Its derivative is part of backward. */
  double (*penalty)(const nn_node *, const nn_pass *);
} nn_layer;

struct nn_node {
  const nn_layer *layer;
  _Alignas(8) unsigned char config[NN_CONFIG_BYTES];
  int position; /* in the graph, from 0 */
  int input_count;
  nn_node **inputs;
  bool trainable;
  bool is_loss;    /* a loss is taken here */
  bool is_output;  /* its value is read by who runs the graph */
  bool is_watched; /* its gradient is wanted even where nothing before it is trained */

  /* set by layer->build */
  nn_shape shape; /* of one sample */
  int param_count;
  nn_param params[NN_MAX_PARAMS];
  int64_t saved_width; /* floats a sample keeps between forward and backward */
  int64_t kept_width;  /* floats the layer works with besides, whatever the batch */
  bool is_view;        /* the value is the input's own, seen with another shape */

  /* set by the graph */
  int64_t width;                        /* elements in one sample */
  bool is_wanted;                       /* its value has to be computed */
  bool learns;                          /* a gradient has to reach this node */
  int readers;                          /* how many write into grad */
  float *value;                         /* (rows, width) */
  const struct nn_sparse_batch *sparse; /* where not NULL the batch is here, not in value */
  float *grad;                          /* (rows, width); NULL where no gradient is needed */
  float *saved;                         /* (rows, saved_width) */
  float *kept;                          /* (kept_width) */
  float **input_grad; /* (input_count) where backward writes the gradient of each input; NULL where none is wanted */
};

enum { NN_NO_SEED = -1 };

/* The random numbers of a layer at this step: they belong to the layer's seed, or the model's where it has none. */
nn_rng nn_noise_stream(const nn_node *, const nn_pass *, int seed);
/* The axis of one sample that an argument means: 0 is the samples' own axis, which no layer touches, and negative ones
 * count from the end. */
int nn_sample_axis(nn_error *, int *out, int64_t axis, int ndim);
/* The elements of x (rows, sample) with the axes of each sample in another order: out axis i is x axis order[i]. */
void nn_permute(float *out, const float *x, int64_t rows, const nn_shape *sample, const int *order);

/* ---------------------------------------------------------------- graphs (graph.c) */

/* Where a parameter that is trained lies; a shared one is there once. */
typedef struct nn_segment {
  nn_shape shape;
  float *value;
  int64_t offset; /* in the flat gradient */
} nn_segment;

typedef struct nn_graph {
  int node_count;
  nn_node *nodes; /* the inputs of a node come before it */
  nn_segment *segments;
  int segment_count;
  int64_t gradient_count; /* trained parameters; each shared one counts once */
  float *gradient;        /* (gradient_count) */
  int64_t batch;          /* rows the plan has room for */
  bool has_penalties, has_constraints;
} nn_graph;

/* Bytes for the structs of a graph, and a graph laid into that memory (zeroed), its nodes' input lists empty. */
size_t nn_graph_size(int node_count, int edge_count);
nn_graph *nn_graph_place(void *memory, int node_count, int edge_count);
/* Shapes of one node, once layer, config and inputs are set. Samples without a number in them are an error. */
int nn_node_build(nn_error *, nn_node *);
/* Bytes of values, gradients and what layers save, for batches of up to `batch` rows; with memory given (64-byte
 * aligned), the same walk sets every pointer. Params must have their values by then. */
size_t nn_graph_plan(nn_graph *, int64_t batch, bool training, void *memory);
void nn_graph_forward(nn_graph *, const nn_pass *);
/* From the gradients of the nodes marked is_loss to the flat gradient, penalties included. */
void nn_graph_backward(nn_graph *, const nn_pass *);
/* What regularizers and layers add to the loss of this batch. */
double nn_graph_penalty(const nn_graph *, const nn_pass *);
/* Brings trained parameters within their limits, after an update. */
void nn_graph_constrain(nn_graph *);

/* ---------------------------------------------------------------- losses (losses/) */

/* y_true is (rows, 1) for losses on class ids and labels, (rows, width) for the others; y_pred is (rows, width). */
typedef struct nn_loss {
  const char *name;
  size_t config_size;
  const nn_field *fields;
  bool class_ids; /* y_true holds class ids, 0 .. width-1 */
  /* The rows of a batch are held against each other: y_true holds one label a row, any whole number; grad is that of
   * the sum of all losses; a row with a loss of 0 has nothing to be held against and does not count in a mean. */
  bool is_pairwise;
  /* The activation whose input the loss takes when from_logits is set, NN_ACT_LINEAR for none. Configs of such losses
   * begin with nn_from_logits. */
  int fused_activation;
  /* Whether a target stands for nothing, being of an ignored class: its row has a loss of 0 and does not count in a
   * mean. NULL: all count. */
  bool (*ignores)(const void *config, float y_true);
  /* value(rows): the loss of each row; grad(rows, width), where not NULL: its derivative by y_pred. */
  void (*evaluate)(const void *config, float *value, float *grad, const float *y_true, const float *y_pred,
                   int64_t rows, int64_t width);
} nn_loss;

typedef struct nn_from_logits {
  bool from_logits;
} nn_from_logits;

/* ---------------------------------------------------------------- optimizers (optimizers/, optimizer.c) */

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

/* What every optimizer offers besides its rule. Numbers that are 0 are not used. */
typedef struct nn_optimizer_options {
  double weight_decay, clipnorm, global_clipnorm, clipvalue, ema_momentum;
  bool use_ema;
  int ema_overwrite_frequency, gradient_accumulation_steps;
} nn_optimizer_options;

extern const nn_field nn_optimizer_option_fields[];

/* What an optimizer changes: one parameter, or several that lie side by side. */
typedef struct nn_variable {
  nn_shape shape;
  float *value, *grad; /* (elements of shape) */
  float *slots[NN_MAX_SLOTS];
} nn_variable;

/* An optimizer at work. */
typedef struct nn_optimization {
  const nn_optimizer *rule;
  const void *config;
  nn_optimizer_options options;
  int64_t calls; /* gradients seen; updates are one in gradient_accumulation_steps of them */
  nn_variable *variables;
  int variable_count;
} nn_optimization;

/* The state vectors: those of the rule, then the options' own. */
int nn_slot_count(const nn_optimization *);
const char *nn_slot_name(const nn_optimization *, int slot);
double nn_slot_start(const nn_optimization *, int slot);
/* Makes variables of a graph's parameters. room has one entry a segment, with the slots of that segment's parameter. */
void nn_optimization_plan(nn_optimization *, nn_variable *room, const nn_graph *);
/* One call: gradients may be overwritten. */
void nn_optimization_step(nn_optimization *, float learning_rate, nn_team *team);
/* With use_ema: the variables become their averages. */
void nn_optimization_finish(nn_optimization *);

/* ---------------------------------------------------------------- metrics (metrics/) */

/* Predictions (rows, width) held against targets, (rows, width) or one a row. The value at row r and column j weighs
 * weight[r * weight_row + j * weight_column]; where all weigh the same both steps are 0. */
typedef struct nn_scored {
  const float *y_true, *y_pred;
  int64_t rows, width;
  const float *weight;
  int64_t weight_row, weight_column;
} nn_scored;

/* A metric adds batches to sums, kept in doubles: never an average of averages. What the sums say is told in Lua. */
typedef struct nn_metric {
  const char *name;
  size_t config_size;
  const nn_field *fields;
  int64_t (*state_size)(const void *config, int64_t width); /* how many sums, for predictions of that width */
  void (*update)(const void *config, double *state, const nn_scored *);
  bool compares; /* predictions with each other or with thresholds: after a NaN all its sums are NaN */
} nn_metric;

/* Something watched: a metric, or (where metric is NULL) the mean of a loss. See observer.c. */
typedef struct nn_observer {
  const nn_metric *metric;
  const nn_loss *loss;
  void *config;
  bool is_weighted; /* by the samples' weights */
  bool heeds_mask;  /* rows that the output's mask leaves out weigh nothing */
  int64_t state_size;
  double *state;
} nn_observer;

int64_t nn_observer_state_size(const nn_observer *, int64_t width);
/* row_loss(rows) is scratch, for losses. */
void nn_observer_update(nn_observer *, const nn_scored *, float *row_loss);
void nn_observer_clear(nn_observer *);

/* ---------------------------------------------------------------- batches (train.c) */

enum { NN_MAX_PORTS = 16, NN_MAX_OBSERVERS = 32, NN_OBJECT_BYTES = 64 };

/* How the losses of a batch become one number: Keras' sum_over_batch_size (mean), sum, mean_with_sample_weight. */
typedef enum nn_reduction { NN_REDUCE_MEAN, NN_REDUCE_SUM, NN_REDUCE_WEIGHTED_MEAN } nn_reduction;

/* One output of a model during a run: where it is, what it is held against. */
typedef struct nn_output {
  nn_node *node;      /* the predictions */
  nn_node *mask;      /* where not NULL: 0 for rows that do not count in the loss */
  nn_node *loss_node; /* the node itself, or its input where activation and loss are fused */
  const nn_loss *loss;
  _Alignas(8) unsigned char loss_config[NN_OBJECT_BYTES];
  float loss_weight;
  nn_reduction reduction;
  int64_t loss_width; /* predictions under one loss: those of the last axis, more, or 0: the whole batch's */
  int observer_count;
  nn_observer observers[NN_MAX_OBSERVERS];
  _Alignas(8) unsigned char observer_configs[NN_MAX_OBSERVERS][NN_OBJECT_BYTES];
  const nn_tensor *target;        /* (n, ...) */
  const nn_tensor *sample_weight; /* (n), or (n, ...) for the rows of a sample; float32, or NULL */
  double loss_sum;                /* over samples, before loss_weight */
  /* batch buffers, set by nn_batches_plan */
  int64_t rows_per_sample, target_width, weights_per_sample;
  float *batch_target, *batch_weight, *row_weight, *row_loss;
} nn_output;

typedef enum nn_mode { NN_TRAIN, NN_EVALUATE, NN_PREDICT } nn_mode;

typedef enum nn_outcome { NN_DONE, NN_STOPPED, NN_NOT_FINITE, NN_FAILED } nn_outcome;

/* How long a batch took lately, alone and shared by a team; 0 before the first (pace.c). */
typedef struct nn_pace {
  double seconds[2], started;
  int64_t batches;
  bool shared; /* the batch that was begun last */
} nn_pace;

/* Around each batch: whether it is to be shared. */
bool nn_pace_begin(nn_pace *);
void nn_pace_end(nn_pace *);

typedef struct nn_batches {
  nn_mode mode;
  bool training; /* layers act as in training: always with NN_TRAIN */
  nn_graph *graph;
  int input_count, output_count;
  nn_node *inputs[NN_MAX_PORTS];
  const nn_tensor *data[NN_MAX_PORTS]; /* (n, ...), one an input */
  nn_output outputs[NN_MAX_PORTS];
  nn_tensor *predictions[NN_MAX_PORTS];         /* (n, ...) float32, NN_PREDICT */
  float *input_buffers[NN_MAX_PORTS];           /* set by nn_batches_plan */
  struct nn_sparse_batch *sparse[NN_MAX_PORTS]; /* data as compressed rows, or NULL (sparse.h) */
  int64_t sample_count, batch_size;
  const int32_t *order; /* (n) which sample comes when; NULL: as they stand */
  uint64_t seed;
  nn_team *team; /* shares the work where that is faster; may be NULL */
  nn_pace pace;
  nn_foreign *foreign; /* for nodes of lambda layers; where it fails a run ends as NN_FAILED */

  struct nn_batches *twin; /* the same with buffers of its own, for another thread; NULL after the last (predict.c) */
  _Atomic bool is_taken;   /* by a thread */

  nn_optimization optimization; /* NN_TRAIN */

  double sample_sum;  /* samples seen since the sums were last cleared */
  double penalty_sum; /* over samples */
} nn_batches;

/* Whether an input may come as compressed rows: only layers read it, and all of them can take those. */
bool nn_reads_sparse(const nn_graph *, const nn_node *input);
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

/* ---------------------------------------------------------------- the table of contents (registry.c) */

extern const nn_layer *const nn_layers[]; /* each list ends with NULL */
extern const nn_loss *const nn_losses[];
extern const nn_optimizer *const nn_optimizers[];
extern const nn_metric *const nn_metrics[];

const nn_layer *nn_find_layer(const char *name);
const nn_loss *nn_find_loss(const char *name);
const nn_optimizer *nn_find_optimizer(const char *name);
const nn_metric *nn_find_metric(const char *name);

#endif
