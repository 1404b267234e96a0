/* image_transform.c - pictures moved at random, in training: flipped, turned, shifted, zoomed, sheared, seen from
 * aside, cut out. Each sample draws the matrix of a projective map, which its gradient uses too. */
#include "augment.h"
#include "tensor/warp.h"

enum { FLIP, ROTATION, TRANSLATION, ZOOM, SHEAR, PERSPECTIVE, CROP };

static const char *const kinds[] = {"flip", "rotation", "translation", "zoom", "shear", "perspective", "crop", NULL};

/* What a and b are depends on the kind: see the functions that draw. */
typedef struct transform_config {
  int kind;
  double a_low, a_high, b_low, b_high;
  bool is_linked; /* zoom: b is a */
  double chance_low, chance_high;
  bool is_nearest;
  int fill_mode;
  double fill_value;
  int height, width; /* crop: of the result */
  nn_pick pick;
  int seed;
} transform_config;

#define NUMBER(name, standard)                                                                                         \
  { #name, NN_FIELD_FLOAT, offsetof(transform_config, name), standard, -INFINITY, INFINITY, NULL }

static const nn_field fields[] = {
    {"kind", NN_FIELD_CHOICE, offsetof(transform_config, kind), NAN, 0, 0, kinds},
    NUMBER(a_low, 0),
    NUMBER(a_high, 0),
    NUMBER(b_low, 0),
    NUMBER(b_high, 0),
    {"is_linked", NN_FIELD_BOOL, offsetof(transform_config, is_linked), 0, 0, 1, NULL},
    NUMBER(chance_low, 1),
    NUMBER(chance_high, 1),
    {"is_nearest", NN_FIELD_BOOL, offsetof(transform_config, is_nearest), 0, 0, 1, NULL},
    {"fill_mode", NN_FIELD_CHOICE, offsetof(transform_config, fill_mode), NN_FILL_REFLECT, 0, 0, nn_fill_mode_names},
    NUMBER(fill_value, 0),
    {"height", NN_FIELD_INT, offsetof(transform_config, height), 0, 0, INT32_MAX, NULL},
    {"width", NN_FIELD_INT, offsetof(transform_config, width), 0, 0, INT32_MAX, NULL},
    NN_PICK_FIELDS(transform_config, pick),
    {"seed", NN_FIELD_INT, offsetof(transform_config, seed), NN_NO_SEED, NN_NO_SEED, INT32_MAX, NULL},
    {0}};

/* A sample keeps its matrix, and whether it is changed at all. */
enum { MATRIX = 8, IS_CHANGED = 8, SAVED };

static int build(nn_error *error, nn_node *node) {
  const transform_config *config = (const transform_config *)node->config;
  const nn_shape *in = &node->inputs[0]->shape;
  char text[NN_SHAPE_TEXT];
  if (in->ndim != 3)
    return nn_fail(error, "wants pictures (height, width, channels), got samples of %s", nn_shape_text(in, text));
  node->output->shape = *in;
  if (config->kind == CROP) {
    node->output->shape.dim[0] = config->height;
    node->output->shape.dim[1] = config->width;
  }
  node->saved_size = SAVED;
  return NN_OK;
}

/* ---- matrices: from a pixel of the result to where it comes from ---- */

static void set(float *m, double m0, double m1, double m2, double m3, double m4, double m5) {
  const double all[MATRIX] = {m0, m1, m2, m3, m4, m5};
  for (int i = 0; i < MATRIX; i++)
    m[i] = (float)all[i];
}

/* a: whether left and right change places, b: above and below; one draw for both, as in Keras. */
static bool draw_flip(float *m, const transform_config *config, nn_rng *rng, double height, double width) {
  const bool x = config->a_high > 0, y = config->b_high > 0;
  set(m, x ? -1 : 1, 0, x ? width - 1 : 0, 0, y ? -1 : 1, y ? height - 1 : 0);
  return nn_rng_float(rng) <= 0.5f;
}

/* a: the angle, in turns, counterclockwise. */
static bool draw_rotation(float *m, const transform_config *config, nn_rng *rng, double height, double width) {
  const double angle = 2 * M_PI * nn_draw(rng, config->a_low, config->a_high), c = cos(angle), s = sin(angle);
  const double x = (width - 1) / 2, y = (height - 1) / 2;
  set(m, c, -s, x - c * x + s * y, s, c, y - s * x - c * y);
  return true;
}

/* a: down, b: to the right, as fractions of the picture. */
static bool draw_translation(float *m, const transform_config *config, nn_rng *rng, double height, double width) {
  const double down = nn_draw(rng, config->a_low, config->a_high) * height;
  const double right = nn_draw(rng, config->b_low, config->b_high) * width;
  set(m, 1, 0, -right, 0, 1, -down);
  return true;
}

/* a: how much more is seen from above to below, b: from left to right. */
static bool draw_zoom(float *m, const transform_config *config, nn_rng *rng, double height, double width) {
  const double y = 1 + nn_draw(rng, config->a_low, config->a_high);
  const double x = config->is_linked ? y : 1 + nn_draw(rng, config->b_low, config->b_high);
  set(m, x, 0, (width - 1) / 2 * (1 - x), 0, y, (height - 1) / 2 * (1 - y));
  return true;
}

/* a: to the right for each row, b: down for each column; the sign of both is drawn, too. */
static bool draw_shear(float *m, const transform_config *config, nn_rng *rng) {
  const double sign = nn_rng_float(rng) > 0.5f ? -1 : 1;
  const double y = sign * nn_draw(rng, config->b_low, config->b_high);
  const double x = sign * nn_draw(rng, config->a_low, config->a_high);
  set(m, 1, x, 0, y, 1, 0);
  return true;
}

/* a: how far corners are moved; see Keras' RandomPerspective. */
static bool draw_perspective(float *m, const transform_config *config, nn_rng *rng) {
  const bool happens = nn_draw_chance(rng, config->chance_low, config->chance_high);
  const double x = nn_draw(rng, config->a_low, config->a_high), y = nn_draw(rng, config->a_low, config->a_high);
  set(m, 1 + x, x, 0, y, 1 + y, 0);
  return happens;
}

/* The middle of the picture that has the result's proportions, resized. */
static void set_middle(float *m, const transform_config *config, int64_t height, int64_t width) {
  int64_t rows = width * config->height / config->width, columns = height * config->width / config->height;
  rows = rows > height ? height : rows < 1 ? 1 : rows;
  columns = columns > width ? width : columns < 1 ? 1 : columns;
  const double y = (double)rows / config->height, x = (double)columns / config->width;
  set(m, x, 0, 0.5 * x - 0.5 + (double)((width - columns) / 2), 0, y, 0.5 * y - 0.5 + (double)((height - rows) / 2));
}

/* m (SAVED) */
static void draw_matrix(float *m, const nn_node *node, const nn_pass *pass, int64_t sample) {
  const transform_config *config = (const transform_config *)node->config;
  const int64_t rows = node->inputs[0]->shape.dim[0], columns = node->inputs[0]->shape.dim[1];
  const double height = (double)rows, width = (double)columns;
  /* All samples of a batch are cut out at one place, as in Keras. */
  nn_rng rng = nn_sample_stream(node, pass, config->seed, config->kind == CROP ? 0 : sample);
  bool is_changed = true;
  memset(m, 0, SAVED * sizeof *m);
  switch (config->kind) {
  case FLIP: is_changed = draw_flip(m, config, &rng, height, width); break;
  case ROTATION: is_changed = draw_rotation(m, config, &rng, height, width); break;
  case TRANSLATION: is_changed = draw_translation(m, config, &rng, height, width); break;
  case ZOOM: is_changed = draw_zoom(m, config, &rng, height, width); break;
  case SHEAR: is_changed = draw_shear(m, config, &rng); break;
  case PERSPECTIVE: is_changed = draw_perspective(m, config, &rng); break;
  default:
    if (pass->training && rows > config->height && columns > config->width)
      set(m, 1, 0, (double)nn_rng_below(&rng, (uint32_t)(columns - config->width + 1)), 0, 1,
          (double)nn_rng_below(&rng, (uint32_t)(rows - config->height + 1)));
    else
      set_middle(m, config, rows, columns);
  }
  m[IS_CHANGED] = is_changed && (pass->training || config->kind == CROP) &&
                  nn_is_picked(&config->pick, node, pass, config->seed, sample);
}

/* ---- running ---- */

static nn_warp warp_of(const nn_node *node, const float *m) {
  const transform_config *config = (const transform_config *)node->config;
  const int64_t *in = node->inputs[0]->shape.dim, *out = node->output->shape.dim;
  nn_warp warp = {.is_nearest = config->is_nearest || config->kind == FLIP,
                  .fill_mode = config->kind == CROP ? NN_FILL_NEAREST : (nn_fill_mode)config->fill_mode,
                  .fill_value = (float)config->fill_value,
                  .height = in[0],
                  .width = in[1],
                  .out_height = out[0],
                  .out_width = out[1],
                  .channels = in[2]};
  memcpy(warp.m, m, sizeof warp.m);
  return warp;
}

static void forward_sample(nn_node *node, const nn_pass *pass, int64_t sample) {
  const int64_t size = node->inputs[0]->width;
  const float *x = node->inputs[0]->data + sample * size;
  float *y = node->output->data + sample * node->output->width, m[SAVED];
  draw_matrix(m, node, pass, sample);
  if (node->saved)
    memcpy(node->saved + sample * SAVED, m, sizeof m);
  if (m[IS_CHANGED] > 0) {
    const nn_warp warp = warp_of(node, m);
    nn_warp_picture(y, x, &warp);
  } else {
    memcpy(y, x, sizeof *y * (size_t)size);
  }
}

static void forward(nn_node *node, const nn_pass *pass) { nn_for_samples(node, pass, forward_sample); }

static void backward_sample(nn_node *node, const nn_pass *pass, int64_t sample) {
  const int64_t size = node->inputs[0]->width;
  const float *dy = node->output->grad + sample * node->output->width, *m = node->saved + sample * SAVED;
  float *dx = node->input_grad[0] + sample * size;
  (void)pass;
  if (m[IS_CHANGED] > 0) {
    const nn_warp warp = warp_of(node, m);
    memset(dx, 0, sizeof *dx * (size_t)size);
    nn_warp_gradient(dx, dy, &warp);
  } else {
    memcpy(dx, dy, sizeof *dx * (size_t)size);
  }
}

static void backward(nn_node *node, const nn_pass *pass) {
  if (node->input_grad[0])
    nn_for_samples(node, pass, backward_sample);
}

/* Four pixels for each of the result, and its coordinates. */
static double work(const nn_node *node) { return 12.0 * (double)node->output->width; }

const nn_layer nn_layer_image_transform = {.name = "image_transform",
                                           .config_size = sizeof(transform_config),
                                           .fields = fields,
                                           .build = build,
                                           .forward = forward,
                                           .backward = backward,
                                           .work = work};
