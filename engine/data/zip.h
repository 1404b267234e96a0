/* zip.h - zip archives in memory, by libzip. */
#ifndef NN_ZIP_H
#define NN_ZIP_H

#include <stdint.h>
#include <zip.h>

#include "base/error.h"

/* An archive that is read or made. Start with NN_ZIP_CLOSED, so that closing is right at any moment. */
typedef struct nn_zip {
  zip_t *archive;
  zip_source_t *source; /* the bytes of an archive that is made */
} nn_zip;

#define NN_ZIP_CLOSED ((nn_zip){NULL, NULL})

/* An archive over bytes, which have to stay. */
int nn_zip_open(nn_error *, nn_zip *zip, const void *bytes, size_t size);
/* The number of entries, and an entry's name and size: an error if it is more than most bytes. */
int64_t nn_zip_count(const nn_zip *zip);
int nn_zip_entry(nn_error *, nn_zip *zip, int64_t index, uint64_t most, const char **name, uint64_t *size);
/* Unpacks an entry into out, which has room for its size. */
int nn_zip_read(nn_error *, nn_zip *zip, int64_t index, void *out, uint64_t size);

/* An empty archive; entries are stored as they are, and have to stay until it is finished. */
int nn_zip_create(nn_error *, nn_zip *zip);
int nn_zip_add(nn_error *, nn_zip *zip, const char *name, const void *bytes, size_t size);
/* Nothing is added any more; *size is that of the archive. */
int nn_zip_finish(nn_error *, nn_zip *zip, uint64_t *size);
/* Copies a finished archive into out. */
int nn_zip_copy(nn_error *, nn_zip *zip, void *out, uint64_t size);

void nn_zip_close(nn_zip *zip);

#endif
