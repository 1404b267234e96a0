/* dropout.c - in training, each value is kept with probability 1 - rate and scaled by 1 / (1 - rate), otherwise 0;
 * in inference values pass unchanged (Srivastava et al. 2014, in the inverted form Keras uses). With a noise_shape, all
 * values along an axis of length 1 there are kept or dropped together. */
#include <string.h>

#include "nn.h"

typedef struct dropout_config {
  double rate;
  int seed;
  nn_shape noise_shape; /* the samples' axis first; -1: the input's own length; empty: all of them */
} dropout_config;

static const nn_field fields[] = {
    {"rate", NN_FIELD_FLOAT, offsetof(dropout_config, rate), NAN, 0, 1, NULL},
    {"seed", NN_FIELD_INT, offsetof(dropout_config, seed), NN_NO_SEED, NN_NO_SEED, INT32_MAX, NULL},
    {"noise_shape", NN_FIELD_SHAPE, offsetof(dropout_config, noise_shape), 0, -1, 0, NULL},
    {0}};

static int build(nn_error *error, nn_node *node) {
  const nn_shape *noise = &((const dropout_config *)node->config)->noise_shape, *in = &node->inputs[0]->shape;
  char text[NN_SHAPE_TEXT];
  if (noise->ndim > 0 && noise->ndim != in->ndim + 1)
    return nn_fail(error, "noise_shape: expected %d lengths, the samples' axis first, got %d", in->ndim + 1,
                   noise->ndim);
  for (int i = 1; i < noise->ndim; i++)
    if (noise->dim[i] != -1 && noise->dim[i] != 1 && noise->dim[i] != in->dim[i - 1])
      return nn_fail(error, "noise_shape: axis %d is neither 1 nor that of samples of %s", i + 1,
                     nn_shape_text(in, text));
  node->shape = *in;
  node->saved_width = nn_shape_count(&node->shape);
  return NN_OK;
}

/* factor(n): 0 where dropped, the scale where kept. */
static void draw_factors(float *factor, int64_t n, double rate, nn_rng rng) {
  uint32_t threshold = (uint32_t)(rate * 0x1p32 < 0x1p32 ? rate * 0x1p32 : 0xffffffffu);
  float scale = rate < 1 ? (float)(1 / (1 - rate)) : 0;
  uint32_t words[NN_RNG_CHUNK];
  for (int64_t first = 0; first < n; first += NN_RNG_CHUNK) {
    int64_t count = n - first < NN_RNG_CHUNK ? n - first : NN_RNG_CHUNK;
    nn_rng_words(&rng, words, count);
    for (int64_t i = 0; i < count; i++)
      factor[first + i] = words[i] >= threshold ? scale : 0;
  }
}

/* Copies the first factor along each axis of length 1 to the others, the last axis first. */
static void share_factors(float *factor, int64_t rows, const nn_shape *noise, const nn_shape *sample) {
  int64_t inner = 1;
  for (int axis = sample->ndim; axis >= 0 && noise->ndim > 0; axis--) {
    int64_t length = axis ? sample->dim[axis - 1] : rows, outer = rows * nn_shape_count(sample) / (inner * length);
    for (int64_t o = 0; o < outer && noise->dim[axis] == 1; o++)
      for (int64_t i = inner; i < length * inner; i++)
        factor[o * length * inner + i] = factor[o * length * inner + i % inner];
    inner *= length;
  }
}

static void forward(nn_node *node, const nn_pass *pass) {
  const dropout_config *config = (const dropout_config *)node->config;
  const float *x = node->inputs[0]->value;
  int64_t n = pass->rows * node->width;
  if (!pass->training || config->rate == 0) {
    memcpy(node->value, x, sizeof(float) * (size_t)n);
    return;
  }
  draw_factors(node->saved, n, config->rate, nn_noise_stream(node, pass, config->seed));
  share_factors(node->saved, pass->rows, &config->noise_shape, &node->shape);
  for (int64_t i = 0; i < n; i++)
    node->value[i] = x[i] * node->saved[i];
}

static void backward(nn_node *node, const nn_pass *pass) {
  const dropout_config *config = (const dropout_config *)node->config;
  int64_t n = pass->rows * node->width;
  float *dx = node->input_grad[0];
  if (!dx)
    return;
  for (int64_t i = 0; i < n; i++)
    dx[i] = node->grad[i] * (pass->training && config->rate > 0 ? node->saved[i] : 1);
}

const nn_layer nn_layer_dropout = {.name = "dropout",
                                   .config_size = sizeof(dropout_config),
                                   .fields = fields,
                                   .build = build,
                                   .forward = forward,
                                   .backward = backward};
