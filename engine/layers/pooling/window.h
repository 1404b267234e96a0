/* window.h - what pooling layers share: their arguments and the window on an image. */
#ifndef NN_POOLING_LAYER_H
#define NN_POOLING_LAYER_H

#include <math.h>

#include "graph/node.h"
#include "products/pooling.h"

/* Lists have a number for each axis of an image; images have their channels last. */
typedef struct nn_pool_config {
  nn_shape pool_size, strides;
  int padding; /* an nn_padding */
} nn_pool_config;

static const char *const nn_pool_paddings[] = {"valid", "same", NULL};

static const nn_field nn_pool_fields[] = {
    {"pool_size", NN_FIELD_SHAPE, offsetof(nn_pool_config, pool_size), NAN, 1, 0, NULL},
    {"strides", NN_FIELD_SHAPE, offsetof(nn_pool_config, strides), NAN, 1, 0, NULL},
    {"padding", NN_FIELD_CHOICE, offsetof(nn_pool_config, padding), 0, 0, 0, nn_pool_paddings},
    {0}};

static inline nn_window nn_pool_window(const nn_node *node) {
  const nn_pool_config *config = (const nn_pool_config *)node->config;
  const nn_shape *in = &node->inputs[0]->shape;
  nn_window w = {.dilation = {1, 1, 1}, .channels = in->dim[in->ndim - 1]};
  w.filters = w.groups = w.channels;
  nn_window_set(w.kernel, config->pool_size.dim, config->pool_size.ndim);
  nn_window_set(w.stride, config->strides.dim, config->pool_size.ndim);
  nn_window_set(w.image, in->dim, config->pool_size.ndim);
  nn_window_pad(&w, (nn_padding)config->padding);
  return w;
}

static inline int nn_pool_build(nn_error *error, nn_node *node) {
  const nn_pool_config *config = (const nn_pool_config *)node->config;
  const nn_shape *in = &node->inputs[0]->shape;
  char text[NN_SHAPE_TEXT], pool[NN_SHAPE_TEXT];
  if (in->ndim != config->pool_size.ndim + 1 || nn_shape_count(in) == 0)
    return nn_fail(error, "wants samples of %d axes and channels, got %s", config->pool_size.ndim,
                   nn_shape_text(in, text));
  const nn_window w = nn_pool_window(node);
  if (nn_window_cells(w.output) == 0)
    return nn_fail(error,
                   "its window of %s is larger than the image of %s; use a smaller pool_size or padding = "
                   "\"same\"",
                   nn_shape_text(&config->pool_size, pool), nn_shape_text(in, text));
  node->output->shape = *in;
  for (int i = 0; i < config->pool_size.ndim; i++)
    node->output->shape.dim[i] = w.output[i + NN_WINDOW_AXES - config->pool_size.ndim];
  return NN_OK;
}

static inline nn_pooling nn_pool_begin(const nn_window *w, const nn_pass *pass) {
  return (nn_pooling){w, nn_kernels_at(0), pass->team, pass->rows};
}

#endif
