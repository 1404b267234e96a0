/* mix.c - in training, mixes each sample of a batch with another: as a weighted sum (MixUp, Zhang et al. 2017), or with
 * a rectangle of it (CutMix, Yun et al. 2019). A second input is labels, which are mixed in the same proportion. */
#include "augment.h"

typedef struct mix_config {
  bool is_cut;
  double alpha_low, alpha_high; /* of the beta distribution of weights, drawn for each batch */
  int seed;
} mix_config;

static const nn_field fields[] = {
    {"is_cut", NN_FIELD_BOOL, offsetof(mix_config, is_cut), 0, 0, 1, NULL},
    {"alpha_low", NN_FIELD_FLOAT, offsetof(mix_config, alpha_low), NAN, 0, INFINITY, NULL},
    {"alpha_high", NN_FIELD_FLOAT, offsetof(mix_config, alpha_high), NAN, 0, INFINITY, NULL},
    {"seed", NN_FIELD_INT, offsetof(mix_config, seed), NN_NO_SEED, NN_NO_SEED, INT32_MAX, NULL},
    {0}};

/* What a sample draws: with which other it is mixed, how much it counts itself, and the rectangle of the other. */
enum { PARTNER, WEIGHT, TOP, BOTTOM, LEFT, RIGHT, DRAWN };

static int build(nn_error *error, nn_node *node) {
  const mix_config *config = (const mix_config *)node->config;
  char text[NN_SHAPE_TEXT];
  if (node->input_count > 2)
    return nn_fail(error, "wants pictures, or pictures and labels, got %d inputs", node->input_count);
  if (config->is_cut && node->inputs[0]->shape.ndim != 3)
    return nn_fail(error, "wants pictures (height, width, channels), got samples of %s",
                   nn_shape_text(&node->inputs[0]->shape, text));
  node->output_count = node->input_count;
  for (int k = 0; k < node->input_count; k++)
    node->output[k].shape = node->inputs[k]->shape;
  node->saved_size = DRAWN;
  node->scratch_size = DRAWN + 1;
  return NN_OK;
}

/* ---- draws ---- */

/* Marsaglia and Tsang 2000; below 1 by gamma(alpha + 1) u^(1 / alpha). */
static double draw_gamma(nn_rng *rng, double alpha) {
  if (alpha < 1)
    return draw_gamma(rng, alpha + 1) * pow(1 - nn_rng_float(rng), 1 / alpha);
  const double d = alpha - 1.0 / 3, c = 1 / sqrt(9 * d);
  for (;;) {
    float x;
    nn_rng_normal(rng, &x, 1, 0, 1);
    const double v = (1 + c * x) * (1 + c * x) * (1 + c * x);
    if (v > 0 && log(1 - nn_rng_float(rng)) < 0.5 * x * x + d - d * v + d * log(v))
      return d * v;
  }
}

static float draw_beta(nn_rng *rng, double alpha) {
  const double a = draw_gamma(rng, alpha), b = draw_gamma(rng, alpha);
  if (a + b > 0)
    return (float)(a / (a + b));
  return nn_rng_float(rng) < 0.5f ? 0 : 1; /* alpha is so small that both came out as 0 */
}

static void draw_side(float *first, float *last, float share, int64_t length, nn_rng *rng) {
  const float size = share * (float)length, start = nn_rng_float(rng) * ((float)length - size);
  *first = start;
  *last = start + size;
}

/* Counts what the rectangle covers, as Keras does: by its sides, which need not be whole. */
static void draw_box(float *drawn, const nn_node *node, nn_rng *rng) {
  const int64_t *shape = node->inputs[0]->shape.dim;
  const float share = sqrtf(1 - drawn[WEIGHT]);
  draw_side(&drawn[LEFT], &drawn[RIGHT], share, shape[1], rng);
  draw_side(&drawn[TOP], &drawn[BOTTOM], share, shape[0], rng);
  drawn[WEIGHT] = 1 - (drawn[RIGHT] - drawn[LEFT]) * (drawn[BOTTOM] - drawn[TOP]) / (float)(shape[0] * shape[1]);
}

/* drawn (rows, DRAWN) */
static void draw_all(float *drawn, int32_t *order, nn_node *node, const nn_pass *pass) {
  const mix_config *config = (const mix_config *)node->config;
  nn_rng rng = nn_noise_stream(node, pass, config->seed);
  nn_rng_permutation(&rng, order, (int32_t)pass->rows);
  const double alpha = nn_draw(&rng, config->alpha_low, config->alpha_high) + 1e-6;
  const float weight = config->is_cut ? 0 : draw_beta(&rng, alpha);
  for (int64_t i = 0; i < pass->rows; i++, drawn += DRAWN) {
    drawn[PARTNER] = (float)order[i];
    drawn[WEIGHT] = config->is_cut ? draw_beta(&rng, alpha) : weight;
    if (config->is_cut)
      draw_box(drawn, node, &rng);
  }
}

/* ---- mixing ---- */

static bool is_in_box(const float *drawn, const nn_shape *shape, int64_t i) {
  const float row = (float)(i / (shape->dim[1] * shape->dim[2])), column = (float)(i / shape->dim[2] % shape->dim[1]);
  return row >= drawn[TOP] && row < drawn[BOTTOM] && column >= drawn[LEFT] && column < drawn[RIGHT];
}

/* How much number i of a sample of input k counts beside its partner's. */
static float share_of(const nn_node *node, const float *drawn, int k, int64_t i) {
  if (k > 0 || !((const mix_config *)node->config)->is_cut)
    return drawn[WEIGHT];
  return is_in_box(drawn, &node->inputs[0]->shape, i) ? 0 : 1;
}

static void forward(nn_node *node, const nn_pass *pass) {
  float *drawn = node->scratch;
  if (pass->training)
    draw_all(drawn, (int32_t *)(node->scratch + pass->rows * DRAWN), node, pass);
  if (pass->training && node->saved)
    memcpy(node->saved, drawn, sizeof *drawn * (size_t)(pass->rows * DRAWN));
  for (int k = 0; k < node->input_count; k++) {
    const float *x = node->inputs[k]->data;
    const int64_t size = node->output[k].width;
    float *y = node->output[k].data;
    for (int64_t row = 0; row < pass->rows; row++)
      for (int64_t i = 0; i < size; i++) {
        const float share = pass->training ? share_of(node, drawn + row * DRAWN, k, i) : 1;
        const int64_t partner = pass->training ? (int64_t)drawn[row * DRAWN + PARTNER] : row;
        y[row * size + i] = share * x[row * size + i] + (1 - share) * x[partner * size + i];
      }
  }
}

static void backward(nn_node *node, const nn_pass *pass) {
  for (int k = 0; k < node->input_count; k++) {
    const int64_t size = node->output[k].width;
    const float *dy = node->output[k].grad;
    float *dx = node->input_grad[k];
    if (!dx)
      continue;
    memset(dx, 0, sizeof *dx * (size_t)(pass->rows * size));
    for (int64_t row = 0; dy && row < pass->rows; row++)
      for (int64_t i = 0; i < size; i++) {
        const float *drawn = node->saved + row * DRAWN, share = pass->training ? share_of(node, drawn, k, i) : 1;
        const int64_t partner = pass->training ? (int64_t)drawn[PARTNER] : row;
        dx[row * size + i] += share * dy[row * size + i];
        dx[partner * size + i] += (1 - share) * dy[row * size + i];
      }
  }
}

const nn_layer nn_layer_mix = {.name = "mix",
                               .config_size = sizeof(mix_config),
                               .fields = fields,
                               .most_outputs = 2,
                               .build = build,
                               .forward = forward,
                               .backward = backward};
