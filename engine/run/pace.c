/* pace.c - whether a team does the next batch or one thread alone.
 *
 * Results are the same bits, so the clock may decide: another program on the second core makes a team slower than one
 * thread. What was slower is tried again now and then. */
#include <time.h>

#include "pace.h"

static double seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

bool nn_pace_begin(nn_pace *pace) {
  enum { TRIED = 4, AGAIN = 32 };
  const bool faster = pace->seconds[1] < pace->seconds[0];
  if (pace->batches < TRIED)
    pace->shared = pace->batches % 2;
  else
    pace->shared = pace->batches % AGAIN == 0 ? !faster : faster;
  pace->started = seconds_now();
  return pace->shared;
}

/* One quick batch is no accident, a slow one may be: the time falls at once and rises slowly. */
void nn_pace_end(nn_pace *pace) {
  double took = seconds_now() - pace->started, *lately = &pace->seconds[pace->shared];
  *lately = *lately > 0 && took > *lately ? 0.75 * *lately + 0.25 * took : took;
  pace->batches++;
}
