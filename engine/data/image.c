/* image.c - pictures, through stb_image and stb_image_write. */
#include "image.h"

#include <errno.h>
#include <stb/stb_image.h>
#include <stb/stb_image_write.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "image_check.h"

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

/* A damaged file may claim billions of pixels: none more than it can hold are decoded. */
int nn_image_inspect(nn_error *error, nn_image_info *info, const uint8_t *bytes, size_t size) {
  int w, h, channels;
  if (size > INT32_MAX)
    return nn_fail(error, "is too large: a picture takes at most 2 GB");
  if (!stbi_info_from_memory(bytes, (int)size, &w, &h, &channels))
    return fail_unreadable(error);
  *info = (nn_image_info){.height = h < 0 ? -(int64_t)h : h, /* negative in a BMP file whose top row comes first */
                          .width = w,
                          .bits = stbi_is_16_bit_from_memory(bytes, (int)size) ? 16 : 8};
  if (info->width < 1 || info->height < 1 || info->height > (int64_t)size * MOST_PIXELS / info->width)
    return nn_fail(error, "is damaged: it cannot hold the %lldx%lld pixels it promises", (long long)info->height,
                   (long long)info->width);
  return nn_image_check(error, bytes, size);
}

/* One channel of a pixel as decoded, of either width. */
static int sample(const void *pixels, int bits, int64_t i) {
  return bits == 16 ? ((const uint16_t *)pixels)[i] : ((const uint8_t *)pixels)[i];
}

/* Grey as Pillow makes it of RGB (ITU-R 601-2). */
static int grey(const void *pixels, int bits, int64_t i) {
  int64_t sum =
      19595LL * sample(pixels, bits, i) + 38470LL * sample(pixels, bits, i + 1) + 7471LL * sample(pixels, bits, i + 2);
  return (int)((sum + 0x8000) >> 16);
}

static void copy_pixels(nn_tensor *out, const void *pixels, int bits, int channels) {
  int64_t count = nn_shape_count(&out->shape);
  bool is_made_grey = out->shape.dim[2] == 1 && channels == 3;
  for (int64_t i = 0; i < count; i++) {
    int value = is_made_grey ? grey(pixels, bits, 3 * i) : sample(pixels, bits, i);
    if (out->dtype == NN_UINT8)
      ((uint8_t *)out->data)[i] = (uint8_t)value;
    else
      ((int32_t *)out->data)[i] = value;
  }
}

int nn_image_decode(nn_error *error, nn_tensor *out, const uint8_t *bytes, size_t size) {
  int width, height, in_file, wanted = (int)out->shape.dim[2];
  int bits = out->dtype == NN_INT32 && stbi_is_16_bit_from_memory(bytes, (int)size) ? 16 : 8;
  stbi_info_from_memory(bytes, (int)size, &width, &height, &in_file);
  if (wanted == 1 && in_file >= 3)
    wanted = 3;
  void *pixels = bits == 16 ? (void *)stbi_load_16_from_memory(bytes, (int)size, &width, &height, &in_file, wanted)
                            : (void *)stbi_load_from_memory(bytes, (int)size, &width, &height, &in_file, wanted);
  if (pixels == NULL)
    return fail_unreadable(error);
  copy_pixels(out, pixels, bits, wanted);
  stbi_image_free(pixels);
  return NN_OK;
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
