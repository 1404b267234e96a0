/* levels.c - choose the kernels for this processor. */
#include <string.h>

#include "kernels.h"

#define KERNELS(level, lanes)                                                                                          \
  {                                                                                                                    \
#level, lanes, nn_gemm_##level, nn_gemm_zeros_##level, nn_gemm_pack_##level, nn_gemm_packed_##level,               \
        nn_sparse_product_##level, nn_sparse_product_transposed_##level, nn_column_sums_##level,                       \
        nn_lstm_gates_##level, nn_lstm_gates_gradient_##level, nn_gru_gates_##level, nn_gru_gates_gradient_##level,    \
        nn_stencil_pack_##level, nn_stencil_##level, nn_stencil_gradient_##level, nn_depthwise_##level,                \
        nn_depthwise_gradient_##level, nn_max_pool_##level, nn_max_pool_gradient_##level, nn_average_pool_##level,     \
        nn_average_pool_gradient_##level, nn_softmax_##level, nn_softmax_gradient_##level, nn_adam_##level,            \
        nn_rmsprop_##level                                                                                             \
  }

static const nn_kernels levels[] = {
#if defined __x86_64__
    KERNELS(avx512, 16), KERNELS(avx2, 8),
#endif
    KERNELS(plain, 4)};

enum { COUNT = sizeof levels / sizeof *levels };

static bool is_there(const nn_kernels *kernels) {
#if defined __x86_64__
  if (kernels->lanes == 16)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma");
  if (kernels->lanes == 8)
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
#endif
  return kernels->lanes == 4;
}

static int fastest = 0; /* position in levels of the first that may be used */

bool nn_kernels_use(const char *name) {
  for (int i = 0; i < COUNT; i++)
    if (is_there(&levels[i]) && strcmp(levels[i].name, name) == 0) {
      fastest = i;
      return true;
    }
  return false;
}

const nn_kernels *nn_kernels_at(int position) {
  for (int i = fastest; i < COUNT; i++)
    if (is_there(&levels[i]) && position-- == 0)
      return &levels[i];
  return NULL;
}
