/* rng.c - random numbers from named streams.
 *
 * Philox4x32-10 turns (key, counter) into four random words by ten rounds of multiplication; a stream is a key and a
 * range of counters, so any stream can be opened anywhere, in any order, and resumed from its counter. */
#include <math.h>

#include "rng.h"

/* Constants of Salmon et al. (2011), table 2. */
#define MULTIPLIER_0 0xD2511F53u
#define MULTIPLIER_1 0xCD9E8D57u
#define WEYL_0       0x9E3779B9u
#define WEYL_1       0xBB67AE85u
enum { ROUNDS = 10 };

static void philox(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2]) {
  uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3], k0 = key[0], k1 = key[1];
  for (int round = 0; round < ROUNDS; round++) {
    uint64_t p0 = (uint64_t)MULTIPLIER_0 * c0, p1 = (uint64_t)MULTIPLIER_1 * c2;
    c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
    c1 = (uint32_t)p1;
    c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
    c3 = (uint32_t)p0;
    k0 += WEYL_0;
    k1 += WEYL_1;
  }
  out[0] = c0, out[1] = c1, out[2] = c2, out[3] = c3;
}

/* counter = { block, purpose, step low, step high }: a stream has 2^32 blocks of four words. */
nn_rng nn_rng_stream(uint64_t seed, uint32_t purpose, uint64_t step) {
  return (nn_rng){.key = {(uint32_t)seed, (uint32_t)(seed >> 32)},
                  .counter = {0, purpose, (uint32_t)step, (uint32_t)(step >> 32)}};
}

uint32_t nn_rng_next(nn_rng *rng) {
  if (rng->left == 0) {
    philox(rng->block, rng->counter, rng->key);
    rng->counter[0]++;
    rng->left = 4;
  }
  return rng->block[4 - rng->left--];
}

/* LANES blocks at once: the same words as LANES calls of philox, in as wide registers as the processor has. */
enum { LANES = 16 };

typedef uint32_t lanes __attribute__((vector_size(LANES * sizeof(uint32_t))));
typedef uint64_t wide_lanes __attribute__((vector_size(LANES * sizeof(uint64_t))));

/* The upper halves of the products. No function, for how one gives such registers back depends on the processor. */
#define HIGH_PRODUCT(x, multiplier)                                                                                    \
  __builtin_convertvector((__builtin_convertvector((x), wide_lanes) * (multiplier)) >> 32, lanes)

static void philox_lanes(uint32_t *out, const uint32_t counter[4], const uint32_t key[2]) {
  const lanes numbers = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  lanes c0 = numbers + counter[0], c1 = counter[1] - (lanes){0}, c2 = counter[2] - (lanes){0},
        c3 = counter[3] - (lanes){0};
  uint32_t k0 = key[0], k1 = key[1];
  for (int round = 0; round < ROUNDS; round++) {
    lanes p0 = HIGH_PRODUCT(c0, MULTIPLIER_0), p1 = HIGH_PRODUCT(c2, MULTIPLIER_1);
    lanes low_0 = c0 * MULTIPLIER_0, low_1 = c2 * MULTIPLIER_1;
    c0 = p1 ^ c1 ^ k0;
    c1 = low_1;
    c2 = p0 ^ c3 ^ k1;
    c3 = low_0;
    k0 += WEYL_0;
    k1 += WEYL_1;
  }
  for (int i = 0; i < LANES; i++)
    out[4 * i] = c0[i], out[4 * i + 1] = c1[i], out[4 * i + 2] = c2[i], out[4 * i + 3] = c3[i];
}

void nn_rng_words(nn_rng *rng, uint32_t *out, int64_t n) {
  int64_t i = 0;
  while (rng->left > 0 && i < n)
    out[i++] = nn_rng_next(rng);
  for (; i + 4 * LANES <= n; i += 4 * LANES) {
    philox_lanes(out + i, rng->counter, rng->key);
    rng->counter[0] += LANES;
  }
  while (i < n)
    out[i++] = nn_rng_next(rng);
}

static float to_float(uint32_t word) { return (float)(word >> 8) * 0x1p-24f; }

float nn_rng_float(nn_rng *rng) { return to_float(nn_rng_next(rng)); }

uint32_t nn_rng_below(nn_rng *rng, uint32_t bound) {
  uint64_t product = (uint64_t)nn_rng_next(rng) * bound;
  uint32_t threshold = -bound % bound;
  while ((uint32_t)product < threshold)
    product = (uint64_t)nn_rng_next(rng) * bound;
  return (uint32_t)(product >> 32);
}

void nn_rng_uniform(nn_rng *rng, float *out, int64_t n, float low, float high) {
  uint32_t words[NN_RNG_CHUNK];
  for (int64_t first = 0; first < n; first += NN_RNG_CHUNK) {
    int64_t count = n - first < NN_RNG_CHUNK ? n - first : NN_RNG_CHUNK;
    nn_rng_words(rng, words, count);
    for (int64_t i = 0; i < count; i++)
      out[first + i] = low + (high - low) * to_float(words[i]);
  }
}

/* Box and Muller (1958): two independent normal numbers from two uniform ones. */
static void normal_pair(nn_rng *rng, float pair[2]) {
  double radius = sqrt(-2 * log(1 - (double)nn_rng_float(rng)));
  double angle = 2 * 3.14159265358979323846 * (double)nn_rng_float(rng);
  pair[0] = (float)(radius * cos(angle));
  pair[1] = (float)(radius * sin(angle));
}

void nn_rng_normal(nn_rng *rng, float *out, int64_t n, float mean, float stddev) {
  float pair[2];
  for (int64_t i = 0; i < n; i++) {
    if (i % 2 == 0)
      normal_pair(rng, pair);
    out[i] = mean + stddev * pair[i % 2];
  }
}

void nn_rng_truncated_normal(nn_rng *rng, float *out, int64_t n, float mean, float stddev) {
  for (int64_t i = 0; i < n;) {
    float pair[2];
    normal_pair(rng, pair);
    for (int j = 0; j < 2 && i < n; j++)
      if (fabsf(pair[j]) <= 2)
        out[i++] = mean + stddev * pair[j];
  }
}

void nn_rng_permutation(nn_rng *rng, int32_t *out, int32_t n) {
  for (int32_t i = 0; i < n; i++) {
    int32_t j = (int32_t)nn_rng_below(rng, (uint32_t)i + 1);
    out[i] = out[j];
    out[j] = i;
  }
}
