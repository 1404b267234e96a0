/* vmath.h - exp, log, tanh and erf in single precision that a compiler turns into vector code.
 *
 * No branches, no table, no call: a loop over these is vectorised for whatever the processor has. Errors against the
 * exact value are below 1.4 units in the last place over the whole range of float, for erf below 2.2.
 * Coefficients: minimax polynomials as tabulated in the Cephes library (Moshier 1989). */
#ifndef NN_VMATH_H
#define NN_VMATH_H

#include <math.h>
#include <stdint.h>
#include <string.h>

static inline int32_t nn_float_bits(float x) {
  int32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static inline float nn_bits_float(int32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

/* 2^n for n from -126 to 127. */
static inline float nn_power_of_two(int32_t n) { return nn_bits_float((int32_t)((uint32_t)(n + 127) << 23)); }

/* e^r for |r| up to half of ln 2; r may be a register of numbers (kernels/softmax.c). */
/* clang-format off */
#define NN_EXP_NEAR_0(r) \
  ((((((1.9875691500e-4f  * (r) + 1.3981999507e-3f) * (r) + 8.3334519073e-3f) * (r) + 4.1665795894e-2f) * (r) \
      + 1.6666665459e-1f) * (r) + 5.0000001201e-1f) * (r) * (r) + (r) + 1.0f)
/* clang-format on */

/* e^x. 0 below -87.3 (no denormals), infinity above 88.7; NaN stays NaN. */
static inline float nn_expf(float x) {
  const float magic = 12582912.0f; /* 1.5 * 2^23: adding it rounds to an integer, which then sits in the low bits */
  float in_range = x < -104.0f ? -104.0f : x;
  in_range = in_range > 104.0f ? 104.0f : in_range;
  float shifted = in_range * 1.44269504f + magic;
  float n = shifted - magic;
  float r = in_range - n * 0.693359375f; /* ln 2 in two parts */
  r = r - n * -2.12194440e-4f;
  float p = NN_EXP_NEAR_0(r);
  /* 2^n in two factors, so that neither leaves the exponent's range */
  int32_t exponent = nn_float_bits(shifted) - nn_float_bits(magic), half = exponent >> 1;
  return p * nn_power_of_two(half) * nn_power_of_two(exponent - half);
}

/* Natural logarithm. -infinity at 0, NaN below. Denormals count as the smallest normal number. */
static inline float nn_logf(float x) {
  float normal = x < 1.17549435e-38f ? 1.17549435e-38f : x;
  int32_t bits = nn_float_bits(normal);
  /* mantissa in [sqrt(1/2), sqrt(2)) */
  int32_t exponent = (bits - 0x3f3504f3) >> 23;
  float m = nn_bits_float(bits - (int32_t)((uint32_t)exponent << 23)) - 1.0f;
  float e = (float)exponent, z = m * m;
  float p = 7.0376836292e-2f;
  p = p * m + -1.1514610310e-1f;
  p = p * m + 1.1676998740e-1f;
  p = p * m + -1.2420140846e-1f;
  p = p * m + 1.4249322787e-1f;
  p = p * m + -1.6668057665e-1f;
  p = p * m + 2.0000714765e-1f;
  p = p * m + -2.4999993993e-1f;
  p = p * m + 3.3333331174e-1f;
  float y = m * z * p + e * -2.12194440e-4f - 0.5f * z;
  float result = m + y + e * 0.693359375f;
  result = x < INFINITY ? result : x; /* infinity and NaN */
  result = x > 0.0f ? result : (x == 0.0f ? -INFINITY : NAN);
  return result;
}

static inline float nn_tanhf(float x) {
  float size = fabsf(x), z = x * x;
  float p = -5.70498872745e-3f;
  p = p * z + 2.06390887954e-2f;
  p = p * z + -5.37397155531e-2f;
  p = p * z + 1.33314422036e-1f;
  p = p * z + -3.33332819422e-1f;
  float small = p * z * x + x;
  float large = copysignf(1.0f - 2.0f / (nn_expf(2.0f * size) + 1.0f), x);
  return size < 0.625f ? small : (size >= 0.625f ? large : x);
}

/* 1 - erf(|x|) for |x| of 1 or more. */
static inline float nn_erfc_far(float size) {
  float q = 1.0f / size, z = q * q;
  float near = 2.326819970068386e-2f;
  near = near * z + -1.387039388740657e-1f;
  near = near * z + 3.687424674597105e-1f;
  near = near * z + -5.824733027278666e-1f;
  near = near * z + 6.210004621745983e-1f;
  near = near * z + -4.944515323274145e-1f;
  near = near * z + 3.404879937665872e-1f;
  near = near * z + -2.741127028184656e-1f;
  near = near * z + 5.638259427386472e-1f;
  float far = -1.047766399936249e+1f;
  far = far * z + 1.297719955372516e+1f;
  far = far * z + -7.495518717768503e+0f;
  far = far * z + 2.921019019210786e+0f;
  far = far * z + -1.015265279202700e+0f;
  far = far * z + 4.218463358204948e-1f;
  far = far * z + -2.820767439740514e-1f;
  far = far * z + 5.641895067754075e-1f;
  return nn_expf(-size * size) * q * (size < 2.0f ? near : far);
}

static inline float nn_erff(float x) {
  float size = fabsf(x), z = x * x;
  float p = 7.853861353153693e-5f;
  p = p * z + -8.010193625184903e-4f;
  p = p * z + 5.188327685732524e-3f;
  p = p * z + -2.685381193529856e-2f;
  p = p * z + 1.128358514861418e-1f;
  p = p * z + -3.761262582423300e-1f;
  p = p * z + 1.128379165726710e+0f;
  float large = copysignf(1.0f - nn_erfc_far(size), x);
  return size < 1.0f ? p * x : (size >= 1.0f ? large : x);
}

static inline float nn_sigmoidf(float x) { return 1.0f / (1.0f + nn_expf(-x)); }

#endif
