/* csv.c - cells of a text of comma-separated values (RFC 4180). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "csv.h"

enum { LONGEST_NUMBER = 63 };

nn_csv nn_csv_begin(const char *text, size_t length, char delimiter) {
  static const char mark[] = "\xEF\xBB\xBF";
  size_t skip = length >= 3 && memcmp(text, mark, 3) == 0 ? 3 : 0;
  return (nn_csv){text + skip, text + length, delimiter, 1, 0};
}

/* The length of the line end that the text has there, 0 for none. */
static int line_end(const char *at, const char *end) {
  if (at == end || (*at != '\n' && *at != '\r'))
    return 0;
  return at[0] == '\r' && at + 1 < end && at[1] == '\n' ? 2 : 1;
}

static void skip_empty_lines(nn_csv *csv) {
  int length;
  while (csv->column == 0 && (length = line_end(csv->next, csv->end)) > 0) {
    csv->next += length;
    csv->line++;
  }
}

/* The text of a quoted cell, from its opening quote on; next is left behind the closing one. */
static int read_quoted(nn_error *error, nn_csv_cell *cell, nn_csv *csv) {
  cell->text = ++csv->next;
  for (; csv->next < csv->end; csv->next++) {
    if (*csv->next == '"' && csv->next + 1 < csv->end && csv->next[1] == '"') {
      cell->has_quotes = true;
      csv->next++;
    } else if (*csv->next == '"') {
      cell->length = (size_t)(csv->next++ - cell->text);
      return NN_OK;
    } else if (*csv->next == '\n' || (*csv->next == '\r' && line_end(csv->next, csv->end) == 1)) {
      csv->line++;
    }
  }
  return nn_fail(error, "the quote that begins here has no end");
}

static void read_plain(nn_csv_cell *cell, nn_csv *csv) {
  cell->text = csv->next;
  while (csv->next < csv->end && *csv->next != csv->delimiter && *csv->next != '\n' && *csv->next != '\r')
    csv->next++;
  cell->length = (size_t)(csv->next - cell->text);
}

int nn_csv_next(nn_error *error, nn_csv_cell *cell, nn_csv *csv) {
  skip_empty_lines(csv);
  *cell = (nn_csv_cell){.line = csv->line, .column = csv->column};
  if (csv->next == csv->end && csv->column == 0)
    return 1;
  if (csv->next < csv->end && *csv->next == '"') {
    if (read_quoted(error, cell, csv) != NN_OK)
      return NN_ERROR;
  } else {
    read_plain(cell, csv);
  }
  int length = line_end(csv->next, csv->end);
  cell->is_last = length > 0 || csv->next == csv->end;
  if (!cell->is_last && *csv->next != csv->delimiter)
    return nn_fail(error, "after the closing quote comes \"%c\" instead of the end of the cell", *csv->next);
  csv->column = cell->is_last ? 0 : csv->column + 1;
  csv->next += cell->is_last ? length : 1;
  csv->line += length > 0;
  return NN_OK;
}

/* strtof in the words of the file: it also knows nan, inf and hexadecimal digits. */
static bool is_plain_number(const char *digits, size_t length, char decimal) {
  const char allowed[] = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '+', '-', 'e', 'E', decimal, '\0'};
  return strspn(digits, allowed) == length;
}

bool nn_csv_number(float *out, const nn_csv_cell *cell, char decimal) {
  char digits[LONGEST_NUMBER + 1], *end;
  const char *first = cell->text, *last = cell->text + cell->length;
  while (first < last && (*first == ' ' || *first == '\t'))
    first++;
  while (last > first && (last[-1] == ' ' || last[-1] == '\t'))
    last--;
  size_t length = (size_t)(last - first);
  if (length == 0 || length > LONGEST_NUMBER)
    return false;
  memcpy(digits, first, length);
  digits[length] = '\0';
  if (!is_plain_number(digits, length, decimal))
    return false;
  char *sign = strchr(digits, decimal);
  if (sign != NULL)
    *sign = '.';
  *out = strtof(digits, &end);
  return end == digits + length && isfinite(*out);
}
