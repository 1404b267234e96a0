/* rows.c - rows that two tables have in common, by hashes in an open table of at most half its slots. */
#include "rows.h"

#include <xxhash.h>

int64_t nn_rows_slots(int64_t rows) {
  int64_t slots = 16;
  while (slots < 2 * rows)
    slots *= 2;
  return slots;
}

/* The slot that holds the hash, or the empty one where it belongs. */
static uint64_t *find(uint64_t *table, int64_t slots, uint64_t hash) {
  uint64_t at = (hash >> 1) & (uint64_t)(slots - 1); /* the lowest bit is always 1 */
  while (table[at] != 0 && table[at] != hash)
    at = (at + 1) & (uint64_t)(slots - 1);
  return &table[at];
}

/* Never 0, which marks an empty slot. */
static uint64_t hash_row(const void *rows, int64_t row, size_t row_bytes) {
  return XXH3_64bits((const char *)rows + (size_t)row * row_bytes, row_bytes) | 1;
}

int64_t nn_rows_shared(uint64_t *table, const void *a, int64_t a_rows, const void *b, int64_t b_rows,
                       size_t row_bytes) {
  int64_t slots = nn_rows_slots(a_rows), shared = 0;
  for (int64_t i = 0; i < a_rows; i++) {
    uint64_t hash = hash_row(a, i, row_bytes);
    *find(table, slots, hash) = hash;
  }
  for (int64_t i = 0; i < b_rows; i++)
    shared += *find(table, slots, hash_row(b, i, row_bytes)) != 0;
  return shared;
}
