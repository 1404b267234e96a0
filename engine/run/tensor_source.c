/* tensor_source.c - rows of a tensor, in any order, in single precision. */
#include <string.h>

#include "source.h"

int64_t nn_elements_per_sample(const nn_tensor *data) {
  return data->shape.dim[0] ? nn_shape_count(&data->shape) / data->shape.dim[0] : 0;
}

void nn_read_floats(float *out, const nn_tensor *data, int64_t first, int64_t count) {
  switch (data->dtype) {
  case NN_FLOAT32: memcpy(out, (const float *)data->data + first, sizeof(float) * (size_t)count); break;
  case NN_UINT8:
    for (int64_t j = 0; j < count; j++)
      out[j] = ((const uint8_t *)data->data)[first + j];
    break;
  case NN_INT32:
    for (int64_t j = 0; j < count; j++)
      out[j] = (float)((const int32_t *)data->data)[first + j];
    break;
  }
}

static float *fill(nn_source *source, float *buffer, const int32_t *order, int64_t first, int64_t rows) {
  const nn_tensor *data = ((const nn_tensor_source *)source)->data;
  const int64_t width = nn_elements_per_sample(data);
  if (!order && data->dtype == NN_FLOAT32)
    return (float *)data->data + first * width;
  if (width == 1 && data->dtype == NN_FLOAT32) { /* labels: no call for each */
    for (int64_t r = 0; r < rows; r++)
      buffer[r] = ((const float *)data->data)[order[first + r]];
    return buffer;
  }
  for (int64_t r = 0; r < rows; r++)
    nn_read_floats(buffer + r * width, data, (order ? order[first + r] : first + r) * width, width);
  return buffer;
}

nn_tensor_source nn_source_of_tensor(const nn_tensor *data) { return (nn_tensor_source){{fill}, data}; }
