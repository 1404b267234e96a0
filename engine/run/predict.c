/* predict.c - predictions, several batches at once.
 *
 * Batches that are only predicted need nothing of each other. So the threads of a team take whole ones, each in a graph
 * with buffers of its own: they meet once a run and not several times a layer, what surrounds the products is shared
 * too, and what a thread has computed stays in its cache. */
#include <stdatomic.h>

#include "base/team.h"
#include "batches.h"

typedef struct prediction {
  nn_batches *batches; /* and its twins */
  int64_t first, count, parts;
  const volatile int *stop;
  _Atomic int64_t done;
} prediction;

/* There are as many as threads: one is always free, or about to be. */
static nn_batches *take_free(nn_batches *first) {
  nn_batches *b = first;
  while (atomic_exchange(&b->is_taken, true))
    b = b->twin ? b->twin : first;
  return b;
}

static void predict_part(void *context, int part) {
  prediction *p = context;
  const int64_t from = p->count * part / p->parts, to = p->count * (part + 1) / p->parts;
  nn_batches *b = take_free(p->batches);
  int64_t done;
  nn_batches_run(b, p->first + from, to - from, NULL, 0, p->stop, &done);
  atomic_fetch_add(&p->done, done);
  atomic_store(&b->is_taken, false);
}

nn_outcome nn_batches_predict(nn_batches *b, nn_team *team, int64_t first, int64_t count, const volatile int *stop,
                              int64_t *done) {
  for (nn_batches *twin = b->twin; twin; twin = twin->twin)
    twin->order = b->order;
  prediction p = {b, first, count, count < NN_TEAM_PARTS ? count : NN_TEAM_PARTS, stop, 0};
  nn_team_run(team, (int)p.parts, predict_part, &p);
  *done = p.done;
  for (nn_batches *twin = b->twin; twin; twin = twin->twin)
    if (twin->error.message[0])
      b->error = twin->error;
  if (b->error.message[0])
    return NN_FAILED;
  return p.done < count ? NN_STOPPED : NN_DONE;
}
