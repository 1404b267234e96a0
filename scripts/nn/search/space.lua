--- Spaces that a search draws parameters from.
--
--     lab:sweep("Training", {
--       learning_rate = nn.space.log_uniform(1e-4, 1e-1),
--       optimizer = nn.space.choice{ "adam", "sgd" },
--     }, { method = "tpe", trials = 30 })
--
-- Where one parameter makes sense only beside some value of another, a function draws instead of a table:
--
--     lab:sweep("Training", function(draw)
--       if draw("optimizer", nn.space.choice{ "adam", "sgd" }) == "sgd" then
--         draw("momentum", nn.space.uniform(0, 0.99))
--       end
--     end, { method = "random", trials = 30 })
-- @module nn.space
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local notation = require "nn.support.notation"

local space = {}

local Space = {}
Space.__index = Space

--- Whether a value is a space.
-- @param value
-- @treturn boolean
-- @usage nn.space.is(nn.space.choice{ 1, 2 }) --> true
function space.is(value)
  return getmetatable(value) == Space
end

function Space:__tostring()
  if self.kind == "choice" then return "choice" .. notation.exact(self.values) end
  local ends = ("%s(%.6g, %.6g"):format(self.kind, self.low, self.high)
  return ends .. (self.step and self.kind == "quantized" and (", %.6g)"):format(self.step) or ")")
end

-- Where steps are fractions, 0.1 + 2 * 0.1 is to be 0.3: twelve digits are kept.
local function tidy(value)
  return math.type(value) == "integer" and value or tonumber(("%.12g"):format(value)) + 0.0
end

-- Six digits, so that what was drawn can be read, and typed again.
local function readable(value)
  return tonumber(("%.6g"):format(value))
end

-- The i-th value, from 1, of a space that has a count of them.
function Space:item(i)
  if self.values then return self.values[i] end
  return tidy(self.low + (i - 1) * self.step)
end

-- The value at a position.
-- @tparam number u 0 to below 1; equal stretches of it are equally likely
function Space:at(u)
  if self.count then return self:item(math.min(math.floor(u * self.count) + 1, self.count)) end
  local value = self.kind == "uniform" and self.low + u * (self.high - self.low)
    or self.low * (self.high / self.low) ^ u
  return math.min(self.high, math.max(self.low, readable(value))) + 0.0
end

local function index_of(self, value)
  if not self.values then
    local index = (value - self.low) / self.step + 1
    local nearest = math.floor(index + 0.5)
    return math.abs(index - nearest) < 1e-6 and nearest
  end
  for i, each in ipairs(self.values) do
    if notation.same(each, value) then return i end
  end
end

-- The position of a value: the middle of its stretch where there are several values; nil for what is not in the space.
function Space:position(value)
  if self.kind ~= "choice" and (type(value) ~= "number" or not (value >= self.low and value <= self.high)) then
    return nil
  end
  if self.count then
    local index = index_of(self, value)
    return index and (index - 0.5) / self.count or nil
  elseif self.kind == "uniform" then
    return (value - self.low) / (self.high - self.low)
  end
  return math.log(value / self.low) / math.log(self.high / self.low)
end

-- All values of a space that has a count of them; nil for others.
-- @treturn ?table
function Space:list()
  if not self.count then return nil end
  local values = {}
  for i = 1, self.count do values[i] = self:item(i) end
  return values
end

local function check_ends(kind, low, high)
  for i, name in ipairs { "low", "high" } do
    local value = ({ low, high })[i]
    if type(value) ~= "number" or value ~= value or math.abs(value) == math.huge then
      blame("space.%s: %s: expected a number, got %s", kind, name, blame.got(value))
    end
  end
  if low >= high then blame("space.%s: expected low < high, got %g and %g", kind, low, high) end
end

--- One of several values, each equally likely; no order among them is assumed.
-- @tparam table values a list of numbers, strings, booleans or tables of them
-- @usage nn.space.choice{ "relu", "tanh" }
function space.choice(values)
  if type(values) == "table" and not getmetatable(values) then arguments.check_list("space.choice", values) end
  if type(values) ~= "table" or getmetatable(values) or #values == 0 then
    blame("space.choice: expected a list of values, got %s", type(values) == "table" and "an empty one"
      or blame.got(values))
  end
  require("nn.search.grid").check_value(values, "space.choice")
  return setmetatable({ kind = "choice", values = table.move(values, 1, #values, 1, {}), count = #values }, Space)
end

--- A number between two others.
-- @tparam number low
-- @tparam number high above low
-- @usage nn.space.uniform(0, 0.5)
function space.uniform(low, high)
  check_ends("uniform", low, high)
  return setmetatable({ kind = "uniform", low = low, high = high }, Space)
end

--- A number above 0 whose logarithm is spread evenly: for learning rates and other scales.
-- @tparam number low above 0
-- @tparam number high above low
-- @usage nn.space.log_uniform(1e-4, 1e-1)
function space.log_uniform(low, high)
  check_ends("log_uniform", low, high)
  if low <= 0 then blame("space.log_uniform: expected numbers above 0, got low = %g", low) end
  return setmetatable({ kind = "log_uniform", low = low, high = high }, Space)
end

--- A whole number from low to high, both included.
-- @tparam integer low
-- @tparam integer high above low
-- @usage nn.space.int_uniform(1, 5)
function space.int_uniform(low, high)
  check_ends("int_uniform", low, high)
  local first, last = math.tointeger(low), math.tointeger(high)
  if not first or not last then
    blame("space.int_uniform: expected whole numbers, got %g and %g", low, high)
  end
  return setmetatable({ kind = "int_uniform", low = first, high = last, step = 1, count = last - first + 1 }, Space)
end

--- A number from low in steps up to high: low, low + step, low + 2 * step ...
-- Of whole numbers it draws whole ones.
-- @usage nn.space.quantized(32, 256, 32)
function space.quantized(low, high, step)
  check_ends("quantized", low, high)
  if type(step) ~= "number" or not (step > 0 and step <= high - low) then
    blame("space.quantized: step: expected a number above 0 and at most %g, got %s", high - low, blame.got(step))
  end
  local count = math.floor((high - low) / step + 1e-9) + 1
  local self = { kind = "quantized", low = low, high = high, step = step, count = count }
  return setmetatable(self, Space)
end

return space
