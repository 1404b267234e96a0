/* denormals.c - numbers too small to be worth their time. */
#include "denormals.h"

#if defined __SSE__
#include <xmmintrin.h>
#endif

unsigned nn_flush_denormals(void) {
#if defined __SSE__
  enum { FLUSH_TO_ZERO = 0x8000, DENORMALS_ARE_ZERO = 0x0040 };
  unsigned before = _mm_getcsr();
  _mm_setcsr(before | FLUSH_TO_ZERO | DENORMALS_ARE_ZERO);
  return before;
#else
  return 0;
#endif
}

void nn_restore_denormals(unsigned before) {
#if defined __SSE__
  _mm_setcsr(before);
#else
  (void)before;
#endif
}
