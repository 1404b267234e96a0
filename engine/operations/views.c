/* views.c - views of a tensor as operations: broadcast_to, diagonal, flip, reshape, slice, transpose. */
#include "view.h"

/* ---------------------------------------------------------------- broadcast_to */

typedef struct broadcast_to_config {
  nn_shape shape; /* aligned at the right; -1 keeps a length */
} broadcast_to_config;

static int broadcast_to_view(nn_error *error, const void *config, const nn_shape *x, nn_view *out) {
  const nn_shape *shape = &((const broadcast_to_config *)config)->shape;
  char has[NN_SHAPE_TEXT], wants[NN_SHAPE_TEXT];
  nn_view whole = nn_view_whole(x), result = {.shape = *shape};
  int new_axes = shape->ndim - x->ndim;
  bool fits = new_axes >= 0;
  for (int i = 0; fits && i < shape->ndim; i++) {
    int64_t length = i < new_axes ? 1 : x->dim[i - new_axes], target = shape->dim[i];
    if (target == -1 && i >= new_axes)
      result.shape.dim[i] = target = length;
    fits = length == target || (length == 1 && target >= 0);
    result.stride[i] = length == target && i >= new_axes ? whole.stride[i - new_axes] : 0;
  }
  if (!fits)
    return nn_fail(error, "cannot stretch shape %s to %s: only axes of length 1 stretch", nn_shape_text(x, has),
                   nn_shape_text(shape, wants));
  *out = result;
  return NN_OK;
}

NN_VIEW(broadcast_to, broadcast_to_config, NN_VIEW_LIST(broadcast_to_config, shape, -1))

/* ---------------------------------------------------------------- diagonal */

typedef struct diagonal_config {
  int offset; /* above the main diagonal, or below it if negative */
  int axis1, axis2;
} diagonal_config;

static int diagonal_view(nn_error *error, const void *given, const nn_shape *x, nn_view *out) {
  const diagonal_config *config = given;
  int row_axis = 0, column_axis = 0;
  if (nn_find_axis(error, &row_axis, config->axis1, x->ndim) != NN_OK ||
      nn_find_axis(error, &column_axis, config->axis2, x->ndim) != NN_OK)
    return NN_ERROR;
  int64_t rows = x->dim[row_axis], columns = x->dim[column_axis];
  if (row_axis == column_axis || rows < 0 || columns < 0)
    return nn_fail(error, "axis2: expected two different axes of known lengths, got axes %d and %d", row_axis + 1,
                   column_axis + 1);
  nn_view whole = nn_view_whole(x), result = {0};
  for (int i = 0; i < x->ndim; i++)
    if (i != row_axis && i != column_axis) {
      result.stride[result.shape.ndim] = whole.stride[i];
      result.shape.dim[result.shape.ndim++] = x->dim[i];
    }
  int64_t first_row = config->offset < 0 ? -(int64_t)config->offset : 0;
  int64_t first_column = config->offset > 0 ? config->offset : 0;
  int64_t down = rows - first_row, right = columns - first_column, length = down < right ? down : right;
  if (length > 0)
    result.offset = first_row * whole.stride[row_axis] + first_column * whole.stride[column_axis];
  result.stride[result.shape.ndim] = whole.stride[row_axis] + whole.stride[column_axis];
  result.shape.dim[result.shape.ndim++] = length > 0 ? length : 0;
  *out = result;
  return NN_OK;
}

NN_VIEW(diagonal, diagonal_config,
        NN_VIEW_INT(diagonal_config, offset, 0) NN_VIEW_INT(diagonal_config, axis1, 1)
            NN_VIEW_INT(diagonal_config, axis2, 2))

/* ---------------------------------------------------------------- flip */

typedef struct flip_config {
  nn_shape axis; /* none: all axes */
} flip_config;

static int flip_view(nn_error *error, const void *config, const nn_shape *x, nn_view *out) {
  bool is_in[NN_MAX_NDIM];
  if (nn_find_axes(error, is_in, &((const flip_config *)config)->axis, x->ndim) != NN_OK)
    return NN_ERROR;
  *out = nn_view_whole(x);
  for (int i = 0; i < x->ndim; i++)
    if (is_in[i] && x->dim[i] > 0) {
      out->offset += (x->dim[i] - 1) * out->stride[i];
      out->stride[i] = -out->stride[i];
    }
  return NN_OK;
}

NN_VIEW(flip, flip_config, NN_VIEW_LIST(flip_config, axis, -NN_MAX_NDIM))

/* ---------------------------------------------------------------- reshape */

typedef struct reshape_config {
  nn_shape shape; /* -1, at most once: what the other lengths leave */
} reshape_config;

/* The arithmetic holds for an unknown length too: -k rows of the batch, divided by what is known, are rows again. */
static int reshape_view(nn_error *error, const void *config, const nn_shape *x, nn_view *out) {
  char has[NN_SHAPE_TEXT], wants[NN_SHAPE_TEXT];
  nn_shape shape = ((const reshape_config *)config)->shape;
  int64_t count = nn_shape_count(x), rest = 1;
  int open = -1, open_count = 0;
  for (int i = 0; i < shape.ndim; i++)
    if (shape.dim[i] < 0) {
      open = i;
      open_count++;
    } else {
      rest *= shape.dim[i];
    }
  if (open_count > 1)
    return nn_fail(error, "shape: expected -1 at most once, got %s", nn_shape_text(&shape, wants));
  if (open_count ? rest == 0 || count % rest != 0 : count != rest)
    return nn_fail(error, "cannot reshape %s (%lld elements) to %s", nn_shape_text(x, has), (long long)count,
                   nn_shape_text(&shape, wants));
  if (open_count)
    shape.dim[open] = count / rest;
  *out = nn_view_whole(&shape);
  return NN_OK;
}

NN_VIEW(reshape, reshape_config, NN_VIEW_LIST(reshape_config, shape, -1))

/* ---------------------------------------------------------------- slice */

typedef struct slice_config {
  nn_shape start; /* positions from 1, or from the end if negative; axes that are not there are taken whole */
  nn_shape shape; /* how many elements from there on; -1: all */
  nn_shape step;  /* every how many-th of them; none: each */
} slice_config;

/* One axis of a slice. */
static int slice_axis(nn_error *error, const slice_config *config, int axis, nn_view *view) {
  int64_t has = view->shape.dim[axis], start = config->start.dim[axis], count = config->shape.dim[axis];
  int64_t step = axis < config->step.ndim ? config->step.dim[axis] : 1;
  if (start == 1 && step == 1 && (count == -1 || count == has))
    return NN_OK;
  if (has < 0)
    return nn_fail(error, "axis %d is the batch, whose length is not known: it can only be taken whole", axis + 1);
  int64_t first = start < 0 ? has + start : start - 1;
  count = count == -1 ? has - first : count;
  if (start == 0 || first < 0 || count < 0 || first + count > has)
    return nn_fail(error, "axis %d: %lld elements from position %lld on are out of range for a length of %lld",
                   axis + 1, (long long)count, (long long)start, (long long)has);
  view->shape.dim[axis] = (count + step - 1) / step;
  view->offset += count > 0 ? first * view->stride[axis] : 0;
  view->stride[axis] *= step;
  return NN_OK;
}

static int slice_view(nn_error *error, const void *given, const nn_shape *x, nn_view *out) {
  const slice_config *config = given;
  if (config->start.ndim > x->ndim || config->start.ndim != config->shape.ndim)
    return nn_fail(error, "expected a start and a length for each of %d axes, got %d and %d", x->ndim,
                   config->start.ndim, config->shape.ndim);
  *out = nn_view_whole(x);
  for (int axis = 0; axis < config->start.ndim; axis++)
    if (slice_axis(error, config, axis, out) != NN_OK)
      return NN_ERROR;
  return NN_OK;
}

NN_VIEW(slice, slice_config,
        NN_VIEW_LIST(slice_config, start, INT32_MIN) NN_VIEW_LIST(slice_config, shape, -1)
            NN_VIEW_LIST(slice_config, step, 1))

/* ---------------------------------------------------------------- transpose */

typedef struct transpose_config {
  nn_shape axes; /* none: reversed */
} transpose_config;

static int transpose_view(nn_error *error, const void *config, const nn_shape *x, nn_view *out) {
  const nn_shape *axes = &((const transpose_config *)config)->axes;
  bool is_in[NN_MAX_NDIM];
  if (axes->ndim != 0 && axes->ndim != x->ndim)
    return nn_fail(error, "axes: expected each of %d axes once, got %d", x->ndim, axes->ndim);
  if (nn_find_axes(error, is_in, axes, x->ndim) != NN_OK)
    return NN_ERROR;
  nn_view whole = nn_view_whole(x), result = {.shape = *x};
  for (int i = 0; i < x->ndim; i++) {
    int axis = x->ndim - 1 - i;
    if (axes->ndim && nn_find_axis(error, &axis, axes->dim[i], x->ndim) != NN_OK)
      return NN_ERROR;
    result.shape.dim[i] = x->dim[axis];
    result.stride[i] = whole.stride[axis];
  }
  *out = result;
  return NN_OK;
}

NN_VIEW(transpose, transpose_config, NN_VIEW_LIST(transpose_config, axes, -NN_MAX_NDIM))
