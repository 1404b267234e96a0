/* floor.c - what a workload costs if nothing but the unavoidable is done: the matrix products, through OpenBLAS at the
 * same shapes (forward, weight gradient, input gradient except for the first layer), and one pass over the optimizer's
 * memory (reads g; reads and writes w, for RMSprop also v, for Adam also v and m). Batches are read in place, in the
 * order they stand. Networks with other layers than dense ones: as many multiplications, in large square products.
 *
 * No bias, activation, loss, shuffling, gathering or metric; the numbers that come out mean nothing. It is a floor for
 * programs that multiply dense matrices: one that makes use of zeros in its input can go below. */
#include <cblas.h>
#include <math.h>

#include "workload.h"

typedef struct network {
  int layer_count;               /* of weight matrices */
  long width[BENCH_MAX_LAYERS];  /* (layer_count + 1) */
  long offset[BENCH_MAX_LAYERS]; /* of each matrix in w and g */
  long parameters;
  float *w, *g, *m, *v;                                /* (parameters) */
  float *value[BENCH_MAX_LAYERS + 1];                  /* (batch, width[l]); value[0] is the batch itself */
  float *delta[BENCH_MAX_LAYERS + 1], *input_gradient; /* (batch, width[l]) */
} network;

static float *filled(long n, float size) {
  float *out = aligned_alloc(64, ((size_t)n * sizeof(float) + 63) & ~(size_t)63);
  unsigned state = 12345;
  if (!out)
    bench_fail("out of memory");
  for (long i = 0; i < n; i++) {
    state = state * 1664525u + 1013904223u;
    out[i] = size * ((float)(state >> 8) * 0x1p-23f - 1.0f);
  }
  return out;
}

static network new_network(const bench_workload *w, long batch) {
  network net = {.layer_count = w->layer_count - 1};
  long widest = 0;
  for (int l = 0; l <= net.layer_count; l++) {
    net.width[l] = w->layers[l];
    net.value[l] = l ? filled(batch * net.width[l], 1) : NULL;
    net.delta[l] = l ? filled(batch * net.width[l], 1e-3f) : NULL;
    if (l && net.width[l] > widest)
      widest = net.width[l];
  }
  for (int l = 0; l < net.layer_count; l++) {
    net.offset[l] = net.parameters;
    net.parameters += net.width[l] * net.width[l + 1];
  }
  net.input_gradient = filled(batch * widest, 1);
  net.w = filled(net.parameters, 0.05f), net.g = filled(net.parameters, 1e-3f);
  net.m = filled(net.parameters, 1e-3f), net.v = filled(net.parameters, 1e-3f);
  return net;
}

static void free_network(network *net) {
  for (int l = 1; l <= net->layer_count; l++)
    free(net->value[l]), free(net->delta[l]);
  free(net->input_gradient), free(net->w), free(net->g), free(net->m), free(net->v);
}

static void forward(network *net, long rows) {
  for (int l = 0; l < net->layer_count; l++) {
    int in = (int)net->width[l], out = (int)net->width[l + 1];
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)rows, out, in, 1, net->value[l], in,
                net->w + net->offset[l], out, 0, net->value[l + 1], out);
  }
}

static void backward(network *net, long rows) {
  for (int l = net->layer_count - 1; l >= 0; l--) {
    int in = (int)net->width[l], out = (int)net->width[l + 1];
    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, in, out, (int)rows, 1, net->value[l], in, net->delta[l + 1],
                out, 0, net->g + net->offset[l], out);
    if (l > 0)
      cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)rows, in, out, 1, net->delta[l + 1], out,
                  net->w + net->offset[l], out, 0, net->input_gradient, in);
  }
}

/* As many streams as the optimizer has, and arithmetic that costs nothing beside them. */
static void stream(network *net, bool first_moment, bool second_moment) {
  float *restrict w = net->w, *restrict m = net->m, *restrict v = net->v;
  const float *restrict g = net->g;
  for (long i = 0; i < net->parameters && first_moment; i++) {
    m[i] += 1e-3f * (g[i] - m[i]);
    v[i] += 1e-3f * (g[i] - v[i]);
    w[i] -= 1e-6f * (m[i] + v[i]);
  }
  for (long i = 0; i < net->parameters && !first_moment && second_moment; i++) {
    v[i] += 1e-3f * (g[i] - v[i]);
    w[i] -= 1e-6f * v[i];
  }
  for (long i = 0; i < net->parameters && !second_moment; i++)
    w[i] -= 1e-6f * g[i];
}

static double run(const bench_workload *w, const bench_data *d) {
  bool training = strcmp(w->task, "train") == 0, adam = strcmp(w->optimizer, "adam") == 0,
       rmsprop = strcmp(w->optimizer, "rmsprop") == 0;
  const float *x = training ? d->x.data : d->x_test.data;
  network net = new_network(w, w->batch);
  double started = bench_now();
  for (long epoch = 0; epoch < w->epochs; epoch++)
    for (long first = 0; first < w->samples; first += w->batch) {
      long rows = bench_least(w->batch, w->samples - first);
      net.value[0] = (float *)x + first * w->layers[0];
      forward(&net, rows);
      if (training) {
        backward(&net, rows);
        stream(&net, adam, adam || rmsprop);
      }
    }
  double seconds = bench_now() - started;
  free_network(&net);
  return seconds;
}

/* Seconds of so many multiplications in large products, measured on some of them. */
static double run_products(double multiplications) {
  enum { SIDE = 768, REPEATS = 10 };
  float *a = filled(SIDE * SIDE, 1), *b = filled(SIDE * SIDE, 1), *c = filled(SIDE * SIDE, 1);
  double started = bench_now();
  for (int i = 0; i < REPEATS; i++)
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, SIDE, SIDE, SIDE, 1, a, SIDE, b, SIDE, 0, c, SIDE);
  double each = (bench_now() - started) / ((double)REPEATS * SIDE * SIDE * SIDE);
  free(a), free(b), free(c);
  return multiplications * each;
}

int main(int argc, char **argv) {
  bench_workload w;
  bench_data d = {0};
  openblas_set_num_threads(bench_threads(argc, argv));
  while (bench_next(&w)) {
    if (!w.layer_count) {
      bench_answer_seconds(run_products(w.work * (double)(w.samples * w.epochs)));
      continue;
    }
    bench_load(&d, &w);
    bench_answer_seconds(run(&w, &d));
  }
  return 0;
}
