/* batch_normalization.c - over the last axis: y = gamma (x - mean) / sqrt(variance + epsilon) + beta for each of its
 * features (Ioffe and Szegedy 2015). In training mean and variance are those of the batch, and the moving ones go
 * towards them: moving = momentum moving + (1 - momentum) batch, the variance divided by n. Otherwise, and where the
 * layer is not trainable, the moving ones are used. A mask as second input leaves rows out of the statistics.
 *
 * Backward, with x^ = (x - mean) s, s = 1 / sqrt(variance + epsilon), and means over the n rows counted:
 *   dbeta = sum dy,  dgamma = sum dy x^,  dx = gamma s (dy - [counted] (mean dy + x^ mean(dy x^))). */
#include <math.h>
#include <string.h>

#include "graph/node.h"

typedef struct batch_config {
  double momentum, epsilon;
  bool center, scale;
} batch_config;

static const nn_field fields[] = {{"momentum", NN_FIELD_FLOAT, offsetof(batch_config, momentum), 0.99, 0, 1, NULL},
                                  {"epsilon", NN_FIELD_FLOAT, offsetof(batch_config, epsilon), 1e-3, 0, INFINITY, NULL},
                                  {"center", NN_FIELD_BOOL, offsetof(batch_config, center), true, 0, 1, NULL},
                                  {"scale", NN_FIELD_BOOL, offsetof(batch_config, scale), true, 0, 1, NULL},
                                  {0}};

/* Rows are summed in chunks whose sums are added in order: what a chunk holds depends on the number of rows alone, so a
 * team of any size gives the same bits. */
enum { STATISTICS = 6, MOST_CHUNKS = 16, ROWS_A_CHUNK = 256 };

#define MASK_SMALL 1e-7 /* keeps a batch masked altogether from dividing by 0 */

static int build(nn_error *error, nn_node *node) {
  const batch_config *config = (const batch_config *)node->config;
  const nn_shape *in = &node->inputs[0]->shape;
  if (in->ndim == 0)
    return nn_fail(error, "wants samples with at least one axis, got single numbers");
  int64_t features = in->dim[in->ndim - 1];
  nn_shape shape = {1, {features}};
  if (node->input_count > 1 && nn_shape_count(&node->inputs[1]->shape) * features != nn_shape_count(in))
    return nn_fail(error, "the mask does not fit: it has one number for each vector of the last axis");
  int count = 0;
  if (config->scale)
    node->params[count++] = (nn_param){.name = "gamma", .shape = shape};
  if (config->center)
    node->params[count++] = (nn_param){.name = "beta", .shape = shape};
  node->params[count++] = (nn_param){.name = "moving_mean", .shape = shape, .is_state = true};
  node->params[count++] = (nn_param){.name = "moving_variance", .shape = shape, .is_state = true};
  node->param_count = count;
  node->output->shape = *in;
  node->state_size = (STATISTICS + 2 * MOST_CHUNKS) * features;
  return NN_OK;
}

/* The parts of a node by name, and the data of one pass. */
typedef struct parts {
  nn_team *team;
  nn_param *gamma, *beta;
  float *moving_mean, *moving_variance;
  float *mean, *scale;        /* of this batch; scale is s above */
  float *factor, *shift;      /* gamma s, beta */
  float *sum_dy, *sum_dy_hat; /* backward */
  float *partial;             /* (chunks, 2, features) */
  const float *mask, *x, *dy;
  float *out;
  int64_t features, rows;
  int chunks;
} parts;

static int chunks_of(int64_t rows) {
  int64_t chunks = rows / ROWS_A_CHUNK;
  return (int)(chunks < 1 ? 1 : chunks > MOST_CHUNKS ? MOST_CHUNKS : chunks);
}

static parts parts_of(nn_node *node, const nn_pass *pass) {
  const batch_config *config = (const batch_config *)node->config;
  int64_t features = node->output->shape.dim[node->output->shape.ndim - 1];
  int64_t rows = pass->rows * (node->output->width / features);
  nn_param *moving = &node->params[node->param_count - 2];
  return (parts){.team = pass->team,
                 .gamma = config->scale ? &node->params[0] : NULL,
                 .beta = config->center ? moving - 1 : NULL,
                 .moving_mean = moving[0].value,
                 .moving_variance = moving[1].value,
                 .mean = node->state,
                 .scale = node->state + features,
                 .factor = node->state + 2 * features,
                 .shift = node->state + 3 * features,
                 .sum_dy = node->state + 4 * features,
                 .sum_dy_hat = node->state + 5 * features,
                 .partial = node->state + STATISTICS * features,
                 .mask = node->input_count > 1 ? node->inputs[1]->data : NULL,
                 .x = node->inputs[0]->data,
                 .features = features,
                 .rows = rows,
                 .chunks = chunks_of(rows)};
}

static bool counts(const parts *p, int64_t row) { return !p->mask || p->mask[row] != 0; }

static double counted_rows(const parts *p) {
  double n = p->mask ? MASK_SMALL : (double)p->rows;
  for (int64_t r = 0; p->mask && r < p->rows; r++)
    n += counts(p, r);
  return n;
}

/* The rows of a chunk: from this one to that of the next chunk. */
static int64_t first_row(const parts *p, int chunk) { return p->rows * chunk / p->chunks; }

/* A chunk's place for two sums a feature, set to 0. */
static float *cleared(const parts *p, int chunk) {
  float *sums = p->partial + chunk * 2 * p->features;
  return memset(sums, 0, sizeof(float) * 2 * (size_t)p->features);
}

static void sum_values(void *context, int chunk) {
  const parts *p = context;
  float *restrict sum = cleared(p, chunk);
  for (int64_t r = first_row(p, chunk); r < first_row(p, chunk + 1); r++) {
    const float *restrict x = p->x + r * p->features;
    for (int64_t j = 0, n = counts(p, r) ? p->features : 0; j < n; j++)
      sum[j] += x[j];
  }
}

static void sum_squares(void *context, int chunk) {
  const parts *p = context;
  const float *restrict mean = p->mean;
  float *restrict sum = cleared(p, chunk);
  for (int64_t r = first_row(p, chunk); r < first_row(p, chunk + 1); r++) {
    const float *restrict x = p->x + r * p->features;
    for (int64_t j = 0, n = counts(p, r) ? p->features : 0; j < n; j++)
      sum[j] += (x[j] - mean[j]) * (x[j] - mean[j]);
  }
}

/* sums of dy and dy x^ */
static void sum_gradients(void *context, int chunk) {
  const parts *p = context;
  const float *restrict mean = p->mean, *restrict scale = p->scale;
  float *restrict sum = cleared(p, chunk), *restrict sum_hat = sum + p->features;
  for (int64_t r = first_row(p, chunk); r < first_row(p, chunk + 1); r++) {
    const float *restrict x = p->x + r * p->features, *restrict dy = p->dy + r * p->features;
    for (int64_t j = 0; j < p->features; j++) {
      sum[j] += dy[j];
      sum_hat[j] += dy[j] * ((x[j] - mean[j]) * scale[j]);
    }
  }
}

/* Adds the first (0) or second (1) sums of all chunks. */
static void add_chunks(const parts *p, float *restrict out, int which) {
  memset(out, 0, sizeof(float) * (size_t)p->features);
  for (int chunk = 0; chunk < p->chunks; chunk++) {
    const float *restrict sum = p->partial + (2 * chunk + which) * p->features;
    for (int64_t j = 0; j < p->features; j++)
      out[j] += sum[j];
  }
}

/* mean and, in scale's place, the variance. */
static void measure(parts *p) {
  float n = (float)counted_rows(p);
  nn_team_run(p->team, p->chunks, sum_values, p);
  add_chunks(p, p->mean, 0);
  for (int64_t j = 0; j < p->features; j++)
    p->mean[j] /= n;
  nn_team_run(p->team, p->chunks, sum_squares, p);
  add_chunks(p, p->scale, 0);
  for (int64_t j = 0; j < p->features; j++)
    p->scale[j] /= n;
}

static void move_statistics(const parts *p, float momentum) {
  for (int64_t j = 0; j < p->features; j++) {
    p->moving_mean[j] = p->moving_mean[j] * momentum + p->mean[j] * (1 - momentum);
    p->moving_variance[j] = p->moving_variance[j] * momentum + p->scale[j] * (1 - momentum);
  }
}

static bool uses_batch(const nn_node *node, const nn_pass *pass) { return pass->training && node->trainable; }

static void normalize(void *context, int chunk) {
  const parts *p = context;
  const float *restrict mean = p->mean, *restrict factor = p->factor, *restrict shift = p->shift;
  for (int64_t r = first_row(p, chunk); r < first_row(p, chunk + 1); r++) {
    const float *restrict x = p->x + r * p->features;
    float *restrict y = p->out + r * p->features;
    for (int64_t j = 0; j < p->features; j++)
      y[j] = (x[j] - mean[j]) * factor[j] + shift[j];
  }
}

static void forward(nn_node *node, const nn_pass *pass) {
  const batch_config *config = (const batch_config *)node->config;
  parts p = parts_of(node, pass);
  if (uses_batch(node, pass)) {
    measure(&p);
    move_statistics(&p, (float)config->momentum);
  } else {
    memcpy(p.mean, p.moving_mean, sizeof(float) * (size_t)p.features);
    memcpy(p.scale, p.moving_variance, sizeof(float) * (size_t)p.features);
  }
  for (int64_t j = 0; j < p.features; j++) {
    p.scale[j] = 1 / sqrtf(p.scale[j] + (float)config->epsilon);
    p.factor[j] = p.scale[j] * (p.gamma ? p.gamma->value[j] : 1);
    p.shift[j] = p.beta ? p.beta->value[j] : 0;
  }
  p.out = node->output->data;
  nn_team_run(p.team, p.chunks, normalize, &p);
}

/* dx of rows that do not reach the statistics. */
static void scale_gradient(const parts *p, int64_t row) {
  for (int64_t j = 0, at = row * p->features; j < p->features; j++, at++)
    p->out[at] = p->dy[at] * p->factor[j];
}

/* dx, with the means of dy and of dy x^ times s in the places of their sums. */
static void pass_gradient(void *context, int chunk) {
  const parts *p = context;
  const float *restrict mean = p->mean, *restrict factor = p->factor;
  const float *restrict mean_dy = p->sum_dy, *restrict slope = p->sum_dy_hat;
  for (int64_t r = first_row(p, chunk); r < first_row(p, chunk + 1); r++) {
    const float *restrict x = p->x + r * p->features, *restrict dy = p->dy + r * p->features;
    float *restrict dx = p->out + r * p->features;
    for (int64_t j = 0, n = counts(p, r) ? p->features : 0; j < n; j++)
      dx[j] = (dy[j] - mean_dy[j] - (x[j] - mean[j]) * slope[j]) * factor[j];
    if (!counts(p, r))
      scale_gradient(p, r);
  }
}

static void scale_gradients(void *context, int chunk) {
  const parts *p = context;
  for (int64_t r = first_row(p, chunk); r < first_row(p, chunk + 1); r++)
    scale_gradient(p, r);
}

static void backward(nn_node *node, const nn_pass *pass) {
  parts p = parts_of(node, pass);
  float n = (float)counted_rows(&p);
  p.dy = node->output->grad, p.out = node->input_grad[0];
  nn_team_run(p.team, p.chunks, sum_gradients, &p);
  add_chunks(&p, p.sum_dy, 0);
  add_chunks(&p, p.sum_dy_hat, 1);
  if (p.gamma && p.gamma->grad)
    memcpy(p.gamma->grad, p.sum_dy_hat, sizeof(float) * (size_t)p.features);
  if (p.beta && p.beta->grad)
    memcpy(p.beta->grad, p.sum_dy, sizeof(float) * (size_t)p.features);
  if (node->input_count > 1 && node->input_grad[1])
    memset(node->input_grad[1], 0, sizeof(float) * (size_t)(pass->rows * node->inputs[1]->width));
  for (int64_t j = 0; j < p.features; j++) {
    p.sum_dy[j] /= n;
    p.sum_dy_hat[j] *= p.scale[j] / n;
  }
  if (p.out)
    nn_team_run(p.team, p.chunks, uses_batch(node, pass) ? pass_gradient : scale_gradients, &p);
}

const nn_layer nn_layer_batch_normalization = {.name = "batch_normalization",
                                               .config_size = sizeof(batch_config),
                                               .fields = fields,
                                               .most_params = 4,
                                               .build = build,
                                               .forward = forward,
                                               .backward = backward};
