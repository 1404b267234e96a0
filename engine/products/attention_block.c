/* attention_block.c - the scores of some queries of one head: products, masks, softmax, dropout. */
#include "attention_block.h"

#include <math.h>
#include <string.h>

#include "products/blas.h"
#include "products/kernels/kernels.h"

static int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

static bool is_masked(const nn_attention *a) {
  bool any = false;
  for (int i = 0; i < NN_ATTENTION_MASKS; i++)
    any |= a->masks[i].data != NULL;
  return any;
}

/* How many keys from the first on a query may see as far as the causal mask goes. */
static int64_t visible_keys(const nn_attention_block *b, int64_t row) {
  return b->h->a->is_causal ? smaller(b->first + row + 1, b->columns) : b->columns;
}

/* Sets what the masks hide from a query to -infinity. Returns whether something is left. */
static bool apply_masks(const nn_attention_block *b, int64_t row, float *s) {
  const nn_attention *a = b->h->a;
  const int64_t visible = visible_keys(b, row);
  for (int i = 0; i < NN_ATTENTION_MASKS; i++) {
    const nn_attention_mask *mask = &a->masks[i];
    if (!mask->data)
      continue;
    const float *m =
        mask->data + b->h->sample * mask->sample + b->h->index * mask->head + (b->first + row) * mask->query;
    for (int64_t j = 0; j < visible; j++)
      s[j] = m[j * mask->key] != 0 ? s[j] : -INFINITY;
  }
  bool any = false;
  for (int64_t j = 0; j < visible; j++)
    any |= s[j] != -INFINITY;
  return any;
}

/* Sets all scores that do not count to -infinity; those of a query that may see no key become equal. */
static void mask_block(nn_attention_block *b, float *p) {
  const bool masked = is_masked(b->h->a);
  for (int64_t i = 0; i < b->rows; i++, p += b->columns) {
    for (int64_t j = visible_keys(b, i); j < b->columns; j++)
      p[j] = -INFINITY;
    b->sees_nothing[i] = masked && !apply_masks(b, i, p);
    if (b->sees_nothing[i])
      memset(p, 0, sizeof *p * (size_t)b->columns);
  }
}

/* Softmax of what each query sees; 0 for the keys after it. */
static void causal_softmax(const nn_attention_block *b, float *p) {
  for (int64_t i = 0; i < b->rows; i++, p += b->columns) {
    const int64_t visible = visible_keys(b, i);
    nn_kernels_at(0)->softmax(NULL, p, p, 1, visible);
    memset(p + visible, 0, sizeof *p * (size_t)(b->columns - visible));
  }
}

/* Keys after the last query of the block are left out, unless a query may have to see all keys. */
nn_attention_block nn_attention_block_at(const nn_attention_head *h, int64_t first) {
  const nn_attention *a = h->a;
  nn_attention_block b = {
      .h = h, .first = first, .rows = smaller(NN_ATTENTION_BLOCK, a->queries - first), .columns = a->keys};
  if (a->is_causal && !is_masked(a))
    b.columns = smaller(a->keys, first + b.rows);
  return b;
}

void nn_attend(nn_attention_block *b) {
  const nn_attention_head *h = b->h;
  const nn_attention *a = h->a;
  const float *q = h->q + b->first * h->q_row;
  for (int64_t i = 0; i < b->rows; i++)
    for (int64_t j = 0; j < a->width; j++)
      h->memory.query[i * a->width + j] = a->scale * q[i * h->q_row + j];
  float *p = h->memory.p;
  nn_gemm(NULL, false, true, b->rows, b->columns, a->width, h->memory.query, a->width, h->k, h->k_row, p, b->columns);
  if (a->is_causal && !is_masked(a)) {
    causal_softmax(b, p);
    return;
  }
  if (is_masked(a))
    mask_block(b, p);
  nn_kernels_at(0)->softmax(NULL, p, p, b->rows, b->columns);
}

void nn_draw_attention_factors(const nn_attention_block *b) {
  const nn_attention *a = b->h->a;
  const double most = a->rate * 0x1p32;
  const uint32_t threshold = most < 0x1p32 ? (uint32_t)most : UINT32_MAX;
  const float scale = a->rate < 1 ? (float)(1 / (1 - a->rate)) : 0;
  nn_rng noise = a->noise;
  noise.key[1] ^= (uint32_t)((b->h->sample * a->heads + b->h->index) *
                                 ((a->queries + NN_ATTENTION_BLOCK - 1) / NN_ATTENTION_BLOCK) +
                             b->first / NN_ATTENTION_BLOCK + 1);
  uint32_t words[NN_RNG_CHUNK];
  for (int64_t first = 0; first < b->rows * b->columns; first += NN_RNG_CHUNK) {
    const int64_t count = smaller(NN_RNG_CHUNK, b->rows * b->columns - first);
    nn_rng_words(&noise, words, count);
    for (int64_t i = 0; i < count; i++)
      b->h->memory.factors[first + i] = words[i] >= threshold ? scale : 0;
  }
}

void nn_multiply_scores(const nn_attention_block *b, float *restrict x, const float *restrict factors) {
  for (int64_t i = 0; i < b->rows * b->columns; i++)
    x[i] *= factors[i];
}
