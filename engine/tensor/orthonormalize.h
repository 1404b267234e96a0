/* orthonormalize.h - vectors of length 1 at right angles to each other. */
#ifndef NN_ORTHONORMALIZE_H
#define NN_ORTHONORMALIZE_H

#include <stdint.h>

/* Takes from each of the vectors (count, width) what lies along the earlier ones and gives it length 1; count <= width.
 * Gram and Schmidt's way, twice for precision. */
void nn_orthonormalize(double *vectors, int64_t count, int64_t width);

#endif
