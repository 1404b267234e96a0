#include "orthonormalize.h"

#include <math.h>

/* Several sums side by side, which the compiler keeps in a register. */
static double dot(const double *restrict a, const double *restrict b, int64_t n) {
  enum { SUMS = 8 };
  double sums[SUMS] = {0}, sum = 0;
  int64_t i = 0;
  for (; i + SUMS <= n; i += SUMS)
    for (int s = 0; s < SUMS; s++)
      sums[s] += a[i + s] * b[i + s];
  for (; i < n; i++)
    sum += a[i] * b[i];
  for (int s = 0; s < SUMS; s++)
    sum += sums[s];
  return sum;
}

static void take_from(double *restrict v, const double *restrict unit, int64_t n) {
  const double along = dot(v, unit, n);
  for (int64_t i = 0; i < n; i++)
    v[i] -= along * unit[i];
}

static void normalize(double *v, int64_t n) {
  const double length = sqrt(dot(v, v, n));
  for (int64_t i = 0; i < n; i++)
    v[i] /= length;
}

void nn_orthonormalize(double *vectors, int64_t count, int64_t width) {
  enum { BLOCK = 16 /* vectors that stay in the cache while the earlier ones pass */ };
  for (int64_t first = 0; first < count; first += BLOCK) {
    const int64_t end = first + BLOCK < count ? first + BLOCK : count;
    for (int pass = 0; pass < 2; pass++)
      for (int64_t earlier = 0; earlier < first; earlier++)
        for (int64_t i = first; i < end; i++)
          take_from(vectors + i * width, vectors + earlier * width, width);
    for (int64_t i = first; i < end; i++) {
      for (int pass = 0; pass < 2; pass++)
        for (int64_t earlier = first; earlier < i; earlier++)
          take_from(vectors + i * width, vectors + earlier * width, width);
      normalize(vectors + i * width, width);
    }
  }
}
