/* regularizers.c - penalties on weights that are added to the loss, and their derivatives. */
#include <math.h>

#include "regularizers.h"

static const char *const kinds[] = {"none", "l1_l2", "orthogonal", NULL};

const nn_field nn_regularizer_fields[] = {
    {"kind", NN_FIELD_CHOICE, offsetof(nn_regularizer, kind), NN_REGULARIZE_NOT, 0, 0, kinds},
    {"l1", NN_FIELD_FLOAT, offsetof(nn_regularizer, l1), 0, 0, INFINITY, NULL},
    {"l2", NN_FIELD_FLOAT, offsetof(nn_regularizer, l2), 0, 0, INFINITY, NULL},
    {"factor", NN_FIELD_FLOAT, offsetof(nn_regularizer, factor), 0.01, 0, INFINITY, NULL},
    {"by_columns", NN_FIELD_BOOL, offsetof(nn_regularizer, by_columns), false, 0, 1, NULL},
    {0}};

static float sign(float x) { return (float)((x > 0) - (x < 0)); }

static double l1_l2(const nn_regularizer *r, float *grad, const float *w, int64_t n) {
  double absolute = 0, square = 0;
  float l1 = (float)r->l1, l2 = (float)r->l2;
  for (int64_t i = 0; i < n; i++) {
    absolute += (double)fabsf(w[i]);
    square += (double)w[i] * (double)w[i];
  }
  for (int64_t i = 0; grad && i < n; i++)
    grad[i] += l1 * sign(w[i]) + 2 * l2 * w[i];
  return r->l1 * absolute + r->l2 * square;
}

/* Vectors of a matrix: its rows, or its columns. */
typedef struct vectors {
  int64_t count, length, next, step; /* from vector to vector, from element to element */
} vectors;

static double product(const vectors *v, const float *w, int64_t i, int64_t j) {
  double sum = 0;
  for (int64_t k = 0; k < v->length; k++)
    sum += (double)w[i * v->next + k * v->step] * (double)w[j * v->next + k * v->step];
  return sum;
}

/* Below this a squared length counts as this, as in Keras. */
static double length_of(const vectors *v, const float *w, int64_t i) { return sqrt(fmax(product(v, w, i, i), 1e-12)); }

/* The cosine c of a and b has the derivative (b/|b| - c a/|a|) / |a| by a. */
static void add_cosine_slope(float *grad, const vectors *v, const float *w, int64_t a, int64_t b, double cosine,
                             double scale) {
  double length_a = length_of(v, w, a), length_b = length_of(v, w, b);
  for (int64_t k = 0; k < v->length; k++) {
    double unit_a = (double)w[a * v->next + k * v->step] / length_a;
    double unit_b = (double)w[b * v->next + k * v->step] / length_b;
    grad[a * v->next + k * v->step] += (float)(scale * (unit_b - cosine * unit_a) / length_a);
  }
}

static double orthogonal(const nn_regularizer *r, float *grad, const float *w, const nn_shape *shape) {
  int64_t rows = shape->dim[0], columns = shape->dim[1];
  vectors v = r->by_columns ? (vectors){columns, rows, 1, columns} : (vectors){rows, columns, columns, 1};
  double pairs = (double)v.count * (double)(v.count - 1) / 2, sum = 0;
  for (int64_t i = 0; i < v.count; i++)
    for (int64_t j = 0; j < i; j++) {
      double cosine = product(&v, w, i, j) / (length_of(&v, w, i) * length_of(&v, w, j));
      double scale = r->factor / pairs * (cosine > 0 ? 1 : cosine < 0 ? -1 : 0);
      sum += fabs(cosine);
      if (grad) {
        add_cosine_slope(grad, &v, w, i, j, cosine, scale);
        add_cosine_slope(grad, &v, w, j, i, cosine, scale);
      }
    }
  return pairs > 0 ? r->factor * sum / pairs : 0;
}

double nn_regularize(const nn_regularizer *r, float *grad, const float *w, const nn_shape *shape) {
  switch ((nn_regularizer_kind)r->kind) {
  case NN_REGULARIZE_L1_L2: return l1_l2(r, grad, w, nn_shape_count(shape));
  case NN_REGULARIZE_ORTHOGONAL: return orthogonal(r, grad, w, shape);
  case NN_REGULARIZE_NOT: break;
  }
  return 0;
}
