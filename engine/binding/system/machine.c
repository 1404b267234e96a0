/* machine.c - module engine.machine: what nnrun was built as and runs on, and the threads of its matrix products. */
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "binding/binding.h"

/* The first line of a file that starts with the prefix, without it and its newline; or false. */
static bool find_line(char *line, int size, const char *path, const char *prefix) {
  FILE *file = fopen(path, "re");
  bool found = false;
  while (file && !found && fgets(line, size, file))
    found = strncmp(line, prefix, strlen(prefix)) == 0;
  if (file)
    fclose(file);
  if (!found)
    return false;
  line[strcspn(line, "\n")] = 0;
  memmove(line, line + strlen(prefix), strlen(line + strlen(prefix)) + 1);
  return true;
}

/* Cores that a cgroup's cpu.max ("quota period", or "max period") allows. */
static double folder_quota(const char *folder) {
  char path[1100], line[64];
  double quota, period;
  snprintf(path, sizeof path, "%s/cpu.max", folder);
  bool is_limited = find_line(line, sizeof line, path, "") && sscanf(line, "%lf %lf", &quota, &period) == 2;
  return is_limited && quota > 0 && period > 0 ? quota / period : HUGE_VAL;
}

/* The least quota of this process's cgroup and all above it. */
static double cgroup_quota(void) {
  char own[512] = "", folder[1024];
  find_line(own, sizeof own, "/proc/self/cgroup", "0::");
  snprintf(folder, sizeof folder, "/sys/fs/cgroup%s", own);
  double least = folder_quota(folder);
  for (char *slash; (slash = strrchr(folder, '/')) - folder >= (long)strlen("/sys/fs/cgroup");) {
    *slash = 0;
    least = fmin(least, folder_quota(folder));
  }
  return least;
}

/* cpu_count() -> cores this process may use: its affinity, and no more than its cgroup's quota. */
static int cpu_count(lua_State *L) {
  double count = (double)sysconf(_SC_NPROCESSORS_ONLN);
#ifdef __linux__
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0)
    count = CPU_COUNT(&allowed);
#endif
  count = fmin(count, ceil(cgroup_quota()));
  lua_pushinteger(L, count < 1 ? 1 : (lua_Integer)count);
  return 1;
}

static int hostname(lua_State *L) {
  struct utsname facts;
  uname(&facts);
  lua_pushstring(L, facts.nodename);
  return 1;
}

/* processor() -> "AMD Ryzen 7 ..."; the architecture where the system does not tell */
static int processor(lua_State *L) {
  char line[256];
  struct utsname facts;
  uname(&facts);
  if (find_line(line, sizeof line, "/proc/cpuinfo", "model name"))
    lua_pushstring(L, line + strspn(line, "\t :"));
  else
    lua_pushstring(L, facts.machine);
  return 1;
}

/* system() -> "Linux 6.1.0 x86_64" */
static int system_name(lua_State *L) {
  struct utsname facts;
  uname(&facts);
  lua_pushfstring(L, "%s %s %s", facts.sysname, facts.release, facts.machine);
  return 1;
}

static int compiler(lua_State *L) {
#ifdef __clang__
  lua_pushliteral(L, __VERSION__);
#else
  lua_pushliteral(L, "GCC " __VERSION__);
#endif
  return 1;
}

static int flags(lua_State *L) {
  lua_pushliteral(L, NN_FLAGS);
  return 1;
}

static int version(lua_State *L) {
  lua_pushliteral(L, NN_VERSION);
  return 1;
}

/* ---- threads of the matrix products ---- */

/* blas() -> { description, threads, fork_safe } */
static int blas(lua_State *L) {
  lua_createtable(L, 0, 3);
  lua_pushstring(L, nn_blas_description());
  lua_setfield(L, -2, "description");
  lua_pushinteger(L, nn_blas_threads());
  lua_setfield(L, -2, "threads");
  lua_pushboolean(L, nn_blas_fork_safe());
  lua_setfield(L, -2, "fork_safe");
  return 1;
}

static int set_threads(lua_State *L) {
  int threads = (int)luaL_checkinteger(L, 1);
  luaL_argcheck(L, threads >= 1, 1, "expected at least 1");
  nn_blas_set_threads(threads);
  return 0;
}

int nn_open_machine(lua_State *L) {
  static const luaL_Reg functions[] = {{"cpu_count", cpu_count},     {"hostname", hostname},
                                       {"processor", processor},     {"system", system_name},
                                       {"compiler", compiler},       {"flags", flags},
                                       {"version", version},         {"blas", blas},
                                       {"set_threads", set_threads}, {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
