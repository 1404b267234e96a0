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
  node->state_size = 4 * features;
  return NN_OK;
}

/* The parts of a node by name. */
typedef struct parts {
  nn_param *gamma, *beta;
  float *moving_mean, *moving_variance;
  float *mean, *scale;        /* of this batch; scale is s above */
  float *sum_dy, *sum_dy_hat; /* backward */
  const float *mask;
  int64_t features, rows;
} parts;

static parts parts_of(nn_node *node, const nn_pass *pass) {
  const batch_config *config = (const batch_config *)node->config;
  int64_t features = node->output->shape.dim[node->output->shape.ndim - 1];
  nn_param *moving = &node->params[node->param_count - 2];
  return (parts){.gamma = config->scale ? &node->params[0] : NULL,
                 .beta = config->center ? moving - 1 : NULL,
                 .moving_mean = moving[0].value,
                 .moving_variance = moving[1].value,
                 .mean = node->state,
                 .scale = node->state + features,
                 .sum_dy = node->state + 2 * features,
                 .sum_dy_hat = node->state + 3 * features,
                 .mask = node->input_count > 1 ? node->inputs[1]->data : NULL,
                 .features = features,
                 .rows = pass->rows * (node->output->width / features)};
}

static bool counts(const parts *p, int64_t row) { return !p->mask || p->mask[row] != 0; }

static double counted_rows(const parts *p) {
  double n = 0;
  for (int64_t r = 0; r < p->rows; r++)
    n += counts(p, r);
  return p->mask ? n + MASK_SMALL : n;
}

/* mean and, in scale's place, the variance. */
static void measure(const parts *p, const float *x) {
  float n = (float)counted_rows(p);
  memset(p->mean, 0, sizeof(float) * 2 * (size_t)p->features);
  for (int64_t r = 0; r < p->rows; r++)
    for (int64_t j = 0; j < p->features && counts(p, r); j++)
      p->mean[j] += x[r * p->features + j];
  for (int64_t j = 0; j < p->features; j++)
    p->mean[j] /= n;
  for (int64_t r = 0; r < p->rows; r++)
    for (int64_t j = 0; j < p->features && counts(p, r); j++) {
      float distance = x[r * p->features + j] - p->mean[j];
      p->scale[j] += distance * distance;
    }
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

static void forward(nn_node *node, const nn_pass *pass) {
  const batch_config *config = (const batch_config *)node->config;
  parts p = parts_of(node, pass);
  if (uses_batch(node, pass)) {
    measure(&p, node->inputs[0]->data);
    move_statistics(&p, (float)config->momentum);
  } else {
    memcpy(p.mean, p.moving_mean, sizeof(float) * (size_t)p.features);
    memcpy(p.scale, p.moving_variance, sizeof(float) * (size_t)p.features);
  }
  for (int64_t j = 0; j < p.features; j++)
    p.scale[j] = 1 / sqrtf(p.scale[j] + (float)config->epsilon);
  for (int64_t r = 0; r < p.rows; r++)
    for (int64_t j = 0; j < p.features; j++) {
      int64_t at = r * p.features + j;
      float hat = (node->inputs[0]->data[at] - p.mean[j]) * p.scale[j];
      node->output->data[at] = hat * (p.gamma ? p.gamma->value[j] : 1) + (p.beta ? p.beta->value[j] : 0);
    }
}

/* sums of dy and dy x^ over the rows */
static void sum_gradients(const parts *p, const float *x, const float *dy) {
  memset(p->sum_dy, 0, sizeof(float) * 2 * (size_t)p->features);
  for (int64_t r = 0; r < p->rows; r++)
    for (int64_t j = 0; j < p->features; j++) {
      int64_t at = r * p->features + j;
      p->sum_dy[j] += dy[at];
      p->sum_dy_hat[j] += dy[at] * (x[at] - p->mean[j]) * p->scale[j];
    }
}

static void backward(nn_node *node, const nn_pass *pass) {
  parts p = parts_of(node, pass);
  const float *x = node->inputs[0]->data, *dy = node->output->grad;
  float *dx = node->input_grad[0], n = (float)counted_rows(&p);
  bool through_batch = uses_batch(node, pass);
  sum_gradients(&p, x, dy);
  if (p.gamma && p.gamma->grad)
    memcpy(p.gamma->grad, p.sum_dy_hat, sizeof(float) * (size_t)p.features);
  if (p.beta && p.beta->grad)
    memcpy(p.beta->grad, p.sum_dy, sizeof(float) * (size_t)p.features);
  if (node->input_count > 1 && node->input_grad[1])
    memset(node->input_grad[1], 0, sizeof(float) * (size_t)(pass->rows * node->inputs[1]->width));
  for (int64_t r = 0; dx && r < p.rows; r++)
    for (int64_t j = 0; j < p.features; j++) {
      int64_t at = r * p.features + j;
      float hat = (x[at] - p.mean[j]) * p.scale[j], d = dy[at];
      if (through_batch && counts(&p, r))
        d -= (p.sum_dy[j] + hat * p.sum_dy_hat[j]) / n;
      dx[at] = d * p.scale[j] * (p.gamma ? p.gamma->value[j] : 1);
    }
}

const nn_layer nn_layer_batch_normalization = {.name = "batch_normalization",
                                               .config_size = sizeof(batch_config),
                                               .fields = fields,
                                               .most_params = 4,
                                               .build = build,
                                               .forward = forward,
                                               .backward = backward};
