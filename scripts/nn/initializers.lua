--- Starting values of weights (`nn.initializers`), with Keras' names, defaults and formulas.
--
-- An initializer is called with a shape: `nn.initializers.HeUniform{ seed = 1 }({ 784, 50 })` is a float32 tensor. With
-- a seed it gives the same numbers at every call, without one the next of the running sequence (`set_random_seed`).
local blame = require "nn.blame"
local Family = require "nn.family"
local random = require "nn.random"
local stream = require "engine.random"
local tensor = require "nn.tensor"

local initializers, family = Family.new("initializer")

local function seed_of(self)
  return self.arguments.seed or random.next_seed()
end

local function define(class, list, call, aliases)
  family.define { class = class, arguments = list, aliases = aliases, methods = { __call = call } }
end

--- Zeros{}(shape)
define("Zeros", {}, function(_, shape) return tensor.zeros(shape) end, { "zero" })

--- Ones{}(shape)
define("Ones", {}, function(_, shape) return tensor.ones(shape) end, { "one" })

--- Constant{ value = 0 }(shape)
define("Constant", { { "value", 0 } }, function(self, shape) return tensor.full(shape, self.arguments.value) end)

--- RandomNormal{ mean = 0, stddev = 0.05, seed }(shape)
define("RandomNormal", { { "mean", 0 }, { "stddev", 0.05 }, { "seed" } }, function(self, shape)
  return stream.normal(seed_of(self), 0, shape, self.arguments.mean, self.arguments.stddev)
end, { "normal" })

--- RandomUniform{ minval = -0.05, maxval = 0.05, seed }(shape)
define("RandomUniform", { { "minval", -0.05 }, { "maxval", 0.05 }, { "seed" } }, function(self, shape)
  return stream.uniform(seed_of(self), 0, shape, self.arguments.minval, self.arguments.maxval)
end, { "uniform" })

--- TruncatedNormal{ mean = 0, stddev = 0.05, seed }(shape): redrawn beyond two standard deviations
define("TruncatedNormal", { { "mean", 0 }, { "stddev", 0.05 }, { "seed" } }, function(self, shape)
  return stream.truncated_normal(seed_of(self), 0, shape, self.arguments.mean, self.arguments.stddev)
end)

--- How many values enter and leave one unit, from a kernel's shape: (in, out), for convolutions (..., in, out) times
-- the receptive field (keras/initializers/random_initializers.py, compute_fans).
-- @tparam {integer,...} shape
-- @treturn number fan in
-- @treturn number fan out
function initializers.compute_fans(shape)
  local n = #shape
  if n == 0 then return 1, 1 end
  if n == 1 then return shape[1], shape[1] end
  local field = 1
  for i = 1, n - 2 do field = field * shape[i] end
  return shape[n - 1] * field, shape[n] * field
end

-- The standard deviation of a normal distribution cut at two standard deviations.
local CUT_NORMAL_STDDEV = 0.87962566103423978

local MODES = { fan_in = true, fan_out = true, fan_avg = true }
local DISTRIBUTIONS = { uniform = true, truncated_normal = true, untruncated_normal = true }

--- A tensor whose variance is scale / n, where n is the fan that `mode` names.
local function variance_scaling(self, shape, scale, mode, distribution)
  local fan_in, fan_out = initializers.compute_fans(shape)
  local n = mode == "fan_in" and fan_in or mode == "fan_out" and fan_out or (fan_in + fan_out) / 2
  local variance = scale / math.max(1, n)
  if distribution == "uniform" then
    local limit = math.sqrt(3 * variance)
    return stream.uniform(seed_of(self), 0, shape, -limit, limit)
  elseif distribution == "truncated_normal" then
    return stream.truncated_normal(seed_of(self), 0, shape, 0, math.sqrt(variance) / CUT_NORMAL_STDDEV)
  end
  return stream.normal(seed_of(self), 0, shape, 0, math.sqrt(variance))
end

--- VarianceScaling{ scale = 1, mode = "fan_in", distribution = "truncated_normal", seed }(shape)
family.define {
  class = "VarianceScaling",
  arguments = { { "scale", 1 }, { "mode", "fan_in" }, { "distribution", "truncated_normal" }, { "seed" } },
  check = function(a)
    if a.distribution == "normal" then a.distribution = "truncated_normal" end
    if not MODES[a.mode] then
      blame("VarianceScaling: mode: expected fan_in, fan_out or fan_avg, got %s", tostring(a.mode))
    elseif not DISTRIBUTIONS[a.distribution] then
      blame("VarianceScaling: distribution: expected uniform, truncated_normal or untruncated_normal, got %s",
        tostring(a.distribution))
    elseif type(a.scale) ~= "number" or a.scale <= 0 then
      blame("VarianceScaling: scale: expected a number above 0, got %s", tostring(a.scale))
    end
  end,
  methods = {
    __call = function(self, shape)
      local a = self.arguments
      return variance_scaling(self, shape, a.scale, a.mode, a.distribution)
    end,
  },
}

local function define_scaled(class, scale, mode, distribution)
  define(class, { { "seed" } }, function(self, shape)
    return variance_scaling(self, shape, scale, mode, distribution)
  end)
end

-- Glorot and Bengio 2010; He et al. 2015; LeCun et al. 1998.
define_scaled("GlorotUniform", 1, "fan_avg", "uniform")
define_scaled("GlorotNormal", 1, "fan_avg", "truncated_normal")
define_scaled("HeUniform", 2, "fan_in", "uniform")
define_scaled("HeNormal", 2, "fan_in", "truncated_normal")
define_scaled("LecunUniform", 1, "fan_in", "uniform")
define_scaled("LecunNormal", 1, "fan_in", "truncated_normal")

--- Identity{ gain = 1 }(shape): gain on the diagonal of a matrix, 0 elsewhere
define("Identity", { { "gain", 1 } }, function(self, shape)
  if #shape ~= 2 then blame("Identity: makes matrices, got a shape of %d axes", #shape) end
  local t = tensor.zeros(shape)
  for i = 1, math.min(shape[1], shape[2]) do t[i][i] = self.arguments.gain end
  return t
end, { "identity_initializer" })

local function dot(a, b)
  local sum = 0
  for i = 1, #a do sum = sum + a[i] * b[i] end
  return sum
end

--- Takes from each vector what lies along the earlier ones and gives it length 1 (Gram and Schmidt; twice, for
-- precision).
local function orthonormalize(vectors)
  for i, vector in ipairs(vectors) do
    for _ = 1, 2 do
      for j = 1, i - 1 do
        local along, earlier = dot(vector, vectors[j]), vectors[j]
        for k = 1, #vector do vector[k] = vector[k] - along * earlier[k] end
      end
    end
    local length = dot(vector, vector) ^ 0.5
    for k = 1, #vector do vector[k] = vector[k] / length end
  end
end

--- Orthogonal{ gain = 1, seed }(shape): a matrix whose rows or columns, whichever are fewer, are orthonormal, times
-- gain; axes before the last are taken as one (Saxe et al. 2014). Evenly distributed, as the diagonal of R is positive.
define("Orthogonal", { { "gain", 1 }, { "seed" } }, function(self, shape)
  if #shape < 2 then blame("Orthogonal: makes tensors of at least two axes, got %d", #shape) end
  local columns, rows = shape[#shape], 1
  for i = 1, #shape - 1 do rows = rows * shape[i] end
  local few, many = math.min(rows, columns), math.max(rows, columns)
  local vectors = stream.normal(seed_of(self), 0, { few, many }, 0, 1):totable()
  orthonormalize(vectors)
  local t = tensor.tensor(vectors) * self.arguments.gain
  return (rows < columns and t or t:transpose()):reshape(shape)
end, { "orthogonal_initializer" })

--- The initializer that a user's value stands for.
initializers.get = function(value) return family.get(value, "initializer") end
initializers.family = family

return initializers
