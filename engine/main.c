/* main.c - the program: a protected Lua with nnrun's modules inside, and the exit status.
 *
 * Everything a command does is Lua (scripts/nn/cli); this file only makes it safe to run. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "binding/binding.h"
#include "products/kernels/kernels.h"

static int load_embedded(lua_State *L) {
  const nn_embedded *file = lua_touserdata(L, lua_upvalueindex(1));
  if (luaL_loadbuffer(L, file->source, file->length, file->chunkname) != LUA_OK)
    return lua_error(L);
  lua_pushstring(L, file->module);
  lua_call(L, 1, 1);
  return 1;
}

static void preload(lua_State *L) {
  static const luaL_Reg modules[] = {{"engine.csv", nn_open_csv},
                                     {"engine.hdf5", nn_open_hdf5},
                                     {"engine.zip", nn_open_zip},
                                     {"engine.tensor", nn_open_tensor},
                                     {"engine.data", nn_open_data},
                                     {"engine.pictures", nn_open_pictures},
                                     {"engine.random", nn_open_random},
                                     {"engine.graph", nn_open_graph},
                                     {"engine.registry", nn_open_registry},
                                     {"engine.job", nn_open_job},
                                     {"engine.objects", nn_open_objects},
                                     {"engine.rules", nn_open_rules},
                                     {"engine.process", nn_open_process},
                                     {"engine.machine", nn_open_machine},
                                     {"engine.markdown", nn_open_markdown},
                                     {"engine.index", nn_open_index},
                                     {"engine.prompt", nn_open_prompt},
                                     {"engine.kernels", nn_open_kernels},
                                     {"engine.windows", nn_open_windows},
                                     {"engine.watch", nn_open_watch},
                                     {"engine.operations", nn_open_operations},
                                     {NULL, NULL}};
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  for (const luaL_Reg *m = modules; m->name; m++) {
    lua_pushcfunction(L, m->func);
    lua_setfield(L, -2, m->name);
  }
  for (const nn_embedded *file = nn_embedded_sources; file->module; file++) {
    lua_pushlightuserdata(L, (void *)file);
    lua_pushcclosure(L, load_embedded, 1);
    lua_setfield(L, -2, file->module);
  }
  lua_pop(L, 1);
}

/* require("nn.cli")(arguments) -> exit status. It handles its own errors; what escapes is a bug of nnrun. */
static int run(lua_State *L) {
  int count = (int)lua_tointeger(L, 1);
  char **words = lua_touserdata(L, 2);
  luaL_openlibs(L);
  nn_open_stop(L);
  preload(L);
  lua_getglobal(L, "require");
  lua_pushliteral(L, "nn.cli");
  lua_call(L, 1, 1);
  lua_createtable(L, count, 1);
  for (int i = 0; i < count; i++) {
    lua_pushstring(L, words[i]);
    lua_rawseti(L, -2, i);
  }
  lua_call(L, 1, 1);
  return 1;
}

static int with_traceback(lua_State *L) {
  luaL_traceback(L, L, luaL_tolstring(L, 1, NULL), 1);
  return 1;
}

/* Standard streams that are closed would be taken for files that are opened later. Writing to these is an error. */
static void open_standard_streams(void) {
  int fd;
  do
    fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  while (fd >= 0 && fd <= STDERR_FILENO);
  if (fd >= 0)
    close(fd);
}

/* Each thread of OpenBLAS takes a block of memory when the program is loaded, and one that finds none tries for ever,
 * so that fork() and exit() wait for ever too. Where memory is limited (ulimit -v) there must be no such threads, which
 * only its environment can say. */
static void spare_memory(char **argv) {
  enum { BLOCK = 256 << 20 };
  const char *threads = getenv("OPENBLAS_NUM_THREADS");
  struct rlimit limit;
  if (getrlimit(RLIMIT_AS, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY || (threads && strcmp(threads, "1") == 0))
    return;
  if (limit.rlim_cur / BLOCK <= (rlim_t)sysconf(_SC_NPROCESSORS_ONLN)) {
    setenv("OPENBLAS_NUM_THREADS", "1", 1);
    execv("/proc/self/exe", argv);
  }
}

/* NNRUN_KERNELS=plain computes as a processor without vector code would: so the tests can run on every path. */
static bool choose_kernels(void) {
  const char *name = getenv("NNRUN_KERNELS");
  if (name == NULL || *name == '\0' || nn_kernels_use(name))
    return true;
  fprintf(stderr, "nnrun: NNRUN_KERNELS: expected a level of vector code that this processor has, got %s; it has",
          name);
  for (int i = 0; nn_kernels_at(i) != NULL; i++)
    fprintf(stderr, " %s", nn_kernels_at(i)->name);
  fputc('\n', stderr);
  return false;
}

int main(int argc, char **argv) {
  open_standard_streams();
  if (!choose_kernels())
    return 2;
  spare_memory(argv);
  lua_State *L = nn_blas_has_memory() ? luaL_newstate() : NULL;
  if (L == NULL) {
    fputs("nnrun: not enough memory\n", stderr);
    return 1;
  }
  lua_pushcfunction(L, with_traceback);
  lua_pushcfunction(L, run);
  lua_pushinteger(L, argc);
  lua_pushlightuserdata(L, argv);
  int status;
  if (lua_pcall(L, 2, 1, 1) == LUA_OK) {
    status = (int)lua_tointeger(L, -1);
  } else {
    fprintf(stderr, "nnrun: %s\n", lua_tostring(L, -1));
    status = 2;
  }
  nn_close_lua(L);
  nn_leave(status);
}
