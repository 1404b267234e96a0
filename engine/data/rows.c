/* rows.c - rows that are equal, by hashes in an open table of at most half its slots. */
#include "rows.h"

#include <stdlib.h>
#include <xxhash.h>

void nn_rows_hash(uint64_t *out, const void *rows, int64_t count, size_t row_bytes, bool mix) {
  for (int64_t i = 0; i < count; i++) {
    uint64_t hash = XXH3_64bits((const char *)rows + (size_t)i * row_bytes, row_bytes);
    if (mix) {
      uint64_t pair[2] = {out[i], hash};
      hash = XXH3_64bits(pair, sizeof pair);
    }
    out[i] = hash | 1; /* 0 marks an empty slot */
  }
}

int64_t nn_rows_slots(int64_t count) {
  int64_t slots = 16;
  while (slots < 2 * count)
    slots *= 2;
  return slots;
}

/* The slot that holds the hash, or the empty one where it belongs. */
static int64_t find(const uint64_t *table, int64_t slots, uint64_t hash) {
  int64_t at = (int64_t)(hash >> 1) & (slots - 1); /* the lowest bit is always 1 */
  while (table[at] != 0 && table[at] != hash)
    at = (at + 1) & (slots - 1);
  return at;
}

void nn_rows_add(uint64_t *table, int64_t slots, const uint64_t *hashes, int64_t count) {
  for (int64_t i = 0; i < count; i++)
    table[find(table, slots, hashes[i])] = hashes[i];
}

bool nn_rows_has(const uint64_t *table, int64_t slots, uint64_t hash) { return table[find(table, slots, hash)] != 0; }

static int compare(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

void nn_rows_count(uint64_t *hashes, int64_t count, int64_t *distinct, int64_t *single) {
  qsort(hashes, (size_t)count, sizeof *hashes, compare);
  *distinct = *single = 0;
  for (int64_t i = 0; i < count;) {
    int64_t next = i + 1;
    while (next < count && hashes[next] == hashes[i])
      next++;
    *distinct += 1;
    *single += next == i + 1;
    i = next;
  }
}
