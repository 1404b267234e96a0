--- Attention without projections.
-- @submodule nn.layers
local blame = require "nn.support.blame"
local composed = require "nn.layers.base.composed"
local core = require "nn.layers.attention.core"
local layer = require "nn.layers.base"

-- ---- calls ---------------------------------------------------------------------------------------------------------

local MASKS = { "query_mask", "value_mask" }

-- A call's `mask`, a list of the query's and the value's, as two options.
local function with_masks(self, inputs, options)
  if type(options) ~= "table" or options.mask == nil then return layer.call(self, inputs, options) end
  local others = {}
  for name, value in pairs(options) do others[name] = value end
  local list = options.mask
  if type(list) ~= "table" or getmetatable(list) then
    blame("%s: mask: expected a list { query_mask, value_mask }, got %s", self:title(), blame.got(list))
  end
  others.mask, others.query_mask, others.value_mask = nil, list[1], list[2]
  return layer.call(self, inputs, others)
end

local function check_mask(self, name, mask, places)
  if mask and (#mask.shape ~= 1 or mask.shape[1] ~= places) then
    blame.at(self.where, "%s: %s: expected a mask of shape %d, one number for each place, got %s", self:title(), name,
      places, table.concat(mask.shape, "x"))
  end
end

local function check_operands(self, named, use)
  local query, value, key = named.query.shape, named.value.shape, named.key.shape
  if use.count < 2 or use.count > 3 then
    blame.at(self.where, "%s: wants a list { query, value } or { query, value, key }, got %d input%s", self:title(),
      use.count, use.count == 1 and "" or "s")
  elseif #query ~= 2 or #value ~= 2 or #key ~= 2 then
    blame.at(self.where, "%s: wants query, value and key as samples of (places, features), got %s, %s and %s",
      self:title(), table.concat(query, "x"), table.concat(value, "x"), table.concat(key, "x"))
  elseif query[2] ~= key[2] then
    blame.at(self.where, "%s: expected queries and keys of the same length, got %d and %d", self:title(), query[2],
      key[2])
  elseif key[1] ~= value[1] then
    blame.at(self.where, "%s: expected as many keys as values, got %d keys and %d values", self:title(), key[1],
      value[1])
  end
  check_mask(self, "query_mask", named.query_mask, query[1])
  check_mask(self, "value_mask", named.value_mask, value[1])
end

-- ---- attention as one node of the engine ---------------------------------------------------------------------------

-- Samples of (places, features) as one head, and back.
local function as_head(x) return require "nn.ops".reshape(x, { -1, x.shape[1], 1, x.shape[2] }) end

local function attend_by_dot(self, named, use)
  local ops, a = require "nn.ops", self.arguments
  local query = as_head(named.query)
  if self.scale then query = query * self.scale end
  local y, scores = core.attend({ query = query, key = as_head(named.key), value = as_head(named.value),
    value_mask = named.value_mask }, { scale = 1, dropout = a.dropout, seed = a.seed,
    is_causal = use.use_causal_mask or false, return_scores = use.return_attention_scores or false }, self:title())
  y = ops.reshape(y, { -1, named.query.shape[1], named.value.shape[2] })
  return y, scores and ops.reshape(scores, { -1, named.query.shape[1], named.key.shape[1] })
end

-- ---- scores that are sums of tanh ----------------------------------------------------------------------------------

-- The mask of scores: 0 where a query may not see a key; nil if it may see all.
local function mask_of(named, use)
  local ops, mask = require "nn.ops", nil
  if named.value_mask then mask = ops.reshape(named.value_mask, { -1, 1, named.value.shape[1] }) end
  if not use.use_causal_mask then return mask end
  local causal = ops.tril(ops.ones { named.query.shape[1], named.key.shape[1] })
  return mask and mask * causal or causal
end

-- What the values weighted by softmax(scores) are; Keras subtracts this much from scores that are masked.
local function weigh(self, scores, named, use)
  local ops, a, mask = require "nn.ops", self.arguments, mask_of(named, use)
  if mask then scores = scores - 1e9 * (1 - mask) end
  local weights = ops.softmax(scores, -1)
  local kept = a.dropout > 0 and layer.layers.Dropout { a.dropout, seed = a.seed } (weights) or weights
  return ops.matmul(kept, named.value), use.return_attention_scores and weights or nil
end

-- tanh(q + k) for each pair: (samples, queries, keys, features).
local function pairs_of(named, scale)
  local ops, query, key = require "nn.ops", named.query, named.key
  local sums = ops.reshape(query, { -1, query.shape[1], 1, query.shape[2] })
    + ops.reshape(key, { -1, 1, key.shape[1], key.shape[2] })
  return ops.tanh(scale and sums * scale or sums)
end

local function attend_by_concat(self, named, use)
  local scores = require "nn.ops".sum(pairs_of(named, self.scale), -1) * self.concat_score_weight
  return weigh(self, scores, named, use)
end

local function attend_by_sum(self, named, use)
  local terms = pairs_of(named)
  return weigh(self, require "nn.ops".sum(self.scale and terms * self.scale or terms, -1), named, use)
end

-- ---- layers --------------------------------------------------------------------------------------------------------

local function check_dropout(a, object)
  if type(a.dropout) ~= "number" or not (a.dropout >= 0 and a.dropout <= 1) then
    blame("%s: dropout: expected a fraction from 0 to 1, got %s", object.class_name, blame.got(a.dropout))
  elseif type(a.use_scale) ~= "boolean" then
    blame("%s: use_scale: expected true or false, got %s", object.class_name, blame.got(a.use_scale))
  end
end

-- Rows of queries that are masked give 0.
local function call_with(attend)
  return function(self, list, use)
    local ops, named = require "nn.ops", core.operands(list, use)
    check_operands(self, named, use)
    local y, scores = attend(self, named, use)
    if named.query_mask then y = y * ops.reshape(named.query_mask, { -1, named.query.shape[1], 1 }) end
    return y, scores
  end
end

-- A table for each layer, to which its other methods are added.
local function methods()
  return { __call = with_masks, complete_options = core.complete_options, compute_mask = core.compute_mask }
end

--- Dot-product attention (Luong et al. 2015): each query takes the values weighted by softmax(query · key). Nothing is
-- projected, and nothing divided by the root of the length.
-- @function Attention
-- @tparam[opt] boolean use_scale (false) whether scores are multiplied by a number that is learned, 1 at first
-- @tparam[opt] string score_mode "dot" (default) or "concat": concat_score_weight · sum(tanh(scale (query + key)))
-- @tparam[opt=0] number dropout in training, the fraction of the weights that is dropped
-- @tparam[opt] integer seed of the dropout (the model's)
-- It is called with { query, value } or { query, value, key }, each (n, places, features); key is value by default.
-- Options of a call: `mask` = { query_mask, value_mask }, each (n, places), by default those that come along from
-- Embedding and Masking: queries that are masked give 0, values that are masked weigh nothing; `use_causal_mask`
-- (false), so that query i sees keys 1 to i only; `return_attention_scores` (false), which gives (n, queries, keys) as
-- a second result.
-- @usage
-- local query, value = nn.Input{ shape = { 5, 8 } }, nn.Input{ shape = { 7, 8 } }
-- local y = Attention{ use_scale = true }{ query, value }
composed.define {
  class = "Attention",
  merges = true,
  second_inputs = MASKS, flags = core.FLAGS,
  arguments = { { "use_scale", false }, { "score_mode", "dot" }, { "dropout", 0 }, { "seed" } },
  check = function(a, object)
    check_dropout(a, object)
    if a.score_mode ~= "dot" and a.score_mode ~= "concat" then
      blame('Attention: score_mode: expected "dot" or "concat", got %s', blame.got(a.score_mode))
    end
  end,
  build = function(self)
    local a = self.arguments
    self.scale = a.use_scale and composed.add_weight(self, { shape = {}, initializer = "ones", name = "scale" })
    self.concat_score_weight = a.score_mode == "concat"
      and composed.add_weight(self, { shape = {}, initializer = "ones", name = "concat_score_weight" })
  end,
  call_with = call_with(function(self, named, use)
    return (self.arguments.score_mode == "dot" and attend_by_dot or attend_by_concat)(self, named, use)
  end),
  methods = methods(),
  examples = {
    { {}, { { 3, 4 }, { 5, 4 } } },
    { { use_scale = true }, { { 3, 2 }, { 4, 3 }, { 4, 2 } } },
    { { score_mode = "concat", use_scale = true }, { { 3, 2 }, { 4, 2 } } },
  },
}

--- Additive attention (Bahdanau et al. 2015): each query takes the values weighted by
-- softmax(sum(scale · tanh(query + key))).
-- @function AdditiveAttention
-- @tparam[opt] boolean use_scale (true) whether the terms of the sum are multiplied by weights that are learned
-- @tparam[opt=0] number dropout in training, the fraction of the weights that is dropped
-- @tparam[opt] integer seed of the dropout (the model's)
-- Called as Attention is, with the same options. Weights: scale (features).
-- @usage
-- local query, value = nn.Input{ shape = { 5, 8 } }, nn.Input{ shape = { 7, 8 } }
-- local y = AdditiveAttention{}{ query, value }
composed.define {
  class = "AdditiveAttention",
  merges = true,
  second_inputs = MASKS, flags = core.FLAGS,
  arguments = { { "use_scale", true }, { "dropout", 0 }, { "seed" } },
  check = check_dropout,
  build = function(self, shapes)
    local query = type(shapes[1]) == "table" and shapes[1] or shapes
    self.scale = self.arguments.use_scale and composed.add_weight(self, { shape = { query[#query] },
      initializer = "glorot_uniform", name = "scale" })
  end,
  call_with = call_with(attend_by_sum),
  methods = methods(),
  examples = { { {}, { { 3, 4 }, { 5, 4 } } }, { { use_scale = false }, { { 3, 2 }, { 4, 3 }, { 4, 2 } } } },
}
