--- What layers with several heads share: projections, and the way from a call's inputs to its result.
local blame = require "nn.support.blame"
local composed = require "nn.layers.base.composed"
local core = require "nn.layers.attention.core"
local layer = require "nn.layers.base"
local masks = require "nn.layers.base.masks"

local heads = {}

--- Raises an error if an argument is no count.
function heads.check_count(a, object, name)
  if math.type(a[name]) ~= "integer" or a[name] < 1 then
    blame("%s: %s: expected a whole number from 1, got %s", object.class_name, name, blame.got(a[name]))
  end
end

-- ---- projections ---------------------------------------------------------------------------------------------------

local SHARED = { "kernel_initializer", "bias_initializer", "kernel_regularizer", "bias_regularizer",
  "kernel_constraint", "bias_constraint" }

local function projection(a, name, equation, output_shape, bias_axes)
  local given = { name = name, equation = equation, output_shape = output_shape,
    bias_axes = a.use_bias and bias_axes or nil }
  for _, argument in ipairs(SHARED) do given[argument] = a[argument] end
  return layer.layers.EinsumDense(given)
end

--- Checks the arguments that all such layers have, and makes the three projections before attention.
-- @tparam table object the layer, whose fields heads, key_heads and key_dim are set
-- @tparam table a its arguments
-- @tparam integer value_dim
function heads.add_projections(object, a, value_dim)
  if type(a.dropout) ~= "number" or not (a.dropout >= 0 and a.dropout <= 1) then
    blame("%s: dropout: expected a fraction from 0 to 1, got %s", object.class_name, blame.got(a.dropout))
  elseif a.seed ~= nil and (math.type(a.seed) ~= "integer" or a.seed < 0) then
    blame("%s: seed: expected a whole number from 0, got %s", object.class_name, blame.got(a.seed))
  end
  object.query = projection(a, "query", "...x,xyz->...yz", { object.heads, object.key_dim }, "yz")
  object.key = projection(a, "key", "...x,xyz->...yz", { object.key_heads, object.key_dim }, "yz")
  object.value = projection(a, "value", "...x,xyz->...yz", { object.key_heads, value_dim }, "yz")
  composed.adopt(object, { object.query, object.key, object.value })
end

--- The projection after attention, once the features of the query are known.
function heads.build(self, shapes)
  local query = type(shapes[1]) == "table" and shapes[1] or shapes
  local shape = self.arguments.output_shape or query[#query]
  shape = type(shape) == "table" and shape or { shape }
  local letters = ("abcdefgh"):sub(1, #shape)
  self.attention_output = projection(self.arguments, "attention_output", ("...yz,yz%s->...%s"):format(letters, letters),
    shape, letters)
  composed.adopt(self, self.attention_output)
end

-- ---- the call ------------------------------------------------------------------------------------------------------

local function check_ndim(self, named)
  for _, name in ipairs { "query", "value", "key" } do
    local shape = named[name].shape
    if #shape < 2 or #shape ~= #named.query.shape then
      blame.at(self.where, "%s: wants query, value and key as samples of (places, features), got %s as %s",
        self:title(), table.concat(shape, "x"), name)
    end
  end
end

local function product_of(shape, axes)
  local product = 1
  for _, axis in ipairs(axes) do product = product * shape[axis] end
  return product
end

-- How heads of (axes..., heads, width) become (others..., places, heads, width), and back; nil where they are so.
local function layout(query, axes)
  local ndim = #query.shape - 1
  local others, is_chosen, order, back = {}, {}, { 1 }, { 1 }
  for _, axis in ipairs(axes) do is_chosen[axis] = true end
  for axis = 1, ndim do
    if not is_chosen[axis] then others[#others + 1] = axis end
  end
  if #axes == 1 and (axes[1] == ndim) then return nil end
  for _, axis in ipairs(others) do order[#order + 1] = axis + 1 end
  for _, axis in ipairs(axes) do order[#order + 1] = axis + 1 end
  order[#order + 1], order[#order + 2] = ndim + 2, ndim + 3
  for i, axis in ipairs(order) do back[axis] = i end
  return { others = others, order = order, back = back, axes = axes }
end

local function lengths(shape, axes)
  local list = {}
  for i, axis in ipairs(axes) do list[i] = shape[axis] end
  return list
end

-- Brings the places of attention together.
local function gather(x, how)
  if not how then return x end
  local ops, shape = require "nn.ops", { -1, table.unpack(lengths(x.shape, how.others)) }
  table.move({ product_of(x.shape, how.axes), x.shape[#x.shape - 1], x.shape[#x.shape] }, 1, 3, #shape + 1, shape)
  return ops.reshape(ops.transpose(x, how.order), shape)
end

-- The result's places where the query has them.
local function scatter(x, how, query)
  if not how then return x end
  local ops, shape = require "nn.ops", { -1, table.unpack(lengths(query.shape, how.others)) }
  for _, axis in ipairs(how.axes) do shape[#shape + 1] = query.shape[axis] end
  table.move({ x.shape[#x.shape - 1], x.shape[#x.shape] }, 1, 2, #shape + 1, shape)
  return ops.transpose(ops.reshape(x, shape), how.back)
end

-- The scores with an axis for each axis of query and key.
local function scores_of(scores, how, named)
  if not how or #how.axes == 1 then return scores end
  local shape = { -1, table.unpack(lengths(named.query.shape, how.others)) }
  shape[#shape + 1] = scores.shape[#scores.shape - 2]
  for _, each in ipairs { named.query, named.key } do
    for _, axis in ipairs(how.axes) do shape[#shape + 1] = each.shape[axis] end
  end
  return require "nn.ops".reshape(scores, shape)
end

-- An attention mask with one axis for queries and one for keys.
local function flat_mask(self, mask, how, named)
  if not mask or not how or #how.axes == 1 then return mask end
  local queries, keys = product_of(named.query.shape, how.axes), product_of(named.key.shape, how.axes)
  local before = #mask.shape - 2 * #how.axes
  if before < 0 then
    blame.at(self.where, "%s: attention_mask: expected axes for the places of query and key, got one of %s",
      self:title(), table.concat(mask.shape, "x"))
  end
  local shape = table.move(mask.shape, 1, before, 2, { -1 })
  shape[#shape + 1], shape[#shape + 2] = queries, keys
  return require "nn.ops".reshape(mask, shape)
end

--- What a layer of several heads gives.
-- @tparam table self
-- @tparam table named the operands (core.operands)
-- @tparam table use of the layer
-- @tparam {integer,...} axes of a sample that are attended over
-- @treturn symbolic
-- @treturn ?symbolic the scores, if they are asked for
function heads.call(self, named, use, axes)
  check_ndim(self, named)
  local a, how = self.arguments, layout(named.query, axes)
  local operands = { query = gather(self.query(named.query), how), key = gather(self.key(named.key), how),
    value = gather(self.value(named.value), how), query_mask = named.query_mask, key_mask = named.key_mask,
    value_mask = named.value_mask, attention_mask = flat_mask(self, named.attention_mask, how, named) }
  local y, scores = core.attend(operands, { scale = self.key_dim ^ -0.5, dropout = a.dropout, seed = a.seed,
    is_causal = use.use_causal_mask or false, return_scores = use.return_attention_scores or false }, self:title())
  local result = self.attention_output(scatter(y, how, named.query))
  local penalty = self.activity_regularizer
  if penalty then
    result = masks.new({ result }, result.shape, "activity_regularization", penalty:config())
  end
  return result, scores and scores_of(scores, how, named)
end

return heads
