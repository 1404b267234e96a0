/* job_threads.c - how many threads a job runs on, and the team they are in. */
#include <string.h>
#include <unistd.h>

#include "job.h"

static double work_of(const nn_node *node) { return node->layer->work ? node->layer->work(node) : 0; }

/* ---- predictions: a thread takes whole batches ---- */

static bool keeps_state(const nn_node *node) {
  bool any = false;
  for (int k = 0; k < node->param_count; k++)
    any |= (node->layer->traits & NN_KEEPS_STATE) && node->params[k].is_state;
  return any;
}

/* Whether batches cannot be computed at the same time. */
static bool needs_order(const nn_graph *graph) {
  bool any = false;
  for (const nn_node *node = graph->nodes; node < graph->nodes + graph->node_count; node++)
    any |= (node->layer->traits & NN_CALLS_OUT) || keeps_state(node);
  return any;
}

/* With fewer multiplications in all, twins are not worth making. */
#define WORTH_TWINS 8e7

int nn_job_twins(const nn_batches *b) {
  enum { BATCHES_EACH = 2 };
  const int64_t most = b->sample_count / (b->batch_size > 0 ? b->batch_size : 1) / BATCHES_EACH;
  const int threads = most < nn_blas_threads() ? (int)most : nn_blas_threads();
  double multiplications = 0;
  for (const nn_node *node = b->graph->nodes; node < b->graph->nodes + b->graph->node_count; node++)
    multiplications += work_of(node) * (double)b->sample_count;
  if (threads < 2 || b->training || needs_order(b->graph) || !nn_gemm_is_thread_safe() || multiplications < WORTH_TWINS)
    return 0;
  return threads - 1;
}

static int twins_of(const nn_batches *b) {
  int count = 0;
  for (; b->twin; b = b->twin)
    count++;
  return count;
}

/* ---- other runs: threads share what a layer does ---- */

/* Multiplications below which a product is done sooner by one thread than by several that have to meet: those of our
 * team, which goes back to one thread where that turns out to be faster (pace.c), and OpenBLAS's. */
#define WORTH_TEAM 8e6
#define WORTH_BLAS 2e7

static bool is_worth_threads(const nn_graph *graph) {
  const double worth = nn_gemm_is_parallel() ? WORTH_TEAM : WORTH_BLAS;
  for (const nn_node *node = graph->nodes; node < graph->nodes + graph->node_count; node++)
    if (work_of(node) * (double)graph->batch >= worth)
      return true;
  return false;
}

/* ---- the team: made when it is first wanted, and kept, for starting threads may take longer than a run ---- */

#define TEAM "nn.team"

typedef struct kept_team {
  nn_team *team;
  int threads;  /* that were asked for */
  pid_t owner;  /* a process that is forked off has none of its parent's threads */
  bool is_used; /* by a run; one within it, which a function of Lua may begin, has one thread */
} kept_team;

static void end_team(kept_team *kept) {
  if (kept->owner == getpid())
    nn_team_free(kept->team);
  *kept = (kept_team){0};
}

static int collect_team(lua_State *L) {
  end_team(lua_touserdata(L, 1));
  return 0;
}

static kept_team *find_kept(lua_State *L) {
  lua_getfield(L, LUA_REGISTRYINDEX, TEAM);
  kept_team *kept = lua_touserdata(L, -1);
  lua_pop(L, 1); /* the registry still holds it */
  return kept;
}

static nn_team *team_of(lua_State *L, int threads) {
  kept_team *kept = find_kept(L);
  if (kept->is_used)
    return NULL;
  if (kept->threads != threads || kept->owner != getpid()) {
    end_team(kept);
    *kept = (kept_team){nn_team_new(threads), threads, getpid(), false};
  }
  kept->is_used = kept->team != NULL;
  return kept->team;
}

nn_job_threads nn_job_threads_for(lua_State *L, const nn_batches *b) {
  return b->twin ? (nn_job_threads){team_of(L, 1 + twins_of(b)), 1} : nn_graph_threads_for(L, b->graph);
}

nn_job_threads nn_graph_threads_for(lua_State *L, const nn_graph *graph) {
  const int threads = nn_blas_threads();
  if (threads == 1 || !is_worth_threads(graph))
    return (nn_job_threads){NULL, 1};
  if (nn_gemm_is_parallel())
    return (nn_job_threads){team_of(L, threads), 1};
  return (nn_job_threads){NULL, threads};
}

void nn_job_threads_end(lua_State *L, nn_job_threads threads) {
  if (threads.team)
    find_kept(L)->is_used = false;
}

void nn_open_job_threads(lua_State *L) {
  memset(lua_newuserdatauv(L, sizeof(kept_team), 0), 0, sizeof(kept_team));
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, collect_team);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  lua_setfield(L, LUA_REGISTRYINDEX, TEAM);
}
