--- Layers that make one of several inputs. Each is also a function: `nn.layers.add{ a, b }` is `Add{}{ a, b }`.
-- @submodule nn.layers
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local layer = require "nn.layers.base"
local masks = require "nn.layers.base.masks"

local TWO, THREE = { { 4 }, { 4 } }, { { 2, 3 }, { 2, 3 }, { 1, 3 } }

--- Makes the function of a merging layer, of a list of inputs and the layer's arguments by name.
local function as_function(name, class, defaults)
  layer.layers[name] = function(given, options)
    if type(given) ~= "table" or #given == 0 then
      blame("%s: expected a list of inputs, such as %s{ a, b }, got %s", name, name, blame.got(given))
    end
    local inputs, own = {}, {}
    for key, value in pairs(defaults or {}) do own[key] = value end
    for key, value in pairs(given) do
      if math.type(key) == "integer" then inputs[key] = value else own[key] = value end
    end
    arguments.check_list(name, inputs)
    for key, value in pairs(options or {}) do own[key] = value end
    if #inputs == 1 and type(inputs[1]) == "table" and #inputs[1] > 0 then inputs = inputs[1] end
    return layer.layers[class](own)(inputs)
  end
end

local function define(class, operation, examples)
  layer.define {
    class = class,
    engine = "merge",
    merges = true,
    arguments = {},
    methods = {
      config = function() return { operation = operation } end,
      compute_mask = function(_, inputs) return masks.any(inputs) end,
    },
    examples = examples,
  }
  as_function(operation, class)
end

--- The sum of its inputs, place by place. Inputs may have 1 along an axis where others have more.
-- @function Add
-- @usage Add{}{ a, b }
-- nn.layers.add{ a, b }
define("Add", "add", { { {}, TWO }, { {}, THREE } })
--- The first input minus the second.
-- @function Subtract
-- @usage nn.layers.subtract{ a, b }
define("Subtract", "subtract", { { {}, TWO } })
--- The product of its inputs, place by place.
-- @function Multiply
-- @usage nn.layers.multiply{ a, b }
define("Multiply", "multiply", { { {}, TWO }, { {}, THREE } })
--- The mean of its inputs, place by place.
-- @function Average
-- @usage nn.layers.average{ a, b }
define("Average", "average", { { {}, TWO }, { {}, THREE } })
--- The greatest of its inputs, place by place.
-- @function Maximum
-- @usage nn.layers.maximum{ a, b }
define("Maximum", "maximum", { { {}, TWO }, { {}, THREE } })
--- The least of its inputs, place by place.
-- @function Minimum
-- @usage nn.layers.minimum{ a, b }
define("Minimum", "minimum", { { {}, TWO }, { {}, THREE } })

-- Places side by side have their masks side by side; features side by side count where any of them does.
local function mask_side_by_side(self, inputs)
  local places, config, parts, is_masked = masks.places(self.output_shape), self:config(), {}, false
  if config.axis == -1 or config.axis == #places + 1 then return masks.any(inputs) end
  for i, input in ipairs(inputs) do
    if input.mask and #input.mask.shape ~= #places then return nil end
    is_masked = is_masked or input.mask ~= nil
    parts[i] = input.mask or masks.of_places(input, -math.huge)
  end
  local axis = config.axis < 0 and config.axis + 1 or config.axis
  return is_masked and masks.new(parts, places, "concatenate", { axis = axis }) or nil
end

--- Its inputs side by side along an axis.
-- @function Concatenate
-- @tparam[opt] integer axis (-1); 1 is the samples' axis, so 2 or more, or negative from the end
-- @usage Concatenate{ axis = 2 }{ a, b }
-- nn.layers.concatenate{ a, b }
layer.define {
  class = "Concatenate",
  engine = "concatenate",
  merges = true,
  arguments = { { "axis", -1 } },
  check = function(a)
    if math.type(a.axis) ~= "integer" then
      blame("Concatenate: axis: expected a whole number, got %s", blame.got(a.axis))
    end
  end,
  methods = {
    config = function(self)
      local axis = self.arguments.axis
      return { axis = axis > 0 and axis - 1 or axis }
    end,
    compute_mask = mask_side_by_side,
  },
  examples = { { {}, { { 2, 3 }, { 2, 1 } } }, { { axis = 2 }, { { 2, 3 }, { 1, 3 }, { 3, 3 } } } },
}
as_function("concatenate", "Concatenate")

local Dot = {}

function Dot:config() return {} end

--- The axis of each input that is summed over, as places in a sample.
local function axes_of(self, shapes)
  local axes = self.arguments.axes
  local list = type(axes) == "table" and axes or { axes, axes }
  return self:sample_axes({ list[1] }, #shapes[1], "axes"), self:sample_axes({ list[2] }, #shapes[2], "axes")
end

function Dot:nodes(emit, inputs, shapes)
  if #inputs ~= 2 then blame.at(self.where, "%s: multiplies two inputs, got %d", self:title(), #inputs) end
  local ready = {}
  for i, axes in ipairs { axes_of(self, shapes) } do
    ready[i] = self:to_last(emit, inputs[i], axes, #shapes[i])
    if self.arguments.normalize then
      ready[i] = self:emit_plain(emit, "unit_normalization", { axes = 1 }, { ready[i] })
    end
  end
  return self:emit(emit, ready)
end

--- Products of the samples of two inputs, summed along an axis of each: for vectors, (n, k) and (n, k) give (n, 1).
-- @function Dot
-- @tparam integer|{integer,integer} axes of the inputs (of both, or of each); 1 is the samples' axis
-- @tparam[opt] boolean normalize (false) whether samples are first given length 1 along these axes: the product is then
-- the cosine
-- @usage nn.layers.dot({ a, b }, { axes = -1, normalize = true })
layer.define {
  class = "Dot",
  engine = "dot",
  merges = true,
  arguments = { { "axes", layer.required }, { "normalize", false } },
  check = function(a)
    local list = type(a.axes) == "table" and a.axes or { a.axes, a.axes }
    if #list ~= 2 or math.type(list[1]) ~= "integer" or math.type(list[2]) ~= "integer" then
      blame "Dot: axes: expected a whole number or a list of two"
    end
  end,
  methods = Dot,
  examples = {
    { { axes = -1 }, { { 4 }, { 4 } } }, { { axes = { 2, 3 }, normalize = true }, { { 3, 2 }, { 4, 3 } } },
  },
}
as_function("dot", "Dot", { axes = -1 })
