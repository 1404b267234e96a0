--- The weights of layers of one's own: those that `add_weight` makes, and those of the layers in it.
-- @submodule nn.layers
local align = require "nn.losses.align"
local arguments = require "nn.support.arguments"
local as_list = require "nn.support.list"
local blame = require "nn.support.blame"
local constraints = require "nn.constraints"
local initializers = require "nn.initializers"
local regularizers = require "nn.regularizers"
local variables = require "nn.tape.variables"
local weight_memory = require "nn.layers.base.weight_memory"

local OwnWeights = {}

local read_weight = arguments.options("add_weight", {
  { "shape", {} }, { "initializer", "glorot_uniform" }, { "name" }, { "trainable", true }, { "regularizer" },
  { "constraint" }, { "dtype", "float32" },
})

-- The place of a new weight among the layer's own.
local function add(self, value, name, trainable)
  local own = self.own_weights
  local index = #own.weights + 1
  own.weights[index], own.is_state[index], own.names[index] = value, not trainable, name
  return index
end

--- Makes a weight of the layer; to be called in `build`.
-- @function custom:add_weight
-- @tparam table options shape ({}: one number), initializer ("glorot_uniform"), name, trainable (true), regularizer,
-- constraint
-- @treturn tensor the weight, a variable
-- @usage
-- local Scale = nn.layers.Layer:extend{ name = "Scale",
--   build = function(self, shape) self.w = self:add_weight{ shape = { shape[#shape] }, initializer = "ones" } end,
--   call = function(self, x) return x * self.w end }
-- local y = Scale{}(nn.ones{ 2, 3 })
function OwnWeights:add_weight(options)
  local given = read_weight(options)
  if type(given.shape) == "number" then given.shape = { given.shape } end
  local initializer, regularizer = initializers.get(given.initializer), regularizers.get(given.regularizer)
  local constraint = constraints.get(given.constraint)
  local value, own = weight_memory.new(align.floats(initializer(given.shape))), self.own_weights
  if not align.same(value.shape, given.shape) then
    blame("add_weight: the initializer gave shape %s instead of %s", align.text(value.shape), align.text(given.shape))
  end
  local index = #own.weights + 1
  add(self, value, given.name or index == 1 and "weight" or "weight_" .. index - 1, given.trainable)
  own.regularizers[index] = regularizer and regularizer:config()
  own.constraints[index] = constraint and constraint:config(#given.shape)
  local rules = { regularizer = regularizer, constraint = constraint }
  return variables.register(value, { owner = self, index = index, rules = rules })
end

-- Makes an nn.Variable that was assigned to a field a weight of the layer, unless another layer has it.
function OwnWeights:adopt_variable(variable, field)
  if variable.dtype ~= "float32" or variables.owner_of(variable) or self.weights then return end
  local index = add(self, variable, variables.given_name_of(variable) or tostring(field),
    variables.is_trainable(variable))
  variables.register(variable, { owner = self, index = index, rules = {} })
end

-- Puts the layer's own weights, and after them those of the layers in it, where the library looks for a layer's.
function OwnWeights:gather_weights()
  self.weights, self.weight_names, self.weight_is_state = as_list({}, "weights"), {}, {}
  for i, weight in ipairs(self:named_weights()) do
    self.weights[i], self.weight_names[i], self.weight_is_state[i] = weight.tensor, weight.name, weight.is_state
  end
end

-- All weights, each with the layer that owns it.
function OwnWeights:named_weights()
  local list, own = {}, self.own_weights
  for i, weight in ipairs(own.weights) do
    list[i] = { name = own.names[i], tensor = weight, layer = self, is_state = own.is_state[i] }
  end
  for _, inner in ipairs(self.all_layers) do
    for _, weight in ipairs(inner.weights and inner:named_weights() or {}) do
      list[#list + 1] = { name = inner.name .. "/" .. weight.name, tensor = weight.tensor, layer = weight.layer,
        is_state = weight.is_state }
    end
  end
  return list
end

-- What an object begins with.
local function new() return { weights = {}, names = {}, is_state = {}, regularizers = {}, constraints = {} } end

return { methods = OwnWeights, new = new }
