/* label_counts.c - true positives, false positives and false negatives of each label: the F-scores.
 * A label is predicted where y_pred > threshold; with a threshold of infinity, where it is the largest of its row and
 * not 0. State: the three sums, label by label. */
#include <math.h>

#include "mean.h"

enum { TRUE_POSITIVES, FALSE_POSITIVES, FALSE_NEGATIVES, COUNTS };

typedef struct label_config {
  double threshold;
} label_config;

static const nn_field fields[] = {
    {"threshold", NN_FIELD_FLOAT, offsetof(label_config, threshold), INFINITY, -INFINITY, INFINITY, NULL}, {0}};

static int64_t state_size(const void *config, int64_t width) {
  (void)config;
  return COUNTS * width;
}

static void update(const void *config, double *state, const nn_scored *s) {
  const float threshold = (float)((const label_config *)config)->threshold;
  for (int64_t r = 0; r < s->rows; r++) {
    const float *p = s->y_pred + r * s->width, largest = p[nn_argmax(p, s->width)];
    for (int64_t j = 0; j < s->width; j++) {
      bool predicted = threshold < INFINITY ? p[j] > threshold : p[j] >= largest && fabsf(p[j]) > 1e-9f;
      double y = (double)s->y_true[r * s->width + j], weight = nn_weight_at(s, r, j), *counts = state + COUNTS * j;
      counts[TRUE_POSITIVES] += predicted ? weight * y : 0;
      counts[FALSE_POSITIVES] += predicted ? weight * (1 - y) : 0;
      counts[FALSE_NEGATIVES] += predicted ? 0 : weight * y;
    }
  }
}

const nn_metric nn_metric_label_counts = {.name = "label_counts",
                                          .config_size = sizeof(label_config),
                                          .fields = fields,
                                          .state_size = state_size,
                                          .update = update,
                                          .compares = true};
