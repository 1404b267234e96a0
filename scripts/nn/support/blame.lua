--- Errors that point at the line of the user's script that caused them.
-- `blame("units: expected a positive integer, got %s", units)` raises "lab.lua:14: units: ...", where the line is that
-- of the innermost function on the stack that is not nnrun's own.
local shown = require "nn.support.format"
local tensor = require "engine.tensor"

local Fatal = { __tostring = function(self) return self.message end }
Fatal.__index = Fatal

local blame = {}

--- A message. A value that does not suit its place, such as 1.5 for %d, must not hide what is wrong.
local function fill(format, ...)
  local ok, text = pcall(string.format, format, ...)
  if ok then return text end
  local values, loose = { ... }, format:gsub("%%%%", "\0"):gsub("%%[-+#0]*[%d.]*%a", "%%s"):gsub("\0", "%%%%")
  for i = 1, select(2, loose:gsub("%%s", "")) do values[i] = tostring(values[i]) end
  return loose:format(table.unpack(values))
end

--- Raises an error at the script's line.
-- @tparam string format as in `string.format`
-- @param ... its arguments
function blame.raise(format, ...)
  error(tensor.position() .. tensor.message(fill(format, ...)), 0)
end

--- Names a function. A message of the functions that it calls, "solve: expected ...", begins with this name instead if
-- the script called this function, and they are named, too.
-- @function name
-- @tparam function f
-- @tparam string name
blame.name = tensor.name_for_blame

--- Raises an error at a place noted earlier, such as where a layer was declared.
-- @tparam string where "lab.lua:14: ", from `blame.here()`
function blame.at(where, format, ...)
  error(where .. tensor.message(fill(format, ...)), 0)
end

--- The position in the user's script that is being executed, as "lab.lua:14: ", or "".
-- @treturn string
blame.here = tensor.position

--- An error that ends the program with an exit status of its own.
-- @tparam integer status 3: data missing or wrong; 4: the reports folder cannot be written
-- @tparam string message
function blame.new_fatal(status, message)
  return setmetatable({ status = status, message = message }, Fatal)
end

--- Raises such an error.
function blame.fatal(status, format, ...)
  error(blame.new_fatal(status, fill(format, ...)), 0)
end

local OWN_SOURCES = "=scripts/nn/"

--- Whether a function is nnrun's own.
-- @tparam string source of it, as debug.getinfo tells it
-- @treturn boolean
function blame.is_own_source(source)
  return source:sub(1, #OWN_SOURCES) == OWN_SOURCES
end

--- Whether the function at a level of the stack is nnrun's own.
-- @tparam integer level as debug.getinfo counts them for the caller
-- @treturn boolean
-- @treturn boolean whether it is a C function
function blame.is_own(level)
  local source = debug.getinfo(level + 1, "S").source
  return blame.is_own_source(source), source == "=[C]"
end

-- What a user gave, for the end of a message: "got a tensor of 2x3".
blame.got = shown.brief

-- What Lua itself says of a tensor in place of a number or a text, and what to write.
local HINTS = {
  { "number expected, got nn%.tensor%)$", "; x:item() is the number in a tensor x" },
  { "attempt to concatenate a nn%.tensor value", "; write tostring(x), or x:item() for the number in a tensor x" },
}

local function with_hint(text)
  for _, hint in ipairs(HINTS) do
    if text:find(hint[1]) then return text .. hint[2] end
  end
  return text
end

--- What was raised, as text. A table has no place in the script, so it gets the one that is being executed: where a
-- message handler asks, that of the error.
-- @treturn string
function blame.text(problem)
  local meta = getmetatable(problem)
  if type(problem) == "string" then return with_hint(problem) end
  if meta and meta.__tostring then return tostring(problem) end
  return tensor.position() .. "error: " .. shown.text(problem)
end

--- Whether an error value carries an exit status.
function blame.is_fatal(value)
  return getmetatable(value) == Fatal
end

return setmetatable(blame, { __call = function(_, ...) return blame.raise(...) end })
