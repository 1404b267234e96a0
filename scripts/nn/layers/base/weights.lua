--- The weights of layers: made once the shapes of the inputs are known, read, replaced, counted.
-- @submodule nn.layers
local registry = require "engine.registry"
local align = require "nn.losses.align"
local as_list = require "nn.support.list"
local blame = require "nn.support.blame"
local learned = require "nn.experiment.learned"
local tensor = require "nn.tensor"
local variables = require "nn.tape.variables"
local weight_memory = require "nn.layers.base.weight_memory"
require "nn.variable" -- so that weights have a name, and can be assigned

local Weights = {}

local function check_shapes(self, params, input_shapes)
  for i, param in ipairs(params) do
    if not align.same(self.weights[i].shape, param.shape) then
      blame.at(self.where, "%s: its %s has shape %s and does not fit inputs of %s", self:title(), param.name,
        align.text(self.weights[i].shape), align.text(input_shapes[1]))
    end
  end
end

-- An argument that belongs to a weight: kernel_initializer for "kernel", unless the layer has another name for it.
local function argument_of(self, name, kind)
  return self.arguments[(self.argument_names and self.argument_names[name] or name) .. kind]
end

-- The value a weight begins with.
function Weights:initial(param)
  local initializer = argument_of(self, param.name, "_initializer")
  return initializer and initializer(param.shape) or tensor.zeros(param.shape)
end

local function make_weights(self, params)
  self.weights, self.weight_names, self.weight_is_state = {}, {}, {}
  self.weight_regularizers, self.weight_constraints = {}, {}
  for i, param in ipairs(params) do
    local value = weight_memory.new(align.floats(self:initial(param)))
    if not align.same(value.shape, param.shape) then
      blame.at(self.where, "%s: the initializer of %s gave shape %s instead of %s", self:title(), param.name,
        align.text(value.shape), align.text(param.shape))
    end
    self.weights[i], self.weight_names[i], self.weight_is_state[i] = value, param.name, param.is_state
    local regularizer = argument_of(self, param.name, "_regularizer")
    local constraint = argument_of(self, param.name, "_constraint")
    local rules = { regularizer = regularizer, constraint = constraint }
    variables.register(value, { owner = self, index = i, rules = rules })
    self.weight_regularizers[i] = regularizer and regularizer:config()
    self.weight_constraints[i] = constraint and constraint:config(#param.shape)
  end
end

-- Infers what the layer makes of inputs.
-- @tparam {{integer,...},...} input_shapes
-- @tparam function take is given the weights of each node that has some, as the engine describes them
-- @tparam[opt] table use of the layer (base/init.lua)
-- @treturn {{integer,...},...} shapes of the outputs
local function infer(self, input_shapes, take, use)
  local given, inputs = {}, {}
  for i, shape in ipairs(input_shapes) do given[i], inputs[i] = { shape }, i end
  local function shape_of(value)
    if type(value) == "table" then return given[value[1]][value[2]] end
    return given[value][1]
  end
  local function emit(node)
    local read = {}
    for i, value in ipairs(node.inputs) do read[i] = shape_of(value) end
    local shapes, params = registry.infer(node, read, self:title())
    if not shapes then self:reject(params) end
    if node.owner then take(params) end
    given[#given + 1] = shapes
    return #given
  end
  local outputs = { self:lower_into(emit, inputs, input_shapes, false, false, use) }
  for i, value in ipairs(outputs) do outputs[i] = shape_of(value) end
  return outputs
end

--- The shapes of the weights that the layer would have, as one text.
-- @local
function Weights:weight_shapes(input_shapes, use)
  local texts = {}
  infer(self, input_shapes, function(params)
    for _, param in ipairs(params) do texts[#texts + 1] = table.concat(param.shape, "x") end
  end, use)
  return table.concat(texts, " ")
end

--- Gives the layer its weights, once the shapes of its inputs (without the samples' axis) are known.
-- @function layer:build
-- @tparam {{integer,...},...} input_shapes
-- @tparam[opt] table use what this use of the layer is, of layers that have options of a call besides inputs
-- @treturn {integer,...} ... the shape of each of its outputs
-- @usage
-- local dense = Dense{ 3 }
-- dense:build{ { 4 } }
-- print(dense:count_params())
function Weights:build(input_shapes, use)
  local outputs = infer(self, input_shapes, function(params)
    if self.weights then check_shapes(self, params, input_shapes) else make_weights(self, params) end
  end, use)
  self.output_shape, self.input_shapes = #outputs == 1 and outputs[1] or outputs, input_shapes
  self.weights = as_list(self.weights or {}, "weights")
  return table.unpack(outputs)
end

-- All weights, each with its name and the layer that owns it.
function Weights:named_weights()
  local list = {}
  for i, weight in ipairs(self.weights or {}) do
    list[i] = { name = self.weight_names[i], tensor = weight, layer = self, is_state = self.weight_is_state[i] }
  end
  return list
end

local function require_weights(self)
  if not self.weights then
    blame("%s has no weights yet: its input shape is not known; give the model an input_shape", self:title())
  end
end

--- The weights as copies, in Keras' order.
-- @function layer:get_weights
-- @treturn tensor ... as many results as the layer has weights
-- @usage local kernel, bias = layer:get_weights()
function Weights:get_weights()
  require_weights(self)
  local copies = {}
  for i, weight in ipairs(self.weights) do copies[i] = weight:copy() end
  return table.unpack(copies)
end

--- Replaces the weights by others of the same shapes.
-- @function layer:set_weights
-- @tparam {tensor,...} values in the order of get_weights
-- @usage layer:set_weights{ nn.zeros{ 4, 5 }, nn.ones{ 5 } }
function Weights:set_weights(values)
  require_weights(self)
  if type(values) ~= "table" or tensor.is_tensor(values) or #values ~= #self.weights then
    blame("%s: set_weights: expected a list of %d tensors", self:title(), #self.weights)
  end
  for i, weight in ipairs(self.weights) do
    local value = align.floats(values[i])
    if not align.same(value.shape, weight.shape) then
      blame("%s: set_weights: %s has shape %s, got %s", self:title(), self.weight_names[i], align.text(weight.shape),
        align.text(value.shape))
    end
    weight[{}] = value
  end
  learned.note(self.weights)
end

--- How many numbers its weights hold.
-- @function layer:count_params
-- @treturn integer all of them
-- @treturn integer those that training changes
-- @usage print(layer:count_params())
function Weights:count_params()
  local total, trained = 0, 0
  for i, weight in ipairs(self.weights or {}) do
    total = total + weight.size
    if self.trainable and not self.weight_is_state[i] then trained = trained + weight.size end
  end
  return total, trained
end

-- ---- fields that are computed

local fields = {}

-- The weights that training changes, or the others.
local function weights_where(self, is_trained)
  local list = {}
  for i, weight in ipairs(self.weights or {}) do
    if (self.trainable and not self.weight_is_state[i]) == is_trained then list[#list + 1] = weight end
  end
  return as_list(list, "weights")
end

--- Its weights themselves, not copies: `layer.weights` has all in Keras' order, nil before the input's shape is known;
-- `trainable_weights` those that training changes, `non_trainable_weights` the others (also called
-- `trainable_variables` and `non_trainable_variables`).
-- @function layer.trainable_weights
-- @treturn {tensor,...}
-- @usage
-- local dense = Dense{ 3, input_shape = { 4 } }
-- local same = nn.Sequential{ dense }
-- print(#dense.weights, #dense.trainable_weights, #dense.non_trainable_weights)
function fields.trainable_weights(self) return weights_where(self, true) end
function fields.non_trainable_weights(self) return weights_where(self, false) end
fields.trainable_variables, fields.non_trainable_variables = fields.trainable_weights, fields.non_trainable_weights

-- Whether it has its weights.
function fields.built(self) return self.weights ~= nil end

-- What the regularizers of its weights add to the loss, a number for each.
local function penalties(self)
  local list = {}
  for _, weight in ipairs(self:named_weights()) do
    local regularizer = not weight.is_state and variables.rules_of(weight.tensor).regularizer
    if regularizer then list[#list + 1] = regularizer(weight.tensor) end
  end
  return list
end

--- What it adds to the loss, a number for each: the regularizers of its weights, and of a layer of one's own what
-- `add_loss` was given in its last call on tensors. That of an activity_regularizer depends on the data and is not
-- among them.
-- @function layer.losses
-- @treturn {number,...} within a tape tensors, whose gradient can be taken
-- @usage print(Dense{ 3, kernel_regularizer = "l2" }.losses[1])
function fields.losses(self)
  local list, added = penalties(self), rawget(self, "added_losses") or {}
  return table.move(added, 1, #added, #list + 1, list)
end

-- Names of weights that are fields of a layer, such as `dense.kernel`. Layers of one's own set such fields themselves.
local by_name, ASKING = {}, 3 -- on the stack, who reads the field
for _, name in ipairs { "kernel", "bias", "gamma", "beta", "moving_mean", "moving_variance", "embeddings",
  "recurrent_kernel", "depthwise_kernel", "pointwise_kernel" } do
  by_name[name] = function(self)
    for i, each in ipairs(self.weight_names or {}) do
      if each == name then return self.weights[i] end
    end
    if self.weights or self.arguments[name] ~= nil or blame.is_own(ASKING) then return self.arguments[name] end
    blame("%s has no %s yet: it gets its weights when it is called for the first time, or by "
      .. "layer:build{ { 4 } } with the shape of a sample", self:title(), name)
  end
end

return { methods = Weights, fields = fields, by_name = by_name, penalties = penalties }
