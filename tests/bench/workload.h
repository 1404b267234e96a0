/* workload.h - what the C and C++ programs of the benchmark share: a workload read from a line of standard input, the
 * data in memory, a clock. */
#ifndef BENCH_WORKLOAD_H
#define BENCH_WORKLOAD_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BENCH_MAX_LAYERS = 16 };

typedef struct bench_workload {
  char task[32], data[256], loss[32], optimizer[32];
  int layer_count;               /* of widths, the input's included; 0 if there are other layers than dense ones */
  long layers[BENCH_MAX_LAYERS]; /* widths */
  double rate;
  long batch, samples, epochs, seed;
  double work; /* multiplications for one sample; only if there are other layers than dense ones */
} bench_workload;

/* Rows of a file of raw float32. */
typedef struct bench_matrix {
  float *data; /* (rows, width) */
  long rows, width;
} bench_matrix;

typedef struct bench_data {
  char folder[256];
  bench_matrix x, y, x_test, y_test;
} bench_data;

static inline void bench_fail(const char *what) {
  fprintf(stderr, "bench: %s\n", what);
  exit(1);
}

static inline void bench_read_layers(bench_workload *w, const char *text) {
  char *end = (char *)text;
  w->layer_count = 0;
  for (const char *at = text; *at && w->layer_count < BENCH_MAX_LAYERS; at = *end == ',' ? end + 1 : end) {
    w->layers[w->layer_count++] = strtol(at, &end, 10);
    if (end == at || (*end && *end != ',')) { /* "conv-32-5" */
      w->layer_count = 0;
      return;
    }
  }
}

static inline void bench_set(bench_workload *w, const char *key, const char *value) {
  const struct {
    const char *key;
    char *text;
    size_t size;
    long *number;
  } fields[] = {{"task", w->task, sizeof w->task, NULL}, {"data", w->data, sizeof w->data, NULL},
                {"loss", w->loss, sizeof w->loss, NULL}, {"optimizer", w->optimizer, sizeof w->optimizer, NULL},
                {"batch", NULL, 0, &w->batch},           {"samples", NULL, 0, &w->samples},
                {"epochs", NULL, 0, &w->epochs},         {"seed", NULL, 0, &w->seed}};
  if (strcmp(key, "layers") == 0)
    bench_read_layers(w, value);
  if (strcmp(key, "rate") == 0)
    w->rate = atof(value);
  if (strcmp(key, "work") == 0)
    w->work = atof(value);
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
    if (strcmp(key, fields[i].key) == 0 && fields[i].text)
      snprintf(fields[i].text, fields[i].size, "%s", value);
    else if (strcmp(key, fields[i].key) == 0)
      *fields[i].number = atol(value);
  }
}

/* The next workload; false at the end of the input. */
static inline bool bench_next(bench_workload *w) {
  char line[2048];
  memset(w, 0, sizeof *w);
  if (!fgets(line, sizeof line, stdin))
    return false;
  for (char *word = strtok(line, " \n"); word; word = strtok(NULL, " \n")) {
    char *value = strchr(word, '=');
    if (!value)
      bench_fail("expected KEY=VALUE");
    *value = '\0';
    bench_set(w, word, value + 1);
  }
  return true;
}

static inline bench_matrix bench_read(const char *folder, const char *name, long width) {
  char path[512];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "rb");
  if (!file || fseek(file, 0, SEEK_END))
    bench_fail(path);
  size_t count = (size_t)ftell(file) / sizeof(float);
  bench_matrix m = {NULL, (long)count / width, width};
  m.data = (float *)aligned_alloc(64, (count * sizeof(float) + 63) & ~(size_t)63);
  rewind(file);
  if (!m.data || fread(m.data, sizeof(float), count, file) != count)
    bench_fail(path);
  fclose(file);
  return m;
}

/* The workload's data; those of the workload before are kept where they are the same, else freed. */
static inline void bench_load(bench_data *d, const bench_workload *w) {
  if (strcmp(d->folder, w->data) == 0)
    return;
  free(d->x.data), free(d->y.data), free(d->x_test.data), free(d->y_test.data);
  snprintf(d->folder, sizeof d->folder, "%s", w->data);
  d->x = bench_read(w->data, "train.x", w->layers[0]);
  d->y = bench_read(w->data, "train.y", 1);
  d->x_test = bench_read(w->data, "test.x", w->layers[0]);
  d->y_test = bench_read(w->data, "test.y", 1);
  if (d->x.rows < w->samples && d->x_test.rows < w->samples)
    bench_fail("fewer samples than the workload wants");
}

/* Seconds. */
static inline double bench_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static inline long bench_least(long a, long b) { return a < b ? a : b; }

/* threads=N on the command line; 1 without. */
static inline int bench_threads(int argc, char **argv) {
  return argc > 1 && strncmp(argv[1], "threads=", 8) == 0 ? atoi(argv[1] + 8) : 1;
}

static inline void bench_answer(double seconds, double score) {
  printf("{\"seconds\":%.9g,\"score\":%.9g}\n", seconds, score);
  fflush(stdout);
}

static inline void bench_answer_seconds(double seconds) {
  printf("{\"seconds\":%.9g}\n", seconds);
  fflush(stdout);
}

static inline void bench_skip(const char *reason) {
  printf("{\"skip\":\"%s\"}\n", reason);
  fflush(stdout);
}

#endif
