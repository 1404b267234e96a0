--- What layers share that change pictures at random: ranges to draw from, checks of arguments, nodes.
local blame = require "nn.support.blame"
local layer = require "nn.layers.base"
local spatial = require "nn.layers.base.spatial"

local augmentation = {}

augmentation.FILL_MODES = { "constant", "nearest", "reflect", "wrap", "mirror" }

local function is_within(value, low, high) return type(value) == "number" and value >= low and value <= high end

--- A factor becomes a range { low, high } in place: a list of two numbers is one already, a number f stands for the
-- numbers from -f to f, or from `least` on.
-- @tparam table a the layer's arguments
-- @tparam string class of the layer, for messages
-- @tparam string name of the argument
-- @tparam number low the smallest number allowed
-- @tparam number high the greatest
-- @tparam[opt=low] number least where the range of a single number begins, if -f is below
function augmentation.range(a, class, name, low, high, least)
  local given = a[name]
  local list = type(given) == "table" and #given == 2 and given or nil
  if list and is_within(list[1], low, high) and is_within(list[2], low, high) then
    a[name] = { math.min(list[1], list[2]), math.max(list[1], list[2]) }
  elseif is_within(given, low, high) then
    a[name] = { math.max(-math.abs(given), least or low), math.abs(given) }
  else
    blame("%s: %s: expected a number from %g to %g, or a list { lowest, highest } of two, got %s", class, name, low,
      high, blame.got(given))
  end
end

local function check_value_range(a, class)
  local given = a.value_range
  local is_range = type(given) == "table" and #given == 2 and type(given[1]) == "number"
    and type(given[2]) == "number" and given[1] ~= given[2]
  if not is_range then
    blame("%s: value_range: expected { lowest, highest }, such as { 0, 255 } or { 0, 1 }, got %s", class,
      blame.got(given))
  end
  a.value_range = { math.min(given[1], given[2]), math.max(given[1], given[2]) }
end

local function check_seed(a, class)
  if a.seed ~= nil and (math.type(a.seed) ~= "integer" or a.seed < 0) then
    blame("%s: seed: expected a whole number of at least 0, got %s", class, blame.got(a.seed))
  end
end

--- Checks the arguments that many have: data_format, seed, value_range, fill_mode, interpolation.
function augmentation.check(a, class)
  spatial.format(a, class)
  check_seed(a, class)
  if a.value_range ~= nil then check_value_range(a, class) end
  if a.fill_mode ~= nil then spatial.choice(a, class, "fill_mode", augmentation.FILL_MODES) end
  if a.interpolation ~= nil then spatial.choice(a, class, "interpolation", { "nearest", "bilinear" }) end
end

--- A node over pictures, whose engine takes the channels last.
-- @tparam table self the layer
-- @tparam function emit
-- @tparam integer input position of the pictures
-- @tparam {integer,...} shape of a sample
-- @tparam string engine the node's kind
-- @tparam table config the node's arguments
-- @treturn integer the position of the result
function augmentation.node(self, emit, input, shape, engine, config)
  local channels = self.arguments.data_format == "channels_first" and 1 or #shape
  return self:over_last(emit, input, { channels }, #shape, function(from)
    return self:emit_plain(emit, engine, config, { from })
  end)
end

--- Declares a layer that is one node of the engine.
-- @tparam table definition class, arguments, examples as for layer.define; engine: the node's kind; check: function(a,
-- class) of the layer's own arguments; config: function(a) that gives the node's arguments
function augmentation.define(definition)
  local class = definition.class
  layer.define {
    class = class,
    aliases = definition.aliases,
    arguments = definition.arguments,
    check = function(a)
      if definition.check then definition.check(a, class) end
      augmentation.check(a, class)
      if a.fill_value ~= nil and type(a.fill_value) ~= "number" then
        blame("%s: fill_value: expected a number, got %s", class, blame.got(a.fill_value))
      end
    end,
    methods = {
      lower_into = function(self, emit, inputs, shapes)
        local config = definition.config(self.arguments)
        config.seed = self.arguments.seed
        for name, value in pairs(self.picked or {}) do config[name] = value end
        return augmentation.node(self, emit, inputs[1], shapes[1], definition.engine, config)
      end,
    },
    examples = definition.examples,
  }
end

return augmentation
