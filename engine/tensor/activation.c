/* activation.c - the functions between the layers, and their derivatives. Formulas as in keras/activations. */
#include "activation.h"
#include "base/vmath.h"
#include "products/kernels/kernels.h"

/* Klambauer et al. (2017), "Self-normalizing neural networks". */
#define SELU_SCALE 1.05070098735548049342f
#define SELU_ALPHA 1.67326324235437728481f

#define SQRT_HALF      0.70710678118654752440f
#define SQRT_2_OVER_PI 0.79788456080286535588f
#define INV_SQRT_2PI   0.39894228040143267794f
#define GELU_CUBIC     0.044715f

/* ---- formulas too long for a line of the table below ---- */

static inline float clip(float x, float low, float high) { return x < low ? low : x > high ? high : x; }

static inline float softplus(float x) { return fmaxf(x, 0) + log1pf(nn_expf(-fabsf(x))); }

static inline float gelu_inner(float x) { return nn_tanhf(SQRT_2_OVER_PI * (x + GELU_CUBIC * x * x * x)); }

static inline float gelu_tanh_slope(float x) {
  float t = gelu_inner(x);
  return 0.5f * (1 + t) + 0.5f * x * (1 - t * t) * SQRT_2_OVER_PI * (1 + 3 * GELU_CUBIC * x * x);
}

static inline float gelu_slope(float x) {
  return 0.5f * (1 + nn_erff(x * SQRT_HALF)) + x * INV_SQRT_2PI * nn_expf(-0.5f * x * x);
}

static inline float silu_slope(float x) {
  float s = nn_sigmoidf(x);
  return s * (1 + x * (1 - s));
}

static inline float mish_slope(float x) {
  float t = nn_tanhf(softplus(x));
  return t + x * (1 - t * t) * nn_sigmoidf(x);
}

static inline float sparse_plus(float x) { return x <= -1 ? 0 : x >= 1 ? x : 0.25f * (x + 1) * (x + 1); }

/* ---- element-wise functions ---- */

/* The config's numbers in single precision. */
typedef struct constants {
  float alpha, negative_slope, max_value, threshold, default_value, b;
} constants;

typedef void forward_loop(float *y, const float *x, int64_t n, const constants *c);
typedef void backward_loop(float *dx, const float *dy, const float *v, int64_t n, const constants *c);

/* NAME_forward computes y from v = x; NAME_backward multiplies by the slope, an expression in v = x or v = y. */
#define ELEMENTWISE(name, function, slope)                                                                             \
  static void name##_forward(float *y, const float *x, int64_t n, const constants *c) {                                \
    (void)c;                                                                                                           \
    for (int64_t i = 0; i < n; i++) {                                                                                  \
      float v = x[i];                                                                                                  \
      y[i] = (function);                                                                                               \
    }                                                                                                                  \
  }                                                                                                                    \
  static void name##_backward(float *dx, const float *dy, const float *from, int64_t n, const constants *c) {          \
    (void)c;                                                                                                           \
    for (int64_t i = 0; i < n; i++) {                                                                                  \
      float v = from[i];                                                                                               \
      (void)v;                                                                                                         \
      dx[i] = dy[i] * (slope);                                                                                         \
    }                                                                                                                  \
  }

/* Slopes in y. (relu is written so that NaN stays NaN.) */
ELEMENTWISE(linear, v, 1.0f)
ELEMENTWISE(relu, v <= 0 ? 0.0f : v, v > 0 ? 1.0f : 0.0f)
ELEMENTWISE(relu6, clip(v, 0, 6), v > 0 && v < 6 ? 1.0f : 0.0f)
ELEMENTWISE(sigmoid, nn_sigmoidf(v), v *(1 - v))
ELEMENTWISE(tanh, nn_tanhf(v), 1 - v * v)
ELEMENTWISE(selu, SELU_SCALE *(v > 0 ? v : SELU_ALPHA * expm1f(v)), v > 0 ? SELU_SCALE : v + SELU_SCALE * SELU_ALPHA)
ELEMENTWISE(exponential, nn_expf(v), v)
ELEMENTWISE(hard_sigmoid, clip(v / 6 + 0.5f, 0, 1), v > 0 && v < 1 ? 1.0f / 6 : 0.0f)
/* What Keras 1 and 2 called so. */
ELEMENTWISE(hard_sigmoid_keras2, clip(v * 0.2f + 0.5f, 0, 1), v > 0 && v < 1 ? 0.2f : 0.0f)
ELEMENTWISE(hard_tanh, clip(v, -1, 1), v > -1 && v < 1 ? 1.0f : 0.0f)
ELEMENTWISE(sparse_sigmoid, clip(0.5f * (v + 1), 0, 1), v > 0 && v < 1 ? 0.5f : 0.0f)

/* Slopes in x. */
ELEMENTWISE(general_relu,
            v > c->threshold ? (v > c->max_value ? c->max_value : v) : c->negative_slope * (v - c->threshold),
            v > c->threshold ? (v > c->max_value ? 0.0f : 1.0f) : c->negative_slope)
ELEMENTWISE(leaky_relu, v > 0 ? v : c->negative_slope * v, v > 0 ? 1.0f : c->negative_slope)
ELEMENTWISE(elu, v > 0 ? v : c->alpha * expm1f(v), v > 0 ? 1.0f : c->alpha * nn_expf(v))
ELEMENTWISE(celu, v > 0 ? v : c->alpha * expm1f(v / c->alpha), v > 0 ? 1.0f : nn_expf(v / c->alpha))
ELEMENTWISE(softplus, softplus(v), nn_sigmoidf(v))
ELEMENTWISE(softsign, v / (1 + fabsf(v)), 1 / ((1 + fabsf(v)) * (1 + fabsf(v))))
ELEMENTWISE(gelu, 0.5f * v * (1 + nn_erff(v * SQRT_HALF)), gelu_slope(v))
ELEMENTWISE(gelu_tanh, 0.5f * v * (1 + gelu_inner(v)), gelu_tanh_slope(v))
ELEMENTWISE(silu, v *nn_sigmoidf(v), silu_slope(v))
ELEMENTWISE(hard_silu, v *clip(v / 6 + 0.5f, 0, 1), v<-3 ? 0.0f : v> 3 ? 1.0f : (2 * v + 3) / 6)
ELEMENTWISE(mish, v *nn_tanhf(softplus(v)), mish_slope(v))
ELEMENTWISE(log_sigmoid, -softplus(-v), nn_sigmoidf(-v))
ELEMENTWISE(squareplus, 0.5f * (v + sqrtf(v * v + c->b)), 0.5f * (1 + v / sqrtf(v * v + c->b)))
ELEMENTWISE(sparse_plus, sparse_plus(v), clip(0.5f * (v + 1), 0, 1))
ELEMENTWISE(soft_shrink,
            v > c->threshold    ? v - c->threshold
            : v < -c->threshold ? v + c->threshold
                                : 0,
            fabsf(v) > c->threshold ? 1.0f : 0.0f)
ELEMENTWISE(hard_shrink, fabsf(v) > c->threshold ? v : 0, fabsf(v) > c->threshold ? 1.0f : 0.0f)
ELEMENTWISE(tanh_shrink, v - nn_tanhf(v), nn_tanhf(v) * nn_tanhf(v))
ELEMENTWISE(threshold, v > c->threshold ? v : c->default_value, v > c->threshold ? 1.0f : 0.0f)
ELEMENTWISE(step, v >= 0 ? 1.0f : 0.0f, 0.0f)

/* ---- functions of a whole row ---- */

typedef void forward_rows(float *y, const float *x, int64_t rows, int64_t width);
typedef void backward_row(float *dx, const float *dy, const float *y, int64_t width);

static void softmax_forward(float *y, const float *x, int64_t rows, int64_t width) {
  nn_kernels_at(0)->softmax(NULL, y, x, rows, width);
}

/* dx_j = y_j (dy_j - sum_k dy_k y_k) */
static void softmax_backward(float *dx, const float *dy, const float *y, int64_t width) {
  float dot = 0;
  for (int64_t j = 0; j < width; j++)
    dot += dy[j] * y[j];
  for (int64_t j = 0; j < width; j++)
    dx[j] = y[j] * (dy[j] - dot);
}

static void log_softmax_forward(float *y, const float *x, int64_t rows, int64_t width) {
  for (int64_t r = 0; r < rows; r++, y += width, x += width) {
    float shift;
    nn_kernels_at(0)->softmax(&shift, NULL, x, 1, width);
    for (int64_t j = 0; j < width; j++)
      y[j] = x[j] - shift;
  }
}

static void log_softmax_backward(float *dx, const float *dy, const float *y, int64_t width) {
  float sum = 0;
  for (int64_t j = 0; j < width; j++)
    sum += dy[j];
  for (int64_t j = 0; j < width; j++)
    dx[j] = dy[j] - nn_expf(y[j]) * sum;
}

/* The projection onto the simplex (Martins and Astudillo 2016), its threshold by Michelot's iteration: average what is
 * above the threshold until nothing more falls below. What rounding brings back above it ends the iteration too. */
static void sparsemax_row(float *y, const float *x, int64_t width) {
  float threshold = -INFINITY;
  for (int64_t before = width + 1, count;; before = count) {
    float sum = 0;
    count = 0;
    for (int64_t j = 0; j < width; j++)
      if (x[j] > threshold) {
        sum += x[j];
        count++;
      }
    if (count == 0 || count >= before)
      break;
    threshold = (sum - 1) / (float)count;
  }
  for (int64_t j = 0; j < width; j++)
    y[j] = x[j] > threshold ? x[j] - threshold : 0;
}

static void sparsemax_forward(float *y, const float *x, int64_t rows, int64_t width) {
  for (int64_t r = 0; r < rows; r++)
    sparsemax_row(y + r * width, x + r * width, width);
}

static void sparsemax_backward(float *dx, const float *dy, const float *y, int64_t width) {
  float sum = 0, count = 0;
  for (int64_t j = 0; j < width; j++)
    if (y[j] > 0) {
      sum += dy[j];
      count++;
    }
  for (int64_t j = 0; j < width; j++)
    dx[j] = y[j] > 0 ? dy[j] - sum / count : 0;
}

/* ---- the table, in the order of nn_activation ---- */

typedef struct activation {
  forward_loop *forward;
  backward_loop *backward;
  forward_rows *forward_rows;
  backward_row *backward_row;
  bool from_output;
} activation;

#define FROM_OUTPUT(name)                                                                                              \
  { .forward = name##_forward, .backward = name##_backward, .from_output = true }
#define FROM_INPUT(name)                                                                                               \
  { .forward = name##_forward, .backward = name##_backward }
#define BY_ROW(name)                                                                                                   \
  { .forward_rows = name##_forward, .backward_row = name##_backward, .from_output = true }

static const activation table[] = {
    [NN_ACT_LINEAR] = FROM_OUTPUT(linear),
    [NN_ACT_RELU] = FROM_OUTPUT(relu),
    [NN_ACT_SIGMOID] = FROM_OUTPUT(sigmoid),
    [NN_ACT_TANH] = FROM_OUTPUT(tanh),
    [NN_ACT_SOFTMAX] = BY_ROW(softmax),
    [NN_ACT_ELU] = FROM_INPUT(elu),
    [NN_ACT_SELU] = FROM_OUTPUT(selu),
    [NN_ACT_LEAKY_RELU] = FROM_INPUT(leaky_relu),
    [NN_ACT_SOFTPLUS] = FROM_INPUT(softplus),
    [NN_ACT_GELU] = FROM_INPUT(gelu),
    [NN_ACT_GELU_TANH] = FROM_INPUT(gelu_tanh),
    [NN_ACT_SILU] = FROM_INPUT(silu),
    [NN_ACT_EXPONENTIAL] = FROM_OUTPUT(exponential),
    [NN_ACT_GENERAL_RELU] = FROM_INPUT(general_relu),
    [NN_ACT_RELU6] = FROM_OUTPUT(relu6),
    [NN_ACT_CELU] = FROM_INPUT(celu),
    [NN_ACT_SOFTSIGN] = FROM_INPUT(softsign),
    [NN_ACT_HARD_SIGMOID] = FROM_OUTPUT(hard_sigmoid),
    [NN_ACT_HARD_SILU] = FROM_INPUT(hard_silu),
    [NN_ACT_HARD_TANH] = FROM_OUTPUT(hard_tanh),
    [NN_ACT_MISH] = FROM_INPUT(mish),
    [NN_ACT_LOG_SIGMOID] = FROM_INPUT(log_sigmoid),
    [NN_ACT_SQUAREPLUS] = FROM_INPUT(squareplus),
    [NN_ACT_SPARSE_PLUS] = FROM_INPUT(sparse_plus),
    [NN_ACT_SPARSE_SIGMOID] = FROM_OUTPUT(sparse_sigmoid),
    [NN_ACT_SOFT_SHRINK] = FROM_INPUT(soft_shrink),
    [NN_ACT_HARD_SHRINK] = FROM_INPUT(hard_shrink),
    [NN_ACT_TANH_SHRINK] = FROM_INPUT(tanh_shrink),
    [NN_ACT_THRESHOLD] = FROM_INPUT(threshold),
    [NN_ACT_STEP] = FROM_OUTPUT(step),
    [NN_ACT_LOG_SOFTMAX] = BY_ROW(log_softmax),
    [NN_ACT_SPARSEMAX] = BY_ROW(sparsemax),
    [NN_ACT_HARD_SIGMOID_KERAS2] = FROM_OUTPUT(hard_sigmoid_keras2),
};

const char *const nn_activation_names[] = {"linear",
                                           "relu",
                                           "sigmoid",
                                           "tanh",
                                           "softmax",
                                           "elu",
                                           "selu",
                                           "leaky_relu",
                                           "softplus",
                                           "gelu",
                                           "gelu_tanh",
                                           "silu",
                                           "exponential",
                                           "general_relu",
                                           "relu6",
                                           "celu",
                                           "softsign",
                                           "hard_sigmoid",
                                           "hard_silu",
                                           "hard_tanh",
                                           "mish",
                                           "log_sigmoid",
                                           "squareplus",
                                           "sparse_plus",
                                           "sparse_sigmoid",
                                           "soft_shrink",
                                           "hard_shrink",
                                           "tanh_shrink",
                                           "threshold",
                                           "step",
                                           "log_softmax",
                                           "sparsemax",
                                           "hard_sigmoid_keras2",
                                           NULL};

static constants in_single_precision(const nn_activation_config *config) {
  return (constants){(float)config->alpha,     (float)config->negative_slope, (float)config->max_value,
                     (float)config->threshold, (float)config->default_value,  (float)config->b};
}

void nn_activate(const nn_activation_config *config, float *y, const float *x, int64_t rows, int64_t width) {
  const activation *f = &table[config->function];
  if (f->forward) {
    constants c = in_single_precision(config);
    f->forward(y, x, rows * width, &c);
  } else
    f->forward_rows(y, x, rows, width);
}

bool nn_activation_from_output(const nn_activation_config *config) { return table[config->function].from_output; }

bool nn_activation_by_row(const nn_activation_config *config) { return table[config->function].forward_rows != NULL; }

void nn_activate_backward(const nn_activation_config *config, float *dx, const float *dy, const float *y,
                          const float *x, int64_t rows, int64_t width) {
  const activation *f = &table[config->function];
  if (f->backward) {
    constants c = in_single_precision(config);
    f->backward(dx, dy, f->from_output ? y : x, rows * width, &c);
  } else {
    for (int64_t r = 0; r < rows; r++)
      f->backward_row(dx + r * width, dy + r * width, y + r * width, width);
  }
}
