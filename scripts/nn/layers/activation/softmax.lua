--- Softmax along any axis.
-- @submodule nn.layers

--- exp(x) divided by its sum along an axis, or several.
-- @function Softmax
-- @tparam[opt] integer|{integer,...} axis (-1)
-- Called with a mask of its input's shape, it gives exactly 0 where the mask is 0.
-- @usage Softmax{}
-- Softmax{}(x, { mask = mask })
local layer = require "nn.layers.base"
local tensor = require "nn.tensor"

local function product(shape, axes)
  local count = 1
  for _, axis in ipairs(axes) do count = count * shape[axis] end
  return count
end

local Softmax = {}

function Softmax:config()
  return { activation = "softmax" }
end

-- Brings the axes to the end, sees them as one, and back again.
function Softmax:nodes(emit, inputs, shapes)
  local shape = shapes[1]
  local axes = self:sample_axes(self.arguments.axis, #shape)
  local kept, is_chosen = {}, {}
  for _, axis in ipairs(axes) do is_chosen[axis] = true end
  for axis, length in ipairs(shape) do
    if not is_chosen[axis] then kept[#kept + 1] = length end
  end
  local rows = table.move(kept, 1, #kept, 1, {})
  rows[#rows + 1] = product(shape, axes)
  for _, axis in ipairs(axes) do kept[#kept + 1] = shape[axis] end
  local function as_rows(input)
    return #axes == 1 and input or self:emit_plain(emit, "reshape", { target_shape = rows }, { input })
  end
  return self:over_last(emit, inputs[1], axes, #shape, function(input)
    local result
    if inputs[2] then
      local mask = self:to_last(emit, inputs[2], axes, #shape)
      result = self:emit_plain(emit, "masked_softmax", {}, { as_rows(input), as_rows(mask) })
    else
      result = self:emit_plain(emit, "activation", self:config(), { as_rows(input) })
    end
    return #axes == 1 and result or self:emit_plain(emit, "reshape", { target_shape = kept }, { result })
  end)
end

-- A tensor of one axis is one sample.
function Softmax:__call(x, options)
  if not (tensor.is_tensor(x) and x.ndim == 1 and self.arguments.axis == -1) then
    return layer.call(self, x, options)
  end
  local mask = options and options.mask
  return layer.call(self, x:reshape { 1, -1 }, { mask = mask and mask:reshape { 1, -1 } }):flatten()
end

return layer.define {
  class = "Softmax",
  engine = "activation",
  passes_mask = true,
  second_inputs = { "mask" },
  arguments = { { "axis", -1 } },
  methods = Softmax,
  examples = { { {}, { 4 } }, { { 2 }, { 3, 2 } }, { { { 2, 4 } }, { 2, 3, 2 } } },
}
