/* table.c - the table of operations: one line for each, sorted. */
#include <string.h>

#include "operation.h"

/* clang-format off */
#define OPERATIONS(LIST)                                                                                               \
  LIST(abs)                                                                                                            \
  LIST(activation)                                                                                                     \
  LIST(add)                                                                                                            \
  LIST(arccos)                                                                                                         \
  LIST(arccosh)                                                                                                        \
  LIST(arcsin)                                                                                                         \
  LIST(arcsinh)                                                                                                        \
  LIST(arctan)                                                                                                         \
  LIST(arctan2)                                                                                                        \
  LIST(arctanh)                                                                                                        \
  LIST(argmax)                                                                                                         \
  LIST(argmin)                                                                                                         \
  LIST(argsort)                                                                                                        \
  LIST(average_pool)                                                                                                   \
  LIST(broadcast_to)                                                                                                   \
  LIST(ceil)                                                                                                           \
  LIST(cholesky)                                                                                                       \
  LIST(concatenate)                                                                                                    \
  LIST(conv)                                                                                                           \
  LIST(conv_transpose)                                                                                                 \
  LIST(cos)                                                                                                            \
  LIST(cosh)                                                                                                           \
  LIST(ctc_loss)                                                                                                       \
  LIST(cumprod)                                                                                                        \
  LIST(cumsum)                                                                                                         \
  LIST(dense)                                                                                                          \
  LIST(det)                                                                                                            \
  LIST(diagonal)                                                                                                       \
  LIST(divide)                                                                                                         \
  LIST(divide_no_nan)                                                                                                  \
  LIST(dot_product_attention)                                                                                          \
  LIST(eigh)                                                                                                           \
  LIST(equal)                                                                                                          \
  LIST(erf)                                                                                                            \
  LIST(erfinv)                                                                                                         \
  LIST(exp)                                                                                                            \
  LIST(expm1)                                                                                                          \
  LIST(flip)                                                                                                           \
  LIST(floor)                                                                                                          \
  LIST(floor_divide)                                                                                                   \
  LIST(greater)                                                                                                        \
  LIST(greater_equal)                                                                                                  \
  LIST(hypot)                                                                                                          \
  LIST(isfinite)                                                                                                       \
  LIST(isinf)                                                                                                          \
  LIST(isnan)                                                                                                          \
  LIST(less)                                                                                                           \
  LIST(less_equal)                                                                                                     \
  LIST(log)                                                                                                            \
  LIST(log10)                                                                                                          \
  LIST(log1p)                                                                                                          \
  LIST(log2)                                                                                                           \
  LIST(logaddexp)                                                                                                      \
  LIST(logical_and)                                                                                                    \
  LIST(logical_not)                                                                                                    \
  LIST(logical_or)                                                                                                     \
  LIST(logical_xor)                                                                                                    \
  LIST(logsumexp)                                                                                                      \
  LIST(matmul)                                                                                                         \
  LIST(max)                                                                                                            \
  LIST(max_pool)                                                                                                       \
  LIST(maximum)                                                                                                        \
  LIST(mean)                                                                                                           \
  LIST(min)                                                                                                            \
  LIST(minimum)                                                                                                        \
  LIST(mod)                                                                                                            \
  LIST(multiply)                                                                                                       \
  LIST(negative)                                                                                                       \
  LIST(not_equal)                                                                                                      \
  LIST(one_hot)                                                                                                        \
  LIST(pad)                                                                                                            \
  LIST(power)                                                                                                          \
  LIST(prod)                                                                                                           \
  LIST(qr)                                                                                                             \
  LIST(reciprocal)                                                                                                     \
  LIST(resample)                                                                                                       \
  LIST(resample_max)                                                                                                   \
  LIST(reshape)                                                                                                        \
  LIST(round)                                                                                                          \
  LIST(rsqrt)                                                                                                          \
  LIST(searchsorted)                                                                                                   \
  LIST(segment_max)                                                                                                    \
  LIST(segment_sum)                                                                                                    \
  LIST(sign)                                                                                                           \
  LIST(sin)                                                                                                            \
  LIST(sinh)                                                                                                           \
  LIST(slice)                                                                                                          \
  LIST(slice_update)                                                                                                   \
  LIST(slogdet)                                                                                                        \
  LIST(solve)                                                                                                          \
  LIST(sqrt)                                                                                                           \
  LIST(square)                                                                                                         \
  LIST(stop_gradient)                                                                                                  \
  LIST(subtract)                                                                                                       \
  LIST(sum)                                                                                                            \
  LIST(svd)                                                                                                            \
  LIST(take)                                                                                                           \
  LIST(take_along_axis)                                                                                                \
  LIST(tan)                                                                                                            \
  LIST(tanh)                                                                                                           \
  LIST(transpose)                                                                                                      \
  LIST(update_rows)                                                                                                    \
  LIST(warp)                                                                                                           \
  LIST(where)
/* clang-format on */

#define DECLARE(name) extern const nn_operation nn_operation_##name;
OPERATIONS(DECLARE)

#define ADDRESS(name) &nn_operation_##name,
const nn_operation *const nn_operations[] = {OPERATIONS(ADDRESS) NULL};

const nn_operation *nn_find_operation(const char *name) {
  for (const nn_operation *const *each = nn_operations; *each; each++)
    if (strcmp((*each)->name, name) == 0)
      return *each;
  return NULL;
}
