/* attention_block.h - the scores of some queries of one head. */
#ifndef NN_ATTENTION_BLOCK_H
#define NN_ATTENTION_BLOCK_H

#include "products/attention.h"

/* Queries at a time: with short sequences their scores stay in the second-level cache. */
enum { NN_ATTENTION_BLOCK = 64 };

/* What one part of the work needs. */
typedef struct nn_attention_memory {
  float *query;   /* (NN_ATTENTION_BLOCK, width): scaled */
  float *p, *dp;  /* (NN_ATTENTION_BLOCK, keys) */
  float *factors; /* (NN_ATTENTION_BLOCK, keys): of the dropout */
  float *product; /* (keys, width or value_width): what a block adds to dK or dV */
} nn_attention_memory;

/* One head of one sample. */
typedef struct nn_attention_head {
  const nn_attention *a;
  int64_t sample, index, key_index;
  const float *q, *k, *v;
  int64_t q_row, k_row, v_row, out_row;
  nn_attention_memory memory;
} nn_attention_head;

/* Some queries of a head: their scores are in memory.p, one row after the other. */
typedef struct nn_attention_block {
  const nn_attention_head *h;
  int64_t first, rows, columns;
  bool sees_nothing[NN_ATTENTION_BLOCK];
} nn_attention_block;

/* The block that begins with a query. Keys after its last query are left out if that query cannot see them. */
nn_attention_block nn_attention_block_at(const nn_attention_head *, int64_t first);
/* Computes P into memory.p, without dropout. */
void nn_attend(nn_attention_block *);
/* Draws memory.factors: 0 for scores that are dropped, else what the others are multiplied by. They depend on the place
 * alone, so forward and backward draw the same. */
void nn_draw_attention_factors(const nn_attention_block *);
/* x *= factors, both (rows, columns). */
void nn_multiply_scores(const nn_attention_block *, float *x, const float *factors);

#endif
