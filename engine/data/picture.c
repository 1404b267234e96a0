/* picture.c - the picture in a file, brought to the form that a network takes. */
#include "picture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "image.h"
#include "resize.h"

enum { HEIGHT, WIDTH, CHANNELS, AXES };

const char *const nn_fit_names[] = {"stretch", "crop", "pad", NULL};

size_t nn_picture_size(const nn_picture_form *form) { return (size_t)(form->height * form->width * form->channels); }

static int fail_for_memory(nn_error *error) { return nn_fail(error, "cannot be read: not enough memory"); }

/* ---- files ---- */

/* A file's bytes, to be freed; NULL if it cannot be read. */
static uint8_t *read_bytes(nn_error *error, size_t *size, const char *path) {
  FILE *file = fopen(path, "rb");
  struct stat status;
  if (!file || fstat(fileno(file), &status) != 0 || !S_ISREG(status.st_mode)) {
    nn_fail(error, "cannot be read: %s", file ? "it is no file" : strerror(errno));
    if (file)
      fclose(file);
    return NULL;
  }
  *size = (size_t)status.st_size;
  uint8_t *bytes = malloc(*size + 1);
  if (!bytes)
    fail_for_memory(error);
  else if (fread(bytes, 1, *size, file) != *size) {
    nn_fail(error, "cannot be read: %s", ferror(file) ? strerror(errno) : "it became shorter meanwhile");
    free(bytes);
    bytes = NULL;
  }
  fclose(file);
  return bytes;
}

/* ---- proportions ---- */

static int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }
static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

/* The size that is stretched to the form's: the picture's, or that of its middle, or with margins on both sides. */
static void fitted_size(int64_t *height, int64_t *width, const nn_picture_form *form, int64_t h, int64_t w) {
  *height = h;
  *width = w;
  if (form->fit == NN_FIT_CROP) {
    *height = most(1, least(h, w * form->height / form->width));
    *width = most(1, least(w, h * form->width / form->height));
  } else if (form->fit == NN_FIT_PAD) {
    *height = h + (most(h, w * form->height / form->width) - h) / 2 * 2;
    *width = w + (most(w, h * form->width / form->height) - w) / 2 * 2;
  }
}

/* Copies the middle of `in` to the middle of `out`: what one has and the other has not is left out or left black. */
static void copy_middle(uint8_t *out, const int64_t *to, const uint8_t *in, const int64_t *from) {
  const int64_t rows = least(to[HEIGHT], from[HEIGHT]), columns = least(to[WIDTH], from[WIDTH]),
                channels = to[CHANNELS];
  out += ((to[HEIGHT] - rows) / 2 * to[WIDTH] + (to[WIDTH] - columns) / 2) * channels;
  in += ((from[HEIGHT] - rows) / 2 * from[WIDTH] + (from[WIDTH] - columns) / 2) * channels;
  for (int64_t y = 0; y < rows; y++)
    memcpy(out + y * to[WIDTH] * channels, in + y * from[WIDTH] * channels, (size_t)(columns * channels));
}

static int resize(nn_error *error, uint8_t *out, const nn_picture_form *form, uint8_t *pixels, const int64_t *size) {
  nn_tensor to = nn_tensor_over(NN_UINT8, &(nn_shape){4, {1, form->height, form->width, form->channels}}, out);
  nn_tensor from = nn_tensor_over(NN_UINT8, &(nn_shape){4, {1, size[HEIGHT], size[WIDTH], form->channels}}, pixels);
  return nn_resize(error, &to, &from, form->interpolation, false);
}

/* Brings decoded pixels (size) to the form. */
static int fit(nn_error *error, uint8_t *out, const nn_picture_form *form, uint8_t *pixels, const int64_t *size) {
  int64_t fitted[AXES] = {0, 0, form->channels};
  fitted_size(&fitted[HEIGHT], &fitted[WIDTH], form, size[HEIGHT], size[WIDTH]);
  if (fitted[HEIGHT] == size[HEIGHT] && fitted[WIDTH] == size[WIDTH])
    return resize(error, out, form, pixels, size);
  uint8_t *middle = calloc((size_t)(fitted[HEIGHT] * fitted[WIDTH]), (size_t)form->channels);
  if (!middle)
    return fail_for_memory(error);
  copy_middle(middle, fitted, pixels, size);
  int result = resize(error, out, form, middle, fitted);
  free(middle);
  return result;
}

/* ---- all of it ---- */

static int decode(nn_error *error, uint8_t *out, const nn_picture_form *form, const uint8_t *bytes, size_t size) {
  nn_image_info info;
  if (nn_image_inspect(error, &info, bytes, size) != NN_OK)
    return NN_ERROR;
  if (form->interpolation != NN_NEAREST)
    nn_image_shrink(&info, form->height, form->width);
  nn_shape shape = {AXES, {info.height, info.width, form->channels}};
  bool is_fitting = info.height == form->height && info.width == form->width;
  uint8_t *pixels = is_fitting ? out : malloc((size_t)nn_shape_count(&shape));
  if (!pixels)
    return fail_for_memory(error);
  nn_tensor decoded = nn_tensor_over(NN_UINT8, &shape, pixels);
  int result = nn_image_decode(error, &decoded, &info, bytes, size);
  if (is_fitting)
    return result;
  if (result == NN_OK)
    result = fit(error, out, form, pixels, shape.dim);
  free(pixels);
  return result;
}

int nn_picture_read(nn_error *error, uint8_t *out, const nn_picture_form *form, const char *path) {
  size_t size;
  uint8_t *bytes = read_bytes(error, &size, path);
  int result = bytes ? decode(error, out, form, bytes, size) : NN_ERROR;
  free(bytes);
  return result;
}
