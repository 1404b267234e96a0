--- Attention whose heads share keys and values.
-- @submodule nn.layers
local blame = require "nn.support.blame"
local composed = require "nn.layers.base.composed"
local core = require "nn.layers.attention.core"
local heads = require "nn.layers.attention.heads"
local layer = require "nn.layers.base"

local function check(a, object)
  for _, name in ipairs { "head_dim", "num_query_heads", "num_key_value_heads" } do
    heads.check_count(a, object, name)
  end
  if a.num_query_heads % a.num_key_value_heads ~= 0 then
    blame("%s: num_query_heads: expected a multiple of num_key_value_heads, which is %d, got %d", object.class_name,
      a.num_key_value_heads, a.num_query_heads)
  end
  object.heads, object.key_heads, object.key_dim = a.num_query_heads, a.num_key_value_heads, a.head_dim
  heads.add_projections(object, a, a.head_dim)
end

--- Attention of several heads that share keys and values in groups (Ainslie et al. 2023), which takes fewer weights;
-- one head of keys and values for all is multi-query attention.
-- @function GroupQueryAttention
-- @tparam integer head_dim how long a head's queries, keys and values are
-- @tparam integer num_query_heads a multiple of
-- @tparam integer num_key_value_heads
-- @tparam[opt=0] number dropout in training, the fraction of the weights that is dropped
-- @tparam[opt] boolean use_bias (true)
-- @tparam[opt] boolean flash_attention accepted, and changes nothing
-- @tparam[opt] string|initializer kernel_initializer ("glorot_uniform")
-- @tparam[opt] string|initializer bias_initializer ("zeros")
-- @tparam[opt] string|regularizer kernel_regularizer; also bias_regularizer, activity_regularizer
-- @tparam[opt] string|constraint kernel_constraint; also bias_constraint
-- @tparam[opt] integer seed of the dropout (the model's)
-- Called as MultiHeadAttention is, with the same options. Weights: query kernel (features, query heads, head_dim), key
-- and value kernels (features, key heads, head_dim), attention_output kernel (query heads, head_dim, features), and a
-- bias after each.
-- @usage
-- local x = nn.Input{ shape = { 16, 32 } }
-- local y = GroupQueryAttention{ 8, 4, 2 }{ x, x }
composed.define {
  class = "GroupQueryAttention",
  merges = true,
  second_inputs = core.MASKS, flags = core.FLAGS,
  arguments = {
    { "head_dim", layer.required }, { "num_query_heads", layer.required }, { "num_key_value_heads", layer.required },
    { "dropout", 0 }, { "use_bias", true }, { "flash_attention" }, { "kernel_initializer", "glorot_uniform" },
    { "bias_initializer", "zeros" }, { "kernel_regularizer" }, { "bias_regularizer" }, { "activity_regularizer" },
    { "kernel_constraint" }, { "bias_constraint" }, { "seed" },
  },
  check = check,
  build = heads.build,
  call_with = function(self, list, use)
    local named = core.operands(list, use)
    if #named.query.shape ~= 2 then
      blame.at(self.where, "%s: wants samples of (places, features), got %s", self:title(),
        table.concat(named.query.shape, "x"))
    end
    return heads.call(self, named, use, { 1 })
  end,
  methods = { __call = core.call, complete_options = core.complete_options, compute_mask = core.compute_mask },
  examples = {
    { { 2, 4, 2, bias_initializer = "random_uniform" }, { { 3, 2 }, { 4, 3 } } },
    { { 3, 2, 1, use_bias = false }, { 4, 3 } },
  },
}
