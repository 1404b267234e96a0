/* job_feed.c - other tensors of the same shapes in place of those a job was made for, so that it can be run again. */
#include "job.h"

/* The tensor at [position] of the list at stack position list; NULL where there is no list or nothing there. It stays
 * alive through the list. */
static nn_tensor *entry(lua_State *L, int list, int position) {
  if (!lua_istable(L, list))
    return NULL;
  lua_rawgeti(L, list, position);
  nn_tensor *tensor = lua_isnil(L, -1) ? NULL : nn_check_tensor(L, -1);
  lua_pop(L, 1);
  return tensor;
}

static bool can_replace(const nn_tensor *next, const nn_tensor *last) {
  if (!next || !last)
    return next == last;
  return nn_shape_equal(&next->shape, &last->shape) && nn_tensor_is_contiguous(next);
}

enum { INPUTS = 2, TARGETS, WEIGHTS };

static bool fits(lua_State *L, const nn_batches *b) {
  bool all = b->twin == NULL;
  for (int i = 0; i < b->input_count; i++)
    all &= b->inputs[i].sparse == NULL && can_replace(entry(L, INPUTS, i + 1), b->inputs[i].tensor.data);
  for (int i = 0; i < b->output_count && b->mode != NN_PREDICT; i++)
    all &= can_replace(entry(L, TARGETS, i + 1), b->outputs[i].target.data) &&
           can_replace(entry(L, WEIGHTS, i + 1), b->outputs[i].sample_weight.data);
  return all;
}

/* ({ input tensors }, { targets }, { weights, nil where an output has none } or nil) -> whether they fit; if so, they
 * are what the job runs on from now on, its sums are 0, and its predictions are new tensors. Weights are float32. */
int nn_job_feed(lua_State *L) {
  nn_batches *b = &((nn_job *)luaL_checkudata(L, 1, NN_JOB))->batches;
  lua_settop(L, WEIGHTS);
  bool all = fits(L, b);
  for (int i = 0; i < b->input_count && all; i++)
    b->inputs[i].tensor.data = entry(L, INPUTS, i + 1);
  for (int i = 0; i < b->output_count && all && b->mode != NN_PREDICT; i++) {
    b->outputs[i].target.data = entry(L, TARGETS, i + 1);
    b->outputs[i].sample_weight.data = entry(L, WEIGHTS, i + 1);
  }
  lua_pushboolean(L, all);
  if (!all)
    return 1;
  for (int list = INPUTS; list <= WEIGHTS; list++) {
    lua_pushvalue(L, list);
    lua_setiuservalue(L, 1, FED + list - INPUTS);
  }
  if (b->mode == NN_PREDICT)
    nn_job_make_predictions(L, 1);
  nn_batches_clear_sums(b);
  return 1;
}
