/* csv.c - module engine.csv: texts of comma-separated values. What is wrong with a text is told, not raised. */
#include <string.h>

#include "data/csv.h"
#include "binding/binding.h"

static void push_cell(lua_State *L, const nn_csv_cell *cell) {
  if (!cell->has_quotes) {
    lua_pushlstring(L, cell->text, cell->length);
    return;
  }
  luaL_Buffer text;
  luaL_buffinit(L, &text);
  for (size_t i = 0; i < cell->length; i++) {
    luaL_addchar(&text, cell->text[i]);
    i += cell->text[i] == '"'; /* the second one of two */
  }
  luaL_pushresult(&text);
}

/* nil, the line, the column, what is wrong with the cell there, and what it holds. */
static int push_problem(lua_State *L, const nn_csv_cell *cell, const char *message) {
  lua_pushnil(L);
  lua_pushinteger(L, cell->line);
  lua_pushinteger(L, cell->column + 1);
  lua_pushstring(L, message);
  push_cell(L, cell);
  return 5;
}

static nn_csv check_csv(lua_State *L) {
  size_t length, delimiter_length;
  const char *text = luaL_checklstring(L, 1, &length);
  const char *delimiter = luaL_checklstring(L, 2, &delimiter_length);
  luaL_argcheck(L, delimiter_length == 1, 2, "expected one character");
  return nn_csv_begin(text, length, *delimiter);
}

/* rows(text, delimiter[, most]) -> list of rows, each a list of its cells; the first ones only where most is given */
static int all_rows(lua_State *L) {
  nn_error error;
  nn_csv_cell cell = {0};
  lua_Integer most = luaL_optinteger(L, 3, LUA_MAXINTEGER);
  nn_csv csv = check_csv(L);
  int status = NN_OK;
  lua_newtable(L);
  for (lua_Integer row = 1; row <= most && (status = nn_csv_next(&error, &cell, &csv)) == NN_OK; row += cell.is_last) {
    if (cell.column == 0) {
      lua_newtable(L);
      lua_pushvalue(L, -1);
      lua_rawseti(L, -3, row);
    }
    push_cell(L, &cell);
    lua_rawseti(L, -2, cell.column + 1);
    if (cell.is_last)
      lua_pop(L, 1);
  }
  return status == NN_ERROR ? push_problem(L, &cell, error.message) : 1;
}

/* ---- the whole table ---- */

/* One column: what becomes of its cells. */
typedef struct csv_column {
  enum { SKIPPED, NUMBERS, TEXTS } kind;
  int64_t position; /* among the columns of numbers, from 0 */
  int list;         /* stack position of its texts */
} csv_column;

typedef struct csv_table {
  int64_t columns, rows;
  csv_column *column; /* (columns) */
  int64_t width;      /* columns of numbers */
  nn_tensor *numbers; /* (rows, width) */
  int missing;        /* stack position of the set of texts that stand for no value */
  char decimal;
  int faults; /* stack position of what is wrong with columns of numbers, by their positions */
  bool is_faulty;
} csv_table;

/* Counts the rows after the header and checks that each has as many cells as there are columns. */
static int count_rows(nn_error *error, nn_csv_cell *cell, csv_table *table, nn_csv csv, bool has_header) {
  int64_t rows = 0;
  int status;
  while ((status = nn_csv_next(error, cell, &csv)) == NN_OK) {
    if (cell->column >= table->columns)
      return nn_fail(error, "the row has more than %lld cells", (long long)table->columns);
    if (cell->is_last && cell->column + 1 < table->columns)
      return nn_fail(error, "the row has %lld cells instead of %lld", (long long)cell->column + 1,
                     (long long)table->columns);
    rows += cell->is_last;
  }
  table->rows = rows > 0 ? rows - has_header : 0;
  return status == NN_ERROR ? NN_ERROR : NN_OK;
}

/* Whether the cell is one of the texts that stand for no value. */
static bool is_missing(lua_State *L, const csv_table *table, const nn_csv_cell *cell) {
  push_cell(L, cell);
  bool found = lua_rawget(L, table->missing) != LUA_TNIL;
  lua_pop(L, 1);
  return found;
}

/* Adds the text at stack position text to the list on top of the stack, unless it is there or the list is long. */
static void add_distinct(lua_State *L, int text) {
  enum { WORTH_SHOWING = 5 };
  lua_Integer count = (lua_Integer)lua_rawlen(L, -1);
  for (lua_Integer i = 1; i <= count; i++) {
    bool is_there = lua_rawgeti(L, -1, i) == LUA_TSTRING && lua_rawequal(L, -1, text);
    lua_pop(L, 1);
    if (is_there)
      return;
  }
  lua_pushvalue(L, text);
  lua_rawseti(L, -2, count < WORTH_SHOWING ? count + 1 : count);
}

/* Notes a cell that should be a number: { line of the first, count, values = distinct texts }. */
static void note_fault(lua_State *L, csv_table *table, const nn_csv_cell *cell) {
  table->is_faulty = true;
  push_cell(L, cell);
  int text = lua_gettop(L);
  if (lua_rawgeti(L, table->faults, cell->column + 1) == LUA_TNIL) {
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushinteger(L, cell->line);
    lua_setfield(L, -2, "line");
    lua_newtable(L);
    lua_setfield(L, -2, "values");
    lua_pushvalue(L, -1);
    lua_rawseti(L, table->faults, cell->column + 1);
  }
  lua_getfield(L, -1, "count");
  lua_pushinteger(L, lua_tointeger(L, -1) + 1);
  lua_setfield(L, -3, "count");
  lua_getfield(L, -2, "values");
  add_distinct(L, text);
  lua_settop(L, text - 1);
}

static void fill_cell(lua_State *L, csv_table *table, const nn_csv_cell *cell, int64_t row) {
  const csv_column *column = &table->column[cell->column];
  if (column->kind == TEXTS) {
    push_cell(L, cell);
    lua_rawseti(L, column->list, row + 1);
  } else if (column->kind == NUMBERS) {
    float *out = (float *)table->numbers->data + row * table->width + column->position;
    if (is_missing(L, table, cell))
      *out = NAN;
    else if (!nn_csv_number(out, cell, table->decimal))
      note_fault(L, table, cell);
  }
}

/* The kinds of columns from the list of strings at stack position 4; a list is pushed for each column of texts. */
static void read_columns(lua_State *L, csv_table *table) {
  for (int64_t i = 0; i < table->columns; i++) {
    csv_column *column = &table->column[i];
    lua_rawgeti(L, 4, i + 1);
    const char *kind = luaL_checkstring(L, -1);
    column->kind = strcmp(kind, "number") == 0 ? NUMBERS : strcmp(kind, "text") == 0 ? TEXTS : SKIPPED;
    lua_pop(L, 1);
    if (column->kind == NUMBERS)
      column->position = table->width++;
    if (column->kind != TEXTS)
      continue;
    luaL_checkstack(L, 8, "too many columns of text");
    lua_createtable(L, table->rows < INT32_MAX ? (int)table->rows : 0, 0);
    column->list = lua_gettop(L);
  }
}

/* Pushes the tensor, and a table from the columns' positions to their lists of texts. */
static int push_table(lua_State *L, const csv_table *table, int numbers) {
  lua_pushvalue(L, numbers);
  lua_newtable(L);
  for (int64_t i = 0; i < table->columns; i++) {
    if (table->column[i].kind != TEXTS)
      continue;
    lua_pushvalue(L, table->column[i].list);
    lua_rawseti(L, -2, i + 1);
  }
  return 2;
}

/* read(text, delimiter, has_header, { "number" | "text" | "skip", ... }, { [text for no value] = true }, decimal) ->
 * tensor (rows, columns of numbers), { [column] = list of texts }. Where cells are no numbers: nil, { [column] = { line
 * =, count =, values = } }, the number of rows. */
static int read_table(lua_State *L) {
  nn_error error;
  nn_csv_cell cell;
  nn_csv csv = check_csv(L);
  bool has_header = lua_toboolean(L, 3);
  csv_table table = {.columns = (int64_t)lua_rawlen(L, 4), .missing = 5, .decimal = *luaL_checkstring(L, 6)};
  lua_settop(L, 5);
  table.column = lua_newuserdatauv(L, ((size_t)table.columns + 1) * sizeof *table.column, 0);
  if (count_rows(&error, &cell, &table, csv, has_header) != NN_OK)
    return push_problem(L, &cell, error.message);
  lua_newtable(L);
  table.faults = lua_gettop(L);
  read_columns(L, &table);
  table.numbers = nn_new_tensor(L, NN_FLOAT32, &(nn_shape){2, {table.rows, table.width}});
  int numbers = lua_gettop(L);
  for (int64_t row = has_header ? -1 : 0; nn_csv_next(&error, &cell, &csv) == NN_OK; row += cell.is_last) {
    if (row >= 0)
      fill_cell(L, &table, &cell, row);
  }
  if (!table.is_faulty)
    return push_table(L, &table, numbers);
  lua_pushnil(L);
  lua_pushvalue(L, table.faults);
  lua_pushinteger(L, table.rows);
  return 3;
}

int nn_open_csv(lua_State *L) {
  static const luaL_Reg functions[] = {{"rows", all_rows}, {"read", read_table}, {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
