/* idx.h - IDX files, the format of MNIST: 0, 0, a type code, the number of axes, the length of each axis as a
 * big-endian 32-bit number, then the values in row-major order. Only type 0x08, unsigned bytes, is read. */
#ifndef NN_IDX_H
#define NN_IDX_H

#include "file.h"
#include "tensor/tensor.h"

/* Reads the header of a file just opened. ndim is the number of axes it must have, 0 for any. capacity is what
 * nn_file_capacity says of it. */
int nn_idx_read_header(nn_error *, nn_shape *shape, nn_file *file, int ndim, int64_t capacity);
/* Reads the values, after the header, into out (shape) and checks that nothing follows. */
int nn_idx_read_values(nn_error *, uint8_t *out, const nn_shape *shape, nn_file *file);

#endif
