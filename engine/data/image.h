/* image.h - pictures in PNG, JPEG and BMP files. */
#ifndef NN_IMAGE_H
#define NN_IMAGE_H

#include "tensor/tensor.h"

/* A picture, before it is decoded: its size when it is upright, and how many bits a channel has in the file: 8, or 16
 * in some PNG files. */
typedef struct nn_image_info {
  int64_t height, width;
  int bits;
  int orientation; /* as EXIF numbers it (exif.h) */
  bool is_jpeg;
} nn_image_info;

/* The bytes of a picture's file: is it whole, and what will be in it? */
int nn_image_inspect(nn_error *, nn_image_info *info, const uint8_t *bytes, size_t size);
/* Has a JPEG picture decoded at 1/2, 1/4 or 1/8 of its size, which is faster, if it keeps at least this size: height
 * and width in info become those that decoding will give. Other pictures stay as they are. */
void nn_image_shrink(nn_image_info *info, int64_t least_height, int64_t least_width);
/* Decodes into out (height, width, channels), which has the size in info; uint8, or int32, which also holds channels of
 * 16 bits (of those uint8 gets the upper 8). 1 channel is grey, 3 are RGB, 4 RGB and alpha. Turned upright. */
int nn_image_decode(nn_error *, nn_tensor *out, const nn_image_info *info, const uint8_t *bytes, size_t size);
/* Writes pixels (height, width, channels) in the format of the path's extension: .png, .jpg, .jpeg or .bmp. JPEG, which
 * has no alpha, takes 1 or 3 channels. A file that could not be written whole is removed. */
int nn_image_write(nn_error *, const char *path, const uint8_t *pixels, int64_t height, int64_t width, int channels);

#endif
