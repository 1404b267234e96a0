--- Hashes of texts that are the same numbers everywhere: those that TensorFlow, and so Keras, puts words into bins by.
--
-- FarmHash's Fingerprint64 (Google's farmhash.cc, farmhashna) and SipHash-2-4 (Aumasson and Bernstein 2012). Lua's
-- integers wrap around at 64 bits, as both want it.
local fingerprint = {}

local K0 <const> = 0xc3a5c85c97cb3127
local K1 <const> = 0xb492b66fbe98f273
local K2 <const> = 0x9ae16a3b2f90404f

local function rotate_right(x, bits) return x >> bits | x << (64 - bits) end
local function rotate_left(x, bits) return x << bits | x >> (64 - bits) end

local function shift_mix(x) return x ~ x >> 47 end

-- Eight or four bytes from an offset on, which counts from 0.
local function read_64(text, offset) return (("<i8"):unpack(text, offset + 1)) end
local function read_32(text, offset) return (("<I4"):unpack(text, offset + 1)) end

-- ---- FarmHash ------------------------------------------------------------------------------------------------------

local function hash_16(u, v, multiplier)
  local a = shift_mix((u ~ v) * multiplier)
  return shift_mix((v ~ a) * multiplier) * multiplier
end

local function up_to_16(text, length)
  local multiplier = K2 + length * 2
  if length >= 8 then
    local a, b = read_64(text, 0) + K2, read_64(text, length - 8)
    local c = rotate_right(b, 37) * multiplier + a
    return hash_16(c, (rotate_right(a, 25) + b) * multiplier, multiplier)
  elseif length >= 4 then
    return hash_16(length + (read_32(text, 0) << 3), read_32(text, length - 4), multiplier)
  elseif length > 0 then
    local a, b, c = text:byte(1), text:byte(length // 2 + 1), text:byte(length)
    return shift_mix((a + (b << 8)) * K2 ~ (length + (c << 2)) * K0) * K2
  end
  return K2
end

-- What texts of 17 to 64 bytes begin with.
local function ends(text, length, first_multiplier)
  local multiplier = K2 + length * 2
  local a, b = read_64(text, 0) * first_multiplier, read_64(text, 8)
  local c, d = read_64(text, length - 8) * multiplier, read_64(text, length - 16) * K2
  return rotate_right(a + b, 43) + rotate_right(c, 30) + d, a + rotate_right(b + K2, 18) + c, multiplier, a
end

local function from_17_to_32(text, length)
  return hash_16(ends(text, length, K1))
end

local function from_33_to_64(text, length)
  local y, second, multiplier, a = ends(text, length, K2)
  local z = hash_16(y, second, multiplier)
  local e, f = read_64(text, 16) * multiplier, read_64(text, 24)
  local g, h = (y + read_64(text, length - 32)) * multiplier, (z + read_64(text, length - 24)) * multiplier
  return hash_16(rotate_right(e + f, 43) + rotate_right(g, 30) + h, e + rotate_right(f + a, 18) + g, multiplier)
end

local function hash_32(text, offset, a, b)
  local w, x = read_64(text, offset), read_64(text, offset + 8)
  local y, z = read_64(text, offset + 16), read_64(text, offset + 24)
  a = a + w
  b = rotate_right(b + a + z, 21)
  local sum = a + x + y
  return sum + z, b + rotate_right(sum, 44) + a
end

-- One block of 64 bytes; the last one uses other factors.
local function mix_block(text, offset, state, multiplier, factor)
  local v1, v2, w1, w2, x, y, z = table.unpack(state)
  x = rotate_right(x + y + v1 + read_64(text, offset + 8), 37) * multiplier
  y = rotate_right(y + v2 + read_64(text, offset + 48), 42) * multiplier
  x = x ~ w2 * factor
  y = y + v1 * factor + read_64(text, offset + 40)
  z = rotate_right(z + w1, 33) * multiplier
  v1, v2 = hash_32(text, offset, v2 * multiplier, x + w1)
  w1, w2 = hash_32(text, offset + 32, z + w2, y + read_64(text, offset + 16))
  return { v1, v2, w1, w2, z, y, x }
end

local function over_64(text, length)
  local y = 81 * K1 + 113
  local state = { 0, 0, 0, 0, 81 * K2 + read_64(text, 0), y, shift_mix(y * K2 + 113) * K2 }
  local last = (length - 1) // 64 * 64
  for offset = 0, last - 64, 64 do state = mix_block(text, offset, state, K1, 1) end
  local v1, v2, w1, w2, x, _, z = table.unpack(state)
  y = state[6]
  local multiplier = K1 + ((z & 0xff) << 1)
  w1 = w1 + (length - 1 & 63)
  v1 = v1 + w1
  w1 = w1 + v1
  v1, v2, w1, w2, x, y, z = table.unpack(mix_block(text, length - 64, { v1, v2, w1, w2, x, y, z }, multiplier, 9))
  return hash_16(hash_16(v1, w1, multiplier) + shift_mix(y) * K0 + z, hash_16(v2, w2, multiplier) + x, multiplier)
end

--- FarmHash's Fingerprint64.
-- @tparam string text
-- @treturn integer all 64 bits, so that half of all are negative
function fingerprint.of(text)
  local length = #text
  if length <= 16 then return up_to_16(text, length) end
  if length <= 32 then return from_17_to_32(text, length) end
  if length <= 64 then return from_33_to_64(text, length) end
  return over_64(text, length)
end

--- TensorFlow's FingerprintCat64: one fingerprint of two.
-- @tparam integer first
-- @tparam integer second
-- @treturn integer
function fingerprint.join(first, second)
  local multiplier <const> = 0xc6a4a7935bd1e995
  local result = (first ~ multiplier ~ shift_mix(second * multiplier) * multiplier) * multiplier
  return shift_mix(shift_mix(result) * multiplier)
end

-- ---- SipHash -------------------------------------------------------------------------------------------------------

local function sip_round(a, b, c, d)
  a, c = a + b, c + d
  b, d = rotate_left(b, 13) ~ a, rotate_left(d, 16) ~ c
  a = rotate_left(a, 32)
  c, a = c + b, a + d
  b, d = rotate_left(b, 17) ~ c, rotate_left(d, 21) ~ a
  return a, b, rotate_left(c, 32), d
end

--- SipHash-2-4.
-- @tparam string text
-- @tparam integer key_0
-- @tparam integer key_1
-- @treturn integer all 64 bits
function fingerprint.keyed(text, key_0, key_1)
  local a, b = key_0 ~ 0x736f6d6570736575, key_1 ~ 0x646f72616e646f6d
  local c, d = key_0 ~ 0x6c7967656e657261, key_1 ~ 0x7465646279746573
  local whole = #text // 8 * 8
  local rest = text:sub(whole + 1)
  local padded = text:sub(1, whole) .. rest .. ("\0"):rep(7 - #rest) .. string.char(#text & 0xff)
  for offset = 0, whole, 8 do
    local word = read_64(padded, offset)
    d = d ~ word
    for _ = 1, 2 do a, b, c, d = sip_round(a, b, c, d) end
    a = a ~ word
  end
  c = c ~ 0xff
  for _ = 1, 4 do a, b, c, d = sip_round(a, b, c, d) end
  return a ~ b ~ c ~ d
end

--- A bin from 0 to count - 1 for a hash, which is read as a number without a sign.
-- @tparam integer hash
-- @tparam integer count
function fingerprint.bin(hash, count)
  local quotient = (hash >> 1) // count << 1
  local rest = hash - quotient * count
  return math.ult(rest, count) and rest or rest - count
end

return fingerprint
