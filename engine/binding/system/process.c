/* process.c - module engine.process: the few system calls that running trials in processes of their own takes.
 *
 * One function, one call, no policy: what to do with them is scripts/nn/trials/pool.lua's business. A call that fails
 * gives nil, a message and errno, as Lua's own io functions do. The functions about files are in descriptor.c. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "binding/system/process.h"

/* The integer, or nil with the reason where it is negative. */
static int integer_result(lua_State *L, long long value) {
  if (value < 0)
    return luaL_fileresult(L, 0, NULL);
  lua_pushinteger(L, value);
  return 1;
}

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
                                       {"monotonic", process_monotonic},
                                       {"peak_memory", process_peak_memory},
                                       {NULL, NULL}};
  luaL_newlib(L, functions);
  luaL_setfuncs(L, nn_descriptor_functions, 0);
  return 1;
}
