/* convolution.c - times convolutions and their gradients on one thread: GFLOP/s of the multiplications needed. */
#include <math.h>
#include <time.h>

#include "nn.h"
#include "products/convolution.h"
#include "workload.h"

typedef struct shape {
  const char *name;
  int64_t images, height, width, channels, filters, kernel;
  nn_padding padding;
  int64_t stride, groups;
} shape;

static const shape shapes[] = {
    {"28x28x1 > 32, 5x5, batch 100", 100, 28, 28, 1, 32, 5, NN_PADDING_VALID, 1, 1},
    {"12x12x32 > 64, 5x5, batch 100", 100, 12, 12, 32, 64, 5, NN_PADDING_VALID, 1, 1},
    {"28x28x1 > 64, 7x7 same, batch 100", 100, 28, 28, 1, 64, 7, NN_PADDING_SAME, 1, 1},
    {"14x14x64 > 128, 3x3 same, batch 100", 100, 14, 14, 64, 128, 3, NN_PADDING_SAME, 1, 1},
    {"32x32x3 > 32, 3x3 same, batch 64", 64, 32, 32, 3, 32, 3, NN_PADDING_SAME, 1, 1},
    {"32x32x32 > 32, 3x3 same, batch 64", 64, 32, 32, 32, 32, 3, NN_PADDING_SAME, 1, 1},
    {"16x16x64 > 64, 3x3 same, batch 64", 64, 16, 16, 64, 64, 3, NN_PADDING_SAME, 1, 1},
    {"8x8x128 > 128, 3x3 same, batch 64", 64, 8, 8, 128, 128, 3, NN_PADDING_SAME, 1, 1},
    {"150x150x3 > 32, 3x3, batch 20", 20, 150, 150, 3, 32, 3, NN_PADDING_VALID, 1, 1},
    {"74x74x32 > 64, 3x3, batch 20", 20, 74, 74, 32, 64, 3, NN_PADDING_VALID, 1, 1},
    {"36x36x64 > 128, 3x3, batch 20", 20, 36, 36, 64, 128, 3, NN_PADDING_VALID, 1, 1},
    {"17x17x128 > 128, 3x3, batch 20", 20, 17, 17, 128, 128, 3, NN_PADDING_VALID, 1, 1},
    {"14x14x256 > 256, 3x3 same, batch 8", 8, 14, 14, 256, 256, 3, NN_PADDING_SAME, 1, 1},
    {"32x32x64 > 64, 3x3 same, stride 2, batch 32", 32, 32, 32, 64, 64, 3, NN_PADDING_SAME, 2, 1},
    {"16x16x128 > 256, 1x1, batch 32", 32, 16, 16, 128, 256, 1, NN_PADDING_VALID, 1, 1},
    {"28x28x128, 3x3 same, each channel alone, batch 8", 8, 28, 28, 128, 128, 3, NN_PADDING_SAME, 1, 128},
    {"5x5x16 > 120, 5x5 (LeNet), batch 100", 100, 5, 5, 16, 120, 5, NN_PADDING_VALID, 1, 1},
    /* The networks of experiments/gan.lua; "by image" is the forward pass of the transposed convolutions. */
    {"28x28x1 > 64, 5x5 same, stride 2, batch 256", 256, 28, 28, 1, 64, 5, NN_PADDING_SAME, 2, 1},
    {"14x14x64 > 128, 5x5 same, stride 2, batch 256", 256, 14, 14, 64, 128, 5, NN_PADDING_SAME, 2, 1},
    {"7x7x128 > 256, 5x5 same, batch 256", 256, 7, 7, 128, 256, 5, NN_PADDING_SAME, 1, 1},
};

typedef struct work {
  nn_convolution convolution;
  float *x, *y, *kernel, *bias;
} work;

static void forward(const work *w) { nn_convolve(&w->convolution, w->y, w->x, w->kernel, w->bias, true); }
static void by_kernel(const work *w) { nn_convolve_kernel_gradient(&w->convolution, w->kernel, w->x, w->y); }
static void by_image(const work *w) { nn_convolve_transposed(&w->convolution, w->x, w->y, w->kernel, NULL, false); }

/* Time of this thread, so that others on the machine disturb little. */
static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double least_seconds(void (*run)(const work *), const work *w) {
  enum { REPEATS = 7 };
  static const double LONG_ENOUGH = 0.3;
  double least = INFINITY, all = 0;
  for (int i = 0; i < REPEATS || all < LONG_ENOUGH; i++) {
    const double started = now();
    run(w);
    const double seconds = now() - started;
    all += seconds;
    least = fmin(least, seconds);
  }
  return least;
}

static float *numbers(int64_t n) {
  enum { LINE = 64 };
  float *out = aligned_alloc(LINE, ((size_t)n * sizeof *out / LINE + 2) * LINE);
  nn_rng rng = nn_rng_stream(1, NN_SAMPLE, (uint64_t)n);
  if (!out)
    bench_fail("out of memory");
  nn_rng_uniform(&rng, out, n, -1, 1);
  return out;
}

/* Products of cells of the image: those with padding are not counted. */
static double multiplications(const nn_window *w) {
  double cells = 1;
  for (int i = 0; i < NN_WINDOW_AXES; i++) {
    double count = 0;
    for (int64_t q = 0; q < w->output[i]; q++)
      for (int64_t k = 0; k < w->kernel[i]; k++) {
        const int64_t cell = q * w->stride[i] + k * w->dilation[i] - w->before[i];
        count += cell >= 0 && cell < w->image[i];
      }
    cells *= count;
  }
  return cells * (double)(w->channels / w->groups * w->filters);
}

static void measure(const shape *s) {
  nn_window w = {.image = {1, s->height, s->width},
                 .kernel = {1, s->kernel, s->kernel},
                 .stride = {1, s->stride, s->stride},
                 .dilation = {1, 1, 1},
                 .channels = s->channels,
                 .filters = s->filters,
                 .groups = s->groups};
  nn_window_pad(&w, s->padding);
  work all = {.convolution = {&w, nn_kernels_at(0), NULL, s->images, NULL}};
  all.convolution.workspace = numbers(nn_convolution_workspace(&w, s->images));
  all.x = numbers(s->images * nn_window_image_size(&w)), all.y = numbers(s->images * nn_window_output_size(&w));
  all.kernel = numbers(nn_window_kernel_size(&w)), all.bias = numbers(w.filters);
  const double flops = 2e-9 * multiplications(&w) * (double)s->images;
  const double f = least_seconds(forward, &all), k = least_seconds(by_kernel, &all), i = least_seconds(by_image, &all);
  printf("| %s | %.0f | %.0f | %.0f | %.2f |\n", s->name, flops / f, flops / k, flops / i, 1e3 * (f + k + i));
  fflush(stdout);
  free(all.x), free(all.y), free(all.kernel), free(all.bias), free(all.convolution.workspace);
}

int main(void) {
  nn_flush_denormals();
  printf("| shape (%s) | forward | by kernel | by image | ms, all three |\n| --- | ---: | ---: | ---: | ---: |\n",
         nn_kernels_at(0)->name);
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
    measure(&shapes[i]);
  return 0;
}
