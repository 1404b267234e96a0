/* augment.h - what layers share that change pictures at random: draws for each sample, and samples shared among
 * threads.
 */
#ifndef NN_AUGMENT_H
#define NN_AUGMENT_H

#include <math.h>
#include <string.h>

#include "graph/node.h"

/* The random numbers of one sample at this step. They depend on its place in the batch alone, not on other samples or
 * threads. A step is below 2^32, so the upper half of its counter is free for the sample. */
static inline nn_rng nn_sample_stream(const nn_node *node, const nn_pass *pass, int seed, int64_t sample) {
  nn_rng rng = nn_noise_stream(node, pass, seed);
  rng.counter[3] = (uint32_t)sample + 1;
  return rng;
}

/* Of `of` nodes that follow each other in a graph each sample goes through `count`, drawn without replacement; this
 * node is number `index` of them, from 0. A count of 0: every sample goes through the node. */
typedef struct nn_pick {
  int index, of, count;
} nn_pick;

#define NN_PICK_FIELDS(type, member)                                                                                   \
  {"pick", NN_FIELD_INT, offsetof(type, member.index), 0, 0, INT32_MAX, NULL},                                         \
      {"pick_of", NN_FIELD_INT, offsetof(type, member.of), 0, 0, INT32_MAX, NULL}, {                                   \
    "pick_count", NN_FIELD_INT, offsetof(type, member.count), 0, 0, INT32_MAX, NULL                                    \
  }

/* Whether the sample goes through this node. All nodes of the group ask the same stream, that of the first node, at
 * another place than its own draws. Knuth, The Art of Computer Programming 2, algorithm S. */
static inline bool nn_is_picked(const nn_pick *pick, const nn_node *node, const nn_pass *pass, int seed,
                                int64_t sample) {
  if (pick->count == 0)
    return true;
  nn_node first = *node;
  first.position -= pick->index;
  nn_rng rng = nn_sample_stream(&first, pass, seed, sample);
  rng.counter[3] |= UINT32_C(1) << 31;
  uint32_t left = (uint32_t)pick->count;
  for (int i = 0; i < pick->index; i++)
    left -= nn_rng_below(&rng, (uint32_t)(pick->of - i)) < left;
  return nn_rng_below(&rng, (uint32_t)(pick->of - pick->index)) < left;
}

/* From low to below high; one number, if they are equal. */
static inline float nn_draw(nn_rng *rng, double low, double high) {
  return (float)(low + (high - low) * nn_rng_float(rng));
}

/* Whether something happens whose probability is itself drawn. */
static inline bool nn_draw_chance(nn_rng *rng, double low, double high) {
  const float probability = nn_draw(rng, low, high);
  return nn_rng_float(rng) < probability;
}

/* One walk over the samples of a batch. */
typedef struct nn_samples {
  nn_node *node;
  const nn_pass *pass;
  void (*run)(nn_node *, const nn_pass *, int64_t sample);
} nn_samples;

static inline void nn_run_sample(void *context, int part) {
  const nn_samples *samples = context;
  const int parts = samples->pass->rows < NN_TEAM_PARTS ? (int)samples->pass->rows : NN_TEAM_PARTS;
  for (int64_t i = part; i < samples->pass->rows; i += parts)
    samples->run(samples->node, samples->pass, i);
}

/* Calls run for each sample, several at once if there are threads. */
static inline void nn_for_samples(nn_node *node, const nn_pass *pass,
                                  void (*run)(nn_node *, const nn_pass *, int64_t)) {
  nn_samples samples = {node, pass, run};
  const int parts = pass->rows < NN_TEAM_PARTS ? (int)pass->rows : NN_TEAM_PARTS;
  nn_team_run(pass->team, parts, nn_run_sample, &samples);
}

#endif
