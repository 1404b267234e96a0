--- What the functions of nn.plot ask of their arguments.
-- @module nn.plot.check
local blame = require "nn.support.blame"
local tensor = require "nn.tensor"
local text = require "nn.plot.text"

local check = {}

--- Whether a number can be drawn: NaN and infinity cannot, nor what lies so near to infinity that ranges overflow.
-- @tparam ?number value
-- @treturn boolean
function check.finite(value)
  return value ~= nil and math.abs(value) < 1e300
end

--- A number, or an error that says which is none. NaN and infinity are numbers here; charts leave them out.
-- @param value
-- @tparam string what
-- @treturn number
function check.number(value, what)
  if math.type(value) then return value end
  blame("%s: expected a number, got %s", what, type(value) == "string" and ("%q"):format(value) or type(value))
end

--- A finite number, or nil for nothing, NaN and infinity.
function check.optional(value, what)
  return value ~= nil and check.finite(check.number(value, what)) and value or nil
end

--- A whole number above 0 or, where it is left out, a default.
function check.count(value, default, what)
  if value == nil then return default end
  if math.type(value) == "integer" and value > 0 then return value end
  blame("%s: expected a whole number above 0, got %s", what, blame.got(value))
end

--- A list that is not empty.
function check.list(value, what)
  if type(value) ~= "table" then blame("%s: expected a list, got %s", what, type(value)) end
  if #value == 0 then blame("%s: the list is empty, there is nothing to draw", what) end
  return value
end

--- A list of numbers, or a tensor with one axis.
function check.numbers(value, what)
  if tensor.is_tensor(value) then value = value:totable() end
  for i, number in ipairs(check.list(value, what)) do check.number(number, ("%s[%d]"):format(what, i)) end
  return value
end

--- A list of as many texts, cleaned.
function check.texts(value, count, what)
  local texts = {}
  for i, item in ipairs(check.list(value, what)) do texts[i] = text.clean(item) end
  if #texts ~= count then blame("%s: expected %d texts, got %d", what, count, #texts) end
  return texts
end

--- The range of all the finite numbers of some lists.
-- @tparam {number,...} values
-- @tparam boolean above_zero for logarithmic axes: a number at or below 0 is an error
-- @tparam string what for that error
-- @treturn ?number lowest
-- @treturn ?number highest; nil and nil where there is no finite number
function check.range(values, above_zero, what)
  local low, high
  for _, value in ipairs(values) do
    if check.finite(value) then
      if above_zero and value <= 0 then
        blame("%s: a logarithmic axis holds numbers above 0 only, got %s; leave log out", what, text.number(value))
      end
      low, high = math.min(low or value, value), math.max(high or value, value)
    end
  end
  return low, high
end

--- The numbers that can be drawn: all, or on a logarithmic axis those above 0, as the end of an interval need not be.
function check.drawable(values, log)
  local kept = {}
  for _, value in pairs(values) do
    if check.finite(value) and (value > 0 or not log) then kept[#kept + 1] = value end
  end
  return kept
end

return check
