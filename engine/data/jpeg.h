/* jpeg.h - JPEG pictures, through libjpeg-turbo. */
#ifndef NN_JPEG_H
#define NN_JPEG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

bool nn_jpeg_is(const uint8_t *bytes, size_t size);
/* The size of a picture as it is stored. */
int nn_jpeg_inspect(nn_error *, int64_t *height, int64_t *width, const uint8_t *bytes, size_t size);
/* Decodes a picture that is `height` by `width` when divided by 1, 2, 4 or 8 and rounded up: while decoding, which is
 * faster the smaller it gets. Gives pixels (height, width, *channels), to be freed; NULL if that fails. *channels comes
 * with how many are wanted (1, 3 or 4) and becomes how many there are: a picture in colour is not made grey. */
uint8_t *nn_jpeg_decode(nn_error *, int *channels, int64_t height, int64_t width, const uint8_t *bytes, size_t size);

#endif
