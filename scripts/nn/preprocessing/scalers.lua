--- Features brought to one scale, column by column, as scikit-learn's scalers do.
--
-- Columns are the last axis: (n, features), (n, steps, features). A tensor of one axis is one column, such as targets
-- to be scaled. NaN, for a value that is missing, is left out when fitting and stays what it is.
-- @submodule nn.preprocessing
local align = require "nn.losses.align"
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local properties = require "nn.support.properties"
local tensor = require "nn.tensor"

local scalers = {}

-- Machine epsilons: what is smaller, beside what a feature's values are, is rounding.
local EPSILON_32, EPSILON_64 = 2 ^ -23, 2 ^ -52

-- ---- statistics of columns -----------------------------------------------------------------------------------------

-- A tensor as (rows, columns).
local function as_matrix(x)
  return x:reshape { -1, x.ndim == 1 and 1 or x.shape[x.ndim] }
end

-- Count, mean, variance, least and greatest of the numbers in a list that are not NaN.
local function describe(list)
  local count, sum, squares, least, most = 0, 0, 0, math.huge, -math.huge
  for _, value in ipairs(list) do
    if value == value then
      count, sum = count + 1, sum + value
      least, most = math.min(least, value), math.max(most, value)
    end
  end
  local mean = sum / count
  for _, value in ipairs(list) do
    if value == value then squares = squares + (value - mean) ^ 2 end
  end
  return { count = count, mean = mean, var = squares / count, min = least, max = most }
end

-- One description a column.
local function statistics(x)
  local matrix, list = as_matrix(x), {}
  local means, vars, least, most = matrix:mean(1), matrix:var(1), matrix:min(1), matrix:max(1)
  for column = 1, matrix.shape[2] do
    local mean = means[column]
    list[column] = mean == mean
      and { count = #matrix, mean = mean, var = vars[column], min = least[column], max = most[column] }
      or describe(matrix[{ {}, column }]:totable())
  end
  return list
end

local function collect(list, value_of)
  local values = {}
  for i, each in ipairs(list) do values[i] = value_of(each) end
  return tensor.tensor(values)
end

-- ---- what both share -----------------------------------------------------------------------------------------------

local function floats(self, x, method)
  if x == nil then blame("%s:%s: x is missing", self.class_name, method) end
  local t = align.floats(x)
  if t.ndim == 0 or t.size == 0 then
    blame("%s:%s: expected a tensor with samples, got shape %s", self.class_name, method, align.text(t.shape))
  end
  local columns = t.ndim == 1 and 1 or t.shape[t.ndim]
  if method ~= "fit" and not self.n_features_in_ then
    blame("%s:%s: call fit first", self.class_name, method)
  elseif method ~= "fit" and columns ~= self.n_features_in_ then
    blame("%s:%s: fitted to %d columns, got %d (shape %s)", self.class_name, method, self.n_features_in_, columns,
      align.text(t.shape))
  end
  return t
end

local Scaler = {}

--- Learns the statistics of each column.
-- @function scaler:fit
-- @tparam tensor x (n, ..., features)
-- @treturn scaler itself
-- @usage nn.preprocessing.MinMaxScaler():fit(x_train)
function Scaler:fit(x)
  x = floats(self, x, "fit")
  local list = statistics(x)
  self.n_features_in_ = #list
  self:learn(list)
  return self
end

--- Fits and transforms the same data.
-- @function scaler:fit_transform
-- @tparam tensor x
-- @treturn tensor float32
-- @usage local scaled = nn.preprocessing.StandardScaler():fit_transform(x_train)
function Scaler:fit_transform(x)
  return self:fit(x):transform(x)
end

local LEARNED = {
  "mean_", "var_", "scale_", "min_", "data_min_", "data_max_", "data_range_", "n_features_in_", "n_samples_seen_",
}

-- Makes the constructor of a scaler with these methods and arguments.
local function define(class, list, methods)
  setmetatable(methods, { __index = Scaler })
  methods.class_name = class
  local meta, signature = properties.class(class, methods, list, LEARNED), arguments.signature(class, list)
  return function(given, ...)
    arguments.check_one(class, ...)
    local self = setmetatable(signature(given), meta)
    if self.check then self:check() end
    return self
  end
end

-- ---- mean 0, variance 1 --------------------------------------------------------------------------------------------

local Standard = {}

-- A column whose variance is no more than rounding is constant (scikit-learn's _is_constant_feature).
local function is_constant(column)
  local count, mean, var = column.count, column.mean, column.var
  return var <= count * EPSILON_64 * var + (count * mean * EPSILON_64) ^ 2
end

function Standard:learn(list)
  self.n_samples_seen_ = list[1].count
  self.mean_ = self.with_mean and collect(list, function(each) return each.mean end) or nil
  self.var_ = self.with_std and collect(list, function(each) return each.var end) or nil
  self.scale_ = self.with_std and collect(list, function(each)
    return is_constant(each) and 1 or math.sqrt(each.var)
  end) or nil
end

function Standard:transform(x)
  x = floats(self, x, "transform")
  if self.mean_ then x = x - self.mean_ end
  return self.scale_ and x / self.scale_ or x
end

function Standard:inverse_transform(x)
  x = floats(self, x, "inverse_transform")
  if self.scale_ then x = x * self.scale_ end
  return self.mean_ and x + self.mean_ or x
end

--- Brings each column to mean 0 and variance 1. A constant column becomes 0.
-- Methods: `fit(x)`, `transform(x)`, `fit_transform(x)`, `inverse_transform(x)`; after fit the tensors `mean_`, `var_`
-- (of the population) and `scale_`, and the number `n_samples_seen_`.
-- @function StandardScaler
-- @tparam[opt] table options with_mean (true), with_std (true)
-- @usage
-- local scaler = nn.preprocessing.StandardScaler()
-- x_train, x_test = scaler:fit_transform(x_train), scaler:transform(x_test)
scalers.StandardScaler = define("StandardScaler", { { "with_mean", true }, { "with_std", true } }, Standard)

-- ---- from 0 to 1 ---------------------------------------------------------------------------------------------------

local MinMax = {}

function MinMax:check()
  local range = self.feature_range
  if type(range) ~= "table" or type(range[1]) ~= "number" or type(range[2]) ~= "number" or range[1] >= range[2] then
    blame "MinMaxScaler: feature_range: expected { least, greatest }, such as { 0, 1 }"
  end
end

function MinMax:learn(list)
  local low, high = self.feature_range[1], self.feature_range[2]
  local function scale(each)
    local range = each.max - each.min
    return (high - low) / (range < 10 * EPSILON_32 and 1 or range)
  end
  self.data_min_ = collect(list, function(each) return each.min end)
  self.data_max_ = collect(list, function(each) return each.max end)
  self.data_range_ = collect(list, function(each) return each.max - each.min end)
  self.scale_ = collect(list, scale)
  self.min_ = collect(list, function(each) return low - each.min * scale(each) end)
  self.n_samples_seen_ = list[1].count
end

function MinMax:transform(x)
  x = floats(self, x, "transform") * self.scale_ + self.min_
  return self.clip and x:clip(self.feature_range[1], self.feature_range[2]) or x
end

function MinMax:inverse_transform(x)
  return (floats(self, x, "inverse_transform") - self.min_) / self.scale_
end

--- Brings each column to a range, by default 0 to 1. A constant column becomes the range's lower end.
-- Methods as StandardScaler's; after fit the tensors `data_min_`, `data_max_`, `data_range_`, `scale_` and `min_`
-- (`transform` gives `x * scale_ + min_`).
-- @function MinMaxScaler
-- @tparam[opt] table options feature_range ({ 0, 1 }), clip (false: values beyond what was fitted leave the range)
-- @usage x_train = nn.preprocessing.MinMaxScaler{ feature_range = { -1, 1 } }:fit_transform(x_train)
scalers.MinMaxScaler = define("MinMaxScaler", { { "feature_range", { 0, 1 } }, { "clip", false } }, MinMax)

return scalers
