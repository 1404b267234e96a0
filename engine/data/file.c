/* file.c - reading a file from its beginning to its end; zlib's gz functions also read what is not packed. */
#include "file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { BUFFER_BYTES = 256 * 1024, LARGEST_READ = 1 << 30 };

/* deflate packs at most 258 bytes into two bits ("Maximum Compression Factor", zlib.net/zlib_tech.html). */
enum { DEFLATE_LIMIT = 1032 };

int nn_file_open(nn_error *error, nn_file *file, const char *path) {
  struct stat status;
  if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
    return nn_fail(error, "is a folder, not a file");
  errno = 0;
  file->stream = gzopen(path, "rb");
  if (file->stream == NULL)
    return nn_fail(error, "cannot be opened: %s", errno ? strerror(errno) : "not enough memory");
  gzbuffer(file->stream, BUFFER_BYTES);
  file->hash = XXH3_createState();
  if (file->hash == NULL)
    return nn_fail(error, "cannot be read: not enough memory");
  XXH3_128bits_reset(file->hash);
  file->offset = 0;
  return NN_OK;
}

void nn_file_close(nn_file *file) {
  if (file->stream != NULL)
    gzclose(file->stream);
  XXH3_freeState(file->hash);
  *file = NN_FILE_CLOSED;
}

/* zlib begins its messages with the path, which whoever reports this error has too. */
static int fail_as_zlib_says(nn_error *error, const nn_file *file) {
  int code;
  const char *message = gzerror(file->stream, &code);
  const char *reason = strrchr(message, ':');
  if (code == Z_ERRNO)
    return nn_fail(error, "at byte %lld: cannot be read: %s", (long long)file->offset, strerror(errno));
  return nn_fail(error, "at byte %lld: the gzip data is damaged: %s", (long long)file->offset,
                 reason != NULL ? reason + 2 : message);
}

int nn_file_read(nn_error *error, nn_file *file, void *out, int64_t size, int64_t *count) {
  char *to = out;
  *count = 0;
  while (*count < size) {
    int64_t wanted = size - *count;
    int got = gzread(file->stream, to + *count, (unsigned)(wanted < LARGEST_READ ? wanted : LARGEST_READ));
    if (got < 0)
      return fail_as_zlib_says(error, file);
    if (got == 0)
      break;
    XXH3_128bits_update(file->hash, to + *count, (size_t)got);
    *count += got;
    file->offset += got;
  }
  return NN_OK;
}

int nn_file_check_end(nn_error *error, const nn_file *file) {
  int code;
  gzerror(file->stream, &code);
  return code == Z_BUF_ERROR ? fail_as_zlib_says(error, file) : NN_OK;
}

int64_t nn_file_capacity(const char *path) {
  struct stat status;
  return stat(path, &status) == 0 ? (int64_t)status.st_size * DEFLATE_LIMIT : 0;
}

void nn_file_checksum(const nn_file *file, char text[NN_HASH_TEXT]) {
  nn_hash_text(XXH3_128bits_digest(file->hash), text);
}

void nn_hash_text(XXH128_hash_t hash, char text[NN_HASH_TEXT]) {
  snprintf(text, NN_HASH_TEXT, "%016llx%016llx", (unsigned long long)hash.high64, (unsigned long long)hash.low64);
}
