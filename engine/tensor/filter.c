/* filter.c - one axis brought to another length. What distinguishes the interpolations are the windows and the weights.
 */
#include "filter.h"

#include <math.h>
#include <stddef.h>

const char *const nn_interpolation_names[] = {"nearest",  "box",      "bilinear", "bicubic",
                                              "lanczos3", "lanczos5", "adaptive", NULL};

static double box(double x) { return x > -0.5 && x <= 0.5; }

static double triangle(double x) { return fmax(0, 1 - fabs(x)); }

/* Keys 1981, a = -1/2: what TensorFlow and Pillow use. */
static double cubic(double x) {
  x = fabs(x);
  return x < 1 ? (1.5 * x - 2.5) * x * x + 1 : x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

/* sinc(x) sinc(x / reach), the windowed sinc of Duchon 1979. */
static double lanczos(double x, double reach) {
  if (fabs(x) >= reach)
    return 0;
  return fabs(x) < 1e-6 ? 1 : reach * sin(M_PI * x) * sin(M_PI * x / reach) / (M_PI * M_PI * x * x);
}

static double lanczos3(double x) { return lanczos(x, 3); }

static double lanczos5(double x) { return lanczos(x, 5); }

/* How far a filter reaches on each side, in places, and its weight at a distance. */
typedef struct kernel {
  double reach;
  double (*at)(double);
} kernel;

static const kernel kernels[] = {
    [NN_NEAREST] = {0.5, box}, [NN_BOX] = {0.5, box},         [NN_BILINEAR] = {1, triangle},
    [NN_BICUBIC] = {2, cubic}, [NN_LANCZOS3] = {3, lanczos3}, [NN_LANCZOS5] = {5, lanczos5},
    [NN_ADAPTIVE] = {0.5, box}};

/* How much wider than written a filter is. */
static double stretch_of(const nn_filter *filter) {
  bool grows = filter->interpolation == NN_BOX || (filter->antialias && filter->interpolation != NN_NEAREST);
  return grows ? fmax(1, (double)filter->from / (double)filter->to) : 1;
}

int64_t nn_filter_most(const nn_filter *filter) {
  if (filter->interpolation == NN_NEAREST)
    return 1;
  if (filter->interpolation == NN_ADAPTIVE)
    return filter->from / filter->to + 2;
  return (int64_t)ceil(kernels[filter->interpolation].reach * stretch_of(filter)) * 2 + 1;
}

/* The place whose area holds the new place's centre, in whole numbers: a quotient next to an edge must not be rounded
 * across it. */
static nn_filter_window nearest_window(const nn_filter *filter, int64_t position, float *weight) {
  weight[0] = 1;
  return (nn_filter_window){(2 * position + 1) * filter->from / (2 * filter->to), 1, weight};
}

static nn_filter_window adaptive_window(const nn_filter *filter, int64_t position, float *weight) {
  const int64_t first = position * filter->from / filter->to;
  const int64_t count = ((position + 1) * filter->from + filter->to - 1) / filter->to - first;
  for (int64_t i = 0; i < count; i++)
    weight[i] = 1 / (float)count;
  return (nn_filter_window){first, count, weight};
}

nn_filter_window nn_filter_window_at(const nn_filter *filter, int64_t position, float *weight) {
  if (filter->interpolation == NN_NEAREST)
    return nearest_window(filter, position, weight);
  if (filter->interpolation == NN_ADAPTIVE)
    return adaptive_window(filter, position, weight);
  const kernel *shape = &kernels[filter->interpolation];
  double stretch = stretch_of(filter), scale = (double)filter->from / (double)filter->to;
  double centre = ((double)position + 0.5) * scale, reach = shape->reach * stretch, sum = 0;
  int64_t first = (int64_t)fmax(0, centre - reach + 0.5);
  int64_t end = (int64_t)fmin((double)filter->from, centre + reach + 0.5);
  for (int64_t i = first; i < end; i++)
    sum += shape->at(((double)i + 0.5 - centre) / stretch);
  for (int64_t i = first; i < end; i++)
    weight[i - first] = (float)(shape->at(((double)i + 0.5 - centre) / stretch) / sum);
  return (nn_filter_window){first, end - first, weight};
}
