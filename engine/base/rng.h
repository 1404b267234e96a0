/* rng.h - named streams of random numbers. */
#ifndef NN_RNG_H
#define NN_RNG_H

#include <stdint.h>

/* A stream is named, never shared: the same (seed, purpose, step) gives the same numbers, whatever ran before.
 * Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011). */
typedef struct nn_rng {
  uint32_t key[2];
  uint32_t counter[4];
  uint32_t block[4];
  int left;
} nn_rng;

enum nn_purpose { NN_INITIALIZE = 1, NN_SHUFFLE = 2, NN_DROPOUT = 3, NN_SAMPLE = 4, NN_DIGITS = 5 };

nn_rng nn_rng_stream(uint64_t seed, uint32_t purpose, uint64_t step);
uint32_t nn_rng_next(nn_rng *rng);
/* The next n words, as n calls of nn_rng_next, several times faster. Callers take them in chunks of this many. */
enum { NN_RNG_CHUNK = 256 };
void nn_rng_words(nn_rng *rng, uint32_t *out, int64_t n);
/* 24 random bits in [0, 1). */
float nn_rng_float(nn_rng *rng);
/* Below bound, without bias (Lemire 2019). */
uint32_t nn_rng_below(nn_rng *rng, uint32_t bound);
void nn_rng_uniform(nn_rng *rng, float *out, int64_t n, float low, float high);
void nn_rng_normal(nn_rng *rng, float *out, int64_t n, float mean, float stddev);
/* Redrawn beyond two standard deviations, as Keras does. */
void nn_rng_truncated_normal(nn_rng *rng, float *out, int64_t n, float mean, float stddev);
/* 0 .. n-1 in random order (Fisher-Yates). */
void nn_rng_permutation(nn_rng *rng, int32_t *out, int32_t n);

#endif
