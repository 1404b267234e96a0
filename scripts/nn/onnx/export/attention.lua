--- Attention: softmax(scale q k') v for each head, from q (..., queries, heads, width), k and v (..., keys, key heads,
-- width), the way back to (..., queries, heads, width).
local tensor = require "nn.tensor"

local HIDDEN = -1e9 -- a score that softmax makes 0; if all scores are hidden, they count alike, as in the engine

-- Exchanges the third last axis and the second last one; with is_key the last two change places afterwards.
local function heads_first(g, x, rank, is_key)
  local order = {}
  for i = 1, rank do order[i] = i - 1 end
  order[rank - 2], order[rank - 1] = order[rank - 1], order[rank - 2]
  if is_key then order[rank - 1], order[rank] = order[rank], order[rank - 1] end
  return g:transpose(x, order)
end

-- The heads of keys or values, each as often as query heads share it.
local function repeated(g, x, rank, heads, key_heads)
  if heads == key_heads then return x end
  local list = {}
  for i = 1, heads do list[i] = (i - 1) // (heads // key_heads) end
  return g:add("Gather", { x, g:constant(tensor.tensor(list, "int32"), "int64") }, { axis = rank - 2 })
end

local function hide(g, scores, mask)
  return g:add("Where", { g:as_bool(mask), scores, g:number(HIDDEN) })
end

-- A mask with as many axes as the scores.
local function widened(g, mask, axes) return g:add("Unsqueeze", { mask, g:integers(axes) }) end

local function causal(queries, keys)
  return (tensor.arange(keys):reshape { 1, keys }):le(tensor.arange(queries):reshape { queries, 1 })
end

-- masks: function(scores) -> scores
local function attend(g, n, masks)
  local c, q = n.config, n.shapes[1]
  local rank, heads, key_heads = g.rank(q), q[#q - 1], n.shapes[2][#n.shapes[2] - 1]
  local query = heads_first(g, n.inputs[1], rank)
  local key = heads_first(g, repeated(g, n.inputs[2], rank, heads, key_heads), rank, true)
  local v = heads_first(g, repeated(g, n.inputs[3], rank, heads, key_heads), rank)
  local scores = g:binary("Mul", g:binary("MatMul", query, key), c.scale or 1)
  if c.is_causal then
    scores = hide(g, scores, g:constant(causal(q[#q - 2], n.shapes[2][#n.shapes[2] - 2]):astype "float32"))
  end
  local weights = g:add("Softmax", { masks(scores) }, { axis = -1 })
  return heads_first(g, g:binary("MatMul", weights, v), rank), weights
end

local layers, operations = {}, {}

function layers.attention(g, n)
  local c, position = n.config, 4
  local function take(is_there)
    if not is_there then return nil end
    position = position + 1
    return n.inputs[position - 1], n.shapes[position - 1]
  end
  local query_mask, key_mask = take(c.has_query_mask), take(c.has_key_mask)
  local mask, shape = take(c.has_mask)
  return attend(g, n, function(scores)
    if query_mask then scores = hide(g, scores, widened(g, query_mask, { 1, 3 })) end
    if key_mask then scores = hide(g, scores, widened(g, key_mask, { 1, 2 })) end
    if mask and #shape < #n.shapes[1] then mask = widened(g, mask, { -3 }) end
    return mask and hide(g, scores, mask) or scores
  end)
end

function operations.dot_product_attention(g, n)
  return (attend(g, n, function(scores) return n.inputs[4] and hide(g, scores, n.inputs[4]) or scores end))
end

return { layers = layers, operations = operations }
