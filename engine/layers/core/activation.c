/* activation.c - a function applied to what the layer before gives. */
#include "tensor/activation.h"
#include "graph/node.h"

typedef struct activation_config {
  nn_activation_config activation;
} activation_config;

static const nn_field fields[] = {
    NN_ACTIVATION_FIELDS("activation", activation_config, activation),
    {"axes", NN_FIELD_INT, offsetof(activation_config, activation.axes), 1, 1, NN_MAX_NDIM, NULL},
    {0}};

static int build(nn_error *error, nn_node *node) {
  const activation_config *config = (const activation_config *)node->config;
  node->output->shape = node->inputs[0]->shape;
  if (nn_activation_by_row(&config->activation) && node->output->shape.ndim == 0)
    return nn_fail(error, "%s wants samples with at least one axis, got single numbers",
                   nn_activation_names[config->activation.function]);
  return NN_OK;
}

static int64_t row_width(const nn_node *node) {
  const int axes = ((const activation_config *)node->config)->activation.axes, ndim = node->output->shape.ndim;
  int64_t width = 1;
  for (int i = 0; i < axes && i < ndim; i++)
    width *= node->output->shape.dim[ndim - 1 - i];
  return width;
}

/* A team shares blocks of rows: each number comes from its own row alone. */
typedef struct job {
  const nn_activation_config *activation;
  float *y, *dx;
  const float *x, *dy;
  int64_t rows, width;
  int blocks;
} job;

static job job_of(const nn_node *node, const nn_pass *pass) {
  enum { BLOCK = 1 << 14, MOST_BLOCKS = 256 }; /* numbers of a block, at least */
  const int64_t width = row_width(node), count = pass->rows * node->output->width, blocks = count / BLOCK;
  return (job){.activation = &((const activation_config *)node->config)->activation,
               .y = node->output->data,
               .dx = node->input_grad ? node->input_grad[0] : NULL,
               .x = node->inputs[0]->data,
               .dy = node->output->grad,
               .rows = count / width,
               .width = width,
               .blocks = (int)(blocks < 1             ? 1
                               : blocks > MOST_BLOCKS ? MOST_BLOCKS
                                                      : blocks)};
}

static int64_t first_row(const job *j, int block) { return j->rows * block / j->blocks; }

static void forward_block(void *context, int block) {
  const job *j = context;
  const int64_t first = first_row(j, block), at = first * j->width;
  nn_activate(j->activation, j->y + at, j->x + at, first_row(j, block + 1) - first, j->width);
}

static void backward_block(void *context, int block) {
  const job *j = context;
  const int64_t first = first_row(j, block), at = first * j->width;
  nn_activate_backward(j->activation, j->dx + at, j->dy + at, j->y + at, j->x + at, first_row(j, block + 1) - first,
                       j->width);
}

static void forward(nn_node *node, const nn_pass *pass) {
  job j = job_of(node, pass);
  nn_team_run(pass->team, j.blocks, forward_block, &j);
}

static void backward(nn_node *node, const nn_pass *pass) {
  job j = job_of(node, pass);
  if (j.dx)
    nn_team_run(pass->team, j.blocks, backward_block, &j);
}

const nn_layer nn_layer_activation = {.name = "activation",
                                      .config_size = sizeof(activation_config),
                                      .fields = fields,
                                      .traits = NN_IS_ACTIVATION,
                                      .build = build,
                                      .forward = forward,
                                      .backward = backward};
