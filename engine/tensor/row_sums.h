/* row_sums.h - sums over a row that a compiler turns into vector code.
 *
 * A single sum would wait for each addition. These are PARTS sums, which are added up at the end, in the same order on
 * all processors. */
#ifndef NN_ROW_SUMS_H
#define NN_ROW_SUMS_H

#include <stdint.h>

enum { NN_ROW_PARTS = 16 };

static inline float nn_fold_parts(float *part) {
  for (int half = NN_ROW_PARTS / 2; half; half /= 2)
    for (int l = 0; l < half; l++)
      part[l] += part[l + half];
  return part[0];
}

/* Defines `static float name(const float *restrict x, const float *restrict y, float c, int64_t n)`: the sum of an
 * expression of x[j], y[j] and c over j. Those that it does not name may be anything. */
#define NN_ROW_SUM(name, expression)                                                                                   \
  static float name(const float *restrict x, const float *restrict y, float c, int64_t n) {                            \
    float part[NN_ROW_PARTS] = {0};                                                                                    \
    int64_t first = 0;                                                                                                 \
    (void)y, (void)c;                                                                                                  \
    for (; first + NN_ROW_PARTS <= n; first += NN_ROW_PARTS)                                                           \
      for (int l = 0; l < NN_ROW_PARTS; l++) {                                                                         \
        const int64_t j = first + l;                                                                                   \
        part[l] += (expression);                                                                                       \
      }                                                                                                                \
    for (int64_t j = first; j < n; j++)                                                                                \
      part[j - first] += (expression);                                                                                 \
    return nn_fold_parts(part);                                                                                        \
  }

#endif
