/* sparse_top_k_categorical_accuracy.c - how often the true class, a class id, is among the k largest predictions; with
 * from_sorted_ids the predictions are class ids themselves, the likeliest first. */
#include "mean.h"

typedef struct top_k_config {
  int k;
  bool from_sorted_ids;
} top_k_config;

static const nn_field fields[] = {
    {"k", NN_FIELD_INT, offsetof(top_k_config, k), 5, 1, INT32_MAX, NULL},
    {"from_sorted_ids", NN_FIELD_BOOL, offsetof(top_k_config, from_sorted_ids), false, 0, 1, NULL},
    {0}};

static bool is_found(const top_k_config *c, float class, const float *p, int64_t width) {
  if (!c->from_sorted_ids)
    return class >= 0 && class < (float)width && nn_is_in_top_k(p, (int64_t) class, width, c->k);
  for (int64_t j = 0; j < width && j < c->k; j++)
    if (p[j] == class)
      return true;
  return false;
}

static void update(const void *config, double *state, const nn_scored *s) {
  for (int64_t r = 0; r < s->rows; r++)
    nn_add_to_mean(state, is_found(config, s->y_true[r], s->y_pred + r * s->width, s->width), nn_weight_at(s, r, 0));
}

const nn_metric nn_metric_sparse_top_k_categorical_accuracy = {.name = "sparse_top_k_categorical_accuracy",
                                                               .config_size = sizeof(top_k_config),
                                                               .fields = fields,
                                                               .state_size = nn_mean_state_size,
                                                               .update = update,
                                                               .compares = true};
