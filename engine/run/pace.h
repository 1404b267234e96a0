/* pace.h - whether a team does the next batch or one thread alone. */
#ifndef NN_PACE_H
#define NN_PACE_H

#include <stdbool.h>
#include <stdint.h>

/* How long a batch took lately, alone and shared by a team; 0 before the first (pace.c). */
typedef struct nn_pace {
  double seconds[2], started;
  int64_t batches;
  bool shared; /* the batch that was begun last */
} nn_pace;

/* Around each batch: whether it is to be shared. */
bool nn_pace_begin(nn_pace *);
void nn_pace_end(nn_pace *);

#endif
