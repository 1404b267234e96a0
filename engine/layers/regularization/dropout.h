/* dropout.h - what layers share that drop values: which are dropped, and which of them together. */
#ifndef NN_DROPOUT_H
#define NN_DROPOUT_H

#include <math.h>
#include <string.h>

#include "graph/node.h"

typedef struct nn_dropout_config {
  double rate;
  int seed;
  nn_shape noise_shape; /* the samples' axis first; -1: the input's own length; empty: all of them */
} nn_dropout_config;

#define NN_DROPOUT_FIELDS                                                                                              \
  {"rate", NN_FIELD_FLOAT, offsetof(nn_dropout_config, rate), NAN, 0, 1, NULL},                                        \
      {"seed", NN_FIELD_INT, offsetof(nn_dropout_config, seed), NN_NO_SEED, NN_NO_SEED, INT32_MAX, NULL}, {            \
    "noise_shape", NN_FIELD_SHAPE, offsetof(nn_dropout_config, noise_shape), 0, -1, 0, NULL                            \
  }

static inline bool nn_drops(const nn_node *node, const nn_pass *pass) {
  return pass->training && ((const nn_dropout_config *)node->config)->rate > 0;
}

static inline int nn_dropout_build(nn_error *error, nn_node *node) {
  const nn_shape *noise = &((const nn_dropout_config *)node->config)->noise_shape, *in = &node->inputs[0]->shape;
  char text[NN_SHAPE_TEXT];
  if (noise->ndim > 0 && noise->ndim != in->ndim + 1)
    return nn_fail(error, "noise_shape: expected %d lengths, the samples' axis first, got %d", in->ndim + 1,
                   noise->ndim);
  for (int i = 1; i < noise->ndim; i++)
    if (noise->dim[i] != -1 && noise->dim[i] != 1 && noise->dim[i] != in->dim[i - 1])
      return nn_fail(error, "noise_shape: axis %d is neither 1 nor that of samples of %s", i + 1,
                     nn_shape_text(in, text));
  node->output->shape = *in;
  node->saved_size = nn_shape_count(&node->output->shape);
  return NN_OK;
}

/* factor(n): 0 where dropped, the scale where kept. */
static inline void nn_draw_factors(float *factor, int64_t n, double rate, float scale, nn_rng rng) {
  uint32_t threshold = (uint32_t)(rate * 0x1p32 < 0x1p32 ? rate * 0x1p32 : 0xffffffffu);
  uint32_t words[NN_RNG_CHUNK];
  for (int64_t first = 0; first < n; first += NN_RNG_CHUNK) {
    int64_t count = n - first < NN_RNG_CHUNK ? n - first : NN_RNG_CHUNK;
    nn_rng_words(&rng, words, count);
    for (int64_t i = 0; i < count; i++)
      factor[first + i] = words[i] >= threshold ? scale : 0;
  }
}

/* Copies the first factor along each axis of length 1 to the others, the last axis first. */
static inline void nn_share_factors(float *factor, int64_t rows, const nn_shape *noise, const nn_shape *sample) {
  int64_t inner = 1;
  for (int axis = sample->ndim; axis >= 0 && noise->ndim > 0; axis--) {
    int64_t length = axis ? sample->dim[axis - 1] : rows, outer = rows * nn_shape_count(sample) / (inner * length);
    for (int64_t o = 0; o < outer && noise->dim[axis] == 1; o++)
      for (int64_t i = inner; i < length * inner; i++)
        factor[o * length * inner + i] = factor[o * length * inner + i % inner];
    inner *= length;
  }
}

/* saved: 0 where dropped, the scale where kept. */
static inline void nn_drop(nn_node *node, const nn_pass *pass, float scale) {
  const nn_dropout_config *config = (const nn_dropout_config *)node->config;
  nn_draw_factors(node->saved, pass->rows * node->output->width, config->rate, scale,
                  nn_noise_stream(node, pass, config->seed));
  nn_share_factors(node->saved, pass->rows, &config->noise_shape, &node->output->shape);
}

/* Where nothing is dropped, values and gradients pass unchanged. */
static inline void nn_dropout_backward(nn_node *node, const nn_pass *pass) {
  bool drops = nn_drops(node, pass);
  int64_t n = pass->rows * node->output->width;
  for (int64_t i = 0; node->input_grad[0] && i < n; i++)
    node->input_grad[0][i] = node->output->grad[i] * (drops ? node->saved[i] : 1);
}

#endif
