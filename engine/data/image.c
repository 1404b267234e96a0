/* image.c - pictures, through stb_image, stb_image_write and stb_image_resize. */
#include "image.h"

#include <errno.h>
#include <stb/stb_image.h>
#include <stb/stb_image_resize.h>
#include <stb/stb_image_write.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "file.h"

/* JPEG counts pixels in 16 bits. */
enum { JPEG_QUALITY = 90, MAX_SIDE = 65535 };

const char *const nn_interpolation_names[] = {"nearest", "box", "bilinear", "bicubic", NULL};

/* ---- reading ---- */

static FILE *open_picture(nn_error *error, const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL)
    nn_fail(error, "cannot be opened: %s", strerror(errno));
  return file;
}

static int fail_unreadable(nn_error *error) {
  const char *reason = stbi_failure_reason();
  return nn_fail(error, "is not a PNG, JPEG or BMP picture that can be read: %s", reason ? reason : "no reason known");
}

/* The size that the file's header tells, where the file is large enough to hold it: a damaged one may claim billions of
 * pixels, and decoding would take their time. The least a pixel takes is a bit, packed as nn_file_capacity says. */
static int read_size(nn_error *error, int64_t *height, int64_t *width, FILE *file, const char *path) {
  int w, h, channels;
  if (!stbi_info_from_file(file, &w, &h, &channels))
    return fail_unreadable(error);
  *height = h < 0 ? -(int64_t)h : h; /* negative in a BMP file whose top row comes first */
  *width = w;
  if (*width < 1 || *height < 1 || *height > nn_file_capacity(path) * 8 / *width)
    return nn_fail(error, "is damaged: it cannot hold the %lldx%lld pixels it promises", (long long)*height,
                   (long long)*width);
  return NN_OK;
}

int nn_image_size(nn_error *error, int64_t *height, int64_t *width, const char *path) {
  FILE *file = open_picture(error, path);
  if (file == NULL)
    return NN_ERROR;
  int status = read_size(error, height, width, file, path);
  fclose(file);
  return status;
}

static void copy_nearest(uint8_t *out, int64_t height, int64_t width, const uint8_t *in, int64_t in_height,
                         int64_t in_width, int channels) {
  for (int64_t y = 0; y < height; y++) {
    const uint8_t *row = in + (2 * y + 1) * in_height / (2 * height) * in_width * channels;
    for (int64_t x = 0; x < width; x++, out += channels)
      memcpy(out, row + (2 * x + 1) * in_width / (2 * width) * channels, (size_t)channels);
  }
}

static int resize(nn_error *error, uint8_t *out, int64_t height, int64_t width, const uint8_t *in, int in_height,
                  int in_width, int channels, nn_interpolation interpolation) {
  static const stbir_filter filters[] = {
      [NN_BOX] = STBIR_FILTER_BOX, [NN_BILINEAR] = STBIR_FILTER_TRIANGLE, [NN_BICUBIC] = STBIR_FILTER_CATMULLROM};
  int alpha = channels == 4 ? 3 : STBIR_ALPHA_CHANNEL_NONE;
  if (height == in_height && width == in_width)
    memcpy(out, in, (size_t)(height * width * channels));
  else if (interpolation == NN_NEAREST)
    copy_nearest(out, height, width, in, in_height, in_width, channels);
  else if (!stbir_resize_uint8_generic(in, in_width, in_height, 0, out, (int)width, (int)height, 0, channels, alpha, 0,
                                       STBIR_EDGE_CLAMP, filters[interpolation], STBIR_COLORSPACE_LINEAR, NULL))
    return nn_fail(error, "cannot be resized: not enough memory");
  return NN_OK;
}

static uint8_t *decode(nn_error *error, int *height, int *width, const char *path, int channels) {
  FILE *file = open_picture(error, path);
  if (file == NULL)
    return NULL;
  uint8_t *pixels = NULL;
  int64_t promised_height, promised_width;
  int channels_in_file;
  if (read_size(error, &promised_height, &promised_width, file, path) == NN_OK) {
    pixels = stbi_load_from_file(file, width, height, &channels_in_file, channels);
    if (pixels == NULL)
      fail_unreadable(error);
  }
  fclose(file);
  return pixels;
}

int nn_image_read(nn_error *error, uint8_t *out, int64_t height, int64_t width, int channels, const char *path,
                  nn_interpolation interpolation) {
  int in_height, in_width;
  uint8_t *pixels = decode(error, &in_height, &in_width, path, channels);
  if (pixels == NULL)
    return NN_ERROR;
  int status = resize(error, out, height, width, pixels, in_height, in_width, channels, interpolation);
  stbi_image_free(pixels);
  return status;
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
