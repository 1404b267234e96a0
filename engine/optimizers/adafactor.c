/* adafactor.c - second moments kept as the means of rows and of columns (Shazeer and Stern 2018;
 * keras/optimizers/adafactor.py).
 *
 * rho = min(rate, 1 / sqrt(t));  alpha = max(epsilon_2, rms(w)) rho;  beta = 1 - t^beta_2_decay;  s = g^2 + epsilon_1
 * One axis:   v = beta v + (1 - beta) s
 * More axes, over the last two:  r = beta r + (1 - beta) mean of s along rows,  c likewise along columns,
 *             v = r c / mean(r)
 * u = g / sqrt(v);  w -= alpha u / max(1, rms(u) / clip_threshold)
 *
 * The means stand at the beginning of state vectors that are as long as the variable, as all are. */
#include <math.h>

#include "optimizer.h"

typedef struct adafactor_config {
  double beta_2_decay, epsilon_1, epsilon_2, clip_threshold;
  bool relative_step; /* Keras takes the smaller rate whatever this says */
} adafactor_config;

static const nn_field fields[] = {
    {"beta_2_decay", NN_FIELD_FLOAT, offsetof(adafactor_config, beta_2_decay), -0.8, -INFINITY, INFINITY, NULL},
    {"epsilon_1", NN_FIELD_FLOAT, offsetof(adafactor_config, epsilon_1), 1e-30, 0, INFINITY, NULL},
    {"epsilon_2", NN_FIELD_FLOAT, offsetof(adafactor_config, epsilon_2), 1e-3, 0, INFINITY, NULL},
    {"clip_threshold", NN_FIELD_FLOAT, offsetof(adafactor_config, clip_threshold), 1, 0, INFINITY, NULL},
    {"relative_step", NN_FIELD_BOOL, offsetof(adafactor_config, relative_step), true, 0, 1, NULL},
    {0}};

static const char *const slot_names[] = {"velocity", "column_velocity"};

static int slot_count(const void *config) {
  (void)config;
  return 2;
}

static double root_mean_square(const float *x, int64_t n) {
  double sum = 0;
  for (int64_t i = 0; i < n; i++)
    sum += (double)x[i] * (double)x[i];
  return sqrt(sum / (double)n);
}

/* The variable as `count` matrices (rows, columns); with one axis or none as one row whose moments are kept in full. */
typedef struct matrices {
  int64_t count, rows, columns;
  bool factored;
} matrices;

static matrices matrices_of(const nn_shape *shape) {
  int64_t n = nn_shape_count(shape);
  if (shape->ndim < 2)
    return (matrices){1, 1, n, false};
  int64_t rows = shape->dim[shape->ndim - 2], columns = shape->dim[shape->ndim - 1];
  return (matrices){n ? n / (rows * columns) : 0, rows, columns, true};
}

static void follow_rows(float *r, const float *grad, int64_t rows, int64_t columns, float beta, float epsilon) {
  for (int64_t i = 0; i < rows; i++) {
    float sum = 0;
    for (int64_t j = 0; j < columns; j++)
      sum += grad[i * columns + j] * grad[i * columns + j] + epsilon;
    r[i] = beta * r[i] + (1 - beta) * sum / (float)columns;
  }
}

static void follow_columns(float *c, const float *grad, int64_t rows, int64_t columns, float beta, float epsilon) {
  const float share = (1 - beta) / (float)rows;
  for (int64_t j = 0; j < columns; j++)
    c[j] *= beta;
  for (int64_t i = 0; i < rows; i++)
    for (int64_t j = 0; j < columns; j++)
      c[j] += share * (grad[i * columns + j] * grad[i * columns + j] + epsilon);
}

static float mean_of(const float *x, int64_t n) {
  double sum = 0;
  for (int64_t i = 0; i < n; i++)
    sum += (double)x[i];
  return (float)(sum / (double)n);
}

/* v at row i, column j of one matrix. */
static float velocity(const matrices *m, const float *r, const float *c, float mean, int64_t i, int64_t j) {
  return m->factored ? r[i] / mean * c[j] : r[j];
}

static void follow_moments(const matrices *m, float *r, float *c, const float *grad, float beta, float epsilon) {
  if (m->factored) {
    follow_rows(r, grad, m->rows, m->columns, beta, epsilon);
    follow_columns(c, grad, m->rows, m->columns, beta, epsilon);
    return;
  }
  for (int64_t j = 0; j < m->columns; j++)
    r[j] = beta * r[j] + (1 - beta) * (grad[j] * grad[j] + epsilon);
}

/* With weight NULL returns the sum of the squares of u; otherwise subtracts alpha u. */
static double walk(const matrices *m, float *weight, const float *grad, float *const *slots, float alpha) {
  double squares = 0;
  for (int64_t k = 0; k < m->count; k++) {
    const float *r = slots[0] + k * m->rows, *c = slots[1] + k * m->columns;
    const float mean = m->factored ? mean_of(r, m->rows) : 1;
    const int64_t start = k * m->rows * m->columns;
    for (int64_t i = 0; i < m->rows; i++)
      for (int64_t j = 0; j < m->columns; j++) {
        const int64_t at = start + i * m->columns + j;
        const float u = grad[at] / sqrtf(velocity(m, r, c, mean, i, j));
        squares += (double)u * (double)u;
        if (weight)
          weight[at] -= alpha * u;
      }
  }
  return squares;
}

static void update(const void *config, const nn_update *step, float *weight, const float *grad, float *const *slots,
                   int64_t n) {
  const adafactor_config *c = config;
  const double t = (double)step->iteration + 1, rho = fmin((double)step->learning_rate, 1 / sqrt(t));
  const float beta = (float)(1 - pow(t, c->beta_2_decay)), epsilon = (float)c->epsilon_1;
  const matrices m = matrices_of(step->shape);
  for (int64_t k = 0; k < m.count; k++)
    follow_moments(&m, slots[0] + k * m.rows, slots[1] + k * m.columns, grad + k * m.rows * m.columns, beta, epsilon);
  double alpha = fmax(c->epsilon_2, root_mean_square(weight, n)) * rho;
  double size = sqrt(walk(&m, NULL, grad, slots, 0) / (double)n);
  walk(&m, weight, grad, slots, (float)(alpha / fmax(1, size / c->clip_threshold)));
}

const nn_optimizer nn_optimizer_adafactor = {.name = "adafactor",
                                             .config_size = sizeof(adafactor_config),
                                             .fields = fields,
                                             .slot_count = slot_count,
                                             .slot_names = slot_names,
                                             .by_variable = true,
                                             .update = update};
