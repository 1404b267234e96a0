/* zip.c - zip archives in memory, by libzip. */
#include "data/zip.h"

#include <stdbool.h>
#include <time.h>

static int fail(nn_error *error, const char *what, zip_error_t *reason) {
  int status = nn_fail(error, "%s: %s", what, zip_error_strerror(reason));
  zip_error_fini(reason);
  return status;
}

void nn_zip_close(nn_zip *zip) {
  if (zip->archive != NULL)
    zip_discard(zip->archive);
  if (zip->source != NULL)
    zip_source_free(zip->source);
  *zip = NN_ZIP_CLOSED;
}

/* ---- reading ---- */

int nn_zip_open(nn_error *error, nn_zip *zip, const void *bytes, size_t size) {
  zip_error_t reason;
  zip_error_init(&reason);
  zip_source_t *source = zip_source_buffer_create(bytes, size, 0, &reason);
  if (source != NULL)
    zip->archive = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &reason);
  if (zip->archive == NULL) {
    if (source != NULL)
      zip_source_free(source);
    return fail(error, "is no zip file, or a damaged one", &reason);
  }
  zip_error_fini(&reason);
  return NN_OK;
}

int64_t nn_zip_count(const nn_zip *zip) { return zip_get_num_entries(zip->archive, 0); }

int nn_zip_entry(nn_error *error, nn_zip *zip, int64_t index, uint64_t most, const char **name, uint64_t *size) {
  zip_stat_t status;
  if (zip_stat_index(zip->archive, (zip_uint64_t)index, 0, &status) < 0 || !(status.valid & ZIP_STAT_NAME) ||
      !(status.valid & ZIP_STAT_SIZE))
    return nn_fail(error, "entry %lld of the zip file is damaged", (long long)index + 1);
  *name = status.name;
  *size = status.size;
  if (*size > most)
    return nn_fail(error, "%.100s takes %llu bytes when it is unpacked, too many for a file of this size", *name,
                   (unsigned long long)*size);
  return NN_OK;
}

int nn_zip_read(nn_error *error, nn_zip *zip, int64_t index, void *out, uint64_t size) {
  zip_file_t *file = zip_fopen_index(zip->archive, (zip_uint64_t)index, 0);
  if (file == NULL)
    return nn_fail(error, "entry %lld of the zip file cannot be read: %s", (long long)index + 1,
                   zip_strerror(zip->archive));
  char beyond;
  bool is_whole = zip_fread(file, out, size) == (zip_int64_t)size && zip_fread(file, &beyond, 1) == 0;
  zip_fclose(file);
  return is_whole ? NN_OK : nn_fail(error, "entry %lld of the zip file is damaged", (long long)index + 1);
}

/* ---- writing ---- */

int nn_zip_create(nn_error *error, nn_zip *zip) {
  zip_error_t reason;
  zip_error_init(&reason);
  zip->source = zip_source_buffer_create(NULL, 0, 0, &reason);
  if (zip->source != NULL)
    zip->archive = zip_open_from_source(zip->source, ZIP_TRUNCATE, &reason);
  if (zip->archive == NULL)
    return fail(error, "no zip file can be made", &reason);
  zip_source_keep(zip->source); /* the archive gives up its own hold when it is closed */
  zip_error_fini(&reason);
  return NN_OK;
}

/* The time is the first that zip files know: the same model gives the same bytes. */
int nn_zip_add(nn_error *error, nn_zip *zip, const char *name, const void *bytes, size_t size) {
  enum { JANUARY_FIRST_1980 = 1 << 5 | 1 };
  zip_source_t *source = zip_source_buffer(zip->archive, bytes, size, 0);
  zip_int64_t index = source != NULL ? zip_file_add(zip->archive, name, source, ZIP_FL_ENC_UTF_8) : -1;
  if (index < 0) {
    zip_source_free(source);
    return nn_fail(error, "%s cannot be written: %s", name, zip_strerror(zip->archive));
  }
  zip_set_file_compression(zip->archive, (zip_uint64_t)index, ZIP_CM_STORE, 0);
  zip_file_set_dostime(zip->archive, (zip_uint64_t)index, 0, JANUARY_FIRST_1980, 0);
  return NN_OK;
}

int nn_zip_finish(nn_error *error, nn_zip *zip, uint64_t *size) {
  if (zip_close(zip->archive) < 0)
    return nn_fail(error, "no zip file can be made: %s", zip_strerror(zip->archive));
  zip->archive = NULL;
  zip_stat_t status;
  if (zip_source_stat(zip->source, &status) < 0)
    return nn_fail(error, "no zip file can be made");
  *size = status.size;
  return NN_OK;
}

int nn_zip_copy(nn_error *error, nn_zip *zip, void *out, uint64_t size) {
  bool is_open = zip_source_open(zip->source) == 0;
  bool is_read = is_open && zip_source_read(zip->source, out, size) == (zip_int64_t)size;
  if (is_open)
    zip_source_close(zip->source);
  return is_read ? NN_OK : nn_fail(error, "no zip file can be made");
}
