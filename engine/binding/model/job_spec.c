/* job_spec.c - a job for engine.job: a run of batches through a model, from a plain table that says everything about
 * it:
 *
 *   { mode = "train" | "evaluate" | "predict", batch_size =, memory = bytes (fewer rows at a time where values would
 *     take more), seed =, training = true (layers act as in training),
 *     nodes = { { layer = "dense", config = {...}, inputs = { values }, trainable =, params = { tensors },
 *                 what = "dense_1", regularizers = { [param] = config }, constraints = { [param] = config } } },
 *     inputs = { 1 }, data = { tensors }, watch = true (keep gradients of the inputs),
 *     compressed = { what compress() gave for each input, or false },
 *     outputs = { { node = value, loss =, loss_config =, loss_weight =,
 *                   reduction = "mean" | "sum" | "mean_with_sample_weight",
 *                   loss_axes = how many of the last axes are under one loss (1), target =, sample_weight =,
 *                   mask = a value that is 0 where a row does not count,
 *                   is_kept = true (batch() gives it after a batch),
 *                   is_value = true (the value is itself a loss, a penalty or a metric, so there is no target),
 *                   metrics = { { name =, config =, is_loss =, weighted =, uses_mask = } } } },
 *   }
 *
 * A value is the position of a node, which stands for its first output, or { position, output }.
 * The job keeps that table, and with it every tensor, alive. All its memory is taken here, none while it runs. */
#include "base/arena.h"
#include "job.h"

#include <string.h>
#include <sys/mman.h>

/* ---- small readers; the spec is at stack position 1 ---- */

lua_Integer nn_job_integer(lua_State *L, int table, const char *name, lua_Integer default_value) {
  lua_getfield(L, table, name);
  lua_Integer value = luaL_optinteger(L, -1, default_value);
  lua_pop(L, 1);
  return value;
}

/* Asks for large pages before memory is first touched. Rows in random order, and lists by columns, lie in more pages of
 * 4 KB than the processor's translation cache (TLB) holds. */
static void ask_for_large_pages(void *block, size_t size) {
#if defined MADV_HUGEPAGE
  const uintptr_t PAGE = 1 << 21;
  uintptr_t first = ((uintptr_t)block + PAGE - 1) & ~(PAGE - 1), end = ((uintptr_t)block + size) & ~(PAGE - 1);
  if (first < end)
    (void)madvise((void *)first, end - first, MADV_HUGEPAGE); /* advice: without it all is the same, but slower */
#else
  (void)block, (void)size;
#endif
}

void *nn_job_block(lua_State *L, int owner, int user_value, size_t size) {
  enum { ALIGNMENT = 64 };
  if (!nn_has_memory(L, size))
    nn_blame(L,
             "not enough memory for the values and gradients of a batch: they take %s; a smaller batch_size takes less",
             nn_memory_text(L, size));
  uintptr_t block = (uintptr_t)lua_newuserdatauv(L, size + ALIGNMENT, 0);
  lua_setiuservalue(L, owner, user_value);
  block = (block + ALIGNMENT - 1) & ~(uintptr_t)(ALIGNMENT - 1);
  ask_for_large_pages((void *)block, size);
  memset((void *)block, 0, size);
  return (void *)block;
}

/* ---- inputs and outputs ---- */

/* Room for what the spec names; the observers of an output, with their configs, come after those of the one before. */
static void make_ports(lua_State *L, nn_job *self, int owner) {
  nn_batches *b = &self->batches;
  b->input_count = nn_job_count(L, 1, "inputs");
  b->output_count = nn_job_count(L, 1, "outputs");
  lua_getfield(L, 1, "outputs");
  size_t observers = 0;
  for (int i = 1; i <= b->output_count; i++) {
    lua_rawgeti(L, -1, i);
    observers += (size_t)nn_job_count(L, lua_gettop(L), "metrics");
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  const size_t inputs = (size_t)b->input_count, outputs = (size_t)b->output_count;
  for (nn_arena memory = {NULL, 0};; memory = (nn_arena){nn_job_block(L, owner, PORTS_BLOCK, memory.used), 0}) {
    b->inputs = nn_take(&memory, inputs * sizeof *b->inputs);
    self->sparse_batches = nn_take(&memory, inputs * sizeof *self->sparse_batches);
    b->outputs = nn_take(&memory, outputs * sizeof *b->outputs);
    nn_observer *observer = nn_take(&memory, observers * sizeof *observer);
    unsigned char *config = nn_take(&memory, observers * NN_OBJECT_BYTES);
    if (!memory.block)
      continue;
    for (size_t i = 0; i < observers; i++)
      observer[i].config = config + i * NN_OBJECT_BYTES;
    for (size_t i = 0; i < outputs; i++)
      b->outputs[i].observers = observer; /* read_metrics goes on from there */
    return;
  }
}

/* ---- data ---- */

static void read_data(lua_State *L, nn_batches *b) {
  lua_getfield(L, 1, "watch");
  bool watch = lua_toboolean(L, -1);
  lua_getfield(L, 1, "inputs");
  lua_getfield(L, 1, "data");
  for (int i = 0; i < b->input_count; i++) {
    nn_input *input = &b->inputs[i];
    lua_rawgeti(L, -2, i + 1);
    input->value = nn_job_value(L, b->graph, b->graph->node_count);
    input->value->is_watched = watch;
    lua_rawgeti(L, -2, i + 1);
    nn_tensor *data = nn_check_tensor(L, -1);
    luaL_argcheck(L, nn_tensor_is_contiguous(data), 1, "data is not contiguous");
    luaL_argcheck(L, nn_shape_count(&data->shape) == data->shape.dim[0] * input->value->width, 1, "data do not fit");
    input->tensor = nn_source_of_tensor(data);
    input->source = &input->tensor.source;
    b->row_count = b->sample_count = data->shape.dim[0];
    lua_pop(L, 2);
  }
  lua_pop(L, 3);
}

/* ---- compressed rows ---- */

/* Compressed rows are faster up to this share of numbers that are not zero (tests/bench/results/choices.md). */
#define SPARSE_DENSITY 0.5

/* (tensor) -> its rows compressed, for any number of jobs; nil where too many of its numbers are not zero */
int nn_job_compress(lua_State *L) {
  const nn_tensor *data = nn_check_tensor(L, 1);
  luaL_argcheck(L, nn_tensor_is_contiguous(data) && data->shape.ndim > 0, 1, "expected a contiguous tensor (n, ...)");
  nn_sparse measured;
  if (!nn_sparse_measure(&measured, data, (int64_t)(SPARSE_DENSITY * (double)nn_shape_count(&data->shape))))
    return 0;
  nn_sparse *matrix = lua_newuserdatauv(L, sizeof *matrix + nn_sparse_size(&measured), 0);
  *matrix = measured;
  ask_for_large_pages(matrix + 1, nn_sparse_size(&measured));
  nn_sparse_fill(matrix, data, matrix + 1);
  luaL_setmetatable(L, NN_COMPRESSED);
  return 1;
}

/* Takes inputs from their compressed rows where there are any and all layers that read them can take those. */
static void read_compressed(lua_State *L, nn_job *self) {
  nn_batches *b = &self->batches;
  lua_getfield(L, 1, "compressed");
  for (int i = 0; i < b->input_count && lua_istable(L, -1); i++) {
    lua_rawgeti(L, -1, i + 1);
    const nn_sparse *matrix = luaL_testudata(L, -1, NN_COMPRESSED);
    lua_pop(L, 1); /* the spec still holds it */
    nn_input *input = &b->inputs[i];
    if (!matrix || !nn_reads_sparse(b->graph, input->value) || matrix->columns > INT32_MAX / NN_SPARSE_PART)
      continue;
    luaL_argcheck(L, matrix->rows == b->sample_count && matrix->columns == input->value->width, 1,
                  "compressed rows do not fit");
    self->sparse_batches[i].matrix = matrix;
    input->sparse = &self->sparse_batches[i];
  }
  lua_pop(L, 1);
}

/* ---- making a job ---- */

/* Halves the batch until its values fit, where the spec sets a limit. */
static void limit_rows(lua_State *L, nn_batches *b) {
  const lua_Integer memory = nn_job_integer(L, 1, "memory", 0);
  while (memory > 0 && b->batch_size > 1 && nn_graph_plan(b->graph, b->batch_size, b->training, NULL) > (size_t)memory)
    b->batch_size = (b->batch_size + 1) / 2;
}

static void plan(lua_State *L, nn_batches *b, int owner) {
  limit_rows(L, b);
  size_t size = nn_graph_plan(b->graph, b->batch_size, b->training, NULL);
  nn_graph_plan(b->graph, b->batch_size, b->training, nn_job_block(L, owner, PLAN_BLOCK, size));
  size = nn_batches_plan(b, NULL);
  nn_batches_plan(b, nn_job_block(L, owner, BUFFER_BLOCK, size));
}

/* (spec) -> a job, but for where its predictions go */
static int make(lua_State *L) {
  static const char *const modes[] = {"train", "evaluate", "predict", NULL};
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  nn_job *self = lua_newuserdatauv(L, sizeof *self, USER_VALUES);
  memset(self, 0, sizeof *self);
  luaL_setmetatable(L, NN_JOB);
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, 2, SPEC);

  nn_batches *b = &self->batches;
  lua_getfield(L, 1, "mode");
  b->mode = (nn_mode)luaL_checkoption(L, -1, NULL, modes);
  lua_pop(L, 1);
  lua_getfield(L, 1, "training");
  b->training = b->mode == NN_TRAIN || lua_toboolean(L, -1);
  lua_pop(L, 1);
  b->batch_size = nn_job_integer(L, 1, "batch_size", 32);
  b->seed = (uint64_t)nn_job_integer(L, 1, "seed", 0);
  b->graph = nn_job_graph(L, 2);
  make_ports(L, self, 2);
  read_data(L, b);
  nn_job_read_outputs(L, b);
  read_compressed(L, self);
  plan(L, b, 2);
  lua_settop(L, 2);
  return 1;
}

/* ---- predictions ---- */

void nn_job_make_predictions(lua_State *L, int owner) {
  nn_batches *b = &((nn_job *)lua_touserdata(L, owner))->batches;
  lua_createtable(L, b->output_count, 0);
  for (int i = 0; i < b->output_count; i++) {
    const nn_shape *sample = &b->outputs[i].value->shape;
    if (sample->ndim == NN_MAX_NDIM)
      nn_blame(L, "an output has too many axes");
    nn_shape shape = {sample->ndim + 1, {b->sample_count}};
    memcpy(shape.dim + 1, sample->dim, sizeof(int64_t) * (size_t)sample->ndim);
    b->outputs[i].predictions = nn_new_tensor(L, NN_FLOAT32, &shape);
    lua_rawseti(L, -2, i + 1);
  }
  lua_setiuservalue(L, owner, PREDICTIONS);
}

/* For the job at stack position 2; each lives as a user value of the one before. Where memory does not suffice there
 * are fewer. */
static void make_twins(lua_State *L, nn_batches *b) {
  lua_pushvalue(L, 2);
  for (int twins = nn_job_twins(b); twins > 0; twins--, b = b->twin) {
    lua_pushcfunction(L, make);
    lua_pushvalue(L, 1);
    if (lua_pcall(L, 1, 1, 0) != LUA_OK)
      return;
    b->twin = &((nn_job *)lua_touserdata(L, -1))->batches;
    for (int i = 0; i < b->output_count; i++)
      b->twin->outputs[i].predictions = b->outputs[i].predictions;
    lua_pushvalue(L, -1);
    lua_setiuservalue(L, -3, TWIN);
    lua_remove(L, -2);
  }
}

int nn_job_new(lua_State *L) {
  make(L);
  nn_batches *b = &((nn_job *)lua_touserdata(L, 2))->batches;
  if (b->mode == NN_PREDICT) {
    nn_job_make_predictions(L, 2);
    make_twins(L, b);
  }
  lua_settop(L, 2);
  return 1;
}
