--- In training sets a fraction of the values to 0 and scales the others by 1 / (1 - rate); otherwise changes nothing.
-- @function Dropout
-- @tparam number rate the fraction, from 0 to 1
-- @usage Dropout{ 0.2 }
local layer = require "nn.layer"

return layer.define {
  class = "Dropout",
  engine = "dropout",
  arguments = { { "rate", layer.required } },
  examples = { { { 0.4 }, { 6 } }, { { 0 }, { 2, 2 } } },
}
