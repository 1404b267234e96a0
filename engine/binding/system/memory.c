/* memory.c - whether there is memory for something large. Lua asks malloc, which promises more than there is: writing
 * to what it gave would end the process, or make the machine swap. */
#include <stdio.h>
#include <unistd.h>

#include "binding/binding.h"

/* The number that follows a format in the first line of a file that fits it; or `otherwise`. */
static double number_in(const char *path, const char *format, double otherwise) {
  FILE *file = fopen(path, "re");
  char line[128];
  double number, found = otherwise;
  while (file && found == otherwise && fgets(line, sizeof line, file))
    if (sscanf(line, format, &number) == 1)
      found = number;
  if (file)
    fclose(file);
  return found;
}

/* Bytes that can be had: what the machine has free, but no more than the limit of this process's control group. */
static double free_memory(void) {
  const double all = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
  const double free = number_in("/proc/meminfo", "MemAvailable: %lf kB", all / 1024) * 1024;
  const double limit = number_in("/sys/fs/cgroup/memory.max", "%lf", INFINITY);
  return fmin(free, fmin(limit, number_in("/sys/fs/cgroup/memory/memory.limit_in_bytes", "%lf", INFINITY)));
}

static bool can_allocate(lua_State *L, size_t bytes) {
  void *data;
  lua_Alloc allocate = lua_getallocf(L, &data);
  void *block = allocate(data, NULL, LUA_TUSERDATA, bytes);
  allocate(data, block, bytes, 0);
  return block != NULL;
}

/* Some memory has to be left for everybody else. */
static bool fits(lua_State *L, size_t bytes) {
  const double most = 0.9 * free_memory();
  return (double)bytes <= most && can_allocate(L, bytes);
}

bool nn_has_memory(lua_State *L, size_t bytes) {
  enum { WORTH_ASKING = 1 << 26 };
  if (bytes < WORTH_ASKING || fits(L, bytes))
    return true;
  lua_gc(L, LUA_GCCOLLECT);
  return fits(L, bytes);
}

const char *nn_memory_text(lua_State *L, size_t bytes) {
  char text[96];
  snprintf(text, sizeof text, "%.1f GB, and %.1f GB are free", (double)bytes / 1e9, free_memory() / 1e9);
  return lua_pushstring(L, text);
}
