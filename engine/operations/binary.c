/* binary.c - functions of pairs of elements, with broadcasting: arithmetic, comparisons, logic. */
#include <math.h>

#include "base/vmath.h"
#include "operations/broadcast.h"

static const nn_field no_fields[] = {{0}};

#define LOOP(name, statement)                                                                                          \
  static void name(float *restrict out, const float *g, const float *a, int64_t step_a, const float *b,                \
                   int64_t step_b, int64_t n) {                                                                        \
    (void)g;                                                                                                           \
    NN_EACH_PAIR(statement)                                                                                            \
  }

#define FORWARD(name, function)                                                                                        \
  LOOP(name##_values, out[i] = (function))                                                                             \
  static int name##_forward(nn_error *error, const nn_call *call) {                                                    \
    (void)error;                                                                                                       \
    nn_broadcast_forward(call, name##_values);                                                                         \
    return NN_OK;                                                                                                      \
  }

#define OPERATION(identifier, scratch_function, backward_function)                                                     \
  const nn_operation nn_operation_##identifier = {                                                                     \
      .name = #identifier,                                                                                             \
      .fields = no_fields,                                                                                             \
      .min_inputs = 2,                                                                                                 \
      .max_inputs = 2,                                                                                                 \
      .infer = nn_infer_broadcast,                                                                                     \
      .scratch = scratch_function,                                                                                     \
      .forward = identifier##_forward,                                                                                 \
      .backward = backward_function,                                                                                   \
  };

/* The function of x and y, and its derivatives by x and by y. */
#define FUNCTION(name, function, slope_x, slope_y)                                                                     \
  FORWARD(name, function)                                                                                              \
  LOOP(name##_slopes_x, out[i] = g[i] * (slope_x))                                                                     \
  LOOP(name##_slopes_y, out[i] = g[i] * (slope_y))                                                                     \
  static void name##_backward(const nn_call *call, const nn_tensor *grad_out, nn_tensor *grad_in) {                    \
    nn_broadcast_backward(call, grad_out, 0, 1, 0, &grad_in[0], name##_slopes_x);                                      \
    nn_broadcast_backward(call, grad_out, 0, 1, 1, &grad_in[1], name##_slopes_y);                                      \
  }                                                                                                                    \
  OPERATION(name, nn_broadcast_scratch, name##_backward)

/* 1 if it holds, else 0; no gradient passes. */
#define CONDITION(name, condition)                                                                                     \
  FORWARD(name, (condition) ? 1.0f : 0.0f)                                                                             \
  OPERATION(name, NULL, NULL)

static inline float power_of(float x, float y) { return y == 2 ? x * x : powf(x, y); }

static inline float power_slope_x(float x, float y) { return y == 0 ? 0 : y * power_of(x, y - 1); }

/* 0 to a power: the limit from above. */
static inline float power_slope_y(float x, float y) { return x == 0 && y > 0 ? 0 : powf(x, y) * logf(x); }

/* log(e^x + e^y) without overflow */
static inline float log_add_exp(float x, float y) {
  return x == y ? x + 0.69314718055994530942f : fmaxf(x, y) + log1pf(nn_expf(-fabsf(x - y)));
}

/* The remainder with the sign of the divisor, as in Python. */
static inline float remainder_of(float x, float y) {
  float r = fmodf(x, y);
  return r != 0 && (r < 0) != (y < 0) ? r + y : r;
}

FUNCTION(add, x + y, 1.0f, 1.0f)
FUNCTION(subtract, x - y, 1.0f, -1.0f)
FUNCTION(multiply, x *y, y, x)
FUNCTION(divide, x / y, 1 / y, -x / (y * y))
FUNCTION(divide_no_nan, y == 0 ? 0 : x / y, y == 0 ? 0 : 1 / y, y == 0 ? 0 : -x / (y * y))
FUNCTION(floor_divide, floorf(x / y), 0.0f, 0.0f)
FUNCTION(mod, remainder_of(x, y), 1.0f, -floorf(x / y))
FUNCTION(power, power_of(x, y), power_slope_x(x, y), power_slope_y(x, y))
FUNCTION(arctan2, atan2f(x, y), y / (x * x + y * y), -x / (x * x + y * y))
FUNCTION(hypot, hypotf(x, y), x / hypotf(x, y), y / hypotf(x, y))
FUNCTION(logaddexp, log_add_exp(x, y), nn_sigmoidf(x - y), nn_sigmoidf(y - x))

/* NaN wins; equal elements share the gradient. */
FUNCTION(maximum, x >= y || x != x ? x : y, x > y ? 1.0f : x == y ? 0.5f : 0.0f, y > x ? 1.0f : x == y ? 0.5f : 0.0f)
FUNCTION(minimum, x <= y || x != x ? x : y, x < y ? 1.0f : x == y ? 0.5f : 0.0f, y < x ? 1.0f : x == y ? 0.5f : 0.0f)

CONDITION(equal, x == y)
CONDITION(not_equal, x != y)
CONDITION(greater, x > y)
CONDITION(greater_equal, x >= y)
CONDITION(less, x < y)
CONDITION(less_equal, x <= y)
CONDITION(logical_and, x != 0 && y != 0)
CONDITION(logical_or, x != 0 || y != 0)
CONDITION(logical_xor, (x != 0) != (y != 0))
