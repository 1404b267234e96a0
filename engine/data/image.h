/* image.h - pictures in PNG, JPEG and BMP files, 8 bits a channel. */
#ifndef NN_IMAGE_H
#define NN_IMAGE_H

#include "nn.h"

/* How a picture is brought to another size. Nearest copies pixels; the others average over what a new pixel covers. */
typedef enum nn_interpolation { NN_NEAREST, NN_BOX, NN_BILINEAR, NN_BICUBIC } nn_interpolation;

extern const char *const nn_interpolation_names[]; /* ends with NULL */

/* Width and height, without decoding the picture. */
int nn_image_size(nn_error *, int64_t *height, int64_t *width, const char *path);
/* Decodes into out (height, width, channels): 1 grey, 3 RGB or 4 RGB and alpha. A picture of another size is brought
 * to that of out. */
int nn_image_read(nn_error *, uint8_t *out, int64_t height, int64_t width, int channels, const char *path,
                  nn_interpolation interpolation);
/* Writes pixels (height, width, channels) in the format of the path's extension: .png, .jpg, .jpeg or .bmp. JPEG, which
 * has no alpha, takes 1 or 3 channels. A file that could not be written whole is removed. */
int nn_image_write(nn_error *, const char *path, const uint8_t *pixels, int64_t height, int64_t width, int channels);

#endif
