--- Categories as numbers, as scikit-learn's encoders make them.
--
-- Data are a list of strings or numbers (one column), a list of rows, or a tensor.
-- @submodule nn.preprocessing
local arguments = require "nn.support.arguments"
local arrays = require "nn.utils.arrays"
local blame = require "nn.support.blame"
local properties = require "nn.support.properties"
local columns = require "nn.preprocessing.columns"
local shown = require "nn.support.format"
local tensor = require "nn.tensor"

local encoders = {}

local SHOWN = 8 -- known categories in a message

-- ---- what both share -----------------------------------------------------------------------------------------------

local Encoder = {}

local function list_text(values)
  local texts = {}
  for i = 1, math.min(#values, SHOWN) do texts[i] = shown.brief(values[i]) end
  return table.concat(texts, ", ") .. (#values > SHOWN and (", ... (%d in all)"):format(#values) or "")
end

local function given_categories(self, what, count)
  local lists = self.categories
  if type(lists) ~= "table" then blame('%s: categories: expected "auto" or lists, got %s', what, blame.got(lists)) end
  if type(lists[1]) ~= "table" then lists = { lists } end
  if #lists ~= count then blame("%s: categories has %d lists for %d columns", what, #lists, count) end
  return lists
end

local function index_of(categories)
  local index = {}
  for i, value in ipairs(categories) do index[columns.key(value)] = i end
  return index
end

local function unknown(self, what, value, j, i)
  blame("%s: unknown category %s in column %d, row %d; known are %s; %s", what, shown.brief(value), j, i,
    list_text(self.categories_[j]), self.advice)
end

-- The position of each value of a column among its categories; nil becomes what stands for an unknown one.
local function codes_of(self, what, column, j, unknown_code)
  local codes, index = {}, self.index[j]
  for i, value in ipairs(column) do
    codes[i] = index[columns.key(value)] or unknown_code or unknown(self, what, value, j, i)
  end
  return codes
end

local function check_fitted(self, method)
  local what = ("%s:%s"):format(self.class_name, method)
  if not self.categories_ then blame("%s: call fit first", what) end
  return what
end

-- The columns of data that a fitted encoder takes.
local function columns_for(self, what, x)
  local list, form = columns.of(what, x)
  if #list ~= self.n_features_in_ then
    blame("%s: fitted to %d columns, got %d", what, self.n_features_in_, #list)
  end
  return list, form
end

function Encoder:fit(x)
  local what = self.class_name .. ":fit"
  local list, form = columns.of(what, x)
  self.n_features_in_, self.form, self.index = #list, form, {}
  self.categories_ = self.categories ~= "auto" and given_categories(self, what, #list) or {}
  for j, column in ipairs(list) do
    self.categories_[j] = self.categories_[j] or columns.unique(what, column, j)
    self.index[j] = index_of(self.categories_[j])
    if not self:ignores_unknown() then codes_of(self, what, column, j) end
  end
  return self
end

function Encoder:fit_transform(x)
  return self:fit(x):transform(x)
end

local function choice(self, name, ...)
  local known = { ... }
  for _, value in ipairs(known) do
    if self[name] == value then return end
  end
  blame("%s: %s: expected %s, got %s", self.class_name, name, list_text(known), blame.got(self[name]))
end

-- Makes the constructor of an encoder with these methods and arguments.
local function define(class, list, methods)
  methods.class_name = class
  setmetatable(methods, { __index = Encoder })
  local meta = properties.class(class, methods, list, { "categories_", "n_features_in_" })
  local signature = arguments.options(class, list)
  return function(given, ...)
    arguments.check_one(class, ...)
    local self = setmetatable(signature(given), meta)
    self:check()
    return self
  end
end

-- ---- one number a category -----------------------------------------------------------------------------------------

local OneHot = { advice = 'handle_unknown = "ignore" encodes such a one as zeros' }

function OneHot:check()
  choice(self, "handle_unknown", "error", "ignore")
  if self.drop ~= nil then choice(self, "drop", "first", "if_binary") end
  if self.sparse_output then blame "OneHotEncoder: sparse_output: only false; tensors are dense" end
  arguments.check_dtype("OneHotEncoder", self.dtype)
end

function OneHot:ignores_unknown()
  return self.handle_unknown == "ignore"
end

-- The first of the categories of a column that has a place of its own in the result.
local function first_kept(self, j)
  local count = #self.categories_[j]
  return (self.drop == "first" or self.drop == "if_binary" and count == 2) and 2 or 1
end

function OneHot:transform(x)
  local what = check_fitted(self, "transform")
  local list, parts = columns_for(self, what, x), {}
  for j, column in ipairs(list) do
    local count, first = #self.categories_[j], first_kept(self, j)
    local ids = tensor.tensor(codes_of(self, what, column, j, self:ignores_unknown() and count + 1), "int32") - 1
    local rows = arrays.to_categorical(ids, count + 1)
    if first <= count then parts[#parts + 1] = rows[{ {}, { first, count } }] end
  end
  return #parts > 0 and tensor.concatenate(parts) or tensor.zeros { #list[1], 0 }
end

-- The category that one row of a column's part stands for.
local function category_of(self, what, row, j, i)
  local first, categories = first_kept(self, j), self.categories_[j]
  local best, most = nil, 0
  for k, value in ipairs(row) do
    if value > most then best, most = k, value end
  end
  if best then return categories[first + best - 1] end
  if first == 2 then return categories[1] end
  if self:ignores_unknown() then return false end
  blame("%s: row %d: all numbers of column %d are zero, so there is no category", what, i, j)
end

function OneHot:inverse_transform(x)
  local what = check_fitted(self, "inverse_transform")
  local width, list = 0, {}
  for j, categories in ipairs(self.categories_) do width = width + #categories - first_kept(self, j) + 1 end
  if not tensor.is_tensor(x) then x = tensor.tensor(x) end
  if x.ndim ~= 2 or x.shape[2] ~= width then
    blame("%s: expected a tensor (n, %d), got %s", what, width, blame.got(x))
  end
  local rows, from = x:totable(), 0
  for j, categories in ipairs(self.categories_) do
    local count = #categories - first_kept(self, j) + 1
    list[j] = {}
    for i, row in ipairs(rows) do
      list[j][i] = category_of(self, what, table.move(row, from + 1, from + count, 1, {}), j, i)
    end
    from = from + count
  end
  return columns.as(list, self.form)
end

--- The names of the columns that transform gives, such as "city_Bern".
-- @function encoder:get_feature_names_out
-- @tparam[opt] {string,...} input_features names of the columns (x0, x1, ...)
-- @treturn {string,...}
-- @usage nn.preprocessing.OneHotEncoder():fit{ "a", "b" }:get_feature_names_out{ "kind" }
function OneHot:get_feature_names_out(input_features)
  check_fitted(self, "get_feature_names_out")
  local names = {}
  for j, categories in ipairs(self.categories_) do
    for k = first_kept(self, j), #categories do
      names[#names + 1] = ("%s_%s"):format(input_features and input_features[j] or "x" .. j - 1, categories[k])
    end
  end
  return names
end

--- Categories as rows of zeros with a one.
-- Methods: `fit(x)`, `transform(x)`, `fit_transform(x)`, `inverse_transform(x)`, `get_feature_names_out(names)`; after
-- fit `categories_`, a sorted list for each column. With handle_unknown = "ignore", inverse_transform gives false for a
-- row of zeros.
-- @function OneHotEncoder
-- @tparam[opt] table options categories ("auto": what fit finds; or a list for each column), drop (none; "first" or
-- "if_binary": leave the first category out), handle_unknown ("error", or "ignore": zeros), sparse_output (false),
-- dtype ("float32")
-- @raise transform: where a category was not there in fit, with its name
-- @usage
-- local encoder = nn.preprocessing.OneHotEncoder()
-- local x = encoder:fit_transform{ "Bern", "Basel", "Bern" }
-- print(encoder.categories_, x) --> { { "Basel", "Bern" } }, [[0. 1.] [1. 0.] [0. 1.]]
encoders.OneHotEncoder = define("OneHotEncoder", { { "categories", "auto" }, { "drop" }, { "handle_unknown", "error" },
  { "sparse_output", false }, { "dtype" } }, OneHot)

-- ---- a number for each category ------------------------------------------------------------------------------------

local Ordinal = { advice = 'handle_unknown = "use_encoded_value" with unknown_value = -1 encodes such a one as -1' }

function Ordinal:check()
  choice(self, "handle_unknown", "error", "use_encoded_value")
  arguments.check_dtype("OrdinalEncoder", self.dtype)
  if (self.handle_unknown == "error") ~= (self.unknown_value == nil) then
    blame 'OrdinalEncoder: handle_unknown = "use_encoded_value" and unknown_value go together'
  end
end

function Ordinal:ignores_unknown()
  return self.handle_unknown == "use_encoded_value"
end

function Ordinal:transform(x)
  local what = check_fitted(self, "transform")
  local list, form = columns_for(self, what, x)
  for j, column in ipairs(list) do
    local codes = codes_of(self, what, column, j, self:ignores_unknown() and 0)
    for i, code in ipairs(codes) do
      local is_missing = column[i] ~= column[i]
      codes[i] = code == 0 and self.unknown_value or is_missing and self.encoded_missing_value or code - 1
    end
    list[j] = codes
  end
  return columns.as(list, (form == "list" or form == "vector") and "vector" or "matrix")
end

function Ordinal:inverse_transform(x)
  local what = check_fitted(self, "inverse_transform")
  local list = columns_for(self, what, tensor.is_tensor(x) and x or tensor.tensor(x))
  for j, column in ipairs(list) do
    local categories, values = self.categories_[j], {}
    for i, code in ipairs(column) do
      local value = categories[math.tointeger(code) and math.tointeger(code) + 1]
      if code ~= code or code == self.encoded_missing_value then value = 0 / 0 end
      if value == nil and code == self.unknown_value then value = false end
      if value == nil then blame("%s: row %d: column %d has no category %s", what, i, j, tostring(code)) end
      values[i] = value
    end
    list[j] = values
  end
  return columns.as(list, self.form)
end

--- Categories as whole numbers from 0, in the order of `categories_`.
-- Methods: `fit(x)`, `transform(x)`, `fit_transform(x)`, `inverse_transform(x)`; after fit `categories_`, a sorted list
-- for each column. One column as a list gives a tensor of one axis, rows give (n, features). NaN stays NaN.
-- @function OrdinalEncoder
-- @tparam[opt] table options categories ("auto": what fit finds; or a list for each column), handle_unknown ("error",
-- or "use_encoded_value"), unknown_value (the number for it), encoded_missing_value (NaN), dtype ("float32")
-- @raise transform: where a category was not there in fit, with its name
-- @usage
-- local sizes = nn.preprocessing.OrdinalEncoder{ categories = { { "small", "medium", "large" } } }
-- local x = sizes:fit_transform{ "large", "small" } --> [2. 0.]
encoders.OrdinalEncoder = define("OrdinalEncoder", { { "categories", "auto" }, { "handle_unknown", "error" },
  { "unknown_value" }, { "encoded_missing_value", 0 / 0 }, { "dtype" } }, Ordinal)

return encoders
