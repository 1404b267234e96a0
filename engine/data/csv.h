/* csv.h - cells of a text of comma-separated values (RFC 4180), one after the other. */
#ifndef NN_CSV_H
#define NN_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Where reading stands. Lines end with \n, \r\n or \r; lines without a character are skipped. */
typedef struct nn_csv {
  const char *next, *end;
  char delimiter;
  int64_t line;   /* of next, from 1 */
  int64_t column; /* of the cell that comes next, from 0 */
} nn_csv;

/* A cell as it stands in the text: without the quotes around it, but with those doubled inside. */
typedef struct nn_csv_cell {
  const char *text;
  size_t length;
  int64_t line;    /* where it begins */
  int64_t column;  /* from 0 */
  bool is_last;    /* of its row */
  bool has_quotes; /* doubled ones, each of which stands for one */
} nn_csv_cell;

/* At the beginning of a text; a byte order mark is skipped. */
nn_csv nn_csv_begin(const char *text, size_t length, char delimiter);
/* NN_OK and a cell, or 1 at the end of the text, or an error. */
int nn_csv_next(nn_error *, nn_csv_cell *cell, nn_csv *csv);
/* The cell's number; false where it is none that a float can hold. Spaces around it do not count. decimal is the sign
 * before its fraction, '.' or ','. */
bool nn_csv_number(float *out, const nn_csv_cell *cell, char decimal);

#endif
