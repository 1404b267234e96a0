/* unary.c - functions of each element. The gradient is grad_out times the derivative at the element. */
#include <math.h>

#include "base/vmath.h"
#include "operations/shapes.h"

static const nn_field no_fields[] = {{0}};

#define TWO_OVER_SQRT_PI 1.12837916709551257390f
#define LOG_2            0.69314718055994530942f
#define LOG_10           2.30258509299404568402f

/* NAME_forward computes out from v = the element. */
#define FORWARD(name, function)                                                                                        \
  static int name##_forward(nn_error *error, const nn_call *call) {                                                    \
    const float *restrict x = call->in[0].data;                                                                        \
    float *restrict out = call->out.data;                                                                              \
    (void)error;                                                                                                       \
    for (int64_t i = 0, n = nn_count(&call->out); i < n; i++) {                                                        \
      float v = x[i];                                                                                                  \
      out[i] = (function);                                                                                             \
    }                                                                                                                  \
    return NN_OK;                                                                                                      \
  }

/* NAME_backward; the slope is an expression in v = the element and y = its function. */
#define BACKWARD(name, slope)                                                                                          \
  static void name##_backward(const nn_call *call, const nn_tensor *grad_out, nn_tensor *grad_in) {                    \
    const float *restrict x = call->in[0].data, *restrict out = call->out.data, *restrict dy = grad_out->data;         \
    float *restrict dx = grad_in[0].data;                                                                              \
    if (!dx)                                                                                                           \
      return;                                                                                                          \
    for (int64_t i = 0, n = nn_count(&call->out); i < n; i++) {                                                        \
      float v = x[i], y = out[i];                                                                                      \
      (void)v, (void)y;                                                                                                \
      dx[i] = dy[i] * (slope);                                                                                         \
    }                                                                                                                  \
  }

#define OPERATION(identifier, backward_function)                                                                       \
  const nn_operation nn_operation_##identifier = {                                                                     \
      .name = #identifier,                                                                                             \
      .fields = no_fields,                                                                                             \
      .min_inputs = 1,                                                                                                 \
      .max_inputs = 1,                                                                                                 \
      .infer = nn_infer_first,                                                                                         \
      .forward = identifier##_forward,                                                                                 \
      .backward = backward_function,                                                                                   \
  };

#define FUNCTION(name, function, slope)                                                                                \
  FORWARD(name, function)                                                                                              \
  BACKWARD(name, slope)                                                                                                \
  OPERATION(name, name##_backward)

#define WITHOUT_GRADIENT(name, function)                                                                               \
  FORWARD(name, function)                                                                                              \
  OPERATION(name, NULL)

static inline float sign_of(float v) { return v > 0 ? 1.0f : v < 0 ? -1.0f : v; /* 0 and NaN stay */ }

/* Winitzki's approximation (2008), then Newton's method. */
static float inverse_of_erf(float v) {
  const double x = (double)v, a = 0.147, log_rest = log1p(-x * x), t = 2 / (M_PI * a) + log_rest / 2;
  double y = copysign(sqrt(sqrt(t * t - log_rest / a) - t), x);
  for (int i = 0; i < 3 && fabs(x) < 1; i++)
    y -= (erf(y) - x) / (2 / sqrt(M_PI) * exp(-y * y));
  return fabs(x) == 1 ? (float)copysign(INFINITY, x) : (float)y;
}

FUNCTION(abs, fabsf(v), v > 0 ? 1.0f : v < 0 ? -1.0f : 0.0f)
FUNCTION(arccos, acosf(v), -1 / sqrtf(1 - v * v))
FUNCTION(arccosh, acoshf(v), 1 / (sqrtf(v - 1) * sqrtf(v + 1)))
FUNCTION(arcsin, asinf(v), 1 / sqrtf(1 - v * v))
FUNCTION(arcsinh, asinhf(v), 1 / sqrtf(v * v + 1))
FUNCTION(arctan, atanf(v), 1 / (1 + v * v))
FUNCTION(arctanh, atanhf(v), 1 / (1 - v * v))
FUNCTION(ceil, ceilf(v), 0.0f)
FUNCTION(cos, cosf(v), -sinf(v))
FUNCTION(cosh, coshf(v), sinhf(v))
FUNCTION(erf, nn_erff(v), TWO_OVER_SQRT_PI *nn_expf(-v *v))
FUNCTION(erfinv, inverse_of_erf(v), expf(y *y) / TWO_OVER_SQRT_PI)
FUNCTION(exp, nn_expf(v), y)
FUNCTION(expm1, expm1f(v), y + 1)
FUNCTION(floor, floorf(v), 0.0f)
FUNCTION(log, nn_logf(v), 1 / v)
FUNCTION(log10, log10f(v), 1 / (v * LOG_10))
FUNCTION(log1p, log1pf(v), 1 / (1 + v))
FUNCTION(log2, log2f(v), 1 / (v * LOG_2))
FUNCTION(negative, -v, -1.0f)
FUNCTION(reciprocal, 1 / v, -y *y)
FUNCTION(round, rintf(v), 0.0f) /* halves to the even neighbour */
FUNCTION(rsqrt, 1 / sqrtf(v), -0.5f * y / v)
FUNCTION(sign, sign_of(v), 0.0f)
FUNCTION(sin, sinf(v), cosf(v))
FUNCTION(sinh, sinhf(v), coshf(v))
FUNCTION(sqrt, sqrtf(v), 0.5f / y)
FUNCTION(square, v *v, 2 * v)
FUNCTION(tan, tanf(v), 1 + y * y)
FUNCTION(tanh, nn_tanhf(v), 1 - y * y)

/* 1 if it holds, else 0. */
WITHOUT_GRADIENT(isfinite, fabsf(v) < INFINITY)
WITHOUT_GRADIENT(isinf, fabsf(v) == INFINITY)
WITHOUT_GRADIENT(isnan, v != v)
WITHOUT_GRADIENT(logical_not, v == 0)

/* The elements themselves. */
WITHOUT_GRADIENT(stop_gradient, v)
