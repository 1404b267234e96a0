/* constraints.c - limits that weights are brought within after each update: formulas as in keras/constraints. */
#include <math.h>

#include "constraints.h"

static const char *const kinds[] = {"none", "non_negative", "unit_norm", "max_norm", "min_max_norm", NULL};

const nn_field nn_constraint_fields[] = {
    {"kind", NN_FIELD_CHOICE, offsetof(nn_constraint, kind), NN_CONSTRAIN_NOT, 0, 0, kinds},
    {"min_value", NN_FIELD_FLOAT, offsetof(nn_constraint, min_value), 0, 0, INFINITY, NULL},
    {"max_value", NN_FIELD_FLOAT, offsetof(nn_constraint, max_value), 1, 0, INFINITY, NULL},
    {"rate", NN_FIELD_FLOAT, offsetof(nn_constraint, rate), 1, 0, 1, NULL},
    {"axes", NN_FIELD_SHAPE, offsetof(nn_constraint, axes), 0, 0, 0, NULL},
    {0}};

#define SMALL 1e-7

/* What a vector of that norm is multiplied by. */
static double factor(const nn_constraint *c, double norm) {
  bool is_range = c->kind == NN_CONSTRAIN_MIN_MAX_NORM;
  double low = is_range ? c->min_value : 0, rate = is_range ? c->rate : 1;
  if (c->kind == NN_CONSTRAIN_UNIT_NORM)
    return 1 / (SMALL + norm);
  return (rate * fmin(fmax(norm, low), c->max_value) + (1 - rate) * norm) / (SMALL + norm);
}

/* Goes on to the next position over the axes whose mark is `along`; false after the last. */
static bool next(int64_t index[NN_MAX_NDIM], const nn_shape *shape, const bool mark[NN_MAX_NDIM], bool along) {
  for (int axis = shape->ndim - 1; axis >= 0; axis--) {
    if (mark[axis] != along)
      continue;
    if (++index[axis] < shape->dim[axis])
      return true;
    index[axis] = 0;
  }
  return false;
}

static int64_t place(const int64_t index[NN_MAX_NDIM], const nn_shape *shape) {
  int64_t offset = 0;
  for (int axis = 0; axis < shape->ndim; axis++)
    offset = offset * shape->dim[axis] + index[axis];
  return offset;
}

static void limit_norms(const nn_constraint *c, float *w, const nn_shape *shape) {
  bool mark[NN_MAX_NDIM] = {false};
  int64_t index[NN_MAX_NDIM] = {0};
  for (int i = 0; i < c->axes.ndim; i++)
    mark[c->axes.dim[i] % NN_MAX_NDIM] = true;
  do {
    double square = 0;
    do {
      double x = (double)w[place(index, shape)];
      square += x * x;
    } while (next(index, shape, mark, true));
    float scale = (float)factor(c, sqrt(square));
    do
      w[place(index, shape)] *= scale;
    while (next(index, shape, mark, true));
  } while (next(index, shape, mark, false));
}

void nn_constrain(const nn_constraint *c, float *w, const nn_shape *shape) {
  int64_t n = nn_shape_count(shape);
  if (c->kind == NN_CONSTRAIN_NOT || n == 0)
    return;
  if (c->kind != NN_CONSTRAIN_NON_NEGATIVE) {
    limit_norms(c, w, shape);
    return;
  }
  for (int64_t i = 0; i < n; i++)
    w[i] = w[i] >= 0 ? w[i] : 0;
}
