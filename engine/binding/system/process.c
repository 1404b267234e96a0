/* process.c - module engine.process: the few system calls that running trials in processes of their own takes.
 *
 * One function, one call, no policy: what to do with them is scripts/nn/trials/pool.lua's business. A call that fails
 * gives nil, a message and errno, as Lua's own io functions do. File descriptors are plain integers; those opened here
 * are not inherited by programs that a process starts. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "binding/binding.h"

/* True, or nil with the reason; an integer where there is one to give. */
static int result(lua_State *L, int value) { return luaL_fileresult(L, value >= 0, NULL); }

static int integer_result(lua_State *L, long long value) {
  if (value < 0)
    return luaL_fileresult(L, 0, NULL);
  lua_pushinteger(L, value);
  return 1;
}

static int check_int(lua_State *L, int position) { return (int)luaL_checkinteger(L, position); }

/* ---- processes ---- */

/* The rest of a new process: a function's work and never what its parent was about to do, whatever happens in it. */
static void work_and_leave(lua_State *L) {
  enum { FAILED = 1, OUT_OF_MEMORY = 71 };
  int outcome = lua_pcall(L, 0, 1, 0);
  if (outcome == LUA_OK)
    nn_leave(lua_isinteger(L, -1) ? (int)lua_tointeger(L, -1) : FAILED);
  const char *message = lua_isstring(L, -1) ? lua_tostring(L, -1) : "an error that is no text";
  fprintf(stderr, "nnrun: %s\n", message);
  nn_leave(strstr(message, "not enough memory") ? OUT_OF_MEMORY : FAILED);
}

/* fork(work) -> the child's id. The child calls work() and ends with the integer that it returns, with 1 after an
 * error, with 71 where memory ran out. Without work: fork() -> 0 in the child, its id in the parent. */
static int process_fork(lua_State *L) {
  lua_settop(L, 1);
  fflush(NULL); /* or both would write what is in the buffers */
  pid_t pid = fork();
  if (pid > 0)
    nn_child_began(pid);
  if (pid == 0) {
    nn_become_child();
    if (!lua_isnil(L, 1))
      work_and_leave(L);
  }
  return integer_result(L, pid);
}

/* become({ program, argument, ... }, { NAME = value }): this process goes on as another program, with some other
 * variables in its environment. Returns only where it cannot. */
static int process_become(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checktype(L, 2, LUA_TTABLE);
  int count = (int)luaL_len(L, 1);
  char **words = lua_newuserdatauv(L, sizeof *words * ((size_t)count + 1), 0);
  luaL_checkstack(L, count, "too many words");
  for (int i = 0; i < count; i++) {
    lua_rawgeti(L, 1, i + 1);
    words[i] = (char *)luaL_checkstring(L, -1);
  }
  words[count] = NULL;
  for (lua_pushnil(L); lua_next(L, 2); lua_pop(L, 1))
    setenv(luaL_checkstring(L, -2), luaL_checkstring(L, -1), 1);
  signal(SIGPIPE, SIG_DFL); /* what is ignored stays so in other programs */
  signal(SIGXFSZ, SIG_DFL);
  execvp(words[0], words);
  return result(L, -1);
}

/* exit_now(code): ends the process at once; nothing is closed, flushed or collected. */
static int process_exit_now(lua_State *L) { _exit(check_int(L, 1)); }

/* wait(pid or -1, nohang) -> pid, "exit" | "signal", code; false where nohang is set and none has ended. */
static int process_wait(lua_State *L) {
  int status = 0;
  pid_t pid;
  do
    pid = waitpid((pid_t)check_int(L, 1), &status, lua_toboolean(L, 2) ? WNOHANG : 0);
  while (pid < 0 && errno == EINTR);
  if (pid < 0)
    return result(L, -1);
  if (pid == 0) {
    lua_pushboolean(L, false);
    return 1;
  }
  nn_child_ended(pid);
  lua_pushinteger(L, pid);
  lua_pushstring(L, WIFSIGNALED(status) ? "signal" : "exit");
  lua_pushinteger(L, WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
  return 3;
}

static const struct {
  const char *name;
  int number;
} signals[] = {{"HUP", SIGHUP},   {"INT", SIGINT},   {"QUIT", SIGQUIT}, {"ILL", SIGILL},   {"TRAP", SIGTRAP},
               {"ABRT", SIGABRT}, {"BUS", SIGBUS},   {"FPE", SIGFPE},   {"KILL", SIGKILL}, {"SEGV", SIGSEGV},
               {"PIPE", SIGPIPE}, {"ALRM", SIGALRM}, {"TERM", SIGTERM}, {"STOP", SIGSTOP}, {"CONT", SIGCONT},
               {"XCPU", SIGXCPU}, {"XFSZ", SIGXFSZ}, {"USR1", SIGUSR1}, {"USR2", SIGUSR2}, {NULL, 0}};

/* kill(pid, "TERM"): a negative pid means a process group. */
static int process_kill(lua_State *L) {
  const char *name = luaL_checkstring(L, 2);
  for (int i = 0; signals[i].name; i++)
    if (strcmp(signals[i].name, name) == 0)
      return result(L, kill((pid_t)check_int(L, 1), signals[i].number));
  return luaL_argerror(L, 2, "not the name of a signal");
}

/* signal_name(11) -> "SEGV"; the number as a string where it has no name here. */
static int process_signal_name(lua_State *L) {
  for (int i = 0; signals[i].name; i++)
    if (signals[i].number == check_int(L, 1)) {
      lua_pushstring(L, signals[i].name);
      return 1;
    }
  luaL_tolstring(L, 1, NULL);
  return 1;
}

/* die_with_parent(pid): this process is killed when its parent, whose id that is, ends for whatever reason. */
static int process_die_with_parent(lua_State *L) {
#ifdef __linux__
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
    return result(L, -1);
#endif
  if (getppid() != (pid_t)check_int(L, 1)) /* it ended before the call above */
    _exit(1);
  return result(L, 0);
}

static int process_new_group(lua_State *L) { return result(L, setpgid(0, 0)); }

/* exists(pid): whether there is such a process */
static int process_exists(lua_State *L) {
  lua_pushboolean(L, kill((pid_t)check_int(L, 1), 0) == 0 || errno == EPERM);
  return 1;
}

static int process_pid(lua_State *L) { return integer_result(L, getpid()); }

/* stop_requests() -> how often the user asked to stop; -signal where another signal said so. */
static int process_stop_requests(lua_State *L) {
  lua_pushinteger(L, nn_stop_requests);
  return 1;
}

static int process_clear_stop(lua_State *L) {
  (void)L;
  nn_clear_stop();
  return 0;
}

static int process_stop_breaking(lua_State *L) {
  (void)L;
  nn_stop_breaking();
  return 0;
}

/* set_interruption(value): what is raised where a signal breaks into Lua code */
static int process_set_interruption(lua_State *L) {
  lua_settop(L, 1);
  nn_set_interruption(L);
  return 0;
}

/* polls_stop(whether) -> whether before: what runs from now on looks at stop_requests() often enough for the first
 * signal to be a mere flag. */
static int process_polls_stop(lua_State *L) {
  lua_pushboolean(L, nn_stop_is_polled);
  nn_stop_is_polled = lua_toboolean(L, 1);
  return 1;
}

/* ---- file descriptors ---- */

/* pipe() -> the end to read from, the end to write to */
static int process_pipe(lua_State *L) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0)
    return result(L, -1);
  lua_pushinteger(L, ends[0]);
  lua_pushinteger(L, ends[1]);
  return 2;
}

/* read(fd, n) -> up to n bytes; "" at the end */
static int process_read(lua_State *L) {
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
static int process_write(lua_State *L) {
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

static int process_close(lua_State *L) { return result(L, close(check_int(L, 1))); }

/* poll({ fd, ... }, milliseconds) -> list of those that can be read or have ended; empty when the time is over or a
 * signal came. Negative: without limit. */
static int process_poll(lua_State *L) {
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
static int process_redirect(lua_State *L) { return result(L, dup2(check_int(L, 1), check_int(L, 2))); }

/* flush() -> true; nil and a message where something that was written to standard output or standard error, now or
 * earlier, is lost */
static int process_flush(lua_State *L) {
  errno = 0;
  bool failed = fflush(stdout) != 0 || fflush(stderr) != 0 || ferror(stdout) || ferror(stderr);
  if (failed && errno == 0)
    errno = EIO;
  return result(L, failed ? -1 : 0);
}

/* open_for_append(path) -> fd; the file is made where it is missing. */
static int process_open_for_append(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  if (fd < 0)
    return luaL_fileresult(L, 0, path);
  lua_pushinteger(L, fd);
  return 1;
}

/* flock(fd, exclusive, nonblocking) -> true; false where somebody else has the lock; nil and a message where there are
 * no locks: a lock that ends with its last holder, however that ends. */
static int process_flock(lua_State *L) {
  int how = lua_toboolean(L, 2) ? LOCK_EX : LOCK_SH;
  int value = flock(check_int(L, 1), lua_toboolean(L, 3) ? how | LOCK_NB : how);
  if (value >= 0 || errno != EWOULDBLOCK)
    return result(L, value);
  lua_pushboolean(L, false);
  return 1;
}

/* unlock(fd): gives a lock back, also where processes forked meanwhile have the descriptor too */
static int process_unlock(lua_State *L) { return result(L, flock(check_int(L, 1), LOCK_UN)); }

/* is_same_file(fd, path): whether that path still names the file that was opened */
static int process_is_same_file(lua_State *L) {
  struct stat opened, named;
  lua_pushboolean(L, fstat(check_int(L, 1), &opened) == 0 && stat(luaL_checkstring(L, 2), &named) == 0 &&
                         opened.st_dev == named.st_dev && opened.st_ino == named.st_ino);
  return 1;
}

/* fsync(path): what is in the file, or which names are in the folder, survives a power cut from now on. */
static int process_fsync(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return luaL_fileresult(L, 0, path);
  int failed = fsync(fd), why = errno;
  close(fd);
  errno = why;
  return luaL_fileresult(L, failed == 0, path);
}

static int process_isatty(lua_State *L) {
  lua_pushboolean(L, isatty(check_int(L, 1)));
  return 1;
}

/* terminal_width(fd) -> columns, nil where it is no terminal or does not know */
static int process_terminal_width(lua_State *L) {
  struct winsize size;
  if (ioctl(check_int(L, 1), TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
    return 0;
  lua_pushinteger(L, size.ws_col);
  return 1;
}

/* ---- time and memory ---- */

/* monotonic() -> seconds since some fixed moment */
static int process_monotonic(lua_State *L) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  lua_pushnumber(L, (double)now.tv_sec + 1e-9 * (double)now.tv_nsec);
  return 1;
}

/* peak_memory() -> bytes; what a worker shares with its parent counts in both */
static int process_peak_memory(lua_State *L) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  lua_pushinteger(L, (lua_Integer)usage.ru_maxrss * 1024);
  return 1;
}

int nn_open_process(lua_State *L) {
  static const luaL_Reg functions[] = {{"fork", process_fork},
                                       {"become", process_become},
                                       {"exit_now", process_exit_now},
                                       {"wait", process_wait},
                                       {"kill", process_kill},
                                       {"signal_name", process_signal_name},
                                       {"die_with_parent", process_die_with_parent},
                                       {"new_group", process_new_group},
                                       {"pid", process_pid},
                                       {"exists", process_exists},
                                       {"stop_requests", process_stop_requests},
                                       {"clear_stop", process_clear_stop},
                                       {"stop_breaking", process_stop_breaking},
                                       {"polls_stop", process_polls_stop},
                                       {"set_interruption", process_set_interruption},
                                       {"pipe", process_pipe},
                                       {"read", process_read},
                                       {"write", process_write},
                                       {"close", process_close},
                                       {"poll", process_poll},
                                       {"redirect", process_redirect},
                                       {"flush", process_flush},
                                       {"open_for_append", process_open_for_append},
                                       {"flock", process_flock},
                                       {"unlock", process_unlock},
                                       {"is_same_file", process_is_same_file},
                                       {"fsync", process_fsync},
                                       {"isatty", process_isatty},
                                       {"terminal_width", process_terminal_width},
                                       {"monotonic", process_monotonic},
                                       {"peak_memory", process_peak_memory},
                                       {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
