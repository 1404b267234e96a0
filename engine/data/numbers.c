#include "data/numbers.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { BOOL, INT8, UINT8, INT16, UINT16, INT32, UINT32, INT64, UINT64, FLOAT16, BFLOAT16, FLOAT32, FLOAT64, TYPES };

static const nn_number_type types[TYPES] = {
    [BOOL] = {"bool", 1, NN_UINT8},           [INT8] = {"int8", 1, NN_INT32},
    [UINT8] = {"uint8", 1, NN_UINT8},         [INT16] = {"int16", 2, NN_INT32},
    [UINT16] = {"uint16", 2, NN_INT32},       [INT32] = {"int32", 4, NN_INT32},
    [UINT32] = {"uint32", 4, NN_INT32},       [INT64] = {"int64", 8, NN_INT32},
    [UINT64] = {"uint64", 8, NN_INT32},       [FLOAT16] = {"float16", 2, NN_FLOAT32},
    [BFLOAT16] = {"bfloat16", 2, NN_FLOAT32}, [FLOAT32] = {"float32", 4, NN_FLOAT32},
    [FLOAT64] = {"float64", 8, NN_FLOAT32},
};

const nn_number_type *nn_number_type_of(const char *name) {
  for (int i = 0; i < TYPES; i++) {
    if (strcmp(types[i].name, name) == 0)
      return &types[i];
  }
  return NULL;
}

static uint64_t read_bits(const uint8_t *bytes, int size, bool is_big_endian) {
  uint64_t bits = 0;
  for (int i = 0; i < size; i++)
    bits = bits << 8 | bytes[is_big_endian ? i : size - 1 - i];
  return bits;
}

static float float_of_bits(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/* IEEE 754: 1 bit of sign, 5 of exponent, 10 of fraction. */
static float float_of_half(uint32_t bits) {
  uint32_t sign = bits >> 15 << 31, exponent = bits >> 10 & 31, fraction = bits & 1023;
  if (exponent == 31) /* infinite or NaN */
    return float_of_bits(sign | 0x7f800000 | fraction << 13);
  float size = exponent == 0 ? ldexpf((float)fraction, -24) : ldexpf((float)(1024 + fraction), (int)exponent - 25);
  return sign ? -size : size;
}

static int decode_double(nn_error *error, float *out, uint64_t bits) {
  double value;
  memcpy(&value, &bits, sizeof value);
  *out = (float)value;
  if (isinf(*out) && !isinf(value))
    return nn_fail(error, "it holds %g, which float32 cannot hold", value);
  return NN_OK;
}

static int decode_float(nn_error *error, float *out, uint64_t bits, int type) {
  if (type == FLOAT64)
    return decode_double(error, out, bits);
  *out = type == FLOAT16    ? float_of_half((uint32_t)bits)
         : type == BFLOAT16 ? float_of_bits((uint32_t)bits << 16)
                            : float_of_bits((uint32_t)bits);
  return NN_OK;
}

static int64_t sign_extend(uint64_t bits, int size) {
  int unused = 64 - 8 * size;
  return (int64_t)(bits << unused) >> unused;
}

static int decode_integer(nn_error *error, int32_t *out, uint64_t bits, int type) {
  bool is_signed = type == INT8 || type == INT16 || type == INT32 || type == INT64;
  int64_t value = is_signed ? sign_extend(bits, types[type].size) : (int64_t)bits;
  if (!is_signed && bits > INT32_MAX)
    return nn_fail(error, "it holds %llu, which int32 cannot hold", (unsigned long long)bits);
  if (value < INT32_MIN || value > INT32_MAX)
    return nn_fail(error, "it holds %lld, which int32 cannot hold", (long long)value);
  *out = (int32_t)value;
  return NN_OK;
}

static int decode_one(nn_error *error, void *out, int64_t i, uint64_t bits, int type) {
  switch (types[type].dtype) {
  case NN_UINT8: ((uint8_t *)out)[i] = type == BOOL ? bits != 0 : (uint8_t)bits; return NN_OK;
  case NN_INT32: return decode_integer(error, (int32_t *)out + i, bits, type);
  default: return decode_float(error, (float *)out + i, bits, type);
  }
}

int nn_numbers_decode(nn_error *error, nn_tensor *out, const void *bytes, const nn_number_type *type,
                      bool is_big_endian) {
  int64_t count = nn_shape_count(&out->shape);
  int code = (int)(type - types);
  bool is_same = code == UINT8 || ((code == INT32 || code == FLOAT32) && !is_big_endian);
  if (is_same) {
    if (count > 0)
      memcpy(out->data, bytes, (size_t)count * (size_t)type->size);
    return NN_OK;
  }
  const uint8_t *in = bytes;
  for (int64_t i = 0; i < count; i++, in += type->size) {
    if (decode_one(error, out->data, i, read_bits(in, type->size, is_big_endian), code) != NN_OK)
      return NN_ERROR;
  }
  return NN_OK;
}
