/* exif.c - how a camera was held (Exif 2.32, 4.6.4 A: tag 0x0112 of the first directory, which is laid out as TIFF). */
#include "exif.h"

#include <stdbool.h>
#include <string.h>

enum { UPRIGHT = 1, ORIENTATION = 0x0112 };

/* ---- the tag ---- */

typedef struct reader {
  const uint8_t *bytes;
  size_t size;
  bool is_big; /* the most significant byte comes first */
} reader;

/* A number of 2 or 4 bytes; 0 beyond the end. */
static uint32_t number(const reader *r, size_t at, size_t count) {
  uint32_t value = 0;
  for (size_t i = 0; i < count && at + count <= r->size; i++)
    value = value << 8 | r->bytes[at + (r->is_big ? i : count - 1 - i)];
  return value;
}

static int in_directory(const reader *r) {
  enum { ENTRY = 12, VALUE = 8 };
  size_t at = number(r, 4, 4), entries = at < r->size ? number(r, at, 2) : 0;
  for (size_t i = 0; i < entries && at + 2 + (i + 1) * ENTRY <= r->size; i++) {
    size_t entry = at + 2 + i * ENTRY;
    if (number(r, entry, 2) == ORIENTATION) {
      uint32_t value = number(r, entry + VALUE, 2);
      return value >= 1 && value <= 8 ? (int)value : UPRIGHT;
    }
  }
  return UPRIGHT;
}

/* The segment after its length: "Exif", two zeros, then the TIFF file. */
static int in_segment(const uint8_t *segment, size_t size) {
  enum { NAME = 6, TIFF_HEADER = 8 };
  if (size < NAME + TIFF_HEADER || memcmp(segment, "Exif\0", NAME) != 0)
    return 0;
  reader r = {segment + NAME, size - NAME, segment[NAME] == 'M'};
  return in_directory(&r);
}

int nn_exif_orientation(const uint8_t *bytes, size_t size) {
  enum { APP1 = 0xE1, SOS = 0xDA, EOI = 0xD9 };
  for (size_t at = 2; at + 4 <= size && bytes[at] == 0xFF;) {
    int marker = bytes[at + 1];
    size_t length = (size_t)bytes[at + 2] << 8 | bytes[at + 3];
    if (marker == 0xFF) { /* a marker may be filled up with 0xFF before it */
      at++;
      continue;
    }
    if (marker == SOS || marker == EOI || length < 2 || length > size - at - 2)
      break;
    int found = marker == APP1 ? in_segment(bytes + at + 4, length - 2) : 0;
    if (found)
      return found;
    at += 2 + length;
  }
  return UPRIGHT;
}

/* ---- turning ---- */

int nn_exif_is_sideways(int orientation) { return orientation >= 5; }

nn_turn nn_exif_turn(int orientation, int64_t h, int64_t w) {
  switch (orientation) {
  case 2: return (nn_turn){w - 1, w, -1};       /* mirrored left to right */
  case 3: return (nn_turn){h * w - 1, -w, -1};  /* upside down */
  case 4: return (nn_turn){(h - 1) * w, -w, 1}; /* mirrored top to bottom */
  case 5: return (nn_turn){0, 1, w};            /* mirrored along the diagonal from the upper left */
  case 6: return (nn_turn){(h - 1) * w, 1, -w}; /* a quarter to the left: turned back clockwise */
  case 7: return (nn_turn){h * w - 1, -1, -w};  /* mirrored along the other diagonal */
  case 8: return (nn_turn){w - 1, -1, w};       /* a quarter to the right */
  default: return (nn_turn){0, w, 1};
  }
}
