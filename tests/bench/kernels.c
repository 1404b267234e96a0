/* kernels.c - times each kernel of the engine alone, at the labs' shapes, against the most this machine can do: its
 * peak of multiply-adds, or its bandwidth when it moves as many bytes, both measured in the same run. */
#include <math.h>

#include "base/vmath.h"
#include "nn.h"
#include "products/sparse_batch.h"
#include "workload.h"

enum {
  BATCH = 100,
  INPUT = 784,
  WIDTH = 50,
  WIDE = 500,
  CLASSES = 10,
  PARAMETERS = 42310,
  REPEATS = 7,
  ALIGNMENT = 64
};

static const double SHORTEST = 2e-3; /* seconds of one measurement */

typedef void kernel(void *context);

/* ---- measuring ---- */

static double seconds_of(kernel *run, void *context, long times) {
  double started = bench_now();
  for (long i = 0; i < times; i++)
    run(context);
  return bench_now() - started;
}

/* Seconds of one call: the least of several measurements, each long enough for the clock. */
static double measure(kernel *run, void *context) {
  long times = 1;
  while (seconds_of(run, context, times) < SHORTEST)
    times *= 2;
  double least = INFINITY;
  for (int i = 0; i < REPEATS; i++)
    least = fmin(least, seconds_of(run, context, times) / (double)times);
  return least;
}

static float *numbers(int64_t n) {
  float *out = aligned_alloc(ALIGNMENT, ((size_t)n * sizeof(float) + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1));
  nn_rng rng = nn_rng_stream(1, NN_SAMPLE, (uint64_t)n);
  if (!out)
    bench_fail("out of memory");
  nn_rng_uniform(&rng, out, n, -1, 1);
  return out;
}

/* ---- what the machine can do ---- */

typedef float lanes __attribute__((vector_size(64)));

enum { CHAINS = 16, ROUNDS = 1000 };

/* Independent chains of multiply-adds, enough to hide the latency of each. */
static void multiply_add(void *context) {
  lanes *sums = context, s[CHAINS];
  memcpy(s, sums, sizeof s);
  for (int i = 0; i < ROUNDS; i++)
    for (int c = 0; c < CHAINS; c++)
      s[c] = s[c] * 0.999f + 0.001f;
  memcpy(sums, s, sizeof s);
}

static double peak_flops(void) {
  static const double FLOPS = 2.0 * CHAINS * ROUNDS * (double)(sizeof(lanes) / sizeof(float));
  lanes *sums = (lanes *)numbers(CHAINS * (int64_t)(sizeof(lanes) / sizeof(float)));
  double seconds = measure(multiply_add, sums);
  free(sums);
  return FLOPS / seconds;
}

typedef struct block {
  float *data;
  int64_t count;
} block;

static void read_and_write(void *context) {
  block *b = context;
  for (int64_t i = 0; i < b->count; i++)
    b->data[i] = b->data[i] * 0.5f + 0.5f;
  __asm__ volatile("" : : "r"(b->data) : "memory");
}

/* Bytes a second where that many are moved: half of them read, and written back in place. */
static double bandwidth(double bytes) {
  int64_t count = (int64_t)(bytes / 2 / sizeof(float)) + 16;
  block b = {numbers(count), count};
  double seconds = measure(read_and_write, &b);
  free(b.data);
  return 2.0 * sizeof(float) * (double)count / seconds;
}

/* flops may be 0: then memory alone is the floor. */
static void report(const char *name, double seconds, double flops, double bytes, double peak) {
  double moved = bytes / bandwidth(bytes), computed = flops / peak, least = fmax(moved, computed);
  printf("%-46s %10.2f us", name, seconds * 1e6);
  if (computed >= moved)
    printf("  %7.1f GFLOP/s", flops / seconds * 1e-9);
  else
    printf("  %7.1f GB/s   ", bytes / seconds * 1e-9);
  printf("  %5.0f %% of %s\n", 100 * least / seconds, computed >= moved ? "peak" : "bandwidth");
  fflush(stdout);
}

/* ---- products ---- */

typedef struct product {
  bool transpose_a, transpose_b;
  int64_t m, n, k;
  float *a, *b, *c;
} product;

static void multiply(void *context) {
  product *p = context;
  nn_gemm(NULL, p->transpose_a, p->transpose_b, p->m, p->n, p->k, p->a, p->transpose_a ? p->m : p->k, p->b,
          p->transpose_b ? p->k : p->n, p->c, p->n);
}

/* Half of a, here and there. */
static void drop_half(float *a, int64_t n) {
  nn_rng rng = nn_rng_stream(2, NN_SAMPLE, 0);
  for (int64_t i = 0; i < n; i++)
    if (nn_rng_float(&rng) < 0.5f)
      a[i] = 0;
}

static void time_product(const char *what, product p, bool zeros, double peak) {
  char name[64];
  p.a = numbers(p.m * p.k), p.b = numbers(p.k * p.n), p.c = numbers(p.m * p.n);
  if (zeros)
    drop_half(p.a, p.m * p.k);
  snprintf(name, sizeof name, "gemm %s: %lld x %lld, sum over %lld", what, (long long)p.m, (long long)p.n,
           (long long)p.k);
  report(name, measure(multiply, &p), 2.0 * (double)(p.m * p.n * p.k),
         sizeof(float) * (double)(p.m * p.k + p.k * p.n + p.m * p.n), peak);
  free(p.a), free(p.b), free(p.c);
}

/* The three products of a dense layer. */
static void time_layer(int64_t rows, int64_t in, int64_t out, bool zeros, double peak) {
  time_product("forward", (product){.m = rows, .n = out, .k = in}, zeros, peak);
  time_product("dW", (product){.transpose_a = true, .m = in, .n = out, .k = rows}, zeros, peak);
  time_product("dx", (product){.transpose_b = true, .m = rows, .n = in, .k = out}, zeros, peak);
}

/* ---- products with mostly zeros: runs of pixels in rows, as strokes are, a fifth of all ---- */

enum { IMAGES = 50000, RUN = 8 };

typedef struct sparse_run {
  nn_sparse matrix;
  nn_sparse_batch batch;
  int32_t *order;
  int64_t first, units;
  float *y, *w;
} sparse_run;

static void run_sparse_gather(void *context) {
  sparse_run *run = context;
  nn_sparse_gather(NULL, &run->batch, run->order, run->first, BATCH);
  run->first = (run->first + BATCH) % IMAGES;
}

static void run_sparse_product(void *context) {
  sparse_run *run = context;
  nn_sparse_product(NULL, run->y, &run->batch, run->w, run->units);
}

static void run_sparse_product_transposed(void *context) {
  sparse_run *run = context;
  nn_sparse_product_transposed(NULL, run->w, &run->batch, run->y, run->units);
}

/* Strokes stand at the same few columns in most images, as pixels in the middle of MNIST's do. */
static float *strokes(void) {
  float *x = calloc((size_t)IMAGES * INPUT, sizeof *x);
  nn_rng rng = nn_rng_stream(1, NN_SAMPLE, 0);
  if (!x)
    bench_fail("out of memory");
  for (int64_t r = 0; r < IMAGES; r++)
    for (int i = 0; i < INPUT / RUN / 5; i++) {
      int64_t column = INPUT / 5 + nn_rng_below(&rng, INPUT * 3 / 5);
      for (int k = 0; k < RUN; k++)
        x[r * INPUT + column + k] = (float)(1 + nn_rng_below(&rng, UINT8_MAX)) / UINT8_MAX;
    }
  return x;
}

static void time_sparse(double peak) {
  float *x = strokes();
  nn_tensor tensor = nn_tensor_over(NN_FLOAT32, &(nn_shape){2, {IMAGES, INPUT}}, x);
  sparse_run run = {.order = malloc(sizeof(int32_t) * IMAGES), .y = numbers(BATCH * WIDE), .w = numbers(INPUT * WIDE)};
  nn_rng rng = nn_rng_stream(1, NN_SHUFFLE, 0);
  nn_rng_permutation(&rng, run.order, IMAGES);
  nn_sparse_measure(&run.matrix, &tensor, INT64_MAX);
  nn_sparse_fill(&run.matrix, &tensor, malloc(nn_sparse_size(&run.matrix)));
  run.batch.matrix = &run.matrix;
  nn_arena memory = {0};
  nn_sparse_batch_plan(&run.batch, BATCH, &memory); /* measures */
  void *room = aligned_alloc(ALIGNMENT, memory.used);
  nn_sparse_batch_plan(&run.batch, BATCH, &(nn_arena){room, 0});
  const double groups = (double)run.matrix.group_count / IMAGES * BATCH, flops = 2.0 * NN_GROUP * groups;
  printf("\n100 of 50,000 rows, in random order, %.0f %% of their numbers not zero\n",
         100.0 * (double)run.matrix.count / IMAGES / INPUT);
  report("gather by columns", measure(run_sparse_gather, &run), 0,
         (double)(nn_kept_size(&run.matrix) + sizeof(nn_group)) * groups, peak);
  for (run.units = WIDTH; run.units <= WIDE; run.units += WIDE - WIDTH) {
    char name[64];
    snprintf(name, sizeof name, "sparse forward: 100 x %lld", (long long)run.units);
    report(name, measure(run_sparse_product, &run), flops * (double)run.units, false, peak);
    report("  dW", measure(run_sparse_product_transposed, &run), flops * (double)run.units, false, peak);
  }
  printf("\n");
  free((void *)run.matrix.start), free(room), free(run.order), free(run.y), free(run.w), free(x);
}

/* ---- layers, through a graph of one input and one layer ---- */

static void fill_standards(unsigned char *config, const nn_field *fields) {
  for (const nn_field *f = fields; f && f->name; f++) {
    double value = isnan(f->default_value) ? 0 : f->default_value;
    if (f->kind == NN_FIELD_FLOAT)
      *(double *)(config + f->offset) = value;
    else if (f->kind == NN_FIELD_BOOL)
      *(bool *)(config + f->offset) = value != 0;
    else if (f->kind != NN_FIELD_SHAPE)
      *(int *)(config + f->offset) = (int)value;
  }
}

static void *config_field(unsigned char *config, const nn_field *fields, const char *name) {
  for (const nn_field *f = fields; f->name; f++)
    if (strcmp(f->name, name) == 0)
      return config + f->offset;
  bench_fail(name);
  return NULL;
}

typedef struct layer_run {
  nn_graph *graph;
  nn_node *node;
  nn_pass pass;
} layer_run;

static void run_forward(void *context) {
  layer_run *run = context;
  run->node->layer->forward(run->node, &run->pass);
  run->pass.step++;
}

static void run_backward(void *context) {
  layer_run *run = context;
  run->node->layer->backward(run->node, &run->pass);
}

/* A graph of an input of that width and one layer whose config has its standards but for one number. */
static layer_run new_layer(const char *layer, int64_t in, const char *field, double value) {
  const nn_layer *kind = nn_find_layer(layer);
  const nn_layer *input = nn_find_layer("input");
  nn_extent extent = {0};
  nn_extent_add(&extent, input, 0);
  nn_extent_add(&extent, kind, 1);
  size_t structs = (nn_graph_size(&extent) + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
  nn_graph *graph = nn_graph_place(memset(aligned_alloc(ALIGNMENT, structs), 0, structs), &extent);
  nn_graph_append(graph, input, 0);
  nn_node *node = nn_graph_append(graph, kind, 1);
  nn_error error;
  *(nn_shape *)config_field(graph->nodes[0].config, graph->nodes[0].layer->fields, "shape") = (nn_shape){1, {in}};
  graph->nodes[0].output->is_watched = true;
  node->trainable = true, node->output->is_loss = true;
  node->inputs[0] = graph->nodes[0].output;
  fill_standards(node->config, kind->fields);
  void *place = config_field(node->config, kind->fields, field);
  if (kind->fields[0].kind == NN_FIELD_INT)
    *(int *)place = (int)value;
  else
    *(double *)place = value;
  if (nn_node_build(&error, &graph->nodes[0]) || nn_node_build(&error, node))
    bench_fail(error.message);
  for (int i = 0; i < node->param_count; i++)
    node->params[i].value = numbers(nn_shape_count(&node->params[i].shape));
  size_t size = nn_graph_plan(graph, BATCH, true, NULL);
  void *memory = aligned_alloc(ALIGNMENT, (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1));
  memset(memory, 0, size);
  nn_graph_plan(graph, BATCH, true, memory);
  graph->nodes[0].output->data = numbers(BATCH * in);
  return (layer_run){graph, node, {.rows = BATCH, .training = true, .seed = 1}};
}

static void time_layers(double peak) {
  const double cell = sizeof(float) * (double)BATCH;
  layer_run dense = new_layer("dense", 1, "units", WIDE);
  int *function = config_field(dense.node->config, dense.node->layer->fields, "activation");
  *function = NN_ACT_RELU;
  report("dense of one input: bias and relu, 100 x 500", measure(run_forward, &dense), 0, cell * WIDE, peak);
  report("  backward: relu', bias' and dW", measure(run_backward, &dense), 0, cell * WIDE * 2, peak);
  layer_run dropout = new_layer("dropout", WIDE, "rate", 0.5);
  report("dropout, random numbers and all, 100 x 500", measure(run_forward, &dropout), 0, cell * WIDE * 3, peak);
  report("  backward", measure(run_backward, &dropout), 0, cell * WIDE * 3, peak);
}

/* ---- loss and optimizer ---- */

typedef struct loss_run {
  const nn_loss *loss;
  _Alignas(8) unsigned char config[NN_OBJECT_BYTES];
  float value[BATCH], grad[BATCH * CLASSES], labels[BATCH], *logits;
} loss_run;

static void run_loss(void *context) {
  loss_run *run = context;
  run->loss->evaluate(run->config, run->value, run->grad, run->labels, run->logits, BATCH, CLASSES);
}

static void time_loss(double peak) {
  loss_run run = {.loss = nn_find_loss("sparse_categorical_crossentropy"), .logits = numbers(BATCH * CLASSES)};
  fill_standards(run.config, run.loss->fields);
  ((nn_from_logits *)run.config)->from_logits = true;
  for (int i = 0; i < BATCH; i++)
    run.labels[i] = (float)(i % CLASSES);
  report("softmax and cross-entropy with gradient, 100 x 10", measure(run_loss, &run), 0,
         sizeof(float) * 2.0 * BATCH * CLASSES, peak);
  free(run.logits);
}

typedef struct optimizer_run {
  const nn_optimizer *optimizer;
  _Alignas(8) unsigned char config[NN_OBJECT_BYTES];
  float *weight, *grad, *slots[NN_MAX_SLOTS];
  int64_t count;
  nn_update step;
} optimizer_run;

static void run_optimizer(void *context) {
  optimizer_run *run = context;
  run->optimizer->update(run->config, &run->step, run->weight, run->grad, run->slots, run->count);
  run->step.iteration++;
}

static void time_optimizer(const char *name, int64_t count, double peak) {
  char title[64];
  optimizer_run run = {.optimizer = nn_find_optimizer(name),
                       .weight = numbers(count),
                       .grad = numbers(count),
                       .count = count,
                       .step = {.learning_rate = 1e-3f}};
  fill_standards(run.config, run.optimizer->fields);
  int slots = run.optimizer->slot_count(run.config);
  for (int i = 0; i < slots; i++)
    run.slots[i] = memset(numbers(count), 0, sizeof(float) * (size_t)count);
  snprintf(title, sizeof title, "%s, %lld parameters", name, (long long)count);
  report(title, measure(run_optimizer, &run), 0, sizeof(float) * (double)count * (3.0 + 2.0 * slots), peak);
  for (int i = 0; i < slots; i++)
    free(run.slots[i]);
  free(run.weight), free(run.grad);
}

/* ---- elements ---- */

enum { ELEMENTS = BATCH * WIDE };

typedef struct array_run {
  float *out, *in;
  nn_tensor to, from, order;
  nn_rng rng;
} array_run;

static void run_exp(void *context) {
  array_run *a = context;
  for (int i = 0; i < ELEMENTS; i++)
    a->out[i] = nn_expf(a->in[i]);
}

static void run_log(void *context) {
  array_run *a = context;
  for (int i = 0; i < ELEMENTS; i++)
    a->out[i] = nn_logf(a->in[i]);
}

static void run_tanh(void *context) {
  array_run *a = context;
  for (int i = 0; i < ELEMENTS; i++)
    a->out[i] = nn_tanhf(a->in[i]);
}

static void run_random(void *context) {
  array_run *a = context;
  nn_rng_uniform(&a->rng, a->out, ELEMENTS, 0, 1);
}

static void run_gather(void *context) {
  array_run *a = context;
  nn_error error;
  if (nn_tensor_gather(&error, &a->to, &a->from, &a->order))
    bench_fail(error.message);
}

static void time_elements(double peak) {
  array_run a = {.out = numbers(ELEMENTS), .in = numbers(ELEMENTS), .rng = nn_rng_stream(1, NN_SAMPLE, 0)};
  const double moved = sizeof(float) * 2.0 * ELEMENTS;
  for (int i = 0; i < ELEMENTS; i++)
    a.in[i] = fabsf(a.in[i]) + 0.01f;
  report("exp, 50,000 numbers", measure(run_exp, &a), 0, moved, peak);
  report("log, 50,000 numbers", measure(run_log, &a), 0, moved, peak);
  report("tanh, 50,000 numbers", measure(run_tanh, &a), 0, moved, peak);
  report("uniform random, 50,000 numbers", measure(run_random, &a), 0, moved / 2, peak);
  free(a.out), free(a.in);
}

static void time_gather(double peak) {
  int32_t *order = malloc(sizeof(int32_t) * IMAGES);
  nn_rng rng = nn_rng_stream(1, NN_SHUFFLE, 0);
  nn_rng_permutation(&rng, order, IMAGES);
  array_run a = {.out = numbers(BATCH * INPUT), .in = numbers((int64_t)IMAGES * INPUT)};
  a.to = nn_tensor_over(NN_FLOAT32, &(nn_shape){2, {BATCH, INPUT}}, a.out);
  a.from = nn_tensor_over(NN_FLOAT32, &(nn_shape){2, {IMAGES, INPUT}}, a.in);
  a.order = nn_tensor_over(NN_INT32, &(nn_shape){1, {BATCH}}, order);
  report("gather of 100 images, the same each time", measure(run_gather, &a), 0, sizeof(float) * 2.0 * BATCH * INPUT,
         peak);
  free(order), free(a.out), free(a.in);
}

int main(void) {
  nn_blas_set_threads(1);
  nn_flush_denormals();
  double peak = peak_flops();
  printf("%s\npeak %.0f GFLOP/s a core, bandwidth %.0f GB/s for 64 KB, %.0f for 1 MB, %.0f for 64 MB\n\n",
         nn_blas_description(), peak * 1e-9, bandwidth(0x1p16) * 1e-9, bandwidth(0x1p20) * 1e-9,
         bandwidth(0x1p26) * 1e-9);
  time_layer(BATCH, INPUT, WIDTH, false, peak);
  time_layer(BATCH, WIDTH, CLASSES, false, peak);
  time_layer(BATCH, WIDE, WIDE, false, peak);
  time_layer(1, INPUT, WIDTH, false, peak);
  printf("\nthe same, where half of the left side is zero, counted as if it were not\n");
  time_layer(BATCH, WIDTH, WIDTH, true, peak);
  time_layer(BATCH, WIDE, WIDE, true, peak);
  time_sparse(peak);
  time_layers(peak);
  time_loss(peak);
  time_optimizer("adam", PARAMETERS, peak);
  time_optimizer("adam", (int64_t)WIDE * WIDE * 4, peak);
  time_optimizer("rmsprop", PARAMETERS, peak);
  time_gather(peak);
  time_elements(peak);
  return 0;
}
