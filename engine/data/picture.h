/* picture.h - the picture in a file, brought to the form that a network takes. */
#ifndef NN_PICTURE_H
#define NN_PICTURE_H

#include "tensor/filter.h"
#include "tensor/tensor.h"

/* How a picture of other proportions fits: it is stretched, or its middle is taken, or it gets black margins. */
typedef enum nn_fit { NN_FIT_STRETCH, NN_FIT_CROP, NN_FIT_PAD } nn_fit;

extern const char *const nn_fit_names[]; /* ends with NULL */

typedef struct nn_picture_form {
  int64_t height, width, channels; /* 1, 3 or 4 channels */
  nn_interpolation interpolation;
  nn_fit fit;
} nn_picture_form;

/* Bytes of a picture in this form. */
size_t nn_picture_size(const nn_picture_form *);
/* Reads a file into out (height, width, channels). A JPEG picture that is at least twice as large as wanted is decoded
 * at a half, a quarter or an eighth of its size, except for NN_NEAREST. Of channels of 16 bits the upper 8 count. */
int nn_picture_read(nn_error *, uint8_t *out, const nn_picture_form *, const char *path);

#endif
