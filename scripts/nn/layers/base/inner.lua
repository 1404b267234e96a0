--- What layers share that are made around others.
local blame = require "nn.support.blame"
local layer = require "nn.layers.base"

local inner = {}

local function is_plain(value)
  local meta = getmetatable(value)
  return type(value) == "table" and (meta == nil or type(meta) == "table" and meta.__jsontype ~= nil)
end

--- Tables without the metatables that a reader of JSON gives them.
local function bare(value)
  if not is_plain(value) then return value end
  local copy = {}
  for key, each in pairs(value) do copy[key] = bare(each) end
  return copy
end

--- A layer from what a script gives: an object, or the table of class_name and config that `serialize` made.
-- @tparam table given
-- @tparam string what starts the message of an error
-- @treturn table the layer
-- @treturn table its entry, for a stored model
function inner.read(given, what)
  local architecture = require "nn.models.architecture"
  if is_plain(given) and given.class_name then given = architecture.from_entry(bare(given)) end
  if not layer.is(given) then
    blame("%s: expected a layer, such as Dense{ 3 }, got %s", what, blame.got(given))
  end
  return given, architecture.entry(given)
end

return inner
