--- Parameters as the functions of a script get them: a copy in which a name that nobody declared is an error.
local blame = require "nn.support.blame"
local nearest = require "nn.support.nearest"
local shown = require "nn.support.format"

local parameters = {}

-- What an experiment reads itself, whether declared or not.
local DEFAULTS = { batch_size = 32, epochs = 1, shuffle = true }

--- A copy of plain data.
function parameters.copy(value)
  if type(value) ~= "table" then return value end
  local copy = {}
  for key, each in pairs(value) do copy[key] = parameters.copy(each) end
  return copy
end

--- Raises the error that there is no such parameter.
-- @param name
-- @tparam table params those that there are
function parameters.blame_unknown(name, params)
  local known = {}
  for each in pairs(params) do known[#known + 1] = tostring(each) end
  table.sort(known)
  local near = nearest(tostring(name), known)
  blame("there is no parameter %s%s", tostring(name), near and ("; did you mean %s?"):format(near)
    or #known > 0 and "; params of the experiment has " .. table.concat(known, ", ")
    or "; declare it in params of the experiment")
end

local Strict = { __digest = parameters.copy }

function Strict.__index(self, name)
  if DEFAULTS[name] ~= nil then return DEFAULTS[name] end
  return parameters.blame_unknown(name, self)
end

function Strict.__tostring(self) return shown.text(parameters.copy(self)) end

--- A copy of parameters that is strict: to read a name that is not there raises an error. `epochs`, `batch_size` and
-- `shuffle` are always there.
-- @tparam table params
-- @treturn table
function parameters.strict(params)
  return setmetatable(parameters.copy(params), Strict)
end

return parameters
