/* vector.h - registers of the level that is compiled: as many floats as it has in one. */
#ifndef NN_VECTOR_H
#define NN_VECTOR_H

#include <stdint.h>
#include <string.h>
#if defined __AVX__
#include <immintrin.h>
#endif

#if defined __AVX512F__
enum { LANES = 16 };
#elif defined __AVX2__
enum { LANES = 8 };
#else
enum { LANES = 4 };
#endif

/* Loops over registers must be gone before registers are given out, and functions that take such arrays too. */
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

/* The first n floats, zeros after them; what lies behind them in memory is not touched. */
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

/* How many of the `columns` fall into register v of a row of registers: 1 to LANES, 0 or less past the end. */
INLINE int lanes_in(int64_t columns, int v) {
  int64_t left = columns - v * LANES;
  return left < LANES ? (int)left : LANES;
}

#endif
