/* image_check.h - whether a picture's file is whole. The decoder takes what it finds; this asks for the checksums and
 * lengths that each format has. */
#ifndef NN_IMAGE_CHECK_H
#define NN_IMAGE_CHECK_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* The bytes of a PNG, JPEG or BMP file. PNG: the checksums of all chunks and of the pixels. JPEG: all segments, a scan
 * for each component, the restart markers in their order, and the end marker. BMP: as many bytes as the header
 * promises. A file of another format is left to the decoder. */
int nn_image_check(nn_error *, const uint8_t *bytes, size_t size);

#endif
