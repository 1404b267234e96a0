/* rows.h - rows that two tables have in common. */
#ifndef NN_ROWS_H
#define NN_ROWS_H

#include "nn.h"

/* The slots of a table of hashes for that many rows. */
int64_t nn_rows_slots(int64_t rows);
/* How many rows of b are in a too, by their hashes of 64 bits; rows are row_bytes long. table has nn_rows_slots(a_rows)
 * numbers, all 0. */
int64_t nn_rows_shared(uint64_t *table, const void *a, int64_t a_rows, const void *b, int64_t b_rows, size_t row_bytes);

#endif
