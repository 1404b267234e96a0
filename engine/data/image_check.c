/* image_check.c - whether the file of a PNG, JPEG or BMP picture is whole. */
#include <stdbool.h>
#include <string.h>
#include <zlib.h>

#include "image_check.h"

static uint32_t big32(const uint8_t *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint32_t little32(const uint8_t *p) {
  return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static uint32_t big16(const uint8_t *p) { return (uint32_t)p[0] << 8 | p[1]; }

/* ---- PNG (w3.org/TR/png) ---- */

enum { PNG_SIGNATURE = 8, CHUNK_HEAD = 8, CHUNK_FRAME = 12 };

/* What the pixels take before compression: a byte for the filter and the pixels, row by row; of an interlaced picture
 * for each of its seven passes. */
static uint64_t rows_size(uint64_t width, uint64_t height, uint64_t bits) {
  return width == 0 || height == 0 ? 0 : height * (1 + (width * bits + 7) / 8);
}

static uint64_t pixels_size(const uint8_t *header) {
  static const uint8_t channels[] = {1, 0, 3, 1, 2, 0, 4};
  static const uint8_t x_start[] = {0, 4, 0, 2, 0, 1, 0}, y_start[] = {0, 0, 4, 0, 2, 0, 1};
  static const uint8_t x_step[] = {8, 8, 4, 4, 2, 2, 1}, y_step[] = {8, 8, 8, 4, 4, 2, 2};
  enum { DEPTH = 8, COLOUR = 9, INTERLACE = 12 };
  uint64_t width = big32(header), height = big32(header + 4), size = 0;
  uint64_t bits = (uint64_t)header[DEPTH] * (header[COLOUR] < sizeof channels ? channels[header[COLOUR]] : 0);
  if (!header[INTERLACE])
    return rows_size(width, height, bits);
  for (int pass = 0; pass < 7; pass++)
    size += rows_size((width + x_step[pass] - 1 - x_start[pass]) / x_step[pass],
                      (height + y_step[pass] - 1 - y_start[pass]) / y_step[pass], bits);
  return size;
}

/* Feeds the bytes of a chunk to inflate, which checks the checksum at the end of the stream. What comes out is thrown
 * away; more of it than the pixels take is not waited for. */
static int inflate_chunk(z_stream *stream, int status, uint64_t most, const uint8_t *data, uint32_t length) {
  uint8_t out[16384];
  stream->next_in = (uint8_t *)data;
  stream->avail_in = length;
  while (status == Z_OK && stream->total_out <= most && (stream->avail_in > 0 || stream->avail_out == 0)) {
    stream->next_out = out;
    stream->avail_out = sizeof out;
    status = inflate(stream, Z_NO_FLUSH);
  }
  return status == Z_BUF_ERROR ? Z_OK : status;
}

/* Walks the chunks; *status becomes what inflate said of the pixels. */
static int check_chunks(nn_error *error, z_stream *stream, int *status, uint64_t most, const uint8_t *bytes,
                        size_t size) {
  bool has_end = false;
  for (size_t at = PNG_SIGNATURE; !has_end;) {
    if (size - at < CHUNK_FRAME)
      return nn_fail(error, "is cut off: its end is missing");
    uint32_t length = big32(bytes + at);
    if (length > size - at - CHUNK_FRAME)
      return nn_fail(error, "is cut off or damaged: a part of %u bytes begins at byte %zu of %zu", length, at, size);
    if ((uint32_t)crc32(0, bytes + at + 4, length + 4) != big32(bytes + at + CHUNK_HEAD + length))
      return nn_fail(error, "is damaged: the checksum of the part at byte %zu is wrong", at);
    if (memcmp(bytes + at + 4, "IDAT", 4) == 0)
      *status = inflate_chunk(stream, *status, most, bytes + at + CHUNK_HEAD, length);
    has_end = memcmp(bytes + at + 4, "IEND", 4) == 0;
    at += CHUNK_FRAME + length;
  }
  return NN_OK;
}

static int check_png(nn_error *error, const uint8_t *bytes, size_t size) {
  enum { HEADER = PNG_SIGNATURE + CHUNK_HEAD, HEADER_LENGTH = 13 };
  if (size < HEADER + HEADER_LENGTH || big32(bytes + PNG_SIGNATURE) != HEADER_LENGTH ||
      memcmp(bytes + PNG_SIGNATURE + 4, "IHDR", 4) != 0)
    return nn_fail(error, "is damaged: the header of a PNG picture is missing");
  z_stream stream = {0};
  int status = inflateInit(&stream);
  if (status != Z_OK)
    return nn_fail(error, "cannot be read: not enough memory");
  uint64_t expected = pixels_size(bytes + HEADER);
  int result = check_chunks(error, &stream, &status, expected, bytes, size);
  uint64_t found = stream.total_out;
  inflateEnd(&stream);
  if (result != NN_OK)
    return result;
  if (found <= expected && status != Z_STREAM_END)
    return nn_fail(error, "is damaged: its pixels are not whole, or their checksum is wrong");
  if (found != expected)
    return nn_fail(error, "is damaged: its pixels take %s%llu bytes, the header promises %llu",
                   found > expected ? "at least " : "", (unsigned long long)found, (unsigned long long)expected);
  return NN_OK;
}

/* ---- JPEG (ITU T.81) ---- */

enum { SOF0 = 0xC0, SOF15 = 0xCF, DHT = 0xC4, JPG = 0xC8, DAC = 0xCC, RST0 = 0xD0, RST7 = 0xD7, SOI = 0xD8 };
enum { EOI = 0xD9, SOS = 0xDA };

typedef struct jpeg {
  const uint8_t *bytes;
  size_t size, at;
  int components, seen; /* of the frame, and of those the ones that a scan was found for: a bit each */
  uint8_t ids[4];
} jpeg;

static bool is_frame(int marker) {
  return marker >= SOF0 && marker <= SOF15 && marker != DHT && marker != JPG && marker != DAC;
}

/* The marker that comes next, with what stands before it passed over; -1 at the end of the file. */
static int next_marker(jpeg *j) {
  while (j->at + 1 < j->size) {
    int marker = j->bytes[j->at] == 0xFF ? j->bytes[j->at + 1] : 0;
    j->at++;
    if (marker != 0 && marker != 0xFF) {
      j->at++;
      return marker;
    }
  }
  return -1;
}

/* Coded data ends at the next marker other than the restart markers in it, which count from 0 to 7 and begin again. */
static int check_coded(nn_error *error, jpeg *j) {
  for (int expected = RST0;; expected = expected == RST7 ? RST0 : expected + 1) {
    int marker = next_marker(j);
    if (marker < 0)
      return nn_fail(error, "is cut off: its end is missing");
    if (marker < RST0 || marker > RST7) {
      j->at -= 2;
      return NN_OK;
    }
    if (marker != expected)
      return nn_fail(error, "is damaged: a stretch of its pixels is missing before byte %zu", j->at);
  }
}

static void note_frame(jpeg *j, const uint8_t *segment, uint32_t length) {
  j->components = length >= 8 && segment[7] <= 4 ? segment[7] : 0;
  for (int i = 0; i < j->components; i++)
    j->ids[i] = 8 + 3 * (uint32_t)i < length ? segment[8 + 3 * i] : 0;
}

static void note_scan(jpeg *j, const uint8_t *segment, uint32_t length) {
  for (uint32_t i = 0; length >= 3 && i < segment[2] && 3 + 2 * i < length; i++)
    for (int component = 0; component < j->components; component++)
      if (j->ids[component] == segment[3 + 2 * i])
        j->seen |= 1 << component;
}

static int check_segment(nn_error *error, jpeg *j, int marker) {
  uint32_t length = j->size - j->at >= 2 ? big16(j->bytes + j->at) : 0;
  if (length < 2 || length > j->size - j->at)
    return nn_fail(error, "is cut off or damaged: the segment at byte %zu of %zu is not whole", j->at - 2, j->size);
  if (is_frame(marker))
    note_frame(j, j->bytes + j->at, length);
  else if (marker == SOS)
    note_scan(j, j->bytes + j->at, length);
  j->at += length;
  return marker == SOS ? check_coded(error, j) : NN_OK;
}

static int check_jpeg(nn_error *error, const uint8_t *bytes, size_t size) {
  jpeg j = {.bytes = bytes, .size = size, .at = 2};
  int marker;
  while ((marker = next_marker(&j)) != EOI) {
    if (marker < 0)
      return nn_fail(error, "is cut off: its end is missing");
    if (marker != SOI && check_segment(error, &j, marker) != NN_OK)
      return NN_ERROR;
  }
  if (j.components == 0 || j.seen != (1 << j.components) - 1)
    return nn_fail(error, "is damaged: not all of its colours have pixels");
  return NN_OK;
}

/* ---- BMP ---- */

static int check_bmp(nn_error *error, const uint8_t *bytes, size_t size) {
  enum { FILE_HEADER = 14, OLD_HEADER = 12 };
  if (size < FILE_HEADER + OLD_HEADER)
    return nn_fail(error, "is cut off: it ends within the header");
  const uint8_t *header = bytes + FILE_HEADER;
  bool is_old = little32(header) == OLD_HEADER;
  if (!is_old && size < FILE_HEADER + 40)
    return nn_fail(error, "is cut off: it ends within the header");
  int64_t width = is_old ? header[4] | header[5] << 8 : (int32_t)little32(header + 4);
  int64_t height = is_old ? header[6] | header[7] << 8 : (int32_t)little32(header + 8);
  int64_t bits = is_old ? header[10] : header[14], rows = height < 0 ? -height : height;
  int64_t promised = little32(bytes + 10) + rows * ((width * bits + 31) / 32 * 4);
  if (width > 0 && promised > (int64_t)size)
    return nn_fail(error, "is cut off: its header promises %lld bytes, it has %zu", (long long)promised, size);
  return NN_OK;
}

int nn_image_check(nn_error *error, const uint8_t *bytes, size_t size) {
  if (size >= PNG_SIGNATURE && memcmp(bytes, "\x89PNG\r\n\x1a\n", PNG_SIGNATURE) == 0)
    return check_png(error, bytes, size);
  if (size >= 2 && bytes[0] == 0xFF && bytes[1] == SOI)
    return check_jpeg(error, bytes, size);
  if (size >= 2 && memcmp(bytes, "BM", 2) == 0)
    return check_bmp(error, bytes, size);
  return NN_OK;
}
