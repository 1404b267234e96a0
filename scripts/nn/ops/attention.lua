--- Attention.
-- @submodule nn.ops
local blame = require "nn.support.blame"
local base = require "nn.ops.base"

local ops = base.ops

-- The same with a bias, which has to be added to the scores: they are made as a whole.
local function attend_with_bias(query, key, value, options, scale)
  local shape, key_shape = base.shape_of(query), base.shape_of(key)
  local heads, key_heads = shape[3], key_shape[3]
  if heads ~= key_heads then
    key, value = ops.repeated(key, heads // key_heads, 3), ops.repeated(value, heads // key_heads, 3)
  end
  local function heads_first(x) return ops.transpose(x, { 1, 3, 2, 4 }) end
  local scores = ops.matmul(heads_first(query) * scale, ops.transpose(key, { 1, 3, 4, 2 })) + options.bias
  local mask = options.mask
  if options.is_causal then
    local causal = ops.tril(ops.ones { shape[2], key_shape[2] })
    mask = mask and ops.multiply(mask, causal) or causal
  end
  if mask then scores = ops.where(mask, scores, -1e30) end
  return ops.transpose(ops.matmul(ops.softmax(scores, -1), heads_first(value)), { 1, 3, 2, 4 })
end

--- Dot-product attention (Vaswani et al. 2017): softmax(scale · query · key') · value, for each sample and head. The
-- scores are not stored, unless there is a bias: memory grows with the length, not with its square.
-- @function dot_product_attention
-- @tparam tensor query (samples, queries, heads, width)
-- @tparam tensor key (samples, keys, key heads, width); several heads of the query may share one, in order
-- @tparam tensor value (samples, keys, key heads, value width)
-- @tparam[opt] tensor bias added to the scores, of a shape that broadcasts to (samples, heads, queries, keys)
-- @tparam[opt] tensor mask of such a shape, 0 where a query may not see a key; a query that may see none sees all
-- equally
-- @tparam[opt] number scale (1 / sqrt(width))
-- @tparam[opt=false] boolean is_causal whether query i sees keys 1 to i only
-- @tparam[opt] boolean flash_attention accepted, and changes nothing
-- @treturn tensor (samples, queries, heads, value width)
-- @usage
-- local q = nn.ones{ 2, 5, 4, 8 } -- 2 samples, 5 places, 4 heads of 8
-- local y = nn.ops.dot_product_attention(q, q, q, { is_causal = true })
base.compose {
  "dot_product_attention", operands = { "query", "key", "value" },
  options = { { "bias" }, { "mask" }, { "scale" }, { "is_causal", false }, { "flash_attention" } },
  compute = function(query, key, value, options)
    local shape = base.shape_of(query)
    local scale = options.scale or #shape == 4 and shape[4] > 0 and shape[4] ^ -0.5 or 1
    if type(scale) ~= "number" then
      blame("dot_product_attention: scale: expected a number, got %s", blame.got(scale))
    end
    if options.bias then return attend_with_bias(query, key, value, options, scale) end
    return base.run("dot_product_attention", { scale = scale, is_causal = options.is_causal },
      { query, key, value, options.mask })
  end,
}
