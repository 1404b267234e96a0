/* group_normalization.c - the features of the last axis in groups; each sample's group is normalized over all its
 * places: y = gamma (x - mean) s + beta, s = 1 / sqrt(variance + epsilon) (Wu and He 2018); gamma and beta belong to
 * features.
 *
 * Backward as for layer normalization: dx = s (g - mean g - x^ mean(g x^)), g = dy gamma. */
#include <math.h>
#include <string.h>

#include "graph/node.h"

typedef struct group_config {
  int groups; /* -1: one for each feature */
  double epsilon;
  bool center, scale;
} group_config;

static const nn_field fields[] = {{"groups", NN_FIELD_INT, offsetof(group_config, groups), 32, -1, INT32_MAX, NULL},
                                  {"epsilon", NN_FIELD_FLOAT, offsetof(group_config, epsilon), 1e-3, 0, INFINITY, NULL},
                                  {"center", NN_FIELD_BOOL, offsetof(group_config, center), true, 0, 1, NULL},
                                  {"scale", NN_FIELD_BOOL, offsetof(group_config, scale), true, 0, 1, NULL},
                                  {0}};

static int build(nn_error *error, nn_node *node) {
  group_config *config = (group_config *)node->config;
  node->output->shape = node->inputs[0]->shape;
  if (node->output->shape.ndim == 0)
    return nn_fail(error, "wants samples with at least one axis, got single numbers");
  int64_t features = node->output->shape.dim[node->output->shape.ndim - 1];
  if (config->groups == -1)
    config->groups = (int)features;
  if (config->groups == 0 || features % config->groups != 0)
    return nn_fail(error, "groups: %lld features cannot be divided into %d groups", (long long)features,
                   config->groups);
  nn_shape shape = {1, {features}};
  if (config->scale)
    node->params[node->param_count++] = (nn_param){.name = "gamma", .shape = shape};
  if (config->center)
    node->params[node->param_count++] = (nn_param){.name = "beta", .shape = shape};
  return NN_OK;
}

/* A group of one sample: `places` runs of `run` features each, `features` apart. */
typedef struct group {
  int64_t first, places, run, features; /* first: where it begins in the batch */
  int64_t feature;                      /* its first feature */
  float mean, scale;
} group;

static group measure(const nn_node *node, int64_t row, int64_t index) {
  const group_config *config = (const group_config *)node->config;
  int64_t features = node->output->shape.dim[node->output->shape.ndim - 1], run = features / config->groups;
  group g = {row * node->output->width + index * run, node->output->width / features, run, features, index * run, 0, 0};
  const float *x = node->inputs[0]->data + g.first;
  float variance = 0, n = (float)(g.places * run);
  for (int64_t p = 0; p < g.places; p++)
    for (int64_t j = 0; j < run; j++)
      g.mean += x[p * features + j];
  g.mean /= n;
  for (int64_t p = 0; p < g.places; p++)
    for (int64_t j = 0; j < run; j++)
      variance += (x[p * features + j] - g.mean) * (x[p * features + j] - g.mean);
  g.scale = 1 / sqrtf(variance / n + (float)config->epsilon);
  return g;
}

static nn_param *gamma_of(nn_node *node) {
  return ((const group_config *)node->config)->scale ? &node->params[0] : NULL;
}

static nn_param *beta_of(nn_node *node) {
  const group_config *config = (const group_config *)node->config;
  return config->center ? &node->params[config->scale] : NULL;
}

static void forward(nn_node *node, const nn_pass *pass) {
  const nn_param *gamma = gamma_of(node), *beta = beta_of(node);
  int groups = ((const group_config *)node->config)->groups;
  for (int64_t i = 0; i < pass->rows * groups; i++) {
    group g = measure(node, i / groups, i % groups);
    for (int64_t p = 0; p < g.places; p++)
      for (int64_t j = 0; j < g.run; j++) {
        int64_t at = g.first + p * g.features + j;
        float hat = (node->inputs[0]->data[at] - g.mean) * g.scale;
        node->output->data[at] =
            hat * (gamma ? gamma->value[g.feature + j] : 1) + (beta ? beta->value[g.feature + j] : 0);
      }
  }
}

static void backward_group(nn_node *node, const group *g, const nn_param *gamma) {
  const float *x = node->inputs[0]->data + g->first, *dy = node->output->grad + g->first;
  float *dx = node->input_grad[0] + g->first, sum = 0, sum_hat = 0, n = (float)(g->places * g->run);
  for (int64_t p = 0; p < g->places; p++)
    for (int64_t j = 0; j < g->run; j++) {
      int64_t at = p * g->features + j;
      float d = dy[at] * (gamma ? gamma->value[g->feature + j] : 1);
      sum += d;
      sum_hat += d * (x[at] - g->mean) * g->scale;
    }
  for (int64_t p = 0; p < g->places; p++)
    for (int64_t j = 0; j < g->run; j++) {
      int64_t at = p * g->features + j;
      float d = dy[at] * (gamma ? gamma->value[g->feature + j] : 1), hat = (x[at] - g->mean) * g->scale;
      dx[at] = g->scale * (d - (sum + hat * sum_hat) / n);
    }
}

static void add_parameter_gradients(const nn_node *node, const group *g, float *gamma, float *beta) {
  for (int64_t p = 0; p < g->places; p++)
    for (int64_t j = 0; j < g->run; j++) {
      int64_t at = g->first + p * g->features + j;
      if (gamma)
        gamma[g->feature + j] += node->output->grad[at] * (node->inputs[0]->data[at] - g->mean) * g->scale;
      if (beta)
        beta[g->feature + j] += node->output->grad[at];
    }
}

static void backward(nn_node *node, const nn_pass *pass) {
  nn_param *gamma = gamma_of(node), *beta = beta_of(node);
  int groups = ((const group_config *)node->config)->groups;
  for (nn_param *param = node->params; param < node->params + node->param_count; param++)
    if (param->grad)
      memset(param->grad, 0, sizeof(float) * (size_t)nn_shape_count(&param->shape));
  for (int64_t i = 0; i < pass->rows * groups; i++) {
    group g = measure(node, i / groups, i % groups);
    add_parameter_gradients(node, &g, gamma ? gamma->grad : NULL, beta ? beta->grad : NULL);
    if (node->input_grad[0])
      backward_group(node, &g, gamma);
  }
}

const nn_layer nn_layer_group_normalization = {.name = "group_normalization",
                                               .config_size = sizeof(group_config),
                                               .fields = fields,
                                               .most_params = 2,
                                               .build = build,
                                               .forward = forward,
                                               .backward = backward};
