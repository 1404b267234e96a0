/* random_erasing.c - in training, fills a rectangle of each picture, drawn at random, with a constant or with noise
 * (Zhong et al. 2017). */
#include "augment.h"

typedef struct erasing_config {
  double chance_low, chance_high; /* the probability that a sample is changed is drawn from there */
  double scale_low, scale_high;   /* of the rectangle's sides, squared */
  bool is_noise;
  double fill_0, fill_1, fill_2; /* for each channel, in turn */
  double low, high;              /* the range of values */
  int seed;
} erasing_config;

#define NUMBER(name, standard)                                                                                         \
  { #name, NN_FIELD_FLOAT, offsetof(erasing_config, name), standard, -INFINITY, INFINITY, NULL }

static const nn_field fields[] = {
    NUMBER(chance_low, 1),
    NUMBER(chance_high, 1),
    NUMBER(scale_low, 0),
    NUMBER(scale_high, 0),
    {"is_noise", NN_FIELD_BOOL, offsetof(erasing_config, is_noise), 0, 0, 1, NULL},
    NUMBER(fill_0, 0),
    NUMBER(fill_1, 0),
    NUMBER(fill_2, 0),
    NUMBER(low, 0),
    NUMBER(high, 255),
    {"seed", NN_FIELD_INT, offsetof(erasing_config, seed), NN_NO_SEED, NN_NO_SEED, INT32_MAX, NULL},
    {0}};

/* What a sample keeps: the rectangle's rows and columns, from the first to before the last; none if it is not changed.
 */
enum { TOP, BOTTOM, LEFT, RIGHT, SAVED };

static int build(nn_error *error, nn_node *node) {
  const nn_shape *in = &node->inputs[0]->shape;
  char text[NN_SHAPE_TEXT];
  if (in->ndim != 3)
    return nn_fail(error, "wants pictures (height, width, channels), got samples of %s", nn_shape_text(in, text));
  node->output->shape = *in;
  node->saved_size = SAVED;
  return NN_OK;
}

/* Pixels whose number is from `first` to below `last`, which need not be whole. */
static void draw_side(float *first, float *last, float share, int64_t length, nn_rng *rng) {
  const float size = share * (float)length, start = nn_rng_float(rng) * ((float)length - size);
  *first = ceilf(start);
  *last = ceilf(start + size);
}

static void draw_box(float *box, const nn_node *node, const nn_pass *pass, nn_rng *rng) {
  const erasing_config *config = (const erasing_config *)node->config;
  const int64_t *shape = node->output->shape.dim;
  const float width = sqrtf(nn_draw(rng, config->scale_low, config->scale_high));
  const float height = sqrtf(nn_draw(rng, config->scale_low, config->scale_high));
  draw_side(&box[LEFT], &box[RIGHT], width, shape[1], rng);
  draw_side(&box[TOP], &box[BOTTOM], height, shape[0], rng);
  if (!nn_draw_chance(rng, config->chance_low, config->chance_high) || !pass->training)
    memset(box, 0, SAVED * sizeof *box);
}

/* One row's part of the rectangle: y (count, channels) */
static void fill(float *y, int64_t count, int64_t channels, const erasing_config *config, nn_rng *rng) {
  const double constant[] = {config->fill_0, config->fill_1, config->fill_2};
  if (config->is_noise)
    nn_rng_normal(rng, y, count * channels, 0, (float)config->high);
  for (int64_t i = 0; i < count * channels; i++) {
    const float value = config->is_noise ? y[i] : (float)constant[i % channels % 3];
    y[i] = fminf((float)config->high, fmaxf((float)config->low, value));
  }
}

static void forward_sample(nn_node *node, const nn_pass *pass, int64_t sample) {
  const erasing_config *config = (const erasing_config *)node->config;
  const int64_t size = node->output->width, columns = node->output->shape.dim[1], channels = node->output->shape.dim[2];
  float *y = node->output->data + sample * size, box[SAVED];
  nn_rng rng = nn_sample_stream(node, pass, config->seed, sample);
  draw_box(box, node, pass, &rng);
  if (node->saved)
    memcpy(node->saved + sample * SAVED, box, sizeof box);
  memcpy(y, node->inputs[0]->data + sample * size, sizeof *y * (size_t)size);
  const int64_t left = (int64_t)box[LEFT], count = (int64_t)box[RIGHT] - left;
  for (int64_t row = (int64_t)box[TOP]; row < (int64_t)box[BOTTOM]; row++)
    fill(y + (row * columns + left) * channels, count, channels, config, &rng);
}

static void forward(nn_node *node, const nn_pass *pass) { nn_for_samples(node, pass, forward_sample); }

static void backward_sample(nn_node *node, const nn_pass *pass, int64_t sample) {
  const int64_t size = node->output->width, columns = node->output->shape.dim[1], channels = node->output->shape.dim[2];
  const float *box = node->saved + sample * SAVED;
  float *dx = node->input_grad[0] + sample * size;
  (void)pass;
  memcpy(dx, node->output->grad + sample * size, sizeof *dx * (size_t)size);
  const int64_t left = (int64_t)box[LEFT], count = (int64_t)box[RIGHT] - left;
  for (int64_t row = (int64_t)box[TOP]; row < (int64_t)box[BOTTOM]; row++)
    memset(dx + (row * columns + left) * channels, 0, sizeof *dx * (size_t)(count * channels));
}

static void backward(nn_node *node, const nn_pass *pass) {
  if (node->input_grad[0])
    nn_for_samples(node, pass, backward_sample);
}

const nn_layer nn_layer_random_erasing = {.name = "random_erasing",
                                          .config_size = sizeof(erasing_config),
                                          .fields = fields,
                                          .build = build,
                                          .forward = forward,
                                          .backward = backward};
