/* image.c - pictures: JPEG through libjpeg-turbo, the rest through stb_image; written by stb_image_write. */
#include "image.h"

#include <errno.h>
#include <stb/stb_image.h>
#include <stb/stb_image_write.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "exif.h"
#include "image_check.h"
#include "jpeg.h"

/* JPEG counts pixels in 16 bits. */
enum { JPEG_QUALITY = 90, MAX_SIDE = 65535 };

/* ---- reading ---- */

/* The most pixels that a byte of a file can stand for: deflate packs at most 258 bytes into two bits ("Maximum
 * Compression Factor", zlib.net/zlib_tech.html), and a byte of a PNG holds 8 pixels of a bit each. */
enum { MOST_PIXELS = 1032 * 8 };

static int fail_unreadable(nn_error *error) {
  const char *reason = stbi_failure_reason();
  return nn_fail(error, "is not a PNG, JPEG or BMP picture that can be read: %s", reason ? reason : "no reason known");
}

static int inspect_with_stb(nn_error *error, nn_image_info *info, const uint8_t *bytes, size_t size) {
  int w, h, channels;
  if (!stbi_info_from_memory(bytes, (int)size, &w, &h, &channels))
    return fail_unreadable(error);
  *info = (nn_image_info){.height = h < 0 ? -(int64_t)h : h, /* negative in a BMP file whose top row comes first */
                          .width = w,
                          .bits = stbi_is_16_bit_from_memory(bytes, (int)size) ? 16 : 8,
                          .orientation = 1};
  return NN_OK;
}

static int inspect_jpeg(nn_error *error, nn_image_info *info, const uint8_t *bytes, size_t size) {
  if (nn_image_check(error, bytes, size) != NN_OK) /* its messages say more than the library's */
    return NN_ERROR;
  *info = (nn_image_info){.bits = 8, .orientation = nn_exif_orientation(bytes, size), .is_jpeg = true};
  bool is_sideways = nn_exif_is_sideways(info->orientation);
  return nn_jpeg_inspect(error, is_sideways ? &info->width : &info->height, is_sideways ? &info->height : &info->width,
                         bytes, size);
}

/* A damaged file may claim billions of pixels: none more than it can hold are decoded. */
int nn_image_inspect(nn_error *error, nn_image_info *info, const uint8_t *bytes, size_t size) {
  if (size == 0)
    return nn_fail(error, "is empty");
  if (size > INT32_MAX)
    return nn_fail(error, "is too large: a picture takes at most 2 GB");
  int result =
      nn_jpeg_is(bytes, size) ? inspect_jpeg(error, info, bytes, size) : inspect_with_stb(error, info, bytes, size);
  if (result != NN_OK)
    return result;
  if (info->width < 1 || info->height < 1 || info->height > (int64_t)size * MOST_PIXELS / info->width)
    return nn_fail(error, "is damaged: it cannot hold the %lldx%lld pixels it promises", (long long)info->height,
                   (long long)info->width);
  return info->is_jpeg ? NN_OK : nn_image_check(error, bytes, size);
}

static int64_t halved(int64_t length, int times) { return (length + (1 << times) - 1) >> times; }

void nn_image_shrink(nn_image_info *info, int64_t least_height, int64_t least_width) {
  int times = 0;
  while (info->is_jpeg && times < 3 && halved(info->height, times + 1) >= least_height &&
         halved(info->width, times + 1) >= least_width)
    times++;
  info->height = halved(info->height, times);
  info->width = halved(info->width, times);
}

/* A picture as a decoder gives it: not yet turned, and in colour where grey is wanted. */
typedef struct decoded {
  const void *pixels;
  int bits, channels;
} decoded;

/* One channel of a pixel, of either width. */
static int sample(const decoded *in, int64_t i) {
  return in->bits == 16 ? ((const uint16_t *)in->pixels)[i] : ((const uint8_t *)in->pixels)[i];
}

/* Grey as Pillow makes it of RGB (ITU-R 601-2). */
static int grey(const decoded *in, int64_t i) {
  int64_t sum = 19595LL * sample(in, i) + 38470LL * sample(in, i + 1) + 7471LL * sample(in, i + 2);
  return (int)((sum + 0x8000) >> 16);
}

static int channel_of(const decoded *in, int64_t pixel, int channel, int wanted) {
  if (wanted == 1 && in->channels == 3)
    return grey(in, 3 * pixel);
  return channel < in->channels ? sample(in, in->channels * pixel + channel) : UINT8_MAX; /* opaque */
}

static void copy_pixels(nn_tensor *out, const decoded *in, nn_turn turn) {
  const int64_t height = out->shape.dim[0], width = out->shape.dim[1];
  const int wanted = (int)out->shape.dim[2];
  int64_t i = 0;
  for (int64_t y = 0; y < height; y++)
    for (int64_t x = 0; x < width; x++)
      for (int channel = 0; channel < wanted; channel++, i++) {
        int value = channel_of(in, turn.first + y * turn.row + x * turn.column, channel, wanted);
        if (out->dtype == NN_UINT8)
          ((uint8_t *)out->data)[i] = (uint8_t)value;
        else
          ((int32_t *)out->data)[i] = value;
      }
}

static int decode_jpeg(nn_error *error, nn_tensor *out, const nn_image_info *info, const uint8_t *bytes, size_t size) {
  bool is_sideways = nn_exif_is_sideways(info->orientation);
  int64_t height = is_sideways ? info->width : info->height, width = is_sideways ? info->height : info->width;
  decoded in = {.bits = 8, .channels = (int)out->shape.dim[2]};
  uint8_t *pixels = nn_jpeg_decode(error, &in.channels, height, width, bytes, size);
  if (pixels == NULL)
    return NN_ERROR;
  in.pixels = pixels;
  if (info->orientation == 1 && in.channels == out->shape.dim[2] && out->dtype == NN_UINT8)
    memcpy(out->data, pixels, (size_t)nn_shape_count(&out->shape));
  else
    copy_pixels(out, &in, nn_exif_turn(info->orientation, height, width));
  free(pixels);
  return NN_OK;
}

static int decode_with_stb(nn_error *error, nn_tensor *out, const nn_image_info *info, const uint8_t *bytes,
                           size_t size) {
  int width, height, in_file, wanted = (int)out->shape.dim[2];
  int bits = out->dtype == NN_INT32 && info->bits == 16 ? 16 : 8;
  stbi_info_from_memory(bytes, (int)size, &width, &height, &in_file);
  if (wanted == 1 && in_file >= 3)
    wanted = 3;
  void *pixels = bits == 16 ? (void *)stbi_load_16_from_memory(bytes, (int)size, &width, &height, &in_file, wanted)
                            : (void *)stbi_load_from_memory(bytes, (int)size, &width, &height, &in_file, wanted);
  if (pixels == NULL)
    return fail_unreadable(error);
  copy_pixels(out, &(decoded){pixels, bits, wanted}, nn_exif_turn(1, info->height, info->width));
  stbi_image_free(pixels);
  return NN_OK;
}

int nn_image_decode(nn_error *error, nn_tensor *out, const nn_image_info *info, const uint8_t *bytes, size_t size) {
  return info->is_jpeg ? decode_jpeg(error, out, info, bytes, size) : decode_with_stb(error, out, info, bytes, size);
}

/* ---- writing ---- */

static void write_to_file(void *file, void *data, int size) { fwrite(data, 1, (size_t)size, file); }

typedef enum format { UNKNOWN, PNG, JPEG, BMP } format;

static format format_of(const char *path) {
  const char *extension = strrchr(path, '.');
  if (extension == NULL)
    return UNKNOWN;
  if (strcasecmp(extension, ".png") == 0)
    return PNG;
  if (strcasecmp(extension, ".jpg") == 0 || strcasecmp(extension, ".jpeg") == 0)
    return JPEG;
  return strcasecmp(extension, ".bmp") == 0 ? BMP : UNKNOWN;
}

static int encode(format kind, FILE *file, const uint8_t *pixels, int height, int width, int channels) {
  switch (kind) {
  case PNG: return stbi_write_png_to_func(write_to_file, file, width, height, channels, pixels, width * channels);
  case JPEG: return stbi_write_jpg_to_func(write_to_file, file, width, height, channels, pixels, JPEG_QUALITY);
  case BMP: return stbi_write_bmp_to_func(write_to_file, file, width, height, channels, pixels);
  default: return 0;
  }
}

int nn_image_write(nn_error *error, const char *path, const uint8_t *pixels, int64_t height, int64_t width,
                   int channels) {
  format kind = format_of(path);
  if (kind == UNKNOWN)
    return nn_fail(error, "has no extension of a picture: expected .png, .jpg, .jpeg or .bmp");
  if (kind == JPEG && channels == 4)
    return nn_fail(error, "cannot hold 4 channels: JPEG has no alpha; save 3 channels or a .png");
  if (height < 1 || width < 1 || height > MAX_SIDE || width > MAX_SIDE || height * width * channels > INT32_MAX / 2)
    return nn_fail(error, "cannot hold a picture of %lldx%lld pixels", (long long)height, (long long)width);
  FILE *file = fopen(path, "wb");
  if (file == NULL)
    return nn_fail(error, "cannot be written: %s", strerror(errno));
  errno = 0;
  int encoded = encode(kind, file, pixels, (int)height, (int)width, channels);
  bool failed = ferror(file) != 0;
  failed = fclose(file) != 0 || failed || !encoded;
  if (!failed)
    return NN_OK;
  int reason = errno;
  remove(path);
  return nn_fail(error, "cannot be written: %s", reason ? strerror(reason) : "not enough memory");
}
