--- NAME=VALUE on the command line: other defaults for the parameters of an experiment.
local blame = require "nn.blame"
local nearest = require "nn.nearest"

local overrides = {}

local USAGE_ERROR = 2
local BOOLEANS = { ["true"] = true, ["false"] = false }

local read = {
  number = function(text, default)
    local value = tonumber(text)
    return math.type(default) == "integer" and math.tointeger(value) or value
  end,
  boolean = function(text) return BOOLEANS[text] end,
  string = function(text) return text end,
}

local EXPECTED = { number = "a number", boolean = "true or false" }

local function check_known(name, params)
  if params[name] ~= nil then return end
  local known = {}
  for each in pairs(params) do known[#known + 1] = each end
  table.sort(known)
  local near = nearest(name, known)
  blame.fatal(USAGE_ERROR, "%s=...: the experiment has no parameter %s%s", name, name,
    near and ("; did you mean %s?"):format(near) or "; it has " .. table.concat(known, ", "))
end

--- Replaces defaults; each value is read as one of the default's type.
-- @tparam table params defaults
-- @tparam {string,...} settings such as { "epochs=1" }
-- @treturn table the parameters with the new values
-- @treturn table the new values alone
-- @raise ends the program with status 2 where a name is unknown or a value is of another type
function overrides.apply(params, settings)
  local replaced, values = {}, {}
  for name, value in pairs(params) do values[name] = value end
  for _, setting in ipairs(settings) do
    local name, text = setting:match "^([^=]+)=(.*)$"
    check_known(name, params)
    local kind = type(params[name])
    if not read[kind] then
      blame.fatal(USAGE_ERROR, "%s: its default is a %s, which cannot be given on the command line", setting, kind)
    end
    local value = read[kind](text, params[name])
    if value == nil then blame.fatal(USAGE_ERROR, "%s: expected %s, got %q", setting, EXPECTED[kind], text) end
    values[name], replaced[name] = value, value
  end
  return values, replaced
end

return overrides
