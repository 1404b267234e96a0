--- Values for what is missing, as scikit-learn's SimpleImputer finds them.
-- @submodule nn.preprocessing
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local properties = require "nn.support.properties"
local columns = require "nn.preprocessing.columns"
local stats = require "nn.stats"
local tensor = require "nn.tensor"

local Imputer = { class_name = "SimpleImputer" }

local SIGNATURE = {
  { "missing_values", 0 / 0 }, { "strategy", "mean" }, { "fill_value" }, { "add_indicator", false },
  { "keep_empty_features", false },
}

local signature = arguments.options("SimpleImputer", SIGNATURE)

-- ---- what is known of a column -------------------------------------------------------------------------------------

local strategies = {}

strategies.mean, strategies.median = stats.mean, stats.median

-- The least of those that are there most often.
function strategies.most_frequent(values, what, position)
  local counts, best = {}, nil
  for _, value in ipairs(values) do counts[value] = (counts[value] or 0) + 1 end
  for _, value in ipairs(columns.unique(what, values, position)) do
    if best == nil or counts[value] > counts[best] then best = value end
  end
  return best
end

local function is_missing(self, value)
  local wanted = self.missing_values
  return value == wanted or value ~= value and wanted ~= wanted
end

local function known_values(self, column)
  local known = {}
  for _, value in ipairs(column) do
    if not is_missing(self, value) then known[#known + 1] = value end
  end
  return known
end

local function is_text(column)
  return type(column[1]) == "string"
end

-- What shall stand for what is missing in a column.
local function statistic(self, what, column, j)
  local known = known_values(self, column)
  if self.strategy == "constant" then
    if self.fill_value ~= nil then return self.fill_value end
    return is_text(known) and "missing_value" or 0
  elseif #known == 0 then
    if self.keep_empty_features then return is_text(column) and "missing_value" or 0 end
    blame("%s: column %d has no value at all; leave it out, or say keep_empty_features = true to fill it with 0", what,
      j)
  elseif self.strategy ~= "most_frequent" then
    for i, value in ipairs(known) do
      if type(value) ~= "number" then
        blame('%s: column %d: the %s of %s; strategy = "most_frequent" or "constant" takes texts too', what, j,
          self.strategy, blame.got(known[i]))
      end
    end
  end
  return strategies[self.strategy](known, what, j)
end

-- ---- the imputer ---------------------------------------------------------------------------------------------------

-- A list of numbers is a tensor: what comes out is numbers in either case.
local function columns_of(what, x)
  local list, form = columns.of(what, x)
  local are_numbers = true
  for _, column in ipairs(list) do
    for _, value in ipairs(column) do are_numbers = are_numbers and type(value) == "number" end
  end
  if are_numbers then form = (form == "list" or form == "vector") and "vector" or "matrix" end
  return list, form
end

function Imputer:fit(x)
  local list, form = columns_of("SimpleImputer:fit", x)
  local statistics, indicated = {}, {}
  for j, column in ipairs(list) do
    statistics[j] = statistic(self, "SimpleImputer:fit", column, j)
    if #known_values(self, column) < #column then indicated[#indicated + 1] = j end
  end
  self.n_features_in_, self.values, self.indicated = #list, statistics, indicated
  self.statistics_ = (form == "vector" or form == "matrix") and tensor.tensor(statistics) or statistics
  return self
end

function Imputer:transform(x)
  local what = "SimpleImputer:transform"
  if not self.values then blame("%s: call fit first", what) end
  local list, form = columns_of(what, x)
  if #list ~= self.n_features_in_ then blame("%s: fitted to %d columns, got %d", what, self.n_features_in_, #list) end
  local result = {}
  for j, column in ipairs(list) do
    result[j] = {}
    for i, value in ipairs(column) do result[j][i] = is_missing(self, value) and self.values[j] or value end
  end
  for _, j in ipairs(self.add_indicator and self.indicated or {}) do
    local flags = {}
    for i, value in ipairs(list[j]) do flags[i] = is_missing(self, value) and 1 or 0 end
    result[#result + 1] = flags
  end
  if #result > 1 then form = form == "vector" and "matrix" or form == "list" and "rows" or form end
  return columns.as(result, form)
end

function Imputer:fit_transform(x)
  return self:fit(x):transform(x)
end

local meta = properties.class("SimpleImputer", Imputer, SIGNATURE, { "statistics_", "n_features_in_" })

local function check_strategy(self)
  local strategy = self.strategy
  if strategies[strategy] or strategy == "constant" then return end
  blame('SimpleImputer: strategy: expected "mean", "median", "most_frequent" or "constant", got %s',
    blame.got(strategy))
end

--- Fills in what is missing, column by column.
-- Methods: `fit(x)`, `transform(x)`, `fit_transform(x)`; after fit `statistics_`, what is filled in. Data are a tensor
-- (n) or (n, features), which gives float32, or lists: of strings, or of rows.
-- @function SimpleImputer
-- @tparam[opt] table options missing_values (NaN; or another value, such as "" or -1), strategy ("mean", "median",
-- "most_frequent": the least of several; "constant"), fill_value (of "constant": 0, or "missing_value" for texts),
-- add_indicator (false; true: a column of 0 and 1 more for each column that lacks values in fit), keep_empty_features
-- (false: a column without any value is an error; true: it is filled with 0)
-- @usage
-- local imputer = nn.preprocessing.SimpleImputer{ strategy = "median" }
-- local x_train = imputer:fit_transform(nn.tensor{ { 1, 5 }, { 0 / 0, 7 }, { 3, 0 / 0 } })
-- local cities = nn.preprocessing.SimpleImputer{ missing_values = "", strategy = "most_frequent" }
-- cities:fit_transform{ "Bern", "", "Basel", "Bern" } --> { "Bern", "Bern", "Basel", "Bern" }
local function new(given, ...)
  arguments.check_one("SimpleImputer", ...)
  local self = setmetatable(signature(given), meta)
  check_strategy(self)
  return self
end

return new
