/* threshold_counts.c - how predictions lie among thresholds, apart for true and false labels: precision, recall, AUC
 * and their kin.
 *
 * A prediction falls into the bucket that says how many of the ascending thresholds it exceeds, so one search does for
 * all of them; what lies above threshold i are the buckets beyond i. State: for each label that is counted apart (all
 * as one, or with multi_label each column) thresholds + 1 weights of false labels, then as many of true ones. */
#include "mean.h"
#include "base/vmath.h"

typedef struct threshold_config {
  nn_numbers thresholds;
  nn_numbers label_weights;
  int top_k, class_id; /* 0, -1: none */
  bool multi_label, from_logits;
} threshold_config;

static const nn_field fields[] = {
    {"thresholds", NN_FIELD_NUMBERS, offsetof(threshold_config, thresholds), 0, 0, 0, NULL},
    {"label_weights", NN_FIELD_NUMBERS, offsetof(threshold_config, label_weights), 0, 0, 0, NULL},
    {"top_k", NN_FIELD_INT, offsetof(threshold_config, top_k), 0, 1, INT32_MAX, NULL},
    {"class_id", NN_FIELD_INT, offsetof(threshold_config, class_id), -1, 0, INT32_MAX, NULL},
    {"multi_label", NN_FIELD_BOOL, offsetof(threshold_config, multi_label), false, 0, 1, NULL},
    {"from_logits", NN_FIELD_BOOL, offsetof(threshold_config, from_logits), false, 0, 1, NULL},
    {0}};

static int64_t state_size(const void *config, int64_t width) {
  const threshold_config *c = config;
  return 2 * (c->thresholds.count + 1) * (c->multi_label ? width : 1);
}

/* How many thresholds p exceeds. */
static int64_t bucket_of(const nn_numbers *thresholds, float p) {
  int64_t low = 0, high = thresholds->count;
  while (low < high) {
    int64_t middle = (low + high) / 2;
    if (p > thresholds->values[middle])
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* Whether fewer than k of the row come before this one; equals come in order. */
static bool comes_in_top_k(const float *row, int64_t column, int64_t width, int k) {
  int64_t before = 0;
  for (int64_t j = 0; j < width; j++)
    before += row[j] > row[column] || (row[j] == row[column] && j < column);
  return before < k;
}

static void update(const void *config, double *state, const nn_scored *s) {
  const threshold_config *c = config;
  const int64_t buckets = c->thresholds.count + 1;
  const int64_t first = c->class_id < 0 ? 0 : c->class_id, last = c->class_id < 0 ? s->width - 1 : c->class_id;
  for (int64_t r = 0; r < s->rows; r++) {
    const float *y = s->y_true + r * s->width, *p = s->y_pred + r * s->width;
    for (int64_t j = first; j <= last && j < s->width; j++) {
      bool excluded = c->top_k && !comes_in_top_k(p, j, s->width, c->top_k);
      int64_t bucket = excluded ? 0 : bucket_of(&c->thresholds, c->from_logits ? nn_sigmoidf(p[j]) : p[j]);
      double label_weight = j < c->label_weights.count ? (double)c->label_weights.values[j] : 1;
      int64_t set = (c->multi_label ? 2 * j : 0) + (y[j] != 0);
      state[set * buckets + bucket] += label_weight * nn_weight_at(s, r, j);
    }
  }
}

const nn_metric nn_metric_threshold_counts = {.name = "threshold_counts",
                                              .config_size = sizeof(threshold_config),
                                              .fields = fields,
                                              .state_size = state_size,
                                              .update = update,
                                              .compares = true};
