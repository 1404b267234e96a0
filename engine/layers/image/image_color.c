/* image_color.c - colours of pictures changed at random, in training. Each sample draws its own numbers. */
#include "augment.h"
#include "color.h"

typedef struct color_config {
  int kind;
  double a_low, a_high, b_low, b_high; /* ranges of draws, see the functions that draw */
  double chance_low, chance_high;      /* the probability that a sample is changed is drawn from there */
  double low, high;                    /* the range of values */
  int kernel_height, kernel_width, bins;
  bool is_always; /* not in training alone */
  nn_pick pick;
  int seed;
} color_config;

#define NUMBER(name, standard)                                                                                         \
  { #name, NN_FIELD_FLOAT, offsetof(color_config, name), standard, -INFINITY, INFINITY, NULL }

/* ---- what is drawn ---- */

typedef void draw(float *drawn, const color_config *, nn_rng *);

static void draw_two(float *drawn, const color_config *config, nn_rng *rng) {
  drawn[0] = nn_draw(rng, config->a_low, config->a_high);
  drawn[1] = nn_draw(rng, config->b_low, config->b_high);
}

static void draw_brightness(float *drawn, const color_config *config, nn_rng *rng) {
  drawn[0] = nn_draw(rng, config->a_low, config->a_high) * (float)(config->high - config->low);
}

/* 1/2 is a factor of 1, 0 takes all colour away. */
static void draw_saturation(float *drawn, const color_config *config, nn_rng *rng) {
  const float factor = nn_draw(rng, config->a_low, config->a_high);
  drawn[0] = factor / (1 - factor + 1e-7f);
}

static void draw_hue(float *drawn, const color_config *config, nn_rng *rng) {
  const float sign = nn_rng_float(rng) > 0.5f ? -1 : 1;
  drawn[0] = sign * nn_draw(rng, config->a_low, config->a_high) * 0.5f;
}

/* 1/2 is a factor of 1, 0 blurs, 1 sharpens. */
static void draw_sharpness(float *drawn, const color_config *config, nn_rng *rng) {
  drawn[0] = 2 * nn_draw(rng, config->a_low, config->a_high);
}

/* A whole number from a_low to below a_high. */
static void draw_bits(float *drawn, const color_config *config, nn_rng *rng) {
  drawn[0] = floorf(nn_draw(rng, config->a_low, config->a_high));
}

static void draw_deviations(float *drawn, const color_config *config, nn_rng *rng) {
  drawn[0] = nn_draw(rng, config->a_low, config->a_high) + 1e-6f;
  drawn[1] = nn_draw(rng, config->a_low, config->a_high) + 1e-6f;
}

/* ---- kinds ---- */

typedef struct kind {
  const char *name;
  draw *draw;
  nn_color_apply *apply;
  nn_color_gradient *gradient;
  bool is_rgb; /* wants three channels */
  int buffers; /* scratch memory, in pictures */
} kind;

static const kind kinds[] = {{"brightness", draw_brightness, nn_brighten, nn_brighten_gradient, false, 0},
                             {"contrast", draw_two, nn_contrast, nn_contrast_gradient, false, 0},
                             {"saturation", draw_saturation, nn_saturate, nn_saturate_gradient, true, 0},
                             {"hue", draw_hue, nn_turn_hue, nn_turn_hue_gradient, true, 0},
                             {"degeneration", draw_two, nn_degenerate, nn_degenerate_gradient, true, 0},
                             {"inversion", draw_two, nn_invert, nn_invert_gradient, false, 0},
                             {"posterization", draw_bits, nn_posterize, nn_flat_gradient, false, 0},
                             {"solarization", draw_two, nn_solarize, nn_solarize_gradient, false, 0},
                             {"auto_contrast", draw_two, nn_auto_contrast, nn_auto_contrast_gradient, false, 0},
                             {"equalization", draw_two, nn_equalize, nn_flat_gradient, false, 1},
                             {"sharpness", draw_sharpness, nn_sharpen, nn_sharpen_gradient, false, 1},
                             {"blur", draw_deviations, nn_blur, nn_blur_gradient, false, 2}};

static const char *const kind_names[] = {
    "brightness",   "contrast",      "saturation",   "hue",       "degeneration", "inversion", "posterization",
    "solarization", "auto_contrast", "equalization", "sharpness", "blur",         NULL};

static const nn_field fields[] = {
    {"kind", NN_FIELD_CHOICE, offsetof(color_config, kind), NAN, 0, 0, kind_names},
    NUMBER(a_low, 0),
    NUMBER(a_high, 0),
    NUMBER(b_low, 0),
    NUMBER(b_high, 0),
    NUMBER(chance_low, 1),
    NUMBER(chance_high, 1),
    NUMBER(low, -INFINITY),
    NUMBER(high, INFINITY),
    {"kernel_height", NN_FIELD_INT, offsetof(color_config, kernel_height), 1, 1, 255, NULL},
    {"kernel_width", NN_FIELD_INT, offsetof(color_config, kernel_width), 1, 1, 255, NULL},
    {"bins", NN_FIELD_INT, offsetof(color_config, bins), 256, 1, 65536, NULL},
    {"is_always", NN_FIELD_BOOL, offsetof(color_config, is_always), 0, 0, 1, NULL},
    NN_PICK_FIELDS(color_config, pick),
    {"seed", NN_FIELD_INT, offsetof(color_config, seed), NN_NO_SEED, NN_NO_SEED, INT32_MAX, NULL},
    {0}};

/* A sample keeps its draws, and whether it is changed at all. */
enum { IS_CHANGED = NN_COLOR_DRAWS, SAVED };

static int build(nn_error *error, nn_node *node) {
  const color_config *config = (const color_config *)node->config;
  const nn_shape *in = &node->inputs[0]->shape;
  char text[NN_SHAPE_TEXT];
  if (in->ndim != 3)
    return nn_fail(error, "wants pictures (height, width, channels), got samples of %s", nn_shape_text(in, text));
  if (kinds[config->kind].is_rgb && in->dim[2] != 3)
    return nn_fail(error, "wants pictures of three channels (red, green, blue), got %s", nn_shape_text(in, text));
  node->output->shape = *in;
  node->saved_size = SAVED;
  const int64_t size = nn_shape_count(in);
  node->scratch_size = kinds[config->kind].buffers * (size > config->bins ? size : config->bins);
  return NN_OK;
}

/* ---- running ---- */

static nn_color color_of(const nn_node *node, int64_t sample, const float *drawn) {
  const color_config *config = (const color_config *)node->config;
  const int64_t *shape = node->inputs[0]->shape.dim;
  nn_color color = {.height = shape[0],
                    .width = shape[1],
                    .channels = shape[2],
                    .low = (float)config->low,
                    .high = (float)config->high,
                    .kernel_height = config->kernel_height,
                    .kernel_width = config->kernel_width,
                    .bins = config->bins,
                    .scratch = node->scratch + sample * node->scratch_size};
  memcpy(color.draw, drawn, sizeof color.draw);
  return color;
}

/* drawn (SAVED) */
static void draw_sample(float *drawn, const nn_node *node, const nn_pass *pass, int64_t sample) {
  const color_config *config = (const color_config *)node->config;
  nn_rng rng = nn_sample_stream(node, pass, config->seed, sample);
  memset(drawn, 0, SAVED * sizeof *drawn);
  drawn[IS_CHANGED] = nn_draw_chance(&rng, config->chance_low, config->chance_high) &&
                      (pass->training || config->is_always) &&
                      nn_is_picked(&config->pick, node, pass, config->seed, sample);
  kinds[config->kind].draw(drawn, config, &rng);
}

static void forward_sample(nn_node *node, const nn_pass *pass, int64_t sample) {
  const int64_t size = node->output->width;
  const float *x = node->inputs[0]->data + sample * size;
  float *y = node->output->data + sample * size, drawn[SAVED];
  draw_sample(drawn, node, pass, sample);
  if (node->saved)
    memcpy(node->saved + sample * SAVED, drawn, sizeof drawn);
  if (drawn[IS_CHANGED] > 0) {
    const nn_color color = color_of(node, sample, drawn);
    kinds[((const color_config *)node->config)->kind].apply(y, x, &color);
  } else {
    memcpy(y, x, sizeof *y * (size_t)size);
  }
}

static void forward(nn_node *node, const nn_pass *pass) { nn_for_samples(node, pass, forward_sample); }

static void backward_sample(nn_node *node, const nn_pass *pass, int64_t sample) {
  const int64_t size = node->output->width;
  const float *dy = node->output->grad + sample * size, *drawn = node->saved + sample * SAVED;
  float *dx = node->input_grad[0] + sample * size;
  (void)pass;
  if (drawn[IS_CHANGED] > 0) {
    const nn_color color = color_of(node, sample, drawn);
    kinds[((const color_config *)node->config)->kind].gradient(dx, dy, node->inputs[0]->data + sample * size, &color);
  } else {
    memcpy(dx, dy, sizeof *dx * (size_t)size);
  }
}

static void backward(nn_node *node, const nn_pass *pass) {
  if (node->input_grad[0])
    nn_for_samples(node, pass, backward_sample);
}

static double work(const nn_node *node) {
  const color_config *config = (const color_config *)node->config;
  return (8.0 + config->kernel_height + config->kernel_width) * (double)node->output->width;
}

const nn_layer nn_layer_image_color = {.name = "image_color",
                                       .config_size = sizeof(color_config),
                                       .fields = fields,
                                       .build = build,
                                       .forward = forward,
                                       .backward = backward,
                                       .work = work};
