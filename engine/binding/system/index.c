/* index.c - module engine.index: an SQLite database, and what it takes to tell whether it is up to date.
 *
 * The binding knows prepared statements only; the SQL is scripts/nn/store/index.lua's. What SQLite refuses is raised as
 * an error that the caller catches: an index can be thrown away and made again. */
#include <dirent.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#ifdef __linux__
#include <sys/vfs.h>
#endif
#include <xxhash.h>

#include "binding/binding.h"

#define NN_DATABASE  "nn.database"
#define NN_STATEMENT "nn.statement"

enum { BUSY_MILLISECONDS = 5000 };

typedef struct database {
  sqlite3 *handle;
} database;

typedef struct statement {
  sqlite3_stmt *handle;
} statement;

/* ---- databases ---- */

static sqlite3 *check_database(lua_State *L) {
  database *self = luaL_checkudata(L, 1, NN_DATABASE);
  luaL_argcheck(L, self->handle, 1, "the database is closed");
  return self->handle;
}

static int fail(lua_State *L, sqlite3 *handle) { return luaL_error(L, "SQLite: %s", sqlite3_errmsg(handle)); }

/* open(path) -> database; ":memory:" for one without a file. Another process' lock is waited for. */
static int open_database(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  database *self = lua_newuserdatauv(L, sizeof *self, 0);
  self->handle = NULL;
  luaL_setmetatable(L, NN_DATABASE);
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX; /* one thread */
  if (sqlite3_open_v2(path, &self->handle, flags, NULL) != SQLITE_OK)
    return fail(L, self->handle);
  sqlite3_busy_timeout(self->handle, BUSY_MILLISECONDS);
  return 1;
}

/* Statements that are still there keep what they need alive. */
static int close_database(lua_State *L) {
  database *self = luaL_checkudata(L, 1, NN_DATABASE);
  sqlite3_close_v2(self->handle);
  self->handle = NULL;
  return 0;
}

/* execute(sql): one or several statements without parameters */
static int execute(lua_State *L) {
  sqlite3 *handle = check_database(L);
  if (sqlite3_exec(handle, luaL_checkstring(L, 2), NULL, NULL, NULL) != SQLITE_OK)
    return fail(L, handle);
  return 0;
}

/* prepare(sql) -> statement */
static int prepare(lua_State *L) {
  sqlite3 *handle = check_database(L);
  size_t length;
  const char *sql = luaL_checklstring(L, 2, &length);
  statement *self = lua_newuserdatauv(L, sizeof *self, 0);
  self->handle = NULL;
  luaL_setmetatable(L, NN_STATEMENT);
  if (sqlite3_prepare_v2(handle, sql, (int)length, &self->handle, NULL) != SQLITE_OK)
    return fail(L, handle);
  return 1;
}

/* ---- statements ---- */

static sqlite3_stmt *check_statement(lua_State *L, int position) {
  return ((statement *)luaL_checkudata(L, position, NN_STATEMENT))->handle;
}

static int collect_statement(lua_State *L) {
  statement *self = luaL_checkudata(L, 1, NN_STATEMENT);
  sqlite3_finalize(self->handle);
  self->handle = NULL;
  return 0;
}

static int bind_value(lua_State *L, sqlite3_stmt *handle, int parameter, int position) {
  size_t length;
  const char *text;
  switch (lua_type(L, position)) {
  case LUA_TNIL: return sqlite3_bind_null(handle, parameter);
  case LUA_TBOOLEAN: return sqlite3_bind_int(handle, parameter, lua_toboolean(L, position));
  case LUA_TNUMBER:
    return lua_isinteger(L, position) ? sqlite3_bind_int64(handle, parameter, lua_tointeger(L, position))
                                      : sqlite3_bind_double(handle, parameter, lua_tonumber(L, position));
  default:
    text = luaL_checklstring(L, position, &length);
    return sqlite3_bind_text64(handle, parameter, text, length, SQLITE_TRANSIENT, SQLITE_UTF8);
  }
}

/* The values at stack positions 2 and up become ?1, ?2, ...; those not given are NULL. */
static void bind_all(lua_State *L, sqlite3_stmt *handle) {
  sqlite3_reset(handle);
  sqlite3_clear_bindings(handle);
  for (int i = 2; i <= lua_gettop(L); i++)
    if (bind_value(L, handle, i - 1, i) != SQLITE_OK)
      fail(L, sqlite3_db_handle(handle));
}

/* run(values...): to its end */
static int run(lua_State *L) {
  sqlite3_stmt *handle = check_statement(L, 1);
  bind_all(L, handle);
  int outcome;
  do
    outcome = sqlite3_step(handle);
  while (outcome == SQLITE_ROW);
  if (outcome != SQLITE_DONE)
    return fail(L, sqlite3_db_handle(handle));
  sqlite3_reset(handle);
  return 0;
}

static void push_column(lua_State *L, sqlite3_stmt *handle, int column) {
  switch (sqlite3_column_type(handle, column)) {
  case SQLITE_INTEGER: lua_pushinteger(L, sqlite3_column_int64(handle, column)); break;
  case SQLITE_FLOAT: lua_pushnumber(L, sqlite3_column_double(handle, column)); break;
  case SQLITE_NULL: lua_pushnil(L); break;
  default:
    lua_pushlstring(L, (const char *)sqlite3_column_text(handle, column), (size_t)sqlite3_column_bytes(handle, column));
  }
}

static int next_row(lua_State *L) {
  sqlite3_stmt *handle = check_statement(L, 1);
  int outcome = sqlite3_step(handle);
  if (outcome == SQLITE_DONE) {
    sqlite3_reset(handle);
    return 0;
  }
  if (outcome != SQLITE_ROW)
    return fail(L, sqlite3_db_handle(handle));
  int count = sqlite3_column_count(handle);
  luaL_checkstack(L, count, "too many columns");
  for (int i = 0; i < count; i++)
    push_column(L, handle, i);
  return count;
}

/* rows(values...) -> iterator over the rows, each as its columns; the first column must never be NULL */
static int rows(lua_State *L) {
  bind_all(L, check_statement(L, 1));
  lua_pushcfunction(L, next_row);
  lua_pushvalue(L, 1);
  return 2;
}

/* ---- folders ---- */

typedef void visitor(void *context, const char *name, int64_t stamp);

/* Visits what is in a folder and holds such a file, with the time at which that was last written, in nanoseconds.
 * Hidden names are left out. */
static void walk(const char *folder, const char *file, visitor *visit, void *context) {
  DIR *dir = opendir(folder);
  if (dir == NULL)
    return;
  for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
    char path[512];
    struct stat facts;
    int length = snprintf(path, sizeof path, "%s/%s", entry->d_name, file);
    if (entry->d_name[0] == '.' || length >= (int)sizeof path || fstatat(dirfd(dir), path, &facts, 0) < 0)
      continue;
    visit(context, entry->d_name, (int64_t)facts.st_mtim.tv_sec * 1000000000 + facts.st_mtim.tv_nsec);
  }
  closedir(dir);
}

static void add_stamp(void *context, const char *name, int64_t stamp) {
  lua_State *L = context;
  lua_pushinteger(L, stamp);
  lua_setfield(L, -2, name);
}

/* stamps(folder, file) -> { [name] = when folder/name/file was last written, in nanoseconds }; none where there is no
 * such folder */
static int stamps(lua_State *L) {
  const char *folder = luaL_checkstring(L, 1), *file = luaL_checkstring(L, 2);
  lua_newtable(L);
  walk(folder, file, add_stamp, L);
  return 1;
}

static void add_to_digest(void *context, const char *name, int64_t stamp) {
  *(uint64_t *)context += XXH3_64bits_withSeed(name, strlen(name), (uint64_t)stamp);
}

/* digest(folder, file) -> a number that tells the result of stamps(folder, file) from another one */
static int digest(lua_State *L) {
  uint64_t sum = 0; /* whatever the order in which a folder is read */
  walk(luaL_checkstring(L, 1), luaL_checkstring(L, 2), add_to_digest, &sum);
  lua_pushinteger(L, (lua_Integer)sum);
  return 1;
}

/* is_remote(path) -> whether it lies on a file system that computers share, where SQLite's locks cannot be trusted */
static int is_remote(lua_State *L) {
  bool remote = false;
#ifdef __linux__
  /* From statfs(2) and the sources of Lustre, GPFS and BeeGFS. FUSE may be anything, sshfs among it. */
  static const unsigned long kinds[] = {0x6969,     0x517b,     0xff534d42, 0xfe534d42, 0x5346414f, 0x00c36400,
                                        0x01021997, 0x65735546, 0x0bd00bd0, 0x47504653, 0x19830326};
  struct statfs facts;
  if (statfs(luaL_checkstring(L, 1), &facts) == 0)
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
      remote = remote || ((unsigned long)facts.f_type & 0xffffffff) == kinds[i];
#endif
  lua_pushboolean(L, remote);
  return 1;
}

static int version(lua_State *L) {
  lua_pushstring(L, sqlite3_libversion());
  return 1;
}

static void new_type(lua_State *L, const char *name, const luaL_Reg *methods, lua_CFunction collect) {
  luaL_newmetatable(L, name);
  lua_newtable(L);
  luaL_setfuncs(L, methods, 0);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, collect);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
}

int nn_open_index(lua_State *L) {
  static const luaL_Reg database_methods[] = {
      {"execute", execute}, {"prepare", prepare}, {"close", close_database}, {NULL, NULL}};
  static const luaL_Reg statement_methods[] = {{"run", run}, {"rows", rows}, {NULL, NULL}};
  static const luaL_Reg functions[] = {{"open", open_database},  {"stamps", stamps},   {"digest", digest},
                                       {"is_remote", is_remote}, {"version", version}, {NULL, NULL}};
  new_type(L, NN_DATABASE, database_methods, close_database);
  new_type(L, NN_STATEMENT, statement_methods, collect_statement);
  luaL_newlib(L, functions);
  return 1;
}
