/* stop.c - how a run is stopped: by Ctrl-C, SIGTERM, SIGUSR1, or because nobody reads standard output any more.
 *
 * A signal sets a flag, which batch loops and waiting loops poll. Lua code that polls nothing is broken into by a hook.
 * What no hook reaches, such as a long call of a C function, is ended by an alarm. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/types.h>
#include <unistd.h>

#include "binding/binding.h"

enum { PREEMPTED = 75, INTERRUPTED = 128 + SIGINT, UNREAD = 128 + SIGPIPE, CANNOT_WRITE = 4 };
enum { GRACE = 4, SECOND_GRACE = 2 }; /* seconds until the alarm: after SIGTERM, after the second Ctrl-C */

volatile int nn_stop_requests = 0;
volatile bool nn_stop_is_polled = false;

static volatile bool is_child;
static lua_State *volatile running; /* the coroutine that runs; NULL before and after Lua */
static volatile sig_atomic_t is_breaking, has_raised;
static char interruption_key;

/* ---- Lua is broken into ---- */

/* Raises until nnrun takes over (nn_stop_breaking), so that no loop around pcall outlives it. The first error may come
 * anywhere; then nnrun's own code is left alone, because it closes what it has begun. */
static void raise_interruption(lua_State *L, lua_Debug *frame) {
  lua_getinfo(L, "Sl", frame);
  if (has_raised && !nn_is_script(frame))
    return;
  has_raised = 1;
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &interruption_key) == LUA_TNIL)
    lua_pushliteral(L, "interrupted");
  lua_error(L);
}

static void break_into(lua_State *L) { lua_sethook(L, raise_interruption, LUA_MASKCOUNT, 1); }

static void break_into_lua(void) {
  if (!is_breaking)
    has_raised = 0;
  is_breaking = 1;
  if (running)
    break_into(running);
}

void nn_stop_breaking(void) {
  is_breaking = 0;
  if (running)
    lua_sethook(running, NULL, 0, 0);
}

void nn_set_interruption(lua_State *L) { lua_rawsetp(L, LUA_REGISTRYINDEX, &interruption_key); }

/* ---- coroutines: each has a hook of its own, so we must know which one runs ---- */

/* Calls the function at stack position 1, which runs that coroutine. */
static int call_running(lua_State *L, lua_State *coroutine) {
  lua_State *before = running;
  running = coroutine;
  if (is_breaking)
    break_into(coroutine);
  int status = lua_pcall(L, lua_gettop(L) - 1, LUA_MULTRET, 0);
  running = before;
  if (is_breaking && before)
    break_into(before);
  if (status == LUA_OK)
    return lua_gettop(L);
  if (lua_type(L, -1) == LUA_TSTRING) { /* as Lua's coroutine.wrap does */
    luaL_where(L, 1);
    lua_insert(L, -2);
    lua_concat(L, 2);
  }
  return lua_error(L);
}

/* coroutine.resume and coroutine.close; the upvalue is Lua's own function */
static int call_on_coroutine(lua_State *L) {
  lua_State *coroutine = lua_tothread(L, 1);
  luaL_argexpected(L, coroutine, 1, "coroutine");
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  return call_running(L, coroutine);
}

/* What coroutine.wrap gives; the upvalues are what Lua's own gives, and its coroutine. */
static int call_wrapped(lua_State *L) {
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  return call_running(L, lua_tothread(L, lua_upvalueindex(2)));
}

static int wrap(lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_settop(L, 1);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, 1, 1);
  lua_getupvalue(L, 1, 1);
  lua_pushcclosure(L, call_wrapped, 2);
  return 1;
}

/* Puts a function in the place of one of a library, which becomes its upvalue. */
static void replace(lua_State *L, const char *library, const char *name, lua_CFunction function) {
  lua_getglobal(L, library);
  lua_getfield(L, -1, name);
  lua_pushcclosure(L, function, 1);
  lua_setfield(L, -2, name);
  lua_pop(L, 1);
}

/* ---- processes that this one has begun ---- */

static volatile pid_t children[256]; /* a free place is 0; what finds none is left to end with its parent */
enum { CHILDREN = sizeof children / sizeof *children };

static void exchange_child(pid_t from, pid_t to) {
  for (int i = 0; i < CHILDREN; i++)
    if (children[i] == from) {
      children[i] = to;
      return;
    }
}

void nn_child_began(pid_t pid) { exchange_child(0, pid); }
void nn_child_ended(pid_t pid) { exchange_child(pid, 0); }

/* Programs lead a process group of their own, with all that they have begun. */
static void kill_children(void) {
  for (int i = 0; i < CHILDREN; i++)
    if (children[i] > 0 && kill(-children[i], SIGKILL) < 0)
      kill(children[i], SIGKILL);
}

void nn_become_child(void) {
  is_child = true;
  for (int i = 0; i < CHILDREN; i++)
    children[i] = 0;
}

/* ---- the end of the process ---- */

static int stopped_status(void) {
  return nn_stop_requests == -SIGPIPE ? UNREAD : nn_stop_requests < 0 ? PREEMPTED : INTERRUPTED;
}

void nn_leave(int status) {
  bool is_lost = fflush(stdout) != 0 || ferror(stdout);
  fflush(NULL);
  if (nn_stop_requests == -SIGPIPE) {
    status = UNREAD;
  } else if (is_lost && !is_child) {
    fputs("nnrun: cannot write all of standard output\n", stderr);
    status = status > CANNOT_WRITE ? status : CANNOT_WRITE;
  }
  kill_children();
  _exit(status); /* no library's own end: OpenBLAS may wait for ever for a thread that found no memory */
}

/* os.exit(code, close) */
static int leave_script(lua_State *L) {
  int status = lua_isnoneornil(L, 1) ? 0 : lua_isboolean(L, 1) ? !lua_toboolean(L, 1) : (int)luaL_checkinteger(L, 1);
  if (lua_toboolean(L, 2) && !is_child) /* a worker has copies of what its parent has to close */
    nn_close_lua(L);
  nn_leave(status);
  return 0;
}

void nn_close_lua(lua_State *L) {
  running = NULL;
  lua_close(L);
}

/* ---- signals ---- */

/* Calls nothing but what a signal may interrupt. */
static void end_now(int signal_number) {
  static const char text[] = "nnrun: stopped in the middle of a computation; finished trials are kept\n";
  (void)signal_number;
  ssize_t ignored = is_child ? 0 : write(STDERR_FILENO, text, sizeof text - 1);
  (void)ignored;
  kill_children();
  _exit(stopped_status());
}

/* The first signal is left to the code that polls, if such runs; the second one is not. */
static void break_unless_polled(void) {
  if (!nn_stop_is_polled || nn_stop_requests != 0)
    break_into_lua();
}

static void on_interrupt(int signal_number) {
  break_unless_polled();
  if (nn_stop_requests >= 0)
    nn_stop_requests++;
  if (nn_stop_requests == 2)
    alarm(SECOND_GRACE);
  if (nn_stop_requests > 2)
    end_now(signal_number);
}

/* SIGTERM and SIGUSR1 come from a machine that takes its processor back: nobody is there to ask a second time. */
static void on_preemption(int signal_number) {
  break_unless_polled();
  if (nn_stop_requests >= 0)
    alarm(GRACE);
  nn_stop_requests = -signal_number;
}

/* The reader of some pipe has gone. If it is that of standard output, nobody wants to see the rest. */
static void on_broken_pipe(int signal_number) {
  struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
  if (nn_stop_requests == 0 && poll(&out, 1, 0) == 1 && out.revents & (POLLERR | POLLHUP))
    on_preemption(signal_number);
}

void nn_clear_stop(void) {
  alarm(0);
  nn_stop_breaking();
  nn_stop_requests = 0;
}

void nn_open_stop(lua_State *L) {
  running = L;
  replace(L, "coroutine", "resume", call_on_coroutine);
  replace(L, "coroutine", "close", call_on_coroutine);
  replace(L, "coroutine", "wrap", wrap);
  replace(L, "os", "exit", leave_script);
  signal(SIGINT, on_interrupt);
  signal(SIGTERM, on_preemption);
  signal(SIGUSR1, on_preemption);
  signal(SIGALRM, end_now);
  signal(SIGPIPE, on_broken_pipe);
  signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error of write() */
}
