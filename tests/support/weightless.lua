--- Builds models whose weights have shapes, but no numbers: memory is reserved and never written. Networks of a hundred
-- million weights are made in no time so, as long as nothing is computed with them.
local engine = require "engine.tensor"
local stream = require "engine.random"
local weight_memory = require "nn.layers.base.weight_memory"

local weightless = {}

--- Replaces functions of a module until `restore`.
local function replace(list, module, name, stand_in)
  list[#list + 1] = { module, name, module[name] }
  module[name] = stand_in
end

--- Runs a function in which weights have no numbers.
-- @tparam function f
-- @return what f gives
function weightless.run(f)
  local before = {}
  for name, fill in pairs(stream) do
    if type(fill) == "function" then
      replace(before, stream, name, function(...)
        for _, argument in ipairs { ... } do
          if type(argument) == "table" and math.type(argument[1]) == "integer" then return engine.empty(argument) end
        end
        return fill(...)
      end)
    end
  end
  replace(before, weight_memory, "new", function(value) return value end)
  replace(before, weight_memory, "gather", function() end)
  local results = table.pack(pcall(f))
  for _, each in ipairs(before) do each[1][each[2]] = each[3] end
  if not results[1] then error(results[2], 0) end
  return table.unpack(results, 2, results.n)
end

return weightless
