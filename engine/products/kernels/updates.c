/* updates.c - updates of Adam and RMSprop. The formulas are in optimizers/adam.c and optimizers/rmsprop.c.
 *
 * The division dominates their time. With AVX-512 it is replaced by an approximate reciprocal of 14 bits and one
 * correction which gives the quotient to .57 units in the last place. Processors may differ in the bits of the
 * reciprocal.
 */
#include <math.h>

#include "kernels.h"
#include "vector.h"

INLINE lanes root(lanes x) {
#if defined __AVX512F__
  return (lanes)_mm512_sqrt_ps((__m512)x);
#else
  UNROLL for (int i = 0; i < LANES; i++) x[i] = sqrtf(x[i]);
  return x;
#endif
}

INLINE lanes quotient(lanes x, lanes y) {
#if defined __AVX512F__
  lanes reciprocal = (lanes)_mm512_rcp14_ps((__m512)y), q = x * reciprocal;
  return q + reciprocal * (x - q * y);
#else
  return x / y;
#endif
}

INLINE void adam(const nn_adam_step *step, float *w, const float *g, float *m, float *v, const int count) {
  const lanes grad = load_part(g, count), m0 = load_part(m, count), v0 = load_part(v, count);
  const lanes first = m0 + (grad - m0) * step->rest_1, second = v0 + (grad * grad - v0) * step->rest_2;
  store_part(m, first, count);
  store_part(v, second, count);
  store_part(w, load_part(w, count) - quotient(first * step->alpha, root(second) + step->epsilon), count);
}

INLINE void rmsprop(const nn_rmsprop_step *step, float *w, const float *g, float *v, const int count) {
  const lanes grad = load_part(g, count), second = step->rho * load_part(v, count) + step->rest * grad * grad;
  store_part(v, second, count);
  store_part(w, load_part(w, count) - quotient(step->rate * grad, root(second + step->epsilon)), count);
}

/* Full registers first, without masks; then the tail. */
void NN_LEVELLED(nn_adam)(const nn_adam_step *given, float *w, const float *g, float *m, float *v, int64_t n) {
  const nn_adam_step step = *given;
  int64_t i = 0;
  for (; i + LANES <= n; i += LANES)
    adam(&step, w + i, g + i, m + i, v + i, LANES);
  if (i < n)
    adam(&step, w + i, g + i, m + i, v + i, (int)(n - i));
}

void NN_LEVELLED(nn_rmsprop)(const nn_rmsprop_step *given, float *w, const float *g, float *v, int64_t n) {
  const nn_rmsprop_step step = *given;
  int64_t i = 0;
  for (; i + LANES <= n; i += LANES)
    rmsprop(&step, w + i, g + i, v + i, LANES);
  if (i < n)
    rmsprop(&step, w + i, g + i, v + i, (int)(n - i));
}
