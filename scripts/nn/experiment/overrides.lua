--- NAME=VALUE on the command line: other defaults for the parameters of an experiment.
local hash = require("engine.data").hash
local blame = require "nn.support.blame"
local json = require "nn.support.json"
local nearest = require "nn.support.nearest"
local shown = require "nn.support.format"

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

local LONGEST_VALUE, LONGEST_NAME, DIGITS = 24, 100, 8 -- in the name of a folder

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
-- @treturn table the new values alone, without those that are the default anyway
-- @raise ends the program with status 2 where a name is unknown or a value is of another type
function overrides.apply(params, settings)
  local replaced, values, given = {}, {}, {}
  for name, value in pairs(params) do values[name] = value end
  for _, setting in ipairs(settings) do
    local name, text = setting:match "^([^=]+)=(.*)$"
    check_known(name, params)
    if given[name] then blame.fatal(USAGE_ERROR, "%s is given twice: %s and %s", name, given[name], setting) end
    given[name] = setting
    local kind = type(params[name])
    if not read[kind] then
      blame.fatal(USAGE_ERROR, "%s: its default is a %s, which cannot be given on the command line", setting, kind)
    end
    local value = read[kind](text, params[name])
    if value == nil then blame.fatal(USAGE_ERROR, "%s: expected %s, got %q", setting, EXPECTED[kind], text) end
    values[name] = value
    if value ~= params[name] then replaced[name] = value end
  end
  return values, replaced
end

local function shortened(text, length)
  return ("%s~%s"):format(text:sub(1, length - DIGITS - 1), hash(text):sub(1, DIGITS))
end

--- A value as a part of a folder's name: letters, digits and a few signs; others, and long ones, are told apart by a
-- hash.
local function value_name(value)
  local is_plain = type(value) == "string" or value ~= value or value == math.huge or value == -math.huge
  local text = is_plain and tostring(value) or json.encode(value)
  if text:find "^[%w_.+-]+$" and #text <= LONGEST_VALUE then return text end
  return (shortened(text, LONGEST_VALUE):gsub("[^%w_.+~-]", "_"))
end

--- The settings as they stand in a report's title and in messages: "epochs=1, width=100".
-- @tparam table replaced new values by name
-- @treturn string
function overrides.text(replaced)
  local words = {}
  for name, value in pairs(replaced) do words[#words + 1] = name .. "=" .. shown.text(value) end
  table.sort(words)
  return table.concat(words, ", ")
end

--- The name of an experiment with other defaults, which has a report of its own: "lab@epochs=1,width=100".
-- @tparam string name of the experiment in its script
-- @tparam table replaced new values by name
-- @treturn string the same name where nothing is replaced
function overrides.name(name, replaced)
  local words = {}
  for each, value in pairs(replaced) do words[#words + 1] = each .. "=" .. value_name(value) end
  if #words == 0 then return name end
  table.sort(words)
  local suffix = table.concat(words, ",")
  return name .. "@" .. (#suffix <= LONGEST_NAME and suffix or shortened(suffix, LONGEST_NAME))
end

return overrides
