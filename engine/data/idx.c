/* idx.c - IDX files. A byte that is not as it must be is named with what was expected and what was found. */
#include "idx.h"

#include <stdio.h>

enum { UNSIGNED_BYTE = 0x08 };

#define TRUNCATED "at byte %lld: expected %lld bytes of %s, found %lld (the file is truncated)"

static const char *type_name(int code) {
  switch (code) {
  case 0x08: return "unsigned byte";
  case 0x09: return "signed byte";
  case 0x0B: return "16-bit integer";
  case 0x0C: return "32-bit integer";
  case 0x0D: return "32-bit float";
  case 0x0E: return "64-bit float";
  default: return "unknown";
  }
}

static const char *value_name(int ndim) { return ndim == 1 ? "labels" : ndim == 3 ? "pixels" : "values"; }

/* Reads exactly size bytes; `of` names them in the error. */
static int read_exactly(nn_error *error, nn_file *file, void *out, int64_t size, const char *of) {
  long long offset = file->offset;
  int64_t count;
  if (nn_file_read(error, file, out, size, &count) != NN_OK)
    return NN_ERROR;
  if (count < size)
    return nn_fail(error, TRUNCATED, offset, (long long)size, of, (long long)count);
  return NN_OK;
}

static int check_magic(nn_error *error, const uint8_t magic[4], int ndim) {
  if (magic[0] != 0 || magic[1] != 0)
    return nn_fail(error, "at byte 0: expected the two zero bytes that begin an IDX file, found 0x%02X 0x%02X",
                   magic[0], magic[1]);
  if (magic[2] != UNSIGNED_BYTE)
    return nn_fail(error, "at byte 2: expected type code 0x08 (unsigned byte), found 0x%02X (%s)", magic[2],
                   type_name(magic[2]));
  if (ndim != 0 && magic[3] != ndim)
    return nn_fail(error, "at byte 3: expected %d axes, found %d", ndim, magic[3]);
  if (magic[3] < 1 || magic[3] > NN_MAX_NDIM)
    return nn_fail(error, "at byte 3: expected 1 to %d axes, found %d", NN_MAX_NDIM, magic[3]);
  return NN_OK;
}

static int64_t big_endian(const uint8_t bytes[4]) {
  return (int64_t)bytes[0] << 24 | (int64_t)bytes[1] << 16 | (int64_t)bytes[2] << 8 | bytes[3];
}

/* The number of values a header promises, or -1 where no file could hold them. */
static int64_t promised_count(const nn_shape *shape) {
  int64_t count = 1;
  for (int i = 0; i < shape->ndim; i++)
    if (shape->dim[i] > 0 && __builtin_mul_overflow(count, shape->dim[i], &count))
      return -1;
  return count;
}

/* Finds a lie before memory is asked for: a file too small for what its header promises is read to its end, to say
 * how much it holds. */
static int check_room(nn_error *error, const nn_shape *shape, nn_file *file, int64_t capacity) {
  long long start = file->offset;
  int64_t promised = promised_count(shape), count;
  char scratch[4096], text[NN_SHAPE_TEXT];
  if (promised >= 0 && promised <= capacity)
    return NN_OK;
  do {
    if (nn_file_read(error, file, scratch, sizeof scratch, &count) != NN_OK)
      return NN_ERROR;
  } while (count > 0);
  long long found = file->offset - start;
  if (promised < 0)
    return nn_fail(error, "at byte 4: expected axis lengths that a file can hold, found %s for %lld bytes of %s",
                   nn_shape_text(shape, text), found, value_name(shape->ndim));
  return nn_fail(error, TRUNCATED, start, (long long)promised, value_name(shape->ndim), found);
}

int nn_idx_read_header(nn_error *error, nn_shape *shape, nn_file *file, int ndim, int64_t capacity) {
  uint8_t magic[4], lengths[4 * NN_MAX_NDIM];
  if (read_exactly(error, file, magic, sizeof magic, "magic number") != NN_OK ||
      check_magic(error, magic, ndim) != NN_OK)
    return NN_ERROR;
  shape->ndim = magic[3];
  if (read_exactly(error, file, lengths, 4 * shape->ndim, "axis lengths") != NN_OK)
    return NN_ERROR;
  for (int i = 0; i < shape->ndim; i++)
    shape->dim[i] = big_endian(lengths + 4 * i);
  return check_room(error, shape, file, capacity);
}

int nn_idx_read_values(nn_error *error, uint8_t *out, const nn_shape *shape, nn_file *file) {
  if (read_exactly(error, file, out, nn_shape_count(shape), value_name(shape->ndim)) != NN_OK)
    return NN_ERROR;
  uint8_t extra;
  int64_t count;
  long long end = file->offset;
  if (nn_file_read(error, file, &extra, 1, &count) != NN_OK)
    return NN_ERROR;
  if (count > 0)
    return nn_fail(error, "at byte %lld: expected the end of the file, found more bytes (the file is too long)", end);
  return nn_file_check_end(error, file);
}
