/* vector.h - vector registers of the instruction set that is compiled for. LANES is the floats in one. */
#ifndef NN_VECTOR_H
#define NN_VECTOR_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#if defined __AVX__
#include <immintrin.h>
#endif

/* HAS_MASKS: a masked load is as fast as a full one. */
#if defined __AVX512F__
enum { LANES = 16, HAS_MASKS = true };
#elif defined __AVX2__
enum { LANES = 8, HAS_MASKS = false };
#else
enum { LANES = 4, HAS_MASKS = false };
#endif

/* Unroll loops over arrays of registers fully, and inline functions that take such arrays: the arrays must stay in
 * registers. */
#define INLINE static inline __attribute__((always_inline))
#if defined __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

typedef float lanes __attribute__((vector_size(LANES * sizeof(float))));

INLINE lanes load(const float *from) {
  lanes x;
  memcpy(&x, from, sizeof x);
  return x;
}

INLINE void store(float *to, lanes x) { memcpy(to, &x, sizeof x); }

/* The first n floats, then zeros. Memory past them is not read. */
INLINE lanes load_part(const float *from, int n) {
#if defined __AVX512F__
  return (lanes)_mm512_maskz_loadu_ps((__mmask16)((1u << n) - 1), from);
#else
  lanes x = {0};
  if (n == LANES)
    return load(from);
  for (int i = 0; i < n; i++)
    x[i] = from[i];
  return x;
#endif
}

INLINE void store_part(float *to, lanes x, int n) {
#if defined __AVX512F__
  _mm512_mask_storeu_ps(to, (__mmask16)((1u << n) - 1), (__m512)x);
#else
  if (n == LANES)
    store(to, x);
  for (int i = 0; i < n && n < LANES; i++)
    to[i] = x[i];
#endif
}

/* SHUFFLE(x, y, indices): lanes of x (0 to LANES - 1) and of y (LANES and more) by constant indices. FOR_LANES(f, h) is
 * the list of f(lane, h) for all lanes. */
#if defined __clang__
#define SHUFFLE(x, y, ...) __builtin_shufflevector(x, y, __VA_ARGS__)
#else
typedef int32_t indices __attribute__((vector_size(LANES * sizeof(int32_t))));
#define SHUFFLE(x, y, ...) __builtin_shuffle(x, y, (indices){__VA_ARGS__})
#endif
#if defined __AVX512F__
#define FOR_LANES(f, h)                                                                                                \
  f(0, h), f(1, h), f(2, h), f(3, h), f(4, h), f(5, h), f(6, h), f(7, h), f(8, h), f(9, h), f(10, h), f(11, h),        \
      f(12, h), f(13, h), f(14, h), f(15, h)
#elif defined __AVX2__
#define FOR_LANES(f, h) f(0, h), f(1, h), f(2, h), f(3, h), f(4, h), f(5, h), f(6, h), f(7, h)
#else
#define FOR_LANES(f, h) f(0, h), f(1, h), f(2, h), f(3, h)
#endif

/* How many of the `columns` are in register v of a row: at most LANES, 0 or less past the end. */
INLINE int lanes_in(int64_t columns, int v) {
  int64_t left = columns - v * LANES;
  return left < LANES ? (int)left : LANES;
}

/* max(0, x), but nan stays nan. */
INLINE lanes relu_of(lanes x) {
#if defined __AVX512F__
  return (lanes)_mm512_max_ps(_mm512_setzero_ps(), (__m512)x);
#elif defined __AVX__
  return (lanes)_mm256_max_ps(_mm256_setzero_ps(), (__m256)x);
#else
  UNROLL for (int i = 0; i < LANES; i++) x[i] = x[i] < 0 ? 0 : x[i];
  return x;
#endif
}

#endif
