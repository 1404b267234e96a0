/* exif.h - how a camera was held, from the EXIF data of a JPEG file. */
#ifndef NN_EXIF_H
#define NN_EXIF_H

#include <stddef.h>
#include <stdint.h>

/* The orientation of a JPEG file, 1 to 8 as EXIF numbers them; 1, upright, if it has none or what it has is damaged. */
int nn_exif_orientation(const uint8_t *bytes, size_t size);

/* The pixels of an upright picture, in those of a picture that was stored in another orientation: the pixel at row y
 * and column x is number first + y * row + x * column. Stored is the size before it was turned. */
typedef struct nn_turn {
  int64_t first, row, column;
} nn_turn;

nn_turn nn_exif_turn(int orientation, int64_t stored_height, int64_t stored_width);
/* Whether height and width change places. */
int nn_exif_is_sideways(int orientation);

#endif
