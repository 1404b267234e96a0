--- The same values of each sample under another shape.
-- @function Reshape
-- @tparam {integer,...} target_shape without the samples' axis; one -1 is inferred
-- @usage Reshape{ { 28, 28 } }
local layer = require "nn.layer"

return layer.define {
  class = "Reshape",
  engine = "reshape",
  arguments = { { "target_shape", layer.required } },
  examples = { { { { 3, -1 } }, { 2, 6 } }, { { { 6 } }, { 2, 3 } } },
}
