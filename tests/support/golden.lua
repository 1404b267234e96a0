-- Golden cases as Lua values.
local json = require "dkjson"
local tensor = require "nn.tensor"

local golden = {}

local SPECIAL = { nan = 0 / 0, inf = math.huge, ["-inf"] = -math.huge, [true] = 1, [false] = 0 }

local function numbers(value)
  if type(value) == "table" then
    local list = {}
    for i, each in ipairs(value) do list[i] = numbers(each) end
    return list
  end
  return SPECIAL[value] or value
end
golden.numbers = numbers

function golden.read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

-- All cases of an area, of golden.json or another file.
function golden.cases(area, file)
  local cases = {}
  for _, case in ipairs(json.decode(golden.read("tests/golden/" .. (file or "golden.json")), 1, json.null)) do
    if case.area == area then cases[#cases + 1] = case end
  end
  return cases
end

-- An array { shape, dtype, value }, or a bare nested list, as a float32 tensor.
function golden.tensor(array)
  if array.value == nil then return tensor.tensor(numbers(array)) end
  local t = tensor.tensor(numbers(array.value))
  return #array.shape > 0 and t:reshape(array.shape) or t
end

local function flat(value, out)
  if type(value) == "table" then
    for _, each in ipairs(value) do flat(each, out) end
  else
    out[#out + 1] = SPECIAL[value] or value
  end
  return out
end

local AXES = { attention_axes = true, axis = true, axes = true, shared_axes = true }

local function position(axis)
  return math.type(axis) == "integer" and axis >= 0 and axis + 1 or axis
end

local function positions(axes)
  if type(axes) ~= "table" then return position(axes) end
  local list = {}
  for i, axis in ipairs(axes) do list[i] = position(axis) end
  return list
end

-- A config within a config, without what is None.
local function plain(value)
  if type(value) ~= "table" then return value end
  local copy = {}
  for name, each in pairs(value) do
    if each ~= json.null then copy[name] = plain(each) end
  end
  return copy
end

-- Keras' config as nnrun's arguments: axes count from 1 here.
function golden.arguments(config)
  local given = {}
  for name, value in pairs(config) do
    if value == json.null then value = (name == "reduction" or name == "class_aggregation") and "none" or nil end
    given[name] = AXES[name] and positions(value) or value ~= nil and plain(value) or value
  end
  return given
end

-- Compares a number or tensor with a case's numbers; returns nil or what differs.
function golden.differs(case, got)
  local reference = case.reference ~= json.null and case.reference or nil
  local want = flat(reference or case.expected, {})
  local tolerance = reference and case.reference_tolerance or case.tolerance
  local have = flat(type(got) == "userdata" and got:totable() or got, {})
  if #have ~= #want then return ("%d numbers instead of %d"):format(#have, #want) end
  for i, number in ipairs(want) do
    local allowed = tolerance.atol + tolerance.rtol * math.abs(number)
    local both_nan = have[i] ~= have[i] and number ~= number
    if not (both_nan or have[i] == number or math.abs(have[i] - number) <= allowed) then
      return ("number %d: %.9g instead of %.9g"):format(i, have[i], number)
    end
  end
end

return golden
