/* hdf5.h - groups, attributes and data sets of HDF5 files, by libhdf5. */
#ifndef NN_HDF5_H
#define NN_HDF5_H

#include <stdio.h>

#include "tensor/tensor.h"

/* A file is told as records, so that another process can read it: libhdf5 may crash on files that somebody damaged.
 * Numbers are in the machine's byte order, a name is its length (4 bytes) and its bytes.
 *
 *   G name        a group begins            A name value   an attribute of the group
 *   ) ""          it ends                   D name value   a data set in it
 *   Z ""          the file has ended        E message      what is wrong with the file; the last record,
 *                                                which may stand in place of a value
 *
 * A value begins with a letter:
 *   T  a tensor: dtype (1 byte), number of axes (1), their lengths (8 each), the numbers
 *   S  texts: whether it is a list (1 byte), how many (4), each as its length (4) and its bytes
 *   N  nothing, or something of another kind */
enum {
  NN_HDF5_GROUP = 'G',
  NN_HDF5_END = ')',
  NN_HDF5_ATTRIBUTE = 'A',
  NN_HDF5_DATA = 'D',
  NN_HDF5_DONE = 'Z',
  NN_HDF5_ERROR = 'E',
  NN_HDF5_TENSOR = 'T',
  NN_HDF5_TEXTS = 'S',
  NN_HDF5_NOTHING = 'N'
};

/* Begins to use libhdf5, which takes a while: once, before processes that read files are made. */
void nn_hdf5_prepare(void);

/* Writes the records of the file at path, or of the file's bytes if image is not NULL. Links to other places, data in
 * other files, and sizes that the file cannot hold are errors. */
void nn_hdf5_stream(FILE *out, const char *path, const void *image, size_t size);

/* A file that is made in memory. Paths are "a/b"; the groups on the way have to exist. Start with
 * NN_HDF5_WRITER_CLOSED, so that closing is right at any moment. */
typedef struct nn_hdf5_writer {
  int64_t file;
} nn_hdf5_writer;

#define NN_HDF5_WRITER_CLOSED ((nn_hdf5_writer){-1})

int nn_hdf5_writer_open(nn_error *, nn_hdf5_writer *writer);
int nn_hdf5_write_group(nn_error *, nn_hdf5_writer *writer, const char *path);
/* A contiguous tensor. */
int nn_hdf5_write_tensor(nn_error *, nn_hdf5_writer *writer, const char *path, const nn_tensor *tensor);
/* An attribute of the group at path ("/" is the file's): a text, or a list of count texts. */
int nn_hdf5_write_text(nn_error *, nn_hdf5_writer *writer, const char *path, const char *name, const char *text);
int nn_hdf5_write_texts(nn_error *, nn_hdf5_writer *writer, const char *path, const char *name, const char **texts,
                        size_t count);
/* The bytes of the file, which it needs room for: out is NULL, or has room for *size bytes. */
int nn_hdf5_writer_bytes(nn_error *, nn_hdf5_writer *writer, void *out, size_t *size);
void nn_hdf5_writer_close(nn_hdf5_writer *writer);

#endif
