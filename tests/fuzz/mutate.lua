-- Damaged copies of what is whole: bytes changed, cut out, repeated; values of a JSON text replaced by others. The same
-- seed gives the same copies.
local json = require "nn.support.json"

local Mutator = {}
Mutator.__index = Mutator

-- A generator of its own (xorshift64*): the script's random numbers go on as they would.
function Mutator.new(seed)
  return setmetatable({ state = (seed * 0x9E3779B97F4A7C15 ~ 0xD1B54A32D192ED03) | 1 }, Mutator)
end

-- A whole number from low to high.
function Mutator:number(low, high)
  local x = self.state
  x = x ~ x >> 12
  x = x ~ x << 25
  x = x ~ x >> 27
  self.state = x
  return low + ((x * 0x2545F4914F6CDD1D) >> 33) % (high - low + 1)
end

function Mutator:pick(list)
  return list[self:number(1, #list)]
end

local BYTES = { "\0", "\1", "\127", "\128", "\255", '"', ",", "{", "}", "[", "]", "-", "9", ".", "\n", "\\", "e" }
local edits = {}

function edits:replace(text, at) return text:sub(1, at - 1) .. self:pick(BYTES) .. text:sub(at + 1) end

function edits:flip(text, at)
  return text:sub(1, at - 1) .. string.char(text:byte(at) ~ 1 << self:number(0, 7)) .. text:sub(at + 1)
end

function edits:insert(text, at) return text:sub(1, at - 1) .. self:pick(BYTES) .. text:sub(at) end
function edits:remove(text, at) return text:sub(1, at - 1) .. text:sub(at + self:number(1, 16)) end
function edits:cut(text, at) return text:sub(1, at - 1) end

function edits:double(text, at)
  local length = self:number(1, 64)
  return text:sub(1, at + length - 1) .. text:sub(at)
end

local NAMES = { "replace", "flip", "flip", "insert", "remove", "cut", "double" }

-- A text with one to four changes; half of them near its beginning, where headers are.
function Mutator:bytes(text)
  for _ = 1, self:number(1, 4) do
    if #text == 0 then return text end
    local reach = self:number(0, 1) == 0 and math.min(#text, 64) or #text
    text = edits[self:pick(NAMES)](self, text, self:number(1, reach))
  end
  return text
end

-- ---- JSON -----------------------------------------------------------------------------------------------------------

local ODD = { -1, 0, 1, 2, 3.5, 1e300, 2 ^ 53, 65536, math.maxinteger, "", "x", "relu", "\0", ("y"):rep(300), true,
  false, {}, { 1, 2 }, { a = 1 }, { {} }, 0 / 0, math.huge }

-- All tables within a value, with their keys in an order that is the same each time.
local function places(value, list)
  if type(value) ~= "table" then return list end
  local keys = {}
  for key in pairs(value) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  for _, key in ipairs(keys) do
    list[#list + 1] = { value, key }
    places(value[key], list)
  end
  return list
end

local function copy(value)
  if type(value) ~= "table" then return value end
  local result = {}
  for key, each in pairs(value) do result[key] = copy(each) end
  return result
end

-- A JSON text with one to three values replaced, taken away or exchanged.
function Mutator:json(text)
  local value = json.decode(text)
  for _ = 1, self:number(1, 3) do
    local all = places(value, {})
    if #all == 0 then break end
    local table_of, key = table.unpack(self:pick(all))
    local from = self:pick(all)
    local how = self:number(1, 4)
    if how == 1 and type(key) == "string" then
      table_of[key] = nil
    elseif how == 2 then
      table_of[key] = copy(from[1][from[2]])
    else
      table_of[key] = copy(self:pick(ODD))
    end
  end
  return json.encode(value)
end

return Mutator
