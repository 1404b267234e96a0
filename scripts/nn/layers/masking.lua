--- Which places of a sample count: masks, and the layers they come from.
--
-- A mask is a symbolic tensor of 0 and 1 beside the one it belongs to (`output.mask`). It goes along through layers
-- that keep the places, and is read by those that heed it.
-- @submodule nn.layers
local blame = require "nn.blame"
local layer = require "nn.layer"
local masks = require "nn.layer.masks"

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
