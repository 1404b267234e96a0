/* binding.h - what the files of the Lua binding share. This folder is the only place where C meets Lua. */
#ifndef NN_BINDING_H
#define NN_BINDING_H

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <sys/types.h>

#include "nn.h"
#include "products/kernels/kernels.h"

/* ---- blame.c: errors that point into the user's script ---- */

/* Raises "script.lua:14: message", where the line is that of the innermost function on the stack that is not nnrun's
 * own Lua. Never returns; the int lets a caller write `return nn_blame(...)`. */
int nn_blame(lua_State *L, const char *format, ...) __attribute__((format(printf, 2, 3), noreturn));
/* Whether a function, of which "Sl" is known, is Lua of the user's and not nnrun's own. */
bool nn_is_script(const lua_Debug *frame);
/* Pushes "script.lua:14: ", or "" where no script is running. */
void nn_push_position(lua_State *L);
/* Pushes a message as users read it. One that begins with the name of a named function, as in "solve: expected ...",
 * then begins with the name of the function that the script called: "inv: expected ...". */
void nn_push_message(lua_State *L, const char *message);
/* Names the Lua function at that stack position. */
void nn_set_blame_name(lua_State *L, int function, const char *name);

/* ---- memory.c ---- */

/* Whether so many bytes can be had, if need be after a collection of garbage. To be asked before Lua is, for Lua's own
 * "not enough memory" names neither what for nor the line. */
bool nn_has_memory(lua_State *L, size_t bytes);
/* "8.0 GB, and 6.1 GB are free", pushed as a string. */
const char *nn_memory_text(lua_State *L, size_t bytes);

/* ---- tensor.c ---- */

#define NN_TENSOR "nn.tensor"
#define NN_SHAPE  "nn.shape"

/* A new contiguous tensor on top of the stack; memory is one userdata that Lua collects. Not initialised. */
nn_tensor *nn_new_tensor(lua_State *L, nn_dtype dtype, const nn_shape *shape);
/* A tensor on top of the stack that sees memory inside the userdata at stack position owner and keeps it alive. */
nn_tensor *nn_new_view(lua_State *L, int owner, const nn_tensor *view);
/* The tensor at that stack position, or an error at the script's line. */
nn_tensor *nn_check_tensor(lua_State *L, int position);
nn_tensor *nn_test_tensor(lua_State *L, int position);
/* The tensor at that stack position, which must be float32 and contiguous. */
nn_tensor *nn_check_floats(lua_State *L, int position);
/* The tensor at that position, or a contiguous copy of it, on top of the stack. */
const nn_tensor *nn_push_contiguous(lua_State *L, int position);
/* A shape from a Lua list of non-negative integers. */
nn_shape nn_check_shape(lua_State *L, int position);
void nn_push_shape(lua_State *L, const nn_shape *shape);

/* ---- fields.c: any config struct from a Lua table ---- */

/* Fills config (all defaults first) from the table at that position; `what` starts the error messages. Keys that no
 * field has are left to the Lua side, which knows every argument's name. A list of numbers comes as a float32 tensor,
 * which the caller keeps alive. */
void nn_fill_fields(lua_State *L, int position, const char *what, const nn_field *fields, void *config);

/* ---- rules.c ---- */

/* A regularizer or constraint for weights of that shape from the table at that position; `what` starts the messages. */
void nn_check_regularizer(lua_State *L, int position, const char *what, nn_regularizer *, const nn_shape *);
void nn_check_constraint(lua_State *L, int position, const char *what, nn_constraint *, const nn_shape *);

/* ---- registry.c ---- */

/* The engine's layer, loss, optimizer or metric of the name at that position; an unknown one is an error, and so is one
 * whose config is larger than its place. */
const nn_layer *nn_check_layer(lua_State *L, int position);
const nn_loss *nn_check_loss(lua_State *L, int position);
const nn_optimizer *nn_check_optimizer(lua_State *L, int position);
const nn_metric *nn_check_metric(lua_State *L, int position);

/* ---- objects.c ---- */

/* The sums of a metric as a list of numbers. */
void nn_push_sums(lua_State *L, const nn_observer *observer);

/* ---- kernels.c ---- */

/* The level of vector code of the name at that position. */
const nn_kernels *nn_check_level(lua_State *L, int position);

/* ---- the modules, each preloaded under the name in its comment ---- */

int nn_open_tensor(lua_State *L);     /* engine.tensor */
int nn_open_pictures(lua_State *L);   /* engine.pictures: streams of pictures decoded by threads */
int nn_open_data(lua_State *L);       /* engine.data: idx, digits, image, hashes */
int nn_open_csv(lua_State *L);        /* engine.csv: texts of comma-separated values */
int nn_open_markdown(lua_State *L);   /* engine.markdown: Markdown as HTML */
int nn_open_hdf5(lua_State *L);       /* engine.hdf5: HDF5 files */
int nn_open_zip(lua_State *L);        /* engine.zip: zip archives */
int nn_open_random(lua_State *L);     /* engine.random */
int nn_open_registry(lua_State *L);   /* engine.registry: what layers there are, their shapes and parameters */
int nn_open_graph(lua_State *L);      /* engine.graph: nodes that are walked forward and backward */
int nn_open_job(lua_State *L);        /* engine.job: batches through a model: training, evaluation, prediction */
int nn_open_objects(lua_State *L);    /* engine.objects: activations, losses, metrics, optimizers on their own */
int nn_open_rules(lua_State *L);      /* engine.rules: regularizers and constraints on their own */
int nn_open_kernels(lua_State *L);    /* engine.kernels: the products' levels of vector code */
int nn_open_windows(lua_State *L);    /* engine.windows: convolutions and pooling on their own */
int nn_open_process(lua_State *L);    /* engine.process: fork, pipes, waiting, signals, clocks, files */
int nn_open_machine(lua_State *L);    /* engine.machine: versions, processor, threads of matrix products */
int nn_open_operations(lua_State *L); /* engine.operations: the table of operations on tensors */
int nn_open_index(lua_State *L);      /* engine.index: SQLite, for the index over finished trials */
int nn_open_prompt(lua_State *L);     /* engine.prompt: lines typed by the user */
int nn_open_watch(lua_State *L);      /* engine.watch: what a script asks of the system */

/* ---- stop.c: how a run is stopped ---- */

/* How many times the user asked to stop (SIGINT), or -signal for SIGTERM and SIGUSR1, and for SIGPIPE where nobody
 * reads standard output any more. Batch loops poll it. */
extern volatile int nn_stop_requests;

/* Whether the code that runs polls it, so that the first signal need not break into Lua. */
extern volatile bool nn_stop_is_polled;

/* Takes over Lua's functions that matter here (coroutine.*, os.exit), and the signals. */
void nn_open_stop(lua_State *L);
/* The value on top of the stack is raised where a signal breaks into Lua code; it is popped. */
void nn_set_interruption(lua_State *L);
/* Lua code is not broken into any more: the code that closes everything runs. */
void nn_stop_breaking(void);
/* The same, and nobody has asked to stop. */
void nn_clear_stop(void);

/* Processes that this one has begun end with it, whatever ends it. */
void nn_child_began(pid_t pid);
void nn_child_ended(pid_t pid);
/* To be called in a new process: it has begun no others. */
void nn_become_child(void);

void nn_close_lua(lua_State *L);
/* Ends the process. The status becomes 4 where standard output could not be written. */
void nn_leave(int status) __attribute__((noreturn));

/* ---- the Lua sources inside the program ---- */

typedef struct nn_embedded {
  const char *module, *chunkname, *source;
  size_t length;
} nn_embedded;

extern const nn_embedded nn_embedded_sources[];

#endif
