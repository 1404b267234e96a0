/* attention.c - dot-product attention by blocks of queries.
 *
 * Backward, with S = scale Q K', P = softmax(S), O = P V:
 *
 *   dV = P' dO,  dP = dO V',  dS = P (dP - row sums of P dP),  dQ = scale dS K,  dK = scale dS' Q */
#include "attention.h"

#include <string.h>

#include "products/attention_block.h"
#include "products/blas.h"
#include "products/kernels/kernels.h"

enum { WORKERS = 16 /* parts of the work, each with scratch memory of its own */ };

static int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }
static int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

/* ---- memory ---- */

static int64_t scratch_of_one(const nn_attention *a) {
  const int64_t scores = NN_ATTENTION_BLOCK * a->keys;
  return NN_ATTENTION_BLOCK * a->width + (a->rate > 0 ? 3 : 2) * scores + a->keys * larger(a->width, a->value_width);
}

static int64_t workers_of(const nn_attention *a) { return smaller(WORKERS, a->samples * a->key_heads); }

int64_t nn_attention_scratch(const nn_attention *a) { return workers_of(a) * scratch_of_one(a); }

static nn_attention_memory scratch_at(const nn_attention *a, int64_t worker) {
  const int64_t scores = NN_ATTENTION_BLOCK * a->keys;
  float *memory = a->scratch + worker * scratch_of_one(a);
  nn_attention_memory s = {.query = memory, .p = memory + NN_ATTENTION_BLOCK * a->width};
  s.dp = s.p + scores;
  s.factors = s.dp + scores;
  s.product = s.factors + (a->rate > 0 ? scores : 0);
  return s;
}

static nn_attention_head head_at(const nn_attention *a, int64_t sample, int64_t index, nn_attention_memory memory) {
  const int64_t key_index = index / (a->heads / a->key_heads);
  nn_attention_head h = {.a = a, .sample = sample, .index = index, .key_index = key_index, .memory = memory};
  h.q_row = a->heads * a->width;
  h.k_row = a->key_heads * a->width;
  h.v_row = a->key_heads * a->value_width;
  h.out_row = a->heads * a->value_width;
  h.q = a->q + sample * a->queries * h.q_row + index * a->width;
  h.k = a->k + sample * a->keys * h.k_row + key_index * a->width;
  h.v = a->v + sample * a->keys * h.v_row + key_index * a->value_width;
  return h;
}

/* ---- forward ---- */

static void copy_scores(const nn_attention_block *b) {
  const nn_attention *a = b->h->a;
  float *to = a->scores + ((b->h->sample * a->heads + b->h->index) * a->queries + b->first) * a->keys;
  for (int64_t i = 0; i < b->rows; i++, to += a->keys) {
    memcpy(to, b->h->memory.p + i * b->columns, sizeof(float) * (size_t)b->columns);
    memset(to + b->columns, 0, sizeof(float) * (size_t)(a->keys - b->columns));
  }
}

static void block_forward(const nn_attention_head *h, int64_t first) {
  const nn_attention *a = h->a;
  nn_attention_block b = nn_attention_block_at(h, first);
  nn_attend(&b);
  if (a->scores)
    copy_scores(&b);
  if (a->rate > 0) {
    nn_draw_attention_factors(&b);
    nn_multiply_scores(&b, h->memory.p, h->memory.factors);
  }
  float *out = a->out + (h->sample * a->queries + first) * h->out_row + h->index * a->value_width;
  nn_gemm(NULL, false, false, b.rows, a->value_width, b.columns, h->memory.p, b.columns, h->v, h->v_row, out,
          h->out_row);
}

/* ---- backward ---- */

/* to(rows, width) += product(rows, width) */
static void add_rows(float *to, int64_t to_row, const float *product, int64_t rows, int64_t width) {
  for (int64_t i = 0; i < rows; i++, to += to_row, product += width)
    for (int64_t j = 0; j < width; j++)
      to[j] += product[j];
}

/* A gradient of keys or values += left' right, of this block's left(rows, columns) and right(rows, width). */
static void add_to_keys(const nn_attention_block *b, float *gradient, int64_t gradient_row, const float *left,
                        const float *right, int64_t right_row, int64_t width) {
  float *product = b->h->memory.product;
  nn_gemm(NULL, true, false, b->columns, width, b->rows, left, b->columns, right, right_row, product, width);
  add_rows(gradient, gradient_row, product, b->columns, width);
}

/* From dP in memory.dp to dS, there too. */
static void differentiate_softmax(const nn_attention_block *b) {
  const nn_attention_memory *m = &b->h->memory;
  nn_kernels_at(0)->softmax_gradient(m->dp, m->p, b->rows, b->columns);
  for (int64_t i = 0; i < b->rows; i++)
    if (b->sees_nothing[i])
      memset(m->dp + i * b->columns, 0, sizeof(float) * (size_t)b->columns);
}

/* dP, in memory.dp: from the output's gradient and that of the scores; either may be NULL. */
static void find_score_gradient(const nn_attention_block *b, const float *dout, const float *scores) {
  const nn_attention_head *h = b->h;
  const nn_attention *a = h->a;
  float *dp = h->memory.dp;
  if (dout)
    nn_gemm(NULL, false, true, b->rows, b->columns, a->value_width, dout, h->out_row, h->v, h->v_row, dp, b->columns);
  else
    memset(dp, 0, sizeof(float) * (size_t)(b->rows * b->columns));
  if (dout && a->rate > 0)
    nn_multiply_scores(b, dp, h->memory.factors);
  if (!scores)
    return;
  scores += ((h->sample * a->heads + h->index) * a->queries + b->first) * a->keys;
  for (int64_t i = 0; i < b->rows; i++)
    for (int64_t j = 0; j < b->columns; j++)
      dp[i * b->columns + j] += scores[i * a->keys + j];
}

/* dQ of the block; its part of dK. */
static void add_query_and_key(const nn_attention_block *b, const nn_attention_gradients *g) {
  const nn_attention_head *h = b->h;
  const nn_attention *a = h->a;
  const float *ds = h->memory.dp;
  if (g->q) {
    float *dq = g->q + (h->sample * a->queries + b->first) * h->q_row + h->index * a->width;
    nn_gemm(NULL, false, false, b->rows, a->width, b->columns, ds, b->columns, h->k, h->k_row, dq, h->q_row);
    for (int64_t i = 0; i < b->rows; i++)
      for (int64_t j = 0; j < a->width; j++)
        dq[i * h->q_row + j] *= a->scale;
  }
  if (g->k)
    add_to_keys(b, g->k + h->sample * a->keys * h->k_row + h->key_index * a->width, h->k_row, ds, h->memory.query,
                a->width, a->width);
}

static void block_backward(const nn_attention_head *h, int64_t first, const nn_attention_gradients *g) {
  const nn_attention *a = h->a;
  nn_attention_block b = nn_attention_block_at(h, first);
  const nn_attention_memory *m = &h->memory;
  const float *dout =
      g->out ? g->out + (h->sample * a->queries + first) * h->out_row + h->index * a->value_width : NULL;
  float *dv = g->v ? g->v + h->sample * a->keys * h->v_row + h->key_index * a->value_width : NULL;
  nn_attend(&b);
  if (a->rate > 0)
    nn_draw_attention_factors(&b);
  if (dout && dv && a->rate > 0) { /* dp is free until dP is computed */
    memcpy(m->dp, m->p, sizeof(float) * (size_t)(b.rows * b.columns));
    nn_multiply_scores(&b, m->dp, m->factors);
  }
  if (dout && dv)
    add_to_keys(&b, dv, h->v_row, a->rate > 0 ? m->dp : m->p, dout, h->out_row, a->value_width);
  if (!g->q && !g->k)
    return;
  find_score_gradient(&b, dout, g->scores);
  differentiate_softmax(&b);
  add_query_and_key(&b, g);
}

/* ---- sharing the work ---- */

typedef struct task {
  const nn_attention *a;
  const nn_attention_gradients *gradients; /* NULL: forward */
  int64_t workers;
  bool has_team;
} task;

/* Gradients of one sample's key head, to which its queries add. */
static void clear(float *gradient, const nn_attention *a, int64_t sample, int64_t key_head, int64_t width) {
  const int64_t row = a->key_heads * width;
  for (int64_t i = 0; gradient && i < a->keys; i++)
    memset(gradient + (sample * a->keys + i) * row + key_head * width, 0, sizeof(float) * (size_t)width);
}

/* All heads of one sample that share a key head. */
static void run_key_head(const task *t, int64_t sample, int64_t key_head, nn_attention_memory memory) {
  const nn_attention *a = t->a;
  const int64_t group = a->heads / a->key_heads;
  if (t->gradients) {
    clear(t->gradients->k, a, sample, key_head, a->width);
    clear(t->gradients->v, a, sample, key_head, a->value_width);
  }
  for (int64_t i = key_head * group; i < (key_head + 1) * group; i++) {
    const nn_attention_head h = head_at(a, sample, i, memory);
    for (int64_t first = 0; first < a->queries; first += NN_ATTENTION_BLOCK)
      if (t->gradients)
        block_backward(&h, first, t->gradients);
      else
        block_forward(&h, first);
  }
}

static void run_part(void *context, int part) {
  const task *t = context;
  const int64_t units = t->a->samples * t->a->key_heads;
  const nn_attention_memory memory = scratch_at(t->a, t->has_team ? part : 0);
  for (int64_t u = units * part / t->workers; u < units * (part + 1) / t->workers; u++)
    run_key_head(t, u / t->a->key_heads, u % t->a->key_heads, memory);
}

static void run(nn_team *team, const nn_attention *a, const nn_attention_gradients *gradients) {
  if (!nn_gemm_is_thread_safe())
    team = NULL;
  task t = {a, gradients, workers_of(a), nn_team_size(team) > 1};
  if (t.has_team)
    nn_team_run(team, (int)t.workers, run_part, &t);
  else
    for (int part = 0; part < t.workers; part++)
      run_part(&t, part);
}

void nn_attention_forward(nn_team *team, const nn_attention *a) { run(team, a, NULL); }

void nn_attention_backward(nn_team *team, const nn_attention *a, const nn_attention_gradients *gradients) {
  run(team, a, gradients);
}
