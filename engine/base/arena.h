/* arena.h - one block of memory handed out in pieces; without a block they are only measured, so that the walk that
 * says how much memory there has to be is the one that sets the pointers. */
#ifndef NN_ARENA_H
#define NN_ARENA_H

#include <stddef.h>
#include <stdint.h>

typedef struct nn_arena {
  char *block; /* aligned as pieces are; NULL: only measure */
  size_t used;
} nn_arena;

enum { NN_ARENA_ALIGNMENT = 64 };

static inline void *nn_take(nn_arena *arena, size_t size) {
  void *piece = arena->block ? arena->block + arena->used : NULL;
  arena->used += (size + NN_ARENA_ALIGNMENT - 1) & ~(size_t)(NN_ARENA_ALIGNMENT - 1);
  return piece;
}

static inline float *nn_take_floats(nn_arena *arena, int64_t count) {
  return (float *)nn_take(arena, (size_t)count * sizeof(float));
}

#endif
