/* sums.c - what convolutional layers do to their sums z after the product, y = f(z), and before it on the way back.
 *
 * Backward, over all cells of all images: dz = dy * f'(z), dbias = sum of dz. A team shares blocks of images. How many
 * blocks there are depends on the batch alone, and their sums are added in order, so that a team of any size gives the
 * same bits. */
#include "convolution.h"

static int blocks_of(int64_t images) { return images < NN_CONV_BLOCKS ? (int)images : NN_CONV_BLOCKS; }

typedef struct sums {
  const nn_activation_config *activation;
  float *y, *dz;
  const float *z;
  float *dbias; /* (blocks, channels); NULL: not wanted */
  int64_t images, cells, channels;
} sums;

static sums sums_of(nn_node *node, const nn_pass *pass, const float *z) {
  const int64_t channels = nn_conv_channels(&node->output->shape);
  return (sums){.activation = &((const nn_conv_config *)node->config)->activation,
                .y = node->output->data,
                .dz = node->output->grad,
                .z = z,
                .images = pass->rows,
                .cells = node->output->width / channels,
                .channels = channels};
}

static int64_t first_image(const sums *s, int block) { return s->images * block / blocks_of(s->images); }

static void activate_block(void *context, int block) {
  const sums *s = context;
  const int64_t first = first_image(s, block) * s->cells, end = first_image(s, block + 1) * s->cells;
  nn_activate(s->activation, s->y + first * s->channels, s->z + first * s->channels, end - first, s->channels);
}

void nn_conv_activate(nn_node *node, const nn_pass *pass, const float *z) {
  const nn_conv_config *config = (const nn_conv_config *)node->config;
  sums s = sums_of(node, pass, z);
  if (config->activation.function != NN_ACT_LINEAR && !nn_conv_is_relu(config))
    nn_team_run(pass->team, blocks_of(s.images), activate_block, &s);
  else if (z != s.y)
    memcpy(s.y, z, sizeof *z * (size_t)(s.images * s.cells * s.channels));
}

/* While the block is in the cache: dz in place of dy, then its sums. */
static void reverse_block(void *context, int block) {
  const sums *s = context;
  const int64_t image = first_image(s, block), images = first_image(s, block + 1) - image;
  const int64_t at = image * s->cells * s->channels;
  float *dz = s->dz + at;
  if (s->activation->function != NN_ACT_LINEAR)
    nn_activate_backward(s->activation, dz, dz, s->y + at, s->z + at, images * s->cells, s->channels);
  if (s->dbias)
    nn_convolve_bias_gradient(nn_kernels_at(0), s->dbias + block * s->channels, dz, images, s->cells, s->channels);
}

const float *nn_conv_sums_backward(nn_node *node, const nn_pass *pass, const float *z, float *workspace) {
  const nn_conv_config *config = (const nn_conv_config *)node->config;
  sums s = sums_of(node, pass, z ? z : node->output->data);
  float *dbias = config->use_bias ? node->params[node->param_count - 1].grad : NULL;
  s.dbias = dbias ? workspace : NULL;
  const int blocks = blocks_of(s.images);
  nn_team_run(pass->team, blocks, reverse_block, &s);
  if (dbias)
    nn_kernels_at(0)->column_sums(dbias, s.dbias, blocks, s.channels);
  return s.dz;
}
