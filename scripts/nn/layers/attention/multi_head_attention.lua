--- Attention of several heads.
-- @submodule nn.layers
local blame = require "nn.support.blame"
local composed = require "nn.layers.base.composed"
local core = require "nn.layers.attention.core"
local heads = require "nn.layers.attention.heads"
local layer = require "nn.layers.base"

local function check(a, object)
  heads.check_count(a, object, "num_heads")
  heads.check_count(a, object, "key_dim")
  if a.value_dim ~= nil then heads.check_count(a, object, "value_dim") end
  local value_dim = a.value_dim or a.key_dim
  object.heads, object.key_heads, object.key_dim = a.num_heads, a.num_heads, a.key_dim
  heads.add_projections(object, a, value_dim)
end

-- The axes of a sample that are attended over, from 1, ascending.
local function attention_axes(self, query)
  local axes, ndim = self.arguments.attention_axes, #query.shape
  if axes == nil then
    axes = {}
    for axis = 1, ndim - 1 do axes[axis] = axis end
    return axes
  end
  axes = self:sample_axes(axes, ndim, "attention_axes")
  if axes[#axes] == ndim then
    blame.at(self.where, "%s: attention_axes: axis %d is that of the features; expected others", self:title(), ndim + 1)
  end
  return axes
end

--- Attention of several heads (Vaswani et al. 2017): query, key and value are projected for each head, each query takes
-- the values weighted by softmax(query · key / sqrt(key_dim)), and what the heads give is projected once more.
-- @function MultiHeadAttention
-- @tparam integer num_heads
-- @tparam integer key_dim how long a head's queries and keys are
-- @tparam[opt] integer value_dim how long its values are (key_dim)
-- @tparam[opt=0] number dropout in training, the fraction of the weights that is dropped
-- @tparam[opt] boolean use_bias (true)
-- @tparam[opt] integer|{integer,...} output_shape of each place (the query's features)
-- @tparam[opt] integer|{integer,...} attention_axes positions, where 1 counts the samples (all axes between these and
-- the features)
-- @tparam[opt] boolean flash_attention accepted, and changes nothing: scores are never stored unless they are asked for
-- @tparam[opt] string|initializer kernel_initializer ("glorot_uniform")
-- @tparam[opt] string|initializer bias_initializer ("zeros")
-- @tparam[opt] string|regularizer kernel_regularizer; also bias_regularizer, activity_regularizer
-- @tparam[opt] string|constraint kernel_constraint; also bias_constraint
-- @tparam[opt] integer seed of the dropout (the model's)
-- It is called with query and value, or query, value and key, one after the other or in a list, each (n, places,
-- features); key is value by default, and a single tensor is all three. Options of a call: `attention_mask` (n,
-- queries, keys) or (n, heads, queries, keys), 0 where a query may not see a key; `query_mask`, `value_mask`,
-- `key_mask` (n, places), by default those that come along from Embedding and Masking; `use_causal_mask` (false), so
-- that query i sees keys 1 to i only; `return_attention_scores` (false), which gives (n, heads, queries, keys) as a
-- second result. A query that may see no key sees all of them equally.
-- Weights: query, key and value kernel (features, heads, key_dim) and bias (heads, key_dim), attention_output kernel
-- (heads, value_dim, features) and bias (features).
-- @usage
-- local x = nn.Input{ shape = { 16, 32 } }
-- local y = MultiHeadAttention{ 4, 8 }(x, x, { use_causal_mask = true })
composed.define {
  class = "MultiHeadAttention",
  merges = true,
  second_inputs = core.MASKS, flags = core.FLAGS,
  arguments = {
    { "num_heads", layer.required }, { "key_dim", layer.required }, { "value_dim" }, { "dropout", 0 },
    { "use_bias", true }, { "output_shape" }, { "attention_axes" }, { "flash_attention" },
    { "kernel_initializer", "glorot_uniform" }, { "bias_initializer", "zeros" }, { "kernel_regularizer" },
    { "bias_regularizer" }, { "activity_regularizer" }, { "kernel_constraint" }, { "bias_constraint" }, { "seed" },
  },
  check = check,
  build = heads.build,
  call_with = function(self, list, use)
    local named = core.operands(list, use)
    return heads.call(self, named, use, attention_axes(self, named.query))
  end,
  methods = { __call = core.call, complete_options = core.complete_options, compute_mask = core.compute_mask },
  examples = {
    { { 2, 3, bias_initializer = "random_uniform" }, { { 4, 3 }, { 5, 2 } } },
    { { 2, 2, value_dim = 3, output_shape = 2, use_bias = false }, { { 4, 3 }, { 3, 2 }, { 3, 4 } } },
    { { 2, 2, attention_axes = { 3 } }, { { 2, 3, 2 }, { 2, 4, 2 } } },
    { { 1, 2, attention_axes = { 2 }, dropout = 0.3, seed = 4 }, { 3, 2, 2 } },
  },
}
