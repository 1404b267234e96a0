/* class_counts.c - the confusion matrix: how often each true class (row) was taken for each class (column).
 * With sparse_y_true and sparse_y_pred both sides are class ids, value by value; otherwise the class of a row is where
 * the largest of its values stands. A finite threshold makes predictions of 0 and 1 first. Classes beyond the matrix
 * are not counted. */
#include <math.h>

#include "mean.h"

typedef struct class_config {
  int num_classes, ignore_class;
  bool sparse_y_true, sparse_y_pred;
  double threshold;
} class_config;

/* Keras' None: no class is ignored. */
enum { NO_CLASS = INT32_MIN };

static const nn_field fields[] = {
    {"num_classes", NN_FIELD_INT, offsetof(class_config, num_classes), NAN, 1, 46340, NULL},
    {"ignore_class", NN_FIELD_INT, offsetof(class_config, ignore_class), NO_CLASS, INT32_MIN, INT32_MAX, NULL},
    {"sparse_y_true", NN_FIELD_BOOL, offsetof(class_config, sparse_y_true), true, 0, 1, NULL},
    {"sparse_y_pred", NN_FIELD_BOOL, offsetof(class_config, sparse_y_pred), true, 0, 1, NULL},
    {"threshold", NN_FIELD_FLOAT, offsetof(class_config, threshold), INFINITY, -INFINITY, INFINITY, NULL},
    {0}};

static int64_t state_size(const void *config, int64_t width) {
  (void)width;
  const int64_t classes = ((const class_config *)config)->num_classes;
  return classes * classes;
}

static void count(const class_config *c, double *state, float true_class, float predicted, double weight) {
  if (c->ignore_class != NO_CLASS && true_class == (float)c->ignore_class)
    return;
  const float classes = (float)c->num_classes;
  if (true_class >= 0 && true_class < classes && predicted >= 0 && predicted < classes)
    state[(int64_t)true_class * c->num_classes + (int64_t)predicted] += weight;
}

static float thresholded(const class_config *c, float p) {
  return c->threshold < INFINITY ? (p >= (float)c->threshold ? 1.0f : 0.0f) : p;
}

static void update(const void *config, double *state, const nn_scored *s) {
  const class_config *c = config;
  for (int64_t r = 0; r < s->rows; r++) {
    const float *y = s->y_true + r * s->width, *p = s->y_pred + r * s->width;
    if (c->sparse_y_pred) {
      for (int64_t j = 0; j < s->width; j++)
        count(c, state, y[j], thresholded(c, p[j]), nn_weight_at(s, r, j));
    } else {
      float true_class = c->sparse_y_true ? s->y_true[r] : (float)nn_argmax(y, s->width);
      count(c, state, true_class, (float)nn_argmax(p, s->width), nn_weight_at(s, r, 0));
    }
  }
}

const nn_metric nn_metric_class_counts = {.name = "class_counts",
                                          .config_size = sizeof(class_config),
                                          .fields = fields,
                                          .state_size = state_size,
                                          .update = update,
                                          .compares = true};
