/* descriptor.c - the part of module engine.process about files: pipes, reading and writing, locks, the terminal.
 *
 * File descriptors are plain integers; those opened here are not inherited by programs that a process starts. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "binding/system/process.h"

/* pipe() -> the end to read from, the end to write to */
static int descriptor_pipe(lua_State *L) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0)
    return result(L, -1);
  lua_pushinteger(L, ends[0]);
  lua_pushinteger(L, ends[1]);
  return 2;
}

/* read(fd, n) -> up to n bytes; "" at the end */
static int descriptor_read(lua_State *L) {
  int fd = check_int(L, 1);
  lua_Integer wanted = luaL_checkinteger(L, 2);
  luaL_argcheck(L, wanted > 0 && wanted <= 1 << 24, 2, "expected 1 .. 16777216");
  luaL_Buffer buffer;
  char *memory = luaL_buffinitsize(L, &buffer, (size_t)wanted);
  ssize_t count;
  do
    count = read(fd, memory, (size_t)wanted);
  while (count < 0 && errno == EINTR);
  if (count < 0)
    return result(L, -1);
  luaL_pushresultsize(&buffer, (size_t)count);
  return 1;
}

/* write(fd, text): all of it */
static int descriptor_write(lua_State *L) {
  int fd = check_int(L, 1);
  size_t left;
  const char *text = luaL_checklstring(L, 2, &left);
  while (left > 0) {
    ssize_t count = write(fd, text, left);
    if (count < 0 && errno != EINTR)
      return result(L, -1);
    if (count > 0)
      text += count, left -= (size_t)count;
  }
  return result(L, 0);
}

static int descriptor_close(lua_State *L) { return result(L, close(check_int(L, 1))); }

/* poll({ fd, ... }, milliseconds) -> list of those that can be read or have ended; empty when the time is over or a
 * signal came. Negative: without limit. */
static int descriptor_poll(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_Integer count = luaL_len(L, 1);
  struct pollfd *list = lua_newuserdatauv(L, (size_t)count * sizeof *list, 0);
  for (lua_Integer i = 0; i < count; i++) {
    lua_rawgeti(L, 1, i + 1);
    list[i] = (struct pollfd){.fd = check_int(L, -1), .events = POLLIN};
    lua_pop(L, 1);
  }
  int ready = poll(list, (nfds_t)count, check_int(L, 2));
  if (ready < 0 && errno != EINTR)
    return result(L, -1);
  lua_newtable(L);
  lua_Integer length = 0;
  for (lua_Integer i = 0; i < count && ready > 0; i++)
    if (list[i].revents) {
      lua_pushinteger(L, list[i].fd);
      lua_rawseti(L, -2, ++length);
    }
  return 1;
}

/* redirect(from, to): descriptor `to` is from now on what `from` is. */
static int descriptor_redirect(lua_State *L) { return result(L, dup2(check_int(L, 1), check_int(L, 2))); }

/* flush() -> true; nil and a message where something that was written to standard output or standard error, now or
 * earlier, is lost */
static int descriptor_flush(lua_State *L) {
  errno = 0;
  bool failed = fflush(stdout) != 0 || fflush(stderr) != 0 || ferror(stdout) || ferror(stderr);
  if (failed && errno == 0)
    errno = EIO;
  return result(L, failed ? -1 : 0);
}

/* open_for_append(path) -> fd; the file is made where it is missing. */
static int descriptor_open_for_append(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  if (fd < 0)
    return luaL_fileresult(L, 0, path);
  lua_pushinteger(L, fd);
  return 1;
}

/* flock(fd, exclusive, nonblocking) -> true; false where somebody else has the lock; nil and a message where there are
 * no locks: a lock that ends with its last holder, however that ends. */
static int descriptor_flock(lua_State *L) {
  int how = lua_toboolean(L, 2) ? LOCK_EX : LOCK_SH;
  int value = flock(check_int(L, 1), lua_toboolean(L, 3) ? how | LOCK_NB : how);
  if (value >= 0 || errno != EWOULDBLOCK)
    return result(L, value);
  lua_pushboolean(L, false);
  return 1;
}

/* unlock(fd): gives a lock back, also where processes forked meanwhile have the descriptor too */
static int descriptor_unlock(lua_State *L) { return result(L, flock(check_int(L, 1), LOCK_UN)); }

/* is_same_file(fd, path): whether that path still names the file that was opened */
static int descriptor_is_same_file(lua_State *L) {
  struct stat opened, named;
  lua_pushboolean(L, fstat(check_int(L, 1), &opened) == 0 && stat(luaL_checkstring(L, 2), &named) == 0 &&
                         opened.st_dev == named.st_dev && opened.st_ino == named.st_ino);
  return 1;
}

/* fsync(path): what is in the file, or which names are in the folder, survives a power cut from now on. */
static int descriptor_fsync(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return luaL_fileresult(L, 0, path);
  int failed = fsync(fd), why = errno;
  close(fd);
  errno = why;
  return luaL_fileresult(L, failed == 0, path);
}

static int descriptor_isatty(lua_State *L) {
  lua_pushboolean(L, isatty(check_int(L, 1)));
  return 1;
}

/* terminal_width(fd) -> columns, nil where it is no terminal or does not know */
static int descriptor_terminal_width(lua_State *L) {
  struct winsize size;
  if (ioctl(check_int(L, 1), TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
    return 0;
  lua_pushinteger(L, size.ws_col);
  return 1;
}

const luaL_Reg nn_descriptor_functions[] = {{"pipe", descriptor_pipe},
                                            {"read", descriptor_read},
                                            {"write", descriptor_write},
                                            {"close", descriptor_close},
                                            {"poll", descriptor_poll},
                                            {"redirect", descriptor_redirect},
                                            {"flush", descriptor_flush},
                                            {"open_for_append", descriptor_open_for_append},
                                            {"flock", descriptor_flock},
                                            {"unlock", descriptor_unlock},
                                            {"is_same_file", descriptor_is_same_file},
                                            {"fsync", descriptor_fsync},
                                            {"isatty", descriptor_isatty},
                                            {"terminal_width", descriptor_terminal_width},
                                            {NULL, NULL}};
