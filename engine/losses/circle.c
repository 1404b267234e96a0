/* circle.c - Circle loss (Sun et al. 2020) of embeddings of length 1: those of one label close, others apart.
 *
 * With d = max(1 - p_i.p_j, 0) for each pair, over the others j of i's label P_i = log sum exp(-gamma (m + d) (m - d)),
 * over those of other labels N_i = log sum exp(gamma max(1 + m - d, 0) (1 - m - d)), and L_i = log(1 + exp(P_i + N_i)).
 * The weights m + d and 1 + m - d have their share in the gradient, as in Keras:
 * dL_i/dd = sigmoid(P_i + N_i) q_j s_j, where q_j is the pair's part in its sum and s_j = 2 gamma d or -2 gamma (1 -
 * d). A row without a pair of either kind has a loss of 0. */
#include <math.h>
#include <string.h>

#include "loss.h"

typedef struct circle_config {
  double gamma, margin;
  bool remove_diagonal;
} circle_config;

static const nn_field fields[] = {
    {"gamma", NN_FIELD_FLOAT, offsetof(circle_config, gamma), 80, 0, INFINITY, NULL},
    {"margin", NN_FIELD_FLOAT, offsetof(circle_config, margin), 0.4, 0, 1, NULL},
    {"remove_diagonal", NN_FIELD_BOOL, offsetof(circle_config, remove_diagonal), true, 0, 1, NULL},
    {0}};

/* What a pair puts into its sum: the exponent, and its slope by p_i.p_j. */
typedef struct term {
  double exponent, slope;
} term;

static term term_of(const circle_config *config, bool is_positive, double product) {
  double d = product > 1 ? 0 : 1 - product, gamma = config->gamma, m = config->margin;
  double turn = product > 1 ? 0 : -1;
  if (is_positive)
    return (term){-gamma * (m + d) * (m - d), turn * 2 * gamma * d};
  if (d > 1 + m)
    return (term){0, 0};
  return (term){gamma * (1 + m - d) * (1 - m - d), turn * -2 * gamma * (1 - d)};
}

static double product_of(const float *a, const float *b, int64_t width) {
  double sum = 0;
  for (int64_t k = 0; k < width; k++)
    sum += (double)(a[k] * b[k]);
  return sum;
}

/* log(exp(a) + exp(b)) */
static double log_add(double a, double b) {
  if (a == -INFINITY)
    return b;
  return a > b ? a + log1p(exp(b - a)) : b + log1p(exp(a - b));
}

typedef struct batch {
  const circle_config *config;
  const float *label, *p;
  int64_t rows, width;
} batch;

static bool is_pair(const batch *b, int64_t i, int64_t j) { return i != j || !b->config->remove_diagonal; }

static term pair_of(const batch *b, int64_t i, int64_t j) {
  double product = product_of(b->p + i * b->width, b->p + j * b->width, b->width);
  return term_of(b->config, b->label[i] == b->label[j], product);
}

/* The sums of row i, of pairs of one label and of others. */
static void sum_up(const batch *b, int64_t i, double *positive, double *negative) {
  *positive = *negative = -INFINITY;
  for (int64_t j = 0; j < b->rows; j++) {
    double *sum = b->label[i] == b->label[j] ? positive : negative;
    if (is_pair(b, i, j))
      *sum = log_add(*sum, pair_of(b, i, j).exponent);
  }
}

/* Adds to grad(rows, width) what row i's loss says. */
static void add_slopes(const batch *b, int64_t i, float *grad, double positive, double negative) {
  double outer = 1 / (1 + exp(-positive - negative));
  for (int64_t j = 0; j < b->rows; j++) {
    if (!is_pair(b, i, j))
      continue;
    term pair = pair_of(b, i, j);
    double part = exp(pair.exponent - (b->label[i] == b->label[j] ? positive : negative));
    float slope = (float)(outer * part * pair.slope);
    for (int64_t k = 0; k < b->width; k++) {
      grad[i * b->width + k] += slope * b->p[j * b->width + k];
      grad[j * b->width + k] += slope * b->p[i * b->width + k];
    }
  }
}

static void evaluate(const void *config, float *value, float *grad, const float *y_true, const float *y_pred,
                     int64_t rows, int64_t width) {
  batch b = {config, y_true, y_pred, rows, width};
  if (grad)
    memset(grad, 0, sizeof(float) * (size_t)(rows * width));
  for (int64_t i = 0; i < rows; i++) {
    double positive, negative;
    sum_up(&b, i, &positive, &negative);
    double sum = positive + negative;
    value[i] = (float)(sum > 0 ? sum + log1p(exp(-sum)) : log1p(exp(sum)));
    if (grad && value[i] != 0)
      add_slopes(&b, i, grad, positive, negative);
  }
}

const nn_loss nn_loss_circle = {.name = "circle",
                                .config_size = sizeof(circle_config),
                                .fields = fields,
                                .is_pairwise = true,
                                .evaluate = evaluate};
