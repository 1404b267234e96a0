/* softmax.c - softmax of rows, the logarithms of their sums, and softmax's gradient.
 *
 * Most rows are short: ten classes fit into one register of 16. Unused lanes hold -infinity, so that exp gives 0. The
 * code is vectorized by hand, because compilers do not vectorize a loop over nn_expf. */
#include "kernels.h"
#include "vector.h"
#include "base/vmath.h"

typedef int32_t ints __attribute__((vector_size(LANES * sizeof(int32_t))));

INLINE lanes choose(ints mask, lanes yes, lanes no) { return (lanes)((mask & (ints)yes) | (~mask & (ints)no)); }

/* The next numbers of a row, of which `left` remain. Lanes past the end of the row are -infinity. */
INLINE lanes load_row_end(const float *from, int64_t left) {
  int n = lanes_in(left, 0);
  lanes x = load_part(from, n), nothing = {0};
  ints lane;
  for (int i = 0; i < LANES; i++)
    lane[i] = i;
  return choose(lane < n, x, nothing - INFINITY);
}

/* nn_expf for each lane. */
INLINE lanes exp_lanes(lanes x) {
  const lanes zero = {0}, magic = zero + 12582912.0f;
  x = choose(x < -104.0f, zero - 104.0f, x);
  x = choose(x > 104.0f, zero + 104.0f, x);
  lanes shifted = x * 1.44269504f + magic, n = shifted - magic;
  lanes r = x - n * 0.693359375f;
  r = r - n * -2.12194440e-4f;
  lanes p = NN_EXP_NEAR_0(r);
  ints exponent = (ints)shifted - (ints)magic, half = exponent >> 1;
  return p * (lanes)((half + 127) << 23) * (lanes)((exponent - half + 127) << 23);
}

/* Reduce the lanes to one number: combine the upper half with the lower half until one is left. */
#define FOLD(x, combine)                                                                                               \
  float folded[LANES];                                                                                                 \
  store(folded, x);                                                                                                    \
  UNROLL for (int half = LANES / 2; half; half /= 2) for (int i = 0; i < half; i++) folded[i] =                        \
      combine(folded[i], folded[i + half]);                                                                            \
  return folded[0];

#define PLUS(a, b)   ((a) + (b))
#define LARGER(a, b) ((a) > (b) ? (a) : (b))

INLINE float sum_of(lanes x) {
#if defined __AVX512F__
  return _mm512_reduce_add_ps((__m512)x);
#else
  FOLD(x, PLUS)
#endif
}

INLINE float largest_of(lanes x) {
#if defined __AVX512F__
  return _mm512_reduce_max_ps((__m512)x);
#else
  FOLD(x, LARGER)
#endif
}

/* The first LANES numbers stay in a register. The others are stored, and read again when the sum is known. */
INLINE void softmax_row(float *largest_of_row, float *sum_of_row, float *p, const float *z, int64_t width) {
  const lanes start = load_row_end(z, width);
  lanes most = start;
  for (int64_t j = LANES; j < width; j += LANES) {
    lanes x = load_row_end(z + j, width - j);
    most = choose(x > most, x, most);
  }
  const float largest = largest_of(most);
  const lanes first = exp_lanes(start - largest);
  lanes sum = first;
  for (int64_t j = LANES; j < width; j += LANES) {
    lanes e = exp_lanes(load_row_end(z + j, width - j) - largest);
    sum += e;
    if (p)
      store_part(p + j, e, lanes_in(width - j, 0));
  }
  const float total = sum_of(sum);
  if (p)
    store_part(p, first / total, lanes_in(width, 0));
  for (int64_t j = LANES; p && j < width; j += LANES) {
    int n = lanes_in(width - j, 0);
    store_part(p + j, load_part(p + j, n) / total, n);
  }
  *largest_of_row = largest;
  *sum_of_row = total;
}

/* Take the logarithms of SOME rows in one loop, so that the compiler vectorizes it. */
void NN_LEVELLED(nn_softmax)(float *logs, float *p, const float *z, int64_t rows, int64_t width) {
  enum { SOME = 64 };
  float largest[SOME], sum[SOME];
  for (int64_t first = 0; first < rows; first += SOME) {
    const int64_t n = rows - first < SOME ? rows - first : SOME;
    for (int64_t i = 0, r = first; i < n; i++, r++)
      softmax_row(largest + i, sum + i, p ? p + r * width : NULL, z + r * width, width);
    for (int64_t i = 0; logs && i < n; i++)
      logs[first + i] = largest[i] + nn_logf(sum[i]);
  }
}

void NN_LEVELLED(nn_softmax_gradient)(float *dz, const float *p, int64_t rows, int64_t width) {
  for (int64_t r = 0; r < rows; r++, dz += width, p += width) {
    lanes sum = {0};
    for (int64_t j = 0; j < width; j += LANES) {
      const int n = lanes_in(width - j, 0);
      sum += load_part(dz + j, n) * load_part(p + j, n);
    }
    const float total = sum_of(sum);
    for (int64_t j = 0; j < width; j += LANES) {
      const int n = lanes_in(width - j, 0);
      store_part(dz + j, load_part(p + j, n) * (load_part(dz + j, n) - total), n);
    }
  }
}
