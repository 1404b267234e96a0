--- A penalty on what a layer gives.
-- @submodule nn.layers
local layer = require "nn.layers.base"

--- What it is given; its size is added to the loss.
-- @function ActivityRegularization
-- @tparam[opt] number l1 (0) times the sum of absolute values over the batch
-- @tparam[opt] number l2 (0) times the sum of squares over the batch
-- @usage ActivityRegularization{ l2 = 1e-4 }
layer.define {
  class = "ActivityRegularization",
  engine = "activity_regularization",
  passes_mask = true,
  arguments = { { "l1", 0 }, { "l2", 0 } },
  methods = {
    config = function(self) return { kind = "l1_l2", l1 = self.arguments.l1, l2 = self.arguments.l2 } end,
  },
  examples = { { { l1 = 0.01, l2 = 0.02 }, { 4 } } },
}
