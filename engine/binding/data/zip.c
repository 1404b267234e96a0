/* zip.c - module engine.zip: zip archives as tables. */
#include "binding/data/data.h"
#include "data/zip.h"

#define ZIP_TYPE "nn.zip"

/* What an archive may hold unpacked: so much, and so many times its own size. Model files are hardly packed at all. */
enum { MOST_ENTRIES = 10000, ROOM = 64 << 20, MOST_TIMES = 100 };

static int collect(lua_State *L) {
  nn_zip_close(luaL_checkudata(L, 1, ZIP_TYPE));
  return 0;
}

static nn_zip *new_zip(lua_State *L) {
  nn_zip *self = lua_newuserdatauv(L, sizeof *self, 0);
  *self = NN_ZIP_CLOSED;
  luaL_setmetatable(L, ZIP_TYPE);
  return self;
}

static int push_problem(lua_State *L, const char *message) {
  lua_pushnil(L);
  lua_pushstring(L, message);
  return 2;
}

/* read(bytes) -> contents by name; nil and what is wrong */
static int read_zip(lua_State *L) {
  size_t size;
  const char *bytes = luaL_checklstring(L, 1, &size);
  nn_error error;
  nn_zip *zip = new_zip(L);
  if (nn_zip_open(&error, zip, bytes, size) != NN_OK)
    return push_problem(L, error.message);
  if (nn_zip_count(zip) > MOST_ENTRIES)
    return push_problem(L, "has too many entries");
  uint64_t room = ROOM + (uint64_t)size * MOST_TIMES;
  lua_newtable(L);
  for (int64_t i = 0; i < nn_zip_count(zip); i++) {
    const char *name;
    uint64_t count;
    luaL_Buffer contents;
    if (nn_zip_entry(&error, zip, i, room, &name, &count) != NN_OK)
      return push_problem(L, error.message);
    if (!nn_has_memory(L, count))
      nn_blame(L, "%s in the zip file needs %s", name, nn_memory_text(L, count));
    lua_pushstring(L, name);
    char *to = luaL_buffinitsize(L, &contents, count);
    if (nn_zip_read(&error, zip, i, to, count) != NN_OK)
      return push_problem(L, error.message);
    luaL_pushresultsize(&contents, count);
    lua_rawset(L, 3);
    room -= count;
  }
  nn_zip_close(zip);
  return 1;
}

/* make({ { name, contents }, ... }) -> bytes */
static int make_zip(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  nn_error error;
  nn_zip *zip = new_zip(L);
  int status = nn_zip_create(&error, zip);
  for (lua_Integer i = 1; status == NN_OK && i <= luaL_len(L, 1); i++) {
    size_t size;
    lua_rawgeti(L, 1, i);
    lua_rawgeti(L, -1, 1);
    lua_rawgeti(L, -2, 2);
    const char *contents = luaL_checklstring(L, -1, &size);
    status = nn_zip_add(&error, zip, luaL_checkstring(L, -2), contents, size);
    lua_pop(L, 3); /* the list keeps them */
  }
  uint64_t size = 0;
  luaL_Buffer bytes;
  if (status == NN_OK)
    status = nn_zip_finish(&error, zip, &size);
  char *to = luaL_buffinitsize(L, &bytes, size);
  if (status == NN_OK)
    status = nn_zip_copy(&error, zip, to, size);
  if (status != NN_OK)
    return luaL_error(L, "%s", error.message);
  luaL_pushresultsize(&bytes, size);
  nn_zip_close(zip);
  return 1;
}

int nn_open_zip(lua_State *L) {
  static const luaL_Reg functions[] = {{"read", read_zip}, {"make", make_zip}, {NULL, NULL}};
  luaL_newmetatable(L, ZIP_TYPE);
  lua_pushcfunction(L, collect);
  lua_setfield(L, -2, "__gc");
  luaL_newlib(L, functions);
  return 1;
}
