--- What attention layers share: calls, their masks, and the engine's node.
local blame = require "nn.support.blame"
local layer = require "nn.layers.base"
local masks = require "nn.layers.base.masks"
local symbolic = require "nn.layers.base.symbolic"
local tensor = require "nn.tensor"

local core = {}

-- Options of a call that are inputs, in the order of a call's inputs.
core.MASKS = { "query_mask", "value_mask", "key_mask", "attention_mask" }
-- Options of a call that are plain values.
core.FLAGS = { "return_attention_scores", "use_causal_mask" }

local function is_operand(value) return symbolic.is(value) or tensor.is_tensor(value) end

--- A call with a list, `attention({ query, value, key }, options)`, or as Keras writes it, `attention(query, value,
-- key, options)`.
function core.call(self, inputs, ...)
  local given, count = { inputs, ... }, 1
  while is_operand(given[count + 1]) do count = count + 1 end
  if count > 3 then blame("%s: wants query, value and key, got %d tensors", self:title(), count) end
  local options, surplus = given[count + 1], given[count + 2]
  if surplus ~= nil then
    blame("%s: expected nothing after the options, got %s", self:title(), blame.got(surplus))
  elseif count == 1 then
    return layer.call(self, inputs, options)
  end
  return layer.call(self, table.move(given, 1, count, 1, {}), options)
end

--- The operands of a call by name.
-- @tparam {symbolic,...} list query, value and key, then what `use.second` names
-- @tparam table use of the layer (base/init.lua)
-- @treturn table query, value, key; and the masks that there are
function core.operands(list, use)
  local named = { query = list[1], value = use.count > 1 and list[2] or list[1] }
  named.key = use.count > 2 and list[3] or named.value
  for i, name in ipairs(use.second) do named[name] = list[use.count + i] end
  return named
end

--- The masks of a call: those that are given, else those that came along with query, value and key.
-- @tparam {symbolic,...} list what the call lists
-- @tparam table options of the call
-- @treturn table
function core.complete_options(_, list, options)
  local complete = {}
  for name, value in pairs(options) do complete[name] = value end
  complete.query_mask = options.query_mask or list[1].mask
  complete.value_mask = options.value_mask or (list[2] or list[1]).mask
  complete.key_mask = options.key_mask or list[3] and list[3].mask
  return complete
end

--- The mask that goes on: the query's.
function core.compute_mask(_, inputs, use)
  for i, name in ipairs(use.second) do
    if name == "query_mask" then return inputs[use.count + i] end
  end
  return nil
end

-- Both of two masks, either of which may be nil.
local function both(first, second)
  if not first or not second then return first or second end
  return masks.new({ first, second }, first.shape, "merge", { operation = "multiply" })
end

-- A mask as one of single places, however many axes they have.
local function flat(mask)
  if not mask or #mask.shape == 1 then return mask end
  local count = 1
  for _, length in ipairs(mask.shape) do count = count * length end
  return masks.new({ mask }, { count }, "reshape", { target_shape = { count } })
end

-- The shapes of what a node of attention gives, for samples.
local function shapes_of(query, value, heads_first)
  local outer = #query.shape - 3
  local out = table.move(query.shape, 1, outer + 2, 1, {})
  out[outer + 3] = value.shape[outer + 3]
  if not heads_first then return out end
  local scores = table.move(query.shape, 1, outer, 1, {})
  table.move({ query.shape[outer + 2], query.shape[outer + 1], value.shape[outer + 1] }, 1, 3, outer + 1, scores)
  return out, scores
end

--- softmax(scale · query · key') · value for each head, as one node of the engine.
-- @tparam table named query, key, value (..., places, heads, width); query_mask, key_mask, value_mask (places) and
-- attention_mask (..., queries, keys) or (..., heads, queries, keys), each optional
-- @tparam table config of the node: scale, dropout, seed, is_causal, return_scores
-- @tparam string title of the layer, for messages
-- @treturn symbolic (..., queries, heads, value width)
-- @treturn ?symbolic the scores (..., heads, queries, keys)
function core.attend(named, config, title)
  local inputs = { named.query, named.key, named.value }
  local key_mask = flat(both(named.value_mask, named.key_mask))
  for name, mask in pairs { has_query_mask = flat(named.query_mask) or false, has_key_mask = key_mask or false,
    has_mask = named.attention_mask or false } do config[name] = mask ~= false end
  for _, mask in ipairs { flat(named.query_mask) or false, key_mask or false, named.attention_mask or false } do
    if mask then inputs[#inputs + 1] = mask end
  end
  local hidden = { is_hidden = true, name = "attention", class_name = "Attention" }
  function hidden:lower_into(emit, positions)
    local node = emit { layer = "attention", config = config, inputs = positions, what = title }
    if not config.return_scores then return node end
    return { node, 1 }, { node, 2 }
  end
  local out, scores = shapes_of(named.query, named.value, config.return_scores)
  local shared = {}
  return symbolic.new(hidden, inputs, out, shared, 1), scores and symbolic.new(hidden, inputs, scores, shared, 2)
end

return core
