/* jpeg.c - JPEG pictures, through libjpeg-turbo. Its TurboJPEG functions return errors; they end no program. */
#include "jpeg.h"

#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>

/* A picture that is said to come in more than 500 passes is an attack. */
enum { FLAGS = TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS };

bool nn_jpeg_is(const uint8_t *bytes, size_t size) { return size >= 2 && bytes[0] == 0xFF && bytes[1] == 0xD8; }

/* ---- what the library says ---- */

/* Warnings after which all pixels are what they were meant to be. */
static bool is_harmless(const char *message) {
  static const char *const harmless[] = {"extraneous bytes before marker", "Invalid SOS parameters for sequential",
                                         "Unknown Adobe color transform", "unknown JFIF revision"};
  for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
    if (strstr(message, harmless[i]))
      return true;
  return false;
}

static int judge(nn_error *error, tjhandle handle, int result) {
  const char *message = tjGetErrorStr2(handle);
  if (result == 0 || (tjGetErrorCode(handle) == TJERR_WARNING && is_harmless(message)))
    return NN_OK;
  return nn_fail(error, "is damaged, or of a kind that cannot be read: %s", message);
}

static tjhandle new_decoder(nn_error *error) {
  tjhandle handle = tjInitDecompress();
  if (handle == NULL)
    nn_fail(error, "cannot be read: not enough memory");
  return handle;
}

static int read_header(nn_error *error, tjhandle handle, int *height, int *width, int *colours, const uint8_t *bytes,
                       size_t size) {
  int subsampling;
  int result = tjDecompressHeader3(handle, bytes, (unsigned long)size, width, height, &subsampling, colours);
  return judge(error, handle, result);
}

int nn_jpeg_inspect(nn_error *error, int64_t *height, int64_t *width, const uint8_t *bytes, size_t size) {
  tjhandle handle = new_decoder(error);
  int h = 0, w = 0, colours;
  int result = handle ? read_header(error, handle, &h, &w, &colours, bytes, size) : NN_ERROR;
  *height = h;
  *width = w;
  if (handle)
    tjDestroy(handle);
  return result;
}

/* ---- pixels ---- */

/* Four colours for printing, stored as Adobe's programs do, inverted: how much light each ink lets through. */
static void make_rgb(uint8_t *pixels, int64_t count) {
  for (int64_t i = 0; i < count; i++) {
    int black = pixels[4 * i + 3];
    for (int channel = 0; channel < 3; channel++)
      pixels[3 * i + channel] = (uint8_t)((pixels[4 * i + channel] * black + 127) / 255);
  }
}

static uint8_t *decode(nn_error *error, tjhandle handle, int *channels, int height, int width, const uint8_t *bytes,
                       size_t size) {
  int stored_height, stored_width, colours;
  if (read_header(error, handle, &stored_height, &stored_width, &colours, bytes, size) != NN_OK)
    return NULL;
  const bool is_print = colours == TJCS_CMYK || colours == TJCS_YCCK, is_grey = colours == TJCS_GRAY;
  *channels = *channels == 1 && !is_grey ? 3 : is_print ? 3 : *channels;
  const int format = is_print ? TJPF_CMYK : *channels == 1 ? TJPF_GRAY : *channels == 3 ? TJPF_RGB : TJPF_RGBA;
  const int64_t count = (int64_t)height * width;
  uint8_t *pixels = malloc((size_t)count * (size_t)tjPixelSize[format]);
  if (pixels == NULL) {
    nn_fail(error, "cannot be read: not enough memory");
    return NULL;
  }
  int result = tjDecompress2(handle, bytes, (unsigned long)size, pixels, width, 0, height, format, FLAGS);
  if (judge(error, handle, result) != NN_OK) {
    free(pixels);
    return NULL;
  }
  if (is_print)
    make_rgb(pixels, count);
  return pixels;
}

uint8_t *nn_jpeg_decode(nn_error *error, int *channels, int64_t height, int64_t width, const uint8_t *bytes,
                        size_t size) {
  tjhandle handle = new_decoder(error);
  if (handle == NULL)
    return NULL;
  uint8_t *pixels = decode(error, handle, channels, (int)height, (int)width, bytes, size);
  tjDestroy(handle);
  return pixels;
}
