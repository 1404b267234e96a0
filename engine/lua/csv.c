/* csv.c - module engine.csv: texts of comma-separated values. What is wrong with a text is told, not raised. */
#include <string.h>

#include "../data/csv.h"
#include "binding.h"

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

/* first_row(text, delimiter) -> list of its cells; empty for an empty text */
static int first_row(lua_State *L) {
  nn_error error;
  nn_csv_cell cell = {0};
  nn_csv csv = check_csv(L);
  lua_newtable(L);
  for (lua_Integer i = 1; !cell.is_last; i++) {
    int status = nn_csv_next(&error, &cell, &csv);
    if (status == NN_ERROR)
      return push_problem(L, &cell, error.message);
    if (status != NN_OK)
      break;
    push_cell(L, &cell);
    lua_rawseti(L, -2, i);
  }
  return 1;
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

static int fill_cell(lua_State *L, nn_error *error, csv_table *table, const nn_csv_cell *cell, int64_t row) {
  const csv_column *column = &table->column[cell->column];
  if (column->kind == TEXTS) {
    push_cell(L, cell);
    lua_rawseti(L, column->list, row + 1);
  } else if (column->kind == NUMBERS) {
    float *out = (float *)table->numbers->data + row * table->width + column->position;
    if (is_missing(L, table, cell))
      *out = NAN;
    else if (!nn_csv_number(out, cell))
      return nn_fail(error, cell->length ? "not a number" : "no value");
  }
  return NN_OK;
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

/* read(text, delimiter, has_header, { "number" | "text" | "skip", ... }, { [text for no value] = true }) -> tensor
 * (rows, columns of numbers), { [column] = list of texts } */
static int read_table(lua_State *L) {
  nn_error error;
  nn_csv_cell cell;
  nn_csv csv = check_csv(L);
  bool has_header = lua_toboolean(L, 3);
  csv_table table = {.columns = (int64_t)lua_rawlen(L, 4), .missing = 5};
  lua_settop(L, 5);
  table.column = lua_newuserdatauv(L, ((size_t)table.columns + 1) * sizeof *table.column, 0);
  if (count_rows(&error, &cell, &table, csv, has_header) != NN_OK)
    return push_problem(L, &cell, error.message);
  read_columns(L, &table);
  table.numbers = nn_new_tensor(L, NN_FLOAT32, &(nn_shape){2, {table.rows, table.width}});
  int numbers = lua_gettop(L);
  for (int64_t row = has_header ? -1 : 0; nn_csv_next(&error, &cell, &csv) == NN_OK; row += cell.is_last) {
    if (row >= 0 && fill_cell(L, &error, &table, &cell, row) != NN_OK)
      return push_problem(L, &cell, error.message);
  }
  return push_table(L, &table, numbers);
}

int nn_open_csv(lua_State *L) {
  static const luaL_Reg functions[] = {{"first_row", first_row}, {"read", read_table}, {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
