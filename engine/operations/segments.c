/* segments.c - rows that have the same id combined: segment_sum, segment_max. Ids count from 0.
 *
 * data (n, width), ids (n), out (segments, width). A segment without rows is 0, or -inf for the greatest. */
#include "operations/indexing.h"

typedef struct segment_config {
  int num_segments;
} segment_config;

static const nn_field fields[] = {
    {"num_segments", NN_FIELD_INT, offsetof(segment_config, num_segments), NAN, 0, INT32_MAX, NULL}, {0}};

static int infer(nn_error *error, const void *config, const nn_shape *in, int count, nn_shape *out) {
  (void)count;
  char has[NN_SHAPE_TEXT], wants[NN_SHAPE_TEXT];
  if (in[0].ndim == 0 || in[1].ndim != 1 || in[1].dim[0] != in[0].dim[0])
    return nn_fail(error, "segment_ids: expected one id for each row of a tensor of shape %s, got shape %s",
                   nn_shape_text(&in[0], wants), nn_shape_text(&in[1], has));
  *out = in[0];
  out->dim[0] = ((const segment_config *)config)->num_segments;
  return NN_OK;
}

static int64_t width_of(const nn_tensor *tensor) { return nn_lanes_of(&tensor->shape, 0).inner; }

/* ---------------------------------------------------------------- segment_sum */

static int64_t sum_scratch(const nn_call *call) { return 2 * nn_count(&call->out); /* doubles */ }

static int sum_forward(nn_error *error, const nn_call *call) {
  const float *x = call->in[0].data, *id = call->in[1].data;
  float *out = call->out.data;
  double *sum = (double *)call->scratch;
  int64_t width = width_of(&call->in[0]), count = nn_count(&call->out);
  if (nn_check_positions(error, &call->in[1], call->out.shape.dim[0], false) != NN_OK)
    return NN_ERROR;
  for (int64_t i = 0; i < count; i++)
    sum[i] = 0;
  for (int64_t i = 0; i < call->in[0].shape.dim[0]; i++)
    for (int64_t j = 0; j < width; j++)
      sum[(int64_t)id[i] * width + j] += x[i * width + j];
  for (int64_t i = 0; i < count; i++)
    out[i] = (float)sum[i];
  return NN_OK;
}

static void sum_backward(const nn_call *call, const nn_tensor *grad_out, nn_tensor *grad_in) {
  const float *id = call->in[1].data, *dy = grad_out->data;
  float *dx = grad_in[0].data;
  int64_t width = width_of(&call->in[0]);
  for (int64_t i = 0; dx && i < call->in[0].shape.dim[0]; i++)
    memcpy(dx + i * width, dy + (int64_t)id[i] * width, (size_t)width * sizeof *dx);
  nn_clear(&grad_in[1]);
}

const nn_operation nn_operation_segment_sum = {.name = "segment_sum",
                                               .config_size = sizeof(segment_config),
                                               .fields = fields,
                                               .min_inputs = 2,
                                               .max_inputs = 2,
                                               .infer = infer,
                                               .scratch = sum_scratch,
                                               .forward = sum_forward,
                                               .backward = sum_backward};

/* ---------------------------------------------------------------- segment_max */

static int64_t max_scratch(const nn_call *call) {
  return nn_count(&call->out); /* how many elements are the greatest */
}

static int max_forward(nn_error *error, const nn_call *call) {
  const float *x = call->in[0].data, *id = call->in[1].data;
  float *out = call->out.data;
  int64_t width = width_of(&call->in[0]);
  if (nn_check_positions(error, &call->in[1], call->out.shape.dim[0], false) != NN_OK)
    return NN_ERROR;
  for (int64_t i = 0, n = nn_count(&call->out); i < n; i++)
    out[i] = -INFINITY;
  for (int64_t i = 0; i < call->in[0].shape.dim[0]; i++)
    for (int64_t j = 0; j < width; j++) {
      float *best = out + (int64_t)id[i] * width + j, v = x[i * width + j];
      *best = v > *best || isnan(v) ? v : *best;
    }
  return NN_OK;
}

/* Elements that are the greatest of their segment share its gradient. */
static void max_backward(const nn_call *call, const nn_tensor *grad_out, nn_tensor *grad_in) {
  const float *x = call->in[0].data, *id = call->in[1].data, *out = call->out.data, *dy = grad_out->data;
  float *dx = grad_in[0].data, *ties = call->scratch;
  int64_t width = width_of(&call->in[0]), rows = call->in[0].shape.dim[0];
  nn_clear(&grad_in[1]);
  if (!dx)
    return;
  for (int64_t i = 0, n = nn_count(&call->out); i < n; i++)
    ties[i] = 0;
  for (int64_t i = 0; i < rows * width; i++) {
    int64_t place = (int64_t)id[i / width] * width + i % width;
    ties[place] += x[i] == out[place];
  }
  for (int64_t i = 0; i < rows * width; i++) {
    int64_t place = (int64_t)id[i / width] * width + i % width;
    dx[i] = x[i] == out[place] ? dy[place] / ties[place] : 0;
  }
}

const nn_operation nn_operation_segment_max = {.name = "segment_max",
                                               .config_size = sizeof(segment_config),
                                               .fields = fields,
                                               .min_inputs = 2,
                                               .max_inputs = 2,
                                               .infer = infer,
                                               .scratch = max_scratch,
                                               .forward = max_forward,
                                               .backward = max_backward};
