/* picture_stream.h - batches of pictures that threads decode from files, ahead of whoever takes them. */
#ifndef NN_PICTURE_STREAM_H
#define NN_PICTURE_STREAM_H

#include "data/picture.h"

/* Decoded pictures that are kept, one place for each file; several streams may share it, one at a time. */
typedef struct nn_picture_cache {
  uint8_t *pixels;          /* (count, size of a picture) */
  _Atomic uint8_t *is_kept; /* (count) */
} nn_picture_cache;

/* What a stream reads. All that it points to belongs to the caller and outlives the stream. */
typedef struct nn_picture_plan {
  nn_picture_form form;
  const char *const *paths;
  const int32_t *order; /* (count) positions of paths, which comes when */
  int64_t count, batch_size;
  int64_t first;           /* the batch to begin with, from 0 */
  nn_picture_cache *cache; /* or NULL */
  int threads;
} nn_picture_plan;

typedef struct nn_picture_stream nn_picture_stream;

typedef enum nn_picture_status {
  NN_PICTURES_READ,
  NN_PICTURES_OVER,
  NN_PICTURES_BROKEN,
  NN_PICTURES_STOPPED
} nn_picture_status;

/* A batch: rows pictures, or the place in the order of the first one that could not be read, and why. */
typedef struct nn_picture_batch {
  const uint8_t *pixels; /* (rows, height, width, channels), until the next batch is asked for */
  int64_t rows;
  int64_t broken;
  nn_error error;
} nn_picture_batch;

/* NULL if there is not enough memory. The pictures of a batch depend on nothing but the plan. */
nn_picture_stream *nn_picture_stream_new(const nn_picture_plan *);
void nn_picture_stream_free(nn_picture_stream *);
/* Waits for the next batch; returns soon if *stop becomes true. A broken batch is passed over by the next call. */
nn_picture_status nn_picture_stream_next(nn_picture_stream *, nn_picture_batch *, const volatile int *stop);

#endif
