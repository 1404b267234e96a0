--- Starting values of weights (`nn.initializers`), with Keras' names, defaults and formulas.
--
-- An initializer is called with a shape: `nn.initializers.HeUniform{ seed = 1 }({ 784, 50 })` is a float32 tensor. With
-- a seed it gives the same numbers at every call, without one the next of the running sequence (`set_random_seed`).
-- @module nn.initializers
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local Family = require "nn.support.family"
local function_object = require "nn.support.function_object"
local kinds = require "nn.support.kinds"
local random = require "nn.random"
local stream = require "engine.random"
local tensor = require "nn.tensor"

local initializers, family = Family.new("initializer", "initializers", { has_second_names = true })

local SEED = { "seed", nil, kinds.integer }

local function number(name, default) return { name, default, kinds.number } end

local function seed_of(self)
  return self.arguments.seed or random.next_seed()
end

local function check_shape(class, shape)
  local is_list = type(shape) == "table" and not getmetatable(shape)
  for _, length in ipairs(is_list and shape or {}) do
    is_list = is_list and math.type(length) == "integer" and length >= 0
  end
  if not is_list then blame("%s: expected a shape such as { 784, 50 }, got %s", class, blame.got(shape)) end
  arguments.check_list(class .. ": shape", shape)
end

-- What an initializer is called with, checked.
local function with_shape(class, call)
  return function(self, shape)
    check_shape(class, shape)
    return call(self, shape)
  end
end

local function define(class, list, call, aliases)
  family.define { class = class, arguments = list, aliases = aliases, methods = { __call = with_shape(class, call) } }
end

--- 0 everywhere.
-- @function Zeros
-- @usage nn.initializers.Zeros{}({ 2, 3 })
define("Zeros", {}, function(_, shape) return tensor.zeros(shape) end, { "zero" })

--- 1 everywhere.
-- @function Ones
-- @usage nn.initializers.Ones{}({ 2, 3 })
define("Ones", {}, function(_, shape) return tensor.ones(shape) end, { "one" })

--- One number everywhere, or numbers that are given, such as vectors of words.
-- @function Constant
-- @tparam[opt=0] number|tensor value a tensor has the shape of the weights
-- @usage
-- nn.initializers.Constant{ 0.1 }({ 2, 3 })
-- local layer = Embedding{ 2, 3, embeddings_initializer = nn.initializers.Constant{ nn.ones{ 2, 3 } } }
family.define {
  class = "Constant", arguments = { { "value", 0 } },
  check = function(a)
    if type(a.value) == "table" then a.value = tensor.tensor(a.value) end
    if tensor.is_tensor(a.value) then
      a.value = a.value:astype("float32"):copy()
    elseif not kinds.number.fits(a.value) then
      blame("Constant: value: expected a number or a tensor, got %s", blame.got(a.value))
    end
  end,
  methods = {
    __call = with_shape("Constant", function(self, shape)
      local value = self.arguments.value
      if type(value) == "number" then return tensor.full(shape, value) end
      if table.concat(value.shape, "x") ~= table.concat(shape, "x") then
        blame("Constant: value has shape %s, but the weights have %s", table.concat(value.shape, "x"),
          table.concat(shape, "x"))
      end
      return value:copy()
    end),
    get_config = function(self)
      local value = self.arguments.value
      return { value = tensor.is_tensor(value) and value:totable() or value }
    end,
  },
}

--- Normal numbers.
-- @function RandomNormal
-- @tparam[opt=0] number mean
-- @tparam[opt=0.05] number stddev
-- @tparam[opt] integer seed (the next of the running sequence)
-- @usage nn.initializers.RandomNormal{ stddev = 0.01 }({ 2, 3 })
define("RandomNormal", { number("mean", 0), number("stddev", 0.05), SEED }, function(self, shape)
  return stream.normal(seed_of(self), 0, shape, self.arguments.mean, self.arguments.stddev)
end, { "normal" })

--- Numbers spread evenly over a range.
-- @function RandomUniform
-- @tparam[opt=-0.05] number minval
-- @tparam[opt=0.05] number maxval
-- @tparam[opt] integer seed (the next of the running sequence)
-- @usage nn.initializers.RandomUniform{ minval = -1, maxval = 1 }({ 2, 3 })
define("RandomUniform", { number("minval", -0.05), number("maxval", 0.05), SEED }, function(self, shape)
  return stream.uniform(seed_of(self), 0, shape, self.arguments.minval, self.arguments.maxval)
end, { "uniform" })

--- Normal numbers, redrawn beyond two standard deviations.
-- @function TruncatedNormal
-- @tparam[opt=0] number mean
-- @tparam[opt=0.05] number stddev
-- @tparam[opt] integer seed (the next of the running sequence)
-- @usage nn.initializers.TruncatedNormal{ seed = 1 }({ 2, 3 })
define("TruncatedNormal", { number("mean", 0), number("stddev", 0.05), SEED }, function(self, shape)
  return stream.truncated_normal(seed_of(self), 0, shape, self.arguments.mean, self.arguments.stddev)
end)

--- How many values enter and leave one unit, from a kernel's shape: (in, out), for convolutions (..., in, out) times
-- the receptive field (keras/initializers/random_initializers.py, compute_fans).
-- @function compute_fans
-- @tparam {integer,...} shape
-- @treturn number fan in
-- @treturn number fan out
-- @usage nn.initializers.compute_fans{ 784, 50 } --> 784, 50
function initializers.compute_fans(shape)
  check_shape("compute_fans", shape)
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

--- Numbers whose variance is scale / n, where n is the fan that `mode` names.
-- @function VarianceScaling
-- @tparam[opt=1] number scale
-- @tparam[opt="fan_in"] string mode also "fan_out" and "fan_avg", the mean of both
-- @tparam[opt="truncated_normal"] string distribution also "untruncated_normal" and "uniform"
-- @tparam[opt] integer seed (the next of the running sequence)
-- @usage nn.initializers.VarianceScaling{ scale = 2, mode = "fan_out", distribution = "uniform" }({ 2, 3 })
family.define {
  class = "VarianceScaling",
  arguments = { { "scale", 1 }, { "mode", "fan_in" }, { "distribution", "truncated_normal" }, SEED },
  check = function(a)
    if a.distribution == "normal" then a.distribution = "truncated_normal" end
    if not MODES[a.mode] then
      blame("VarianceScaling: mode: expected fan_in, fan_out or fan_avg, got %s", blame.got(a.mode))
    elseif not DISTRIBUTIONS[a.distribution] then
      blame("VarianceScaling: distribution: expected uniform, truncated_normal or untruncated_normal, got %s",
        blame.got(a.distribution))
    elseif type(a.scale) ~= "number" or a.scale <= 0 then
      blame("VarianceScaling: scale: expected a number above 0, got %s", blame.got(a.scale))
    end
  end,
  methods = {
    __call = with_shape("VarianceScaling", function(self, shape)
      local a = self.arguments
      return variance_scaling(self, shape, a.scale, a.mode, a.distribution)
    end),
  },
}

local function define_scaled(class, scale, mode, distribution)
  define(class, { SEED }, function(self, shape)
    return variance_scaling(self, shape, scale, mode, distribution)
  end)
end

--- Numbers evenly distributed, of variance 1 / fan_avg (Glorot and Bengio 2010).
-- @function GlorotUniform
-- @tparam[opt] integer seed (the next of the running sequence)
-- @usage nn.initializers.GlorotUniform{ seed = 1 }({ 784, 50 })
define_scaled("GlorotUniform", 1, "fan_avg", "uniform")
--- Numbers normally distributed, of variance 1 / fan_avg (Glorot and Bengio 2010).
-- @function GlorotNormal
-- @tparam[opt] integer seed (the next of the running sequence)
-- @usage nn.initializers.GlorotNormal{ seed = 1 }({ 784, 50 })
define_scaled("GlorotNormal", 1, "fan_avg", "truncated_normal")
--- Numbers evenly distributed, of variance 2 / fan_in (He et al. 2015).
-- @function HeUniform
-- @tparam[opt] integer seed (the next of the running sequence)
-- @usage nn.initializers.HeUniform{ seed = 1 }({ 784, 50 })
define_scaled("HeUniform", 2, "fan_in", "uniform")
--- Numbers normally distributed, of variance 2 / fan_in (He et al. 2015).
-- @function HeNormal
-- @tparam[opt] integer seed (the next of the running sequence)
-- @usage nn.initializers.HeNormal{ seed = 1 }({ 784, 50 })
define_scaled("HeNormal", 2, "fan_in", "truncated_normal")
--- Numbers evenly distributed, of variance 1 / fan_in (LeCun et al. 1998).
-- @function LecunUniform
-- @tparam[opt] integer seed (the next of the running sequence)
-- @usage nn.initializers.LecunUniform{ seed = 1 }({ 784, 50 })
define_scaled("LecunUniform", 1, "fan_in", "uniform")
--- Numbers normally distributed, of variance 1 / fan_in (LeCun et al. 1998).
-- @function LecunNormal
-- @tparam[opt] integer seed (the next of the running sequence)
-- @usage nn.initializers.LecunNormal{ seed = 1 }({ 784, 50 })
define_scaled("LecunNormal", 1, "fan_in", "truncated_normal")

--- gain on the diagonal of a matrix, 0 elsewhere.
-- @function Identity
-- @tparam[opt=1] number gain
-- @usage nn.initializers.Identity{ gain = 2 }({ 3, 3 })
define("Identity", { number("gain", 1) }, function(self, shape)
  if #shape ~= 2 then blame("Identity: makes matrices, got a shape of %d axes", #shape) end
  local t = tensor.zeros(shape)
  for i = 1, math.min(shape[1], shape[2]) do t[i][i] = self.arguments.gain end
  return t
end, { "IdentityInitializer", "identity_initializer" })

--- A matrix whose rows or columns, whichever are fewer, are orthonormal, times gain; axes before the last are taken as
-- one (Saxe et al. 2014). Evenly distributed, as the diagonal of R is positive.
-- @function Orthogonal
-- @tparam[opt=1] number gain
-- @tparam[opt] integer seed (the next of the running sequence)
-- @usage nn.initializers.Orthogonal{ seed = 1 }({ 3, 3 })
define("Orthogonal", { number("gain", 1), SEED }, function(self, shape)
  if #shape < 2 then blame("Orthogonal: makes tensors of at least two axes, got %d", #shape) end
  local columns, rows = shape[#shape], 1
  for i = 1, #shape - 1 do rows = rows * shape[i] end
  local few, many = math.min(rows, columns), math.max(rows, columns)
  local t = stream.orthonormal(seed_of(self), 0, { few, many }) * self.arguments.gain
  return (rows < columns and t or t:transpose()):reshape(shape)
end, { "OrthogonalInitializer", "orthogonal_initializer" })

-- Initializers that are functions of the script.
family.of_function = function_object(initializers, {
  __call = with_shape("initializer", function(self, shape)
    local value = self.arguments.fn(shape)
    if tensor.is_tensor(value) then return value end
    blame.at(self.where, "the initializer %s: expected a tensor of the shape that it was given, got %s", self:title(),
      value == nil and "nothing; does it lack a return?" or blame.got(value))
  end),
})

--- The initializer that a user's value stands for.
-- `serialize` gives an object's class and arguments as plain values, from which `deserialize` (or `get`) makes another.
-- @function get
-- @param value a name such as "he_uniform", an object, a function of the shape, or { class_name =, config = }
-- @treturn table the object
-- @raise where there is none of that name; the error tells the nearest
-- @usage
-- local object = nn.initializers.get "he_uniform"
-- print(nn.initializers.deserialize(nn.initializers.serialize(object)).class_name)
initializers.get = function(value) return family.get(value, "initializer") end
initializers.serialize, initializers.deserialize = family.serialize, initializers.get
initializers.family = family

return initializers
