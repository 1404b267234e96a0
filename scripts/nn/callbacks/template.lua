--- File names with places for numbers, as Python formats them: "epoch-{epoch:02d}-{val_loss:.4f}.safetensors".
local blame = require "nn.support.blame"

local function known(values)
  local names = {}
  for name in pairs(values) do names[#names + 1] = name end
  table.sort(names)
  return table.concat(names, ", ")
end

--- Fills in a template.
-- @tparam string template `{name}` stands for a value, `{name:format}` for one in a format of Python's: `02d`, `.4f`
-- @tparam table values name -> number
-- @tparam string what starts the message of an error
-- @treturn string
-- @raise where a name or a format is unknown
return function(template, values, what)
  return (template:gsub("{([^{}:]*):?([^{}]*)}", function(name, format)
    local value = values[name]
    if value == nil then blame("%s: %s: there is no %s; there are %s", what, template, name, known(values)) end
    if format == "" then return tostring(value) end
    if not format:match "^0?%d?%d?%.?%d?%d?[dfegEG]$" then
      blame("%s: %s: a format is like 02d or .4f, got %s", what, template, format)
    end
    if format:find "d" and not math.tointeger(value) then
      blame("%s: %s: %s is no whole number", what, template, name)
    end
    return ("%" .. format):format(value)
  end))
end
