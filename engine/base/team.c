/* team.c - threads that share one task's parts.
 *
 * Parts are taken one by one, so that the caller does all of them where nobody else gets a processor: a team costs a
 * task next to nothing. Tasks follow each other within microseconds; so a thread that waits looks again and again, and
 * goes to sleep only when nothing has come for a while. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#include "denormals.h"
#include "team.h"

struct nn_team {
  int size;
  /* task number (32 bits), parts (16), the next part to be taken (16): who moves it on has that part of that task */
  _Atomic uint64_t state;
  _Atomic int done;
  nn_team_part *run;
  void *context;
  _Atomic int sleepers;
  bool ended;
  pthread_mutex_t lock;
  pthread_cond_t woken;
  pthread_t threads[];
};

static int parts_of(uint64_t state) { return (int)(state >> 16 & UINT16_MAX); }
static int next_of(uint64_t state) { return (int)(state & UINT16_MAX); }
static bool has_work(uint64_t state) { return next_of(state) < parts_of(state); }

static void pause_briefly(void) {
#if defined __x86_64__
  __builtin_ia32_pause();
#endif
}

/* Does parts for as long as there are any. */
static void take_parts(nn_team *team) {
  uint64_t state = atomic_load(&team->state);
  while (has_work(state))
    if (atomic_compare_exchange_weak(&team->state, &state, state + 1)) {
      team->run(team->context, next_of(state));
      atomic_fetch_add(&team->done, 1);
      state = atomic_load(&team->state);
    }
}

static void sleep_until_woken(nn_team *team) {
  pthread_mutex_lock(&team->lock);
  atomic_fetch_add(&team->sleepers, 1);
  while (!has_work(atomic_load(&team->state)) && !team->ended)
    pthread_cond_wait(&team->woken, &team->lock);
  atomic_fetch_sub(&team->sleepers, 1);
  pthread_mutex_unlock(&team->lock);
}

static bool has_ended(nn_team *team) {
  pthread_mutex_lock(&team->lock);
  bool ended = team->ended;
  pthread_mutex_unlock(&team->lock);
  return ended;
}

static void *work(void *argument) {
  enum { PATIENCE = 5000 /* looks, some tens of microseconds */ };
  nn_team *team = argument;
  nn_flush_denormals();
  do {
    for (int i = 0; i < PATIENCE && !has_work(atomic_load_explicit(&team->state, memory_order_relaxed)); i++)
      pause_briefly();
    if (!has_work(atomic_load(&team->state)))
      sleep_until_woken(team);
    take_parts(team);
  } while (!has_ended(team));
  return NULL;
}

static void wake(nn_team *team, bool ended) {
  pthread_mutex_lock(&team->lock);
  team->ended = ended;
  pthread_cond_broadcast(&team->woken);
  pthread_mutex_unlock(&team->lock);
}

nn_team *nn_team_new(int threads) {
  nn_team *team = threads > 1 ? calloc(1, sizeof *team + sizeof *team->threads * (size_t)threads) : NULL;
  if (!team)
    return NULL;
  pthread_mutex_init(&team->lock, NULL);
  pthread_cond_init(&team->woken, NULL);
  sigset_t all, before; /* signals are the caller's: a thread inherits that they are blocked */
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  for (team->size = 1; team->size < threads; team->size++)
    if (pthread_create(&team->threads[team->size], NULL, work, team) != 0)
      break;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return team;
}

void nn_team_free(nn_team *team) {
  if (!team)
    return;
  wake(team, true);
  for (int i = 1; i < team->size; i++)
    pthread_join(team->threads[i], NULL);
  pthread_cond_destroy(&team->woken);
  pthread_mutex_destroy(&team->lock);
  free(team);
}

int nn_team_size(const nn_team *team) { return team ? team->size : 1; }

void nn_team_run(nn_team *team, int parts, nn_team_part *run, void *context) {
  if (!team || parts < 2) {
    for (int i = 0; i < parts; i++)
      run(context, i);
    return;
  }
  uint64_t task = (atomic_load(&team->state) >> 32) + 1;
  team->run = run, team->context = context;
  atomic_store(&team->done, 0);
  atomic_store(&team->state, task << 32 | (uint64_t)parts << 16);
  if (atomic_load(&team->sleepers) > 0)
    wake(team, false);
  take_parts(team);
  while (atomic_load_explicit(&team->done, memory_order_acquire) < parts)
    pause_briefly();
}
