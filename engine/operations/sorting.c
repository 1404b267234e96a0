/* sorting.c - orders: argsort, searchsorted. NaN is greater than every number. Both give positions from 0. */
#include "operations/indexing.h"

static bool is_greater(float a, float b) { return a > b || (isnan(a) && !isnan(b)); }

/* ---------------------------------------------------------------- argsort */

typedef struct argsort_config {
  int axis;
  bool descending;
} argsort_config;

static const nn_field argsort_fields[] = {
    {"axis", NN_FIELD_INT, offsetof(argsort_config, axis), -1, -NN_MAX_NDIM, NN_MAX_NDIM, NULL},
    {"descending", NN_FIELD_BOOL, offsetof(argsort_config, descending), 0, 0, 0, NULL},
    {0}};

static int argsort_infer(nn_error *error, const void *config, const nn_shape *in, int count, nn_shape *out) {
  (void)count;
  int axis = 0;
  if (nn_find_axis(error, &axis, ((const argsort_config *)config)->axis, in->ndim) != NN_OK)
    return NN_ERROR;
  if (in->dim[axis] < 0)
    return nn_fail(error, "axis: axis %d is the batch, whose length is not known", axis + 1);
  if (in->dim[axis] > NN_MOST_POSITIONS)
    return nn_fail(error, "axis %d has %lld elements, more than the %d that can be sorted", axis + 1,
                   (long long)in->dim[axis], NN_MOST_POSITIONS);
  *out = *in;
  return NN_OK;
}

static nn_lanes argsort_lanes(const nn_call *call) {
  nn_error error;
  int axis = 0;
  nn_find_axis(&error, &axis, ((const argsort_config *)call->config)->axis, call->in[0].shape.ndim);
  return nn_lanes_of(&call->in[0].shape, axis);
}

/* The elements of one lane, and two lists of positions. */
static int64_t argsort_scratch(const nn_call *call) { return 3 * argsort_lanes(call).length; }

/* Two sorted neighbours of at most `width` positions become one; equal elements keep their order. */
static void merge(int32_t *to, const int32_t *from, int64_t width, int64_t count, const float *value, bool descending) {
  int64_t left = 0, right = width < count ? width : count, middle = right;
  for (int64_t i = 0; i < count; i++) {
    bool takes_right = left == middle;
    if (left < middle && right < count) {
      float a = value[from[left]], b = value[from[right]];
      takes_right = descending ? is_greater(b, a) : is_greater(a, b);
    }
    to[i] = takes_right ? from[right++] : from[left++];
  }
}

/* Merge sort, from short runs to long ones; returns which of the two lists holds the result. */
static const int32_t *sort(int32_t *from, int32_t *to, int64_t length, const float *value, bool descending) {
  for (int64_t i = 0; i < length; i++)
    from[i] = (int32_t)i;
  for (int64_t width = 1; width < length; width *= 2) {
    for (int64_t first = 0; first < length; first += 2 * width) {
      int64_t count = length - first < 2 * width ? length - first : 2 * width;
      merge(to + first, from + first, width, count, value, descending);
    }
    int32_t *swap = from;
    from = to;
    to = swap;
  }
  return from;
}

static int argsort_forward(nn_error *error, const nn_call *call) {
  (void)error;
  const argsort_config *config = call->config;
  nn_lanes lanes = argsort_lanes(call);
  float *value = call->scratch;
  int32_t *order = (int32_t *)(value + lanes.length);
  for (int64_t lane = 0; lanes.length > 0 && lane < lanes.outer * lanes.inner; lane++) {
    int64_t first = lane / lanes.inner * lanes.length * lanes.inner + lane % lanes.inner;
    const float *x = (const float *)call->in[0].data + first;
    float *out = (float *)call->out.data + first;
    for (int64_t i = 0; i < lanes.length; i++)
      value[i] = x[i * lanes.inner];
    const int32_t *sorted = sort(order, order + lanes.length, lanes.length, value, config->descending);
    for (int64_t i = 0; i < lanes.length; i++)
      out[i * lanes.inner] = (float)sorted[i];
  }
  return NN_OK;
}

const nn_operation nn_operation_argsort = {.name = "argsort",
                                           .config_size = sizeof(argsort_config),
                                           .fields = argsort_fields,
                                           .min_inputs = 1,
                                           .max_inputs = 1,
                                           .infer = argsort_infer,
                                           .scratch = argsort_scratch,
                                           .forward = argsort_forward};

/* ---------------------------------------------------------------- searchsorted */

enum { LEFT, RIGHT };

static const char *const sides[] = {"left", "right", NULL};

typedef struct searchsorted_config {
  int side;
} searchsorted_config;

static const nn_field searchsorted_fields[] = {
    {"side", NN_FIELD_CHOICE, offsetof(searchsorted_config, side), LEFT, 0, 0, sides}, {0}};

static int searchsorted_infer(nn_error *error, const void *config, const nn_shape *in, int count, nn_shape *out) {
  (void)config, (void)count;
  char text[NN_SHAPE_TEXT];
  if (in[0].ndim != 1 || in[0].dim[0] < 0 || in[0].dim[0] > NN_MOST_POSITIONS)
    return nn_fail(error, "sorted_sequence: expected one axis of known length, got shape %s",
                   nn_shape_text(&in[0], text));
  *out = in[1];
  return NN_OK;
}

/* How many of the sorted elements are less than v (LEFT), or not greater (RIGHT). */
static int64_t count_before(const float *sorted, int64_t length, float v, int side) {
  int64_t low = 0, high = length;
  while (low < high) {
    int64_t middle = low + (high - low) / 2;
    bool is_before = side == LEFT ? is_greater(v, sorted[middle]) : !is_greater(sorted[middle], v);
    if (is_before)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static int searchsorted_forward(nn_error *error, const nn_call *call) {
  const searchsorted_config *config = call->config;
  const float *sorted = call->in[0].data, *value = call->in[1].data;
  float *out = call->out.data;
  for (int64_t i = 1; i < call->in[0].shape.dim[0]; i++)
    if (is_greater(sorted[i - 1], sorted[i]))
      return nn_fail(error, "expected numbers in ascending order to search among, got %g before %g", sorted[i - 1],
                     sorted[i]);
  for (int64_t i = 0, n = nn_count(&call->out); i < n; i++)
    out[i] = (float)count_before(sorted, call->in[0].shape.dim[0], value[i], config->side);
  return NN_OK;
}

const nn_operation nn_operation_searchsorted = {.name = "searchsorted",
                                                .config_size = sizeof(searchsorted_config),
                                                .fields = searchsorted_fields,
                                                .min_inputs = 2,
                                                .max_inputs = 2,
                                                .infer = searchsorted_infer,
                                                .forward = searchsorted_forward};
