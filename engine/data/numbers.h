/* numbers.h - numbers as files hold them, of more types and byte orders than tensors have. */
#ifndef NN_NUMBERS_H
#define NN_NUMBERS_H

#include <stdbool.h>

#include "tensor/tensor.h"

typedef struct nn_number_type {
  const char *name; /* as NumPy says: "int64" */
  int size;         /* bytes */
  nn_dtype dtype;   /* of the tensor that holds such numbers */
} nn_number_type;

/* NULL for a name that is not known. */
const nn_number_type *nn_number_type_of(const char *name);

/* Converts as many numbers as the contiguous tensor out, whose type is type->dtype, has elements. Fractions are rounded
 * to the nearest float32. A number that out cannot hold is an error. */
int nn_numbers_decode(nn_error *, nn_tensor *out, const void *bytes, const nn_number_type *type, bool is_big_endian);

#endif
