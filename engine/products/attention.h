/* attention.h - dot-product attention (Vaswani et al. 2017), the core without projections:
 *
 *   P = softmax(scale Q K' where allowed),  O = P V
 *
 * for each sample and each head. Scores are computed for a block of queries at a time and are not kept: the walk
 * backward computes them again. So memory grows with the length, not with its square (as in Dao et al. 2022). */
#ifndef NN_ATTENTION_H
#define NN_ATTENTION_H

#include <stdbool.h>

#include "base/rng.h"
#include "base/team.h"

/* A mask of any shape: 0 where a query may not see a key. The strides count floats; 0 repeats the mask along an axis.
 */
typedef struct nn_attention_mask {
  const float *data; /* NULL: none */
  int64_t sample, head, query, key;
} nn_attention_mask;

enum { NN_ATTENTION_MASKS = 3 };

/* Rows of q and out belong to (sample, query, head), those of k and v to (sample, key, key head); several heads may
 * share a key head. A query that may see no key sees all of them equally, as in Keras; then no gradient reaches q and
 * k. */
typedef struct nn_attention {
  int64_t samples, queries, keys, heads, key_heads, width, value_width;
  float scale;
  bool is_causal; /* query i sees keys 0 .. i only */
  nn_attention_mask masks[NN_ATTENTION_MASKS];
  double rate; /* of the dropout of P; 0: none */
  nn_rng noise;
  const float *q, *k, *v;
  float *out;    /* (samples, queries, heads, value_width) */
  float *scores; /* P before dropout (samples, heads, queries, keys); NULL: not wanted */
  float *scratch;
} nn_attention;

/* Gradients: of out and of scores (one may be NULL), then where those of q, k and v go (each may be NULL). */
typedef struct nn_attention_gradients {
  const float *out, *scores;
  float *q, *k, *v;
} nn_attention_gradients;

/* Floats of scratch memory for either walk. */
int64_t nn_attention_scratch(const nn_attention *);
/* Threads share samples and key heads; the bits are the same for any number of them. */
void nn_attention_forward(nn_team *, const nn_attention *);
void nn_attention_backward(nn_team *, const nn_attention *, const nn_attention_gradients *);

#endif
