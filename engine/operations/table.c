/* table.c - the table of operations: one line for each, sorted. */
#include <string.h>

#include "operation.h"

/* clang-format off */
#define OPERATIONS(LIST)                                                                                               \
  LIST(abs)                                                                                                            \
  LIST(arccos)                                                                                                         \
  LIST(arccosh)                                                                                                        \
  LIST(arcsin)                                                                                                         \
  LIST(arcsinh)                                                                                                        \
  LIST(arctan)                                                                                                         \
  LIST(arctanh)                                                                                                        \
  LIST(argsort)                                                                                                        \
  LIST(broadcast_to)                                                                                                   \
  LIST(ceil)                                                                                                           \
  LIST(concatenate)                                                                                                    \
  LIST(cos)                                                                                                            \
  LIST(cosh)                                                                                                           \
  LIST(diagonal)                                                                                                       \
  LIST(erf)                                                                                                            \
  LIST(exp)                                                                                                            \
  LIST(expm1)                                                                                                          \
  LIST(flip)                                                                                                           \
  LIST(floor)                                                                                                          \
  LIST(isfinite)                                                                                                       \
  LIST(isinf)                                                                                                          \
  LIST(isnan)                                                                                                          \
  LIST(log)                                                                                                            \
  LIST(log10)                                                                                                          \
  LIST(log1p)                                                                                                          \
  LIST(log2)                                                                                                           \
  LIST(logical_not)                                                                                                    \
  LIST(negative)                                                                                                       \
  LIST(one_hot)                                                                                                        \
  LIST(pad)                                                                                                            \
  LIST(reciprocal)                                                                                                     \
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
  LIST(sqrt)                                                                                                           \
  LIST(square)                                                                                                         \
  LIST(take)                                                                                                           \
  LIST(take_along_axis)                                                                                                \
  LIST(tan)                                                                                                            \
  LIST(tanh)                                                                                                           \
  LIST(transpose)                                                                                                      \
  LIST(update_rows)
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
