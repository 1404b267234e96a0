--- Masks: symbolic tensors of 0 and 1 beside the ones they belong to (`output.mask`), which say what places of a sample
-- count.
local symbolic = require "nn.layers.base.symbolic"

local masks = {}

--- What computes a mask in a graph: one node, and no layer of the user's.
-- @tparam {symbolic,...} inputs what it is computed from
-- @tparam {integer,...} shape
-- @tparam string engine the node's kind
-- @tparam table config the node's arguments
-- @treturn symbolic
function masks.new(inputs, shape, engine, config)
  local hidden = { is_hidden = true, name = "mask", class_name = "Mask" }
  function hidden:lower_into(emit, positions)
    return emit { layer = engine, config = config, inputs = positions, what = self.name }
  end
  return symbolic.new(hidden, inputs, shape)
end

--- The shape of the places of samples: without the last axis, that of the features.
function masks.places(shape)
  return table.move(shape, 1, #shape - 1, 1, {})
end

--- A mask of a tensor where all count but places that hold nothing but a value.
-- @tparam symbolic input
-- @tparam number padding that value
function masks.of_places(input, padding)
  return masks.new({ input }, masks.places(input.shape), "mask", { mask_value = padding, any_feature = true })
end

--- A mask (places) with a second axis of length 1, by which a layer of several inputs knows it.
-- @tparam symbolic mask
-- @treturn symbolic
function masks.column(mask)
  local shape = { mask.shape[1] or 1, 1 }
  local column = masks.new({ mask }, shape, "reshape", { target_shape = shape })
  column.layer.is_column = true
  return column
end

--- The mask that `column` was made from; nil if the tensor is no such column.
-- @tparam symbolic column
function masks.of_column(column)
  return column.layer.is_column and column.inputs[1] or nil
end

--- What counts in any of several masks; nil where one is missing, which leaves nothing out.
-- @tparam {symbolic,...} inputs those whose masks they are
function masks.any(inputs)
  local list = {}
  for i, input in ipairs(inputs) do
    list[i] = input.mask
    if not input.mask or #input.mask.shape ~= #inputs[1].mask.shape then return nil end
  end
  return masks.new(list, list[1].shape, "merge", { operation = "maximum" })
end

return masks
