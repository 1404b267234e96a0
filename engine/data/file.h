/* file.h - reading a file from its beginning to its end, gzip'ed or plain, with a checksum of what was read. */
#ifndef NN_FILE_H
#define NN_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <xxhash.h>
#include <zlib.h>

#include "base/error.h"

/* Offsets count uncompressed bytes. Start with NN_FILE_CLOSED, so that closing is right at any moment. */
typedef struct nn_file {
  gzFile stream;
  XXH3_state_t *hash;
  int64_t offset;
} nn_file;

#define NN_FILE_CLOSED ((nn_file){NULL, NULL, 0})

enum { NN_HASH_TEXT = 33 };

int nn_file_open(nn_error *, nn_file *file, const char *path);
void nn_file_close(nn_file *file);
/* Reads up to size bytes; *count is less only at the end of the file. Damaged gzip data is an error. */
int nn_file_read(nn_error *, nn_file *file, void *out, int64_t size, int64_t *count);
/* To be asked at the end of the file: an error where gzip data stops before its own end. */
int nn_file_check_end(nn_error *, const nn_file *file);
/* The most bytes the file can hold, packed or not: what a header promises beyond it is a lie. */
int64_t nn_file_capacity(const char *path);
/* XXH3-128 of everything read, as `xxhsum -H128` writes it. */
void nn_file_checksum(const nn_file *file, char text[NN_HASH_TEXT]);
void nn_hash_text(XXH128_hash_t hash, char text[NN_HASH_TEXT]);

#endif
