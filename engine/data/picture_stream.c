/* picture_stream.c - batches of pictures that threads decode from files, ahead of whoever takes them.
 *
 * The batches wait in a ring of slots. A thread takes the next picture of the order, if the slot of its batch is free,
 * and decodes it to its row there; so a batch does not depend on which thread decoded what. A process that was forked
 * has no threads: it starts its own ones. */
#include "picture_stream.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LEAST_SLOTS = 2, MOST_SLOTS = 16, RING_BYTES = 32 << 20, MOST_THREADS = 64 };

typedef struct slot {
  uint8_t *pixels;
  int64_t done;   /* pictures that are decoded, or broken */
  int64_t broken; /* the first place in the order that is broken, or -1 */
  nn_error error;
} slot;

struct nn_picture_stream {
  nn_picture_plan plan;
  int64_t next;  /* the place in the order that is decoded next */
  int64_t taken; /* batches that are taken */
  bool is_held;  /* the caller still looks at the last batch */
  bool has_ended;
  pid_t process; /* which started the threads */
  int thread_count;
  pthread_t threads[MOST_THREADS];
  pthread_mutex_t lock;
  pthread_cond_t has_room, has_batch;
  int64_t slot_count;
  slot slots[MOST_SLOTS];
};

static int64_t batch_of(const nn_picture_stream *s, int64_t place) { return place / s->plan.batch_size; }

static slot *slot_of(nn_picture_stream *s, int64_t batch) { return &s->slots[batch % s->slot_count]; }

static int64_t rows_of(const nn_picture_stream *s, int64_t batch) {
  int64_t left = s->plan.count - batch * s->plan.batch_size;
  return left < s->plan.batch_size ? left : s->plan.batch_size;
}

/* ---- decoding ---- */

static int read_picture(nn_error *error, nn_picture_stream *s, uint8_t *out, int64_t place) {
  const nn_picture_plan *plan = &s->plan;
  const int64_t file = plan->order[place];
  const size_t size = nn_picture_size(&plan->form);
  nn_picture_cache *cache = plan->cache;
  if (cache && atomic_load(&cache->is_kept[file])) {
    memcpy(out, cache->pixels + (size_t)file * size, size);
    return NN_OK;
  }
  if (nn_picture_read(error, out, &plan->form, plan->paths[file]) != NN_OK)
    return NN_ERROR;
  if (cache) {
    memcpy(cache->pixels + (size_t)file * size, out, size);
    atomic_store(&cache->is_kept[file], 1);
  }
  return NN_OK;
}

static bool may_decode(const nn_picture_stream *s) {
  return s->next < s->plan.count && batch_of(s, s->next) < s->taken + s->slot_count;
}

/* Decodes the next picture. Called with the lock held, which is open meanwhile. */
static void decode_next(nn_picture_stream *s) {
  const int64_t place = s->next++, batch = batch_of(s, place);
  slot *to = slot_of(s, batch);
  uint8_t *out = to->pixels + (size_t)(place % s->plan.batch_size) * nn_picture_size(&s->plan.form);
  nn_error error;
  pthread_mutex_unlock(&s->lock);
  int result = read_picture(&error, s, out, place);
  pthread_mutex_lock(&s->lock);
  if (result != NN_OK && (to->broken < 0 || place < to->broken)) {
    to->broken = place;
    to->error = error;
  }
  if (++to->done == rows_of(s, batch))
    pthread_cond_broadcast(&s->has_batch);
}

static void *work(void *argument) {
  nn_picture_stream *s = argument;
  pthread_mutex_lock(&s->lock);
  while (!s->has_ended && s->next < s->plan.count)
    if (may_decode(s))
      decode_next(s);
    else
      pthread_cond_wait(&s->has_room, &s->lock);
  pthread_mutex_unlock(&s->lock);
  return NULL;
}

/* ---- threads ---- */

/* Begins with the first batch that is not taken. Without any thread the caller decodes. */
static void start_threads(nn_picture_stream *s) {
  pthread_mutex_init(&s->lock, NULL);
  pthread_cond_init(&s->has_room, NULL);
  pthread_cond_init(&s->has_batch, NULL);
  s->process = getpid();
  s->next = (s->taken + s->is_held) * s->plan.batch_size;
  for (int64_t i = 0; i < s->slot_count; i++)
    if (!s->is_held || &s->slots[i] != slot_of(s, s->taken))
      s->slots[i].done = 0, s->slots[i].broken = -1;
  sigset_t all, before; /* signals are the caller's: a thread inherits that they are blocked */
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  for (s->thread_count = 0; s->thread_count < s->plan.threads && s->thread_count < MOST_THREADS; s->thread_count++)
    if (pthread_create(&s->threads[s->thread_count], NULL, work, s) != 0)
      break;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void end_threads(nn_picture_stream *s) {
  if (s->process != getpid()) /* the threads are another process's */
    return;
  pthread_mutex_lock(&s->lock);
  s->has_ended = true;
  pthread_cond_broadcast(&s->has_room);
  pthread_mutex_unlock(&s->lock);
  for (int i = 0; i < s->thread_count; i++)
    pthread_join(s->threads[i], NULL);
  pthread_cond_destroy(&s->has_batch);
  pthread_cond_destroy(&s->has_room);
  pthread_mutex_destroy(&s->lock);
}

/* ---- the ring ---- */

static bool make_slots(nn_picture_stream *s) {
  const size_t batch = (size_t)s->plan.batch_size * nn_picture_size(&s->plan.form);
  const int64_t fitting = (int64_t)(RING_BYTES / (batch ? batch : 1));
  s->slot_count = fitting < LEAST_SLOTS ? LEAST_SLOTS : fitting > MOST_SLOTS ? MOST_SLOTS : fitting;
  for (int64_t i = 0; i < s->slot_count; i++)
    if (!(s->slots[i].pixels = malloc(batch)))
      return false;
  return true;
}

static void free_all(nn_picture_stream *s) {
  for (int64_t i = 0; i < s->slot_count; i++)
    free(s->slots[i].pixels);
  free(s);
}

nn_picture_stream *nn_picture_stream_new(const nn_picture_plan *plan) {
  nn_picture_stream *s = calloc(1, sizeof *s);
  if (!s)
    return NULL;
  s->plan = *plan;
  s->taken = plan->first;
  if (!make_slots(s)) {
    free_all(s);
    return NULL;
  }
  start_threads(s);
  return s;
}

void nn_picture_stream_free(nn_picture_stream *s) {
  end_threads(s);
  free_all(s);
}

/* ---- taking ---- */

static void release(nn_picture_stream *s) {
  if (!s->is_held)
    return;
  slot *from = slot_of(s, s->taken);
  from->done = 0;
  from->broken = -1;
  s->is_held = false;
  s->taken++;
  pthread_cond_broadcast(&s->has_room);
}

static void wait_briefly(nn_picture_stream *s) {
  enum { TICK = 50 * 1000 * 1000, SECOND = 1000 * 1000 * 1000 };
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_nsec += TICK;
  until.tv_sec += until.tv_nsec / SECOND;
  until.tv_nsec %= SECOND;
  pthread_cond_timedwait(&s->has_batch, &s->lock, &until);
}

static nn_picture_status take(nn_picture_stream *s, nn_picture_batch *batch, const volatile int *stop) {
  release(s);
  if (s->taken * s->plan.batch_size >= s->plan.count)
    return NN_PICTURES_OVER;
  slot *from = slot_of(s, s->taken);
  const int64_t rows = rows_of(s, s->taken);
  while (from->done < rows && !*stop)
    if (s->thread_count == 0)
      decode_next(s);
    else
      wait_briefly(s);
  if (from->done < rows)
    return NN_PICTURES_STOPPED;
  s->is_held = true;
  *batch = (nn_picture_batch){.pixels = from->pixels, .rows = rows, .broken = from->broken};
  if (from->broken < 0)
    return NN_PICTURES_READ;
  batch->error = from->error;
  return NN_PICTURES_BROKEN;
}

nn_picture_status nn_picture_stream_next(nn_picture_stream *s, nn_picture_batch *batch, const volatile int *stop) {
  if (s->process != getpid())
    start_threads(s);
  pthread_mutex_lock(&s->lock);
  nn_picture_status status = take(s, batch, stop);
  pthread_mutex_unlock(&s->lock);
  return status;
}
