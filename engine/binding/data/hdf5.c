/* hdf5.c - module engine.hdf5: HDF5 files read into tables, and made in memory.
 *
 * A file is read by a process of its own, which tells its contents through a pipe (data/hdf5.h): files that somebody
 * damaged can crash libhdf5, or keep it busy for ever. Then that process ends, and the file is a damaged one. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "binding/data/data.h"
#include "data/hdf5.h"

#define STREAM_TYPE "nn.hdf5"
#define WRITER_TYPE "nn.hdf5_writer"

enum { BASE_SECONDS = 5, BYTES_A_SECOND = 10 * 1000 * 1000 };

/* ---- the other process ---- */

typedef struct stream {
  FILE *in;
  pid_t pid;
} stream;

static void close_stream(stream *self) {
  if (self->in != NULL)
    fclose(self->in);
  self->in = NULL;
  if (self->pid > 0) {
    kill(self->pid, SIGKILL);
    while (waitpid(self->pid, NULL, 0) < 0 && errno == EINTR)
      continue;
    nn_child_ended(self->pid);
  }
  self->pid = 0;
}

static int collect_stream(lua_State *L) {
  close_stream(luaL_checkudata(L, 1, STREAM_TYPE));
  return 0;
}

/* What goes wrong in libhdf5 is said by the end of this process alone. */
static void tell_file(int to, const char *path, const char *image, size_t size) {
  static const int deadly[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGXCPU, SIGTERM, SIGINT};
  struct stat status;
  size_t bytes = image != NULL ? size : stat(path, &status) == 0 ? (size_t)status.st_size : 0;
  struct rlimit none = {0, 0};
  struct rlimit seconds = {BASE_SECONDS + bytes / BYTES_A_SECOND, BASE_SECONDS + bytes / BYTES_A_SECOND + 1};
  nn_become_child();
  for (size_t i = 0; i < sizeof deadly / sizeof *deadly; i++)
    signal(deadly[i], SIG_DFL);
  setrlimit(RLIMIT_CORE, &none);
  setrlimit(RLIMIT_CPU, &seconds);
  int silent = open("/dev/null", O_WRONLY);
  dup2(silent, STDOUT_FILENO);
  dup2(silent, STDERR_FILENO);
  FILE *out = fdopen(to, "wb");
  if (out != NULL) {
    nn_hdf5_stream(out, path, image, size);
    fflush(out);
  }
  _exit(0);
}

static int begin_stream(stream *self, const char *path, const char *image, size_t size) {
  int ends[2];
  nn_hdf5_prepare();
  if (pipe2(ends, O_CLOEXEC) < 0)
    return -1;
#ifdef F_SETPIPE_SZ
  fcntl(ends[1], F_SETPIPE_SZ, 1 << 20);
#endif
  fflush(NULL); /* or both would write what is in the buffers */
  self->pid = fork();
  if (self->pid == 0) {
    close(ends[0]);
    tell_file(ends[1], path, image, size);
  }
  close(ends[1]);
  if (self->pid < 0) {
    close(ends[0]);
    return -1;
  }
  nn_child_began(self->pid);
  self->in = fdopen(ends[0], "rb");
  return self->in == NULL ? -1 : 0;
}

/* ---- records ---- */

static bool get(stream *self, void *to, size_t size) { return fread(to, 1, size, self->in) == size; }

/* Pushes a text of the stream; false where it has ended. */
static bool push_text(lua_State *L, stream *self) {
  uint32_t length;
  if (!get(self, &length, sizeof length))
    return false;
  luaL_Buffer text;
  luaL_buffinit(L, &text);
  for (uint32_t done = 0; done < length;) {
    size_t count = length - done < LUAL_BUFFERSIZE ? length - done : LUAL_BUFFERSIZE;
    if (!get(self, luaL_prepbuffsize(&text, count), count))
      return false;
    luaL_addsize(&text, count);
    done += (uint32_t)count;
  }
  luaL_pushresult(&text);
  return true;
}

static bool push_texts(lua_State *L, stream *self) {
  uint8_t is_list;
  uint32_t count;
  if (!get(self, &is_list, 1) || !get(self, &count, sizeof count))
    return false;
  if (!is_list)
    return count == 1 && push_text(L, self);
  lua_newtable(L);
  for (uint32_t i = 0; i < count; i++) {
    if (!push_text(L, self))
      return false;
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return true;
}

static bool push_tensor(lua_State *L, stream *self, const char *path) {
  uint8_t head[2];
  if (!get(self, head, 2) || head[0] > NN_INT32 || head[1] > NN_MAX_NDIM)
    return false;
  nn_shape shape = {.ndim = head[1]};
  for (int i = 0; i < shape.ndim; i++) {
    if (!get(self, &shape.dim[i], sizeof shape.dim[i]) || shape.dim[i] < 0)
      return false;
  }
  if (!nn_shape_fits_memory(&shape))
    return false;
  size_t size = (size_t)nn_shape_count(&shape) * nn_dtype_size((nn_dtype)head[0]);
  if (!nn_has_memory(L, size))
    nn_blame(L, "%s needs %s", path, nn_memory_text(L, size));
  return get(self, nn_new_tensor(L, (nn_dtype)head[0], &shape)->data, size);
}

static bool push_value(lua_State *L, stream *self, const char *path, int kind) {
  if (kind == NN_HDF5_NOTHING) {
    lua_pushboolean(L, 0);
    return true;
  }
  return kind == NN_HDF5_TENSOR ? push_tensor(L, self, path) : kind == NN_HDF5_TEXTS && push_texts(L, self);
}

/* open(path[, bytes]) -> stream of the records of the file, or of a file's bytes; path is what messages call it */
static int open_stream(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  size_t size = 0;
  const char *image = luaL_optlstring(L, 2, NULL, &size);
  stream *self = lua_newuserdatauv(L, sizeof *self, 0);
  *self = (stream){NULL, 0};
  luaL_setmetatable(L, STREAM_TYPE);
  return begin_stream(self, path, image, size) < 0 ? luaL_fileresult(L, 0, path) : 1;
}

/* stream:next(path) -> letter of the record, name, value; nothing where the other process has failed */
static int next_record(lua_State *L) {
  stream *self = luaL_checkudata(L, 1, STREAM_TYPE);
  const char *path = luaL_checkstring(L, 2);
  int kind = self->in != NULL ? fgetc(self->in) : EOF;
  char letter = (char)kind;
  if (kind == EOF)
    return 0;
  lua_pushlstring(L, &letter, 1);
  if (!push_text(L, self))
    return 0;
  if (kind != NN_HDF5_ATTRIBUTE && kind != NN_HDF5_DATA)
    return 2;
  int value = fgetc(self->in);
  if (value == NN_HDF5_ERROR) { /* in place of the value */
    lua_pushliteral(L, "E");
    return push_text(L, self) ? 2 : 0;
  }
  return push_value(L, self, path, value) ? 3 : 0;
}

/* ---- writing ---- */

static int collect_writer(lua_State *L) {
  nn_hdf5_writer_close(luaL_checkudata(L, 1, WRITER_TYPE));
  return 0;
}

static void check(lua_State *L, int status, const nn_error *error) {
  if (status != NN_OK)
    luaL_error(L, "%s", error->message);
}

static nn_hdf5_writer *check_writer(lua_State *L) { return luaL_checkudata(L, 1, WRITER_TYPE); }

/* writer() -> an empty file in memory */
static int new_writer(lua_State *L) {
  nn_error error;
  nn_hdf5_writer *self = lua_newuserdatauv(L, sizeof *self, 0);
  *self = NN_HDF5_WRITER_CLOSED;
  luaL_setmetatable(L, WRITER_TYPE);
  check(L, nn_hdf5_writer_open(&error, self), &error);
  return 1;
}

/* writer:group(path) */
static int write_group(lua_State *L) {
  nn_error error;
  check(L, nn_hdf5_write_group(&error, check_writer(L), luaL_checkstring(L, 2)), &error);
  return 0;
}

/* writer:tensor(path, tensor) */
static int write_tensor(lua_State *L) {
  nn_error error;
  const nn_tensor *tensor = nn_push_contiguous(L, 3);
  check(L, nn_hdf5_write_tensor(&error, check_writer(L), luaL_checkstring(L, 2), tensor), &error);
  return 0;
}

/* writer:attribute(path, name, text or list of texts) */
static int write_attribute(lua_State *L) {
  nn_error error;
  const char *path = luaL_checkstring(L, 2), *name = luaL_checkstring(L, 3);
  if (!lua_istable(L, 4)) {
    check(L, nn_hdf5_write_text(&error, check_writer(L), path, name, luaL_checkstring(L, 4)), &error);
    return 0;
  }
  size_t count = lua_rawlen(L, 4);
  const char **texts = lua_newuserdatauv(L, (count + 1) * sizeof *texts, 0);
  for (size_t i = 0; i < count; i++) {
    lua_rawgeti(L, 4, (lua_Integer)i + 1);
    texts[i] = luaL_checkstring(L, -1); /* the list keeps it */
    lua_pop(L, 1);
  }
  check(L, nn_hdf5_write_texts(&error, check_writer(L), path, name, texts, count), &error);
  return 0;
}

/* writer:bytes() -> the file */
static int writer_bytes(lua_State *L) {
  nn_error error;
  size_t size = 0;
  luaL_Buffer bytes;
  check(L, nn_hdf5_writer_bytes(&error, check_writer(L), NULL, &size), &error);
  char *room = luaL_buffinitsize(L, &bytes, size);
  check(L, nn_hdf5_writer_bytes(&error, check_writer(L), room, &size), &error);
  luaL_pushresultsize(&bytes, size);
  return 1;
}

static void new_type(lua_State *L, const char *name, lua_CFunction collect, const luaL_Reg *methods) {
  luaL_newmetatable(L, name);
  lua_pushcfunction(L, collect);
  lua_setfield(L, -2, "__gc");
  lua_pushcfunction(L, collect);
  lua_setfield(L, -2, "__close");
  lua_newtable(L);
  luaL_setfuncs(L, methods, 0);
  lua_setfield(L, -2, "__index");
}

int nn_open_hdf5(lua_State *L) {
  static const luaL_Reg functions[] = {{"open", open_stream}, {"writer", new_writer}, {NULL, NULL}};
  static const luaL_Reg stream_methods[] = {{"next", next_record}, {NULL, NULL}};
  static const luaL_Reg writer_methods[] = {{"group", write_group},
                                            {"tensor", write_tensor},
                                            {"attribute", write_attribute},
                                            {"bytes", writer_bytes},
                                            {NULL, NULL}};
  new_type(L, STREAM_TYPE, collect_stream, stream_methods);
  new_type(L, WRITER_TYPE, collect_writer, writer_methods);
  luaL_newlib(L, functions);
  return 1;
}
