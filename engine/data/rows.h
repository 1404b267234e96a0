/* rows.h - rows that are equal, by hashes of 64 bits. */
#ifndef NN_ROWS_H
#define NN_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The hash of each row, never 0. With mix, out holds the hashes of the rows of another table, and gets those of both
 * side by side. */
void nn_rows_hash(uint64_t *out, const void *rows, int64_t count, size_t row_bytes, bool mix);
/* The slots of a table of that many hashes. */
int64_t nn_rows_slots(int64_t count);
/* Adds hashes to a table, whose slots are 0 at first. */
void nn_rows_add(uint64_t *table, int64_t slots, const uint64_t *hashes, int64_t count);
bool nn_rows_has(const uint64_t *table, int64_t slots, uint64_t hash);
/* How many different hashes there are, and how many occur once. Sorts them. */
void nn_rows_count(uint64_t *hashes, int64_t count, int64_t *distinct, int64_t *single);

#endif
