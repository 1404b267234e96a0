/* random.c - engine.random: tensors from named streams of random numbers. */
#include "binding/binding.h"
#include "tensor/orthonormalize.h"

enum { SEED = 1, STEP = 2, SHAPE = 3 };

static nn_rng stream(lua_State *L, uint32_t purpose) {
  return nn_rng_stream((uint64_t)luaL_checkinteger(L, SEED), purpose, (uint64_t)luaL_checkinteger(L, STEP));
}

typedef void fill(nn_rng *, float *, int64_t, float, float);

/* (seed, step, shape, a, b): a and b are the two numbers of the distribution. */
static int draw(lua_State *L, fill *fill_values) {
  nn_rng rng = stream(L, NN_INITIALIZE);
  nn_shape shape = nn_check_shape(L, SHAPE);
  float a = (float)luaL_checknumber(L, SHAPE + 1), b = (float)luaL_checknumber(L, SHAPE + 2);
  nn_tensor *out = nn_new_tensor(L, NN_FLOAT32, &shape);
  fill_values(&rng, out->data, nn_shape_count(&shape), a, b);
  return 1;
}

static int uniform(lua_State *L) { return draw(L, nn_rng_uniform); }

static int normal(lua_State *L) { return draw(L, nn_rng_normal); }

static int truncated_normal(lua_State *L) { return draw(L, nn_rng_truncated_normal); }

/* (seed, step, { count, width }) -> vectors of normal numbers, made orthonormal; count <= width */
static int orthonormal(lua_State *L) {
  nn_rng rng = stream(L, NN_INITIALIZE);
  nn_shape shape = nn_check_shape(L, SHAPE);
  const int64_t n = nn_shape_count(&shape);
  nn_tensor *out = nn_new_tensor(L, NN_FLOAT32, &shape);
  float *values = out->data;
  double *vectors = lua_newuserdatauv(L, sizeof(double) * (size_t)n, 0);
  nn_rng_normal(&rng, values, n, 0, 1);
  for (int64_t i = 0; i < n; i++)
    vectors[i] = values[i];
  nn_orthonormalize(vectors, shape.dim[0], shape.dim[1]);
  for (int64_t i = 0; i < n; i++)
    values[i] = (float)vectors[i];
  lua_pop(L, 1);
  return 1;
}

/* (seed, step, n) -> int32 tensor: 0 .. n-1 in random order */
static int permutation(lua_State *L) {
  nn_rng rng = stream(L, NN_SHUFFLE);
  lua_Integer n = luaL_checkinteger(L, SHAPE);
  if (n < 0 || n > INT32_MAX)
    return nn_blame(L, "permutation: expected a count from 0 to %d, got %lld", INT32_MAX, (long long)n);
  nn_tensor *out = nn_new_tensor(L, NN_INT32, &(nn_shape){1, {n}});
  nn_rng_permutation(&rng, out->data, (int32_t)n);
  return 1;
}

/* (seed, step) -> an integer of 62 bits that depends on both: the seed of a stream of its own */
static int derive(lua_State *L) {
  nn_rng rng = stream(L, NN_SAMPLE);
  uint64_t high = nn_rng_next(&rng), low = nn_rng_next(&rng);
  lua_pushinteger(L, (lua_Integer)((high << 32 | low) >> 2));
  return 1;
}

int nn_open_random(lua_State *L) {
  static const luaL_Reg functions[] = {{"uniform", uniform},
                                       {"normal", normal},
                                       {"truncated_normal", truncated_normal},
                                       {"orthonormal", orthonormal},
                                       {"permutation", permutation},
                                       {"derive", derive},
                                       {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
