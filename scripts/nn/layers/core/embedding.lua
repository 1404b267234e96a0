--- Vectors that are learned, one for each id.
-- @submodule nn.layers
local blame = require "nn.support.blame"
local layer = require "nn.layers.base"
local masks = require "nn.layers.base.masks"

--- A learned vector for each id.
-- @function Embedding
-- @tparam integer input_dim how many ids there are: 0 to input_dim - 1
-- @tparam integer output_dim how long a vector is
-- @tparam[opt] string|initializer embeddings_initializer ("uniform": from -0.05 to 0.05)
-- @tparam[opt] string|regularizer embeddings_regularizer
-- @tparam[opt] string|constraint embeddings_constraint
-- @tparam[opt] boolean mask_zero (false) whether id 0 is padding that later layers are to leave out
-- @tparam[opt] {tensor} weights a list of one tensor (input_dim, output_dim) to begin with
-- Shapes: ids (n, ...), output (n, ..., output_dim); weights embeddings (input_dim, output_dim).
-- @usage Embedding{ 10000, 16, mask_zero = true, input_shape = { 200 } }
layer.define {
  class = "Embedding",
  engine = "embedding",
  arguments = {
    { "input_dim", layer.required }, { "output_dim", layer.required }, { "embeddings_initializer", "uniform" },
    { "embeddings_regularizer" }, { "embeddings_constraint" }, { "mask_zero", false }, { "weights" }, { "lora_rank" },
    { "lora_alpha" },
  },
  check = function(a, object)
    if a.lora_rank or a.lora_alpha then blame "Embedding: lora_rank is not supported; leave it out" end
    object.given, a.weights = a.weights, nil
  end,
  methods = {
    compute_mask = function(self, inputs)
      return self.arguments.mask_zero and masks.new(inputs, inputs[1].shape, "mask", {}) or nil
    end,
    initial = function(self, param)
      if self.given then return self.given[1] end
      return self.arguments.embeddings_initializer(param.shape)
    end,
  },
  examples = { { { 3, 2 }, { 4 } }, { { 3, 4, mask_zero = true, embeddings_regularizer = "l2" }, { 2 } } },
}
