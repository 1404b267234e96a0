/* reduce.c - many elements to one: sums, extremes and their positions. */
#include <math.h>

#include "walk.h"

nn_dtype nn_reduce_dtype(nn_reduce_op op, nn_dtype dtype) {
  switch (op) {
  case NN_MEAN:
  case NN_VAR: return NN_FLOAT32;
  case NN_ARGMIN:
  case NN_ARGMAX: return NN_INT32;
  case NN_SUM: return dtype == NN_FLOAT32 ? NN_FLOAT32 : NN_INT32;
  case NN_MIN:
  case NN_MAX: break;
  }
  return dtype;
}

/* ---------------------------------------------------------------- passes
 *
 * A pass combines slices of `width` elements, lane by lane, until `total` elements are used up. It serves two ways:
 *   across  a slice holds one element of each of `width` results;
 *   along   a slice holds `width` elements of one result, and the lanes are combined at the end. */

struct pass {
  const nn_tensor *in;
  int64_t offset, step; /* of the first slice; between its elements */
  int64_t jump;         /* from one slice to the next */
  int64_t width, total;
  bool along;
};

struct lanes {
  double value[NN_BLOCK];    /* a sum, or the greatest element so far */
  double position[NN_BLOCK]; /* of the greatest */
  double center[NN_BLOCK];   /* what is subtracted before squaring */
};

static void add(struct lanes *lanes, const double *block, int64_t n) {
  for (int64_t i = 0; i < n; i++)
    lanes->value[i] += block[i];
}

static void add_squares(struct lanes *lanes, const double *block, int64_t n) {
  for (int64_t i = 0; i < n; i++) {
    double d = block[i] - lanes->center[i];
    lanes->value[i] += d * d;
  }
}

/* The first of the greatest, or the first NaN, wins. sign is -1 to find the least. Lane i's element is at
 * position + i * lane. */
static void take_greatest(struct lanes *lanes, const double *block, int64_t n, double sign, double position,
                          double lane) {
  for (int64_t i = 0; i < n; i++) {
    double x = sign * block[i], best = lanes->value[i];
    bool take = !(x <= best) && best == best;
    lanes->value[i] = take ? x : best;
    lanes->position[i] = take ? position + (double)i * lane : lanes->position[i];
  }
}

static bool finds_greatest(nn_reduce_op op) { return op >= NN_MIN; }

static double sign_of(nn_reduce_op op) { return op == NN_MIN || op == NN_ARGMIN ? -1 : 1; }

static void run_pass(nn_reduce_op op, struct lanes *lanes, const struct pass *pass) {
  double block[NN_BLOCK];
  double lane = pass->along ? 1 : 0, position = 0;
  int64_t offset = pass->offset;
  for (int64_t i = 0; i < pass->width; i++) {
    lanes->value[i] = finds_greatest(op) ? -INFINITY : 0;
    lanes->position[i] = (double)i * lane;
  }
  for (int64_t left = pass->total; left > 0; left -= pass->width) {
    int64_t n = left < pass->width ? left : pass->width;
    nn_block_load(block, pass->in, offset, pass->step, n);
    if (finds_greatest(op))
      take_greatest(lanes, block, n, sign_of(op), position, lane);
    else if (op == NN_VAR)
      add_squares(lanes, block, n);
    else
      add(lanes, block, n);
    offset += pass->jump;
    position += pass->along ? (double)pass->width : 1;
  }
}

static bool comes_first(double a, double position_a, double b, double position_b) {
  if (isnan(a) != isnan(b))
    return isnan(a);
  return a > b || (!(a < b) && position_a < position_b);
}

/* Lane 0 becomes the result of all. */
static void fold(nn_reduce_op op, struct lanes *lanes, int64_t n) {
  for (int64_t i = 1; i < n; i++)
    if (!finds_greatest(op)) {
      lanes->value[0] += lanes->value[i];
    } else if (comes_first(lanes->value[i], lanes->position[i], lanes->value[0], lanes->position[0])) {
      lanes->value[0] = lanes->value[i];
      lanes->position[0] = lanes->position[i];
    }
}

/* Runs the passes an operation takes; leaves the results in lanes->value, one for each lane or one for all. */
static void run(nn_reduce_op op, struct lanes *lanes, const struct pass *pass, int64_t count) {
  int64_t results = pass->along ? 1 : pass->width;
  if (op == NN_VAR) {
    run(NN_MEAN, lanes, pass, count);
    for (int64_t i = 0; i < pass->width; i++)
      lanes->center[i] = lanes->value[pass->along ? 0 : i];
  }
  run_pass(op, lanes, pass);
  if (pass->along)
    fold(op, lanes, pass->width);
  for (int64_t i = 0; i < results; i++)
    if (op == NN_ARGMIN || op == NN_ARGMAX)
      lanes->value[i] = lanes->position[i];
    else if (op == NN_MEAN || op == NN_VAR)
      lanes->value[i] /= (double)count;
    else
      lanes->value[i] *= sign_of(op);
}

static double reduce_along(nn_reduce_op op, struct lanes *lanes, const nn_tensor *in, int64_t offset, int64_t step,
                           int64_t n) {
  int64_t width = n < NN_BLOCK ? n : NN_BLOCK;
  struct pass pass = {in, offset, step, .jump = width * step, .width = width, .total = n, .along = true};
  lanes->value[0] = 0; /* the sum of nothing */
  run(op, lanes, &pass, n);
  return lanes->value[0];
}

/* ---------------------------------------------------------------- reductions */

static int check_not_empty(nn_error *error, nn_reduce_op op, const nn_tensor *in, int64_t n) {
  static const char *const names[] = {"sum", "mean", "variance", "minimum", "maximum", "argmin", "argmax"};
  char text[NN_SHAPE_TEXT];
  if (n == 0 && op != NN_SUM)
    return nn_fail(error, "the %s of no elements: the tensor's shape is %s", names[op],
                   nn_shape_text(&in->shape, text));
  return NN_OK;
}

int nn_tensor_total(nn_error *error, nn_reduce_op op, double *out, const nn_tensor *in) {
  int64_t count = nn_shape_count(&in->shape);
  struct lanes lanes;
  if (!nn_tensor_is_contiguous(in))
    return nn_fail(error, "expected a contiguous tensor");
  if (check_not_empty(error, op, in, count))
    return NN_ERROR;
  *out = reduce_along(op, &lanes, in, 0, 1, count);
  return NN_OK;
}

int nn_tensor_reduce(nn_error *error, nn_reduce_op op, nn_tensor *out, const nn_tensor *in, int axis) {
  char has[NN_SHAPE_TEXT], wants[NN_SHAPE_TEXT];
  if (axis < 0 || axis >= in->shape.ndim)
    return nn_fail(error, "a tensor of shape %s has no axis %d", nn_shape_text(&in->shape, has), axis + 1);
  int64_t n = in->shape.dim[axis], stride = in->stride[axis];
  if (check_not_empty(error, op, in, n))
    return NN_ERROR;
  nn_tensor rest = *in; /* the first element of each result */
  rest.shape.dim[axis] = 1;
  if (nn_tensor_index(error, &rest, &rest, axis, 0))
    return NN_ERROR;
  if (!nn_shape_equal(&rest.shape, &out->shape))
    return nn_fail(error, "a result of shape %s does not fit into a tensor of shape %s",
                   nn_shape_text(&rest.shape, has), nn_shape_text(&out->shape, wants));

  struct lanes lanes;
  double results[NN_BLOCK];
  for (nn_walk walk = nn_walk_start(2, (const nn_tensor *[]){out, &rest}); nn_walk_next(&walk);) {
    int64_t step = walk.step[1];
    bool along = walk.n == 1 || stride < step; /* the order in which the elements lie in memory */
    struct pass across = {in, walk.offset[1], step, .jump = stride, .width = walk.n, .total = walk.n * n};
    for (int64_t i = 0; along && i < walk.n; i++)
      results[i] = reduce_along(op, &lanes, in, walk.offset[1] + i * step, stride, n);
    if (!along)
      run(op, &lanes, &across, n);
    if (nn_block_store(error, out, walk.offset[0], walk.step[0], along ? results : lanes.value, walk.n))
      return NN_ERROR;
  }
  return NN_OK;
}
