--- Which places of a sample count: masks, and the layers they come from.
--
-- A mask is a symbolic tensor of 0 and 1 beside the one it belongs to (`output.mask`). It goes along through layers
-- that keep the places, and is read by those that heed it.
-- @submodule nn.layers
local layer = require "nn.layers.base"
local masks = require "nn.layers.base.masks"

--- Sets to 0 all places of (places, features) whose features all are mask_value, and masks them for later layers.
-- @function Masking
-- @tparam[opt] number mask_value (0)
-- @usage Masking{ mask_value = -1 }
layer.define {
  class = "Masking",
  engine = "mask",
  arguments = { { "mask_value", 0 } },
  methods = {
    nodes = function(self, emit, inputs, shapes)
      local mask = self:emit_plain(emit, "mask", { mask_value = self.arguments.mask_value, any_feature = true }, inputs)
      local shape = table.move(shapes[1], 1, #shapes[1], 1, {})
      shape[#shape] = 1
      local column = self:emit_plain(emit, "reshape", { target_shape = shape }, { mask })
      return self:emit_plain(emit, "merge", { operation = "multiply" }, { inputs[1], column })
    end,
    compute_mask = function(self, inputs) return masks.of_places(inputs[1], self.arguments.mask_value) end,
  },
  examples = { { {}, { 3, 2 } } },
}
