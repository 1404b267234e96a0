--- A model: layers between inputs and outputs, their weights in one block, and what Keras lets one do with it.
local engine = require "engine.tensor"
local align = require "nn.align"
local blame = require "nn.blame"
local canonical = require "nn.canonical"
local compile = require "nn.models.compile"
local evaluation = require "nn.models.evaluation"
local fit = require "nn.models.fit"
local names = require "nn.names"
local saving = require "nn.models.saving"
local summary = require "nn.models.summary"
local symbolic = require "nn.symbolic"
local tensor = require "nn.tensor"

local Model = { __name = "nn.model" }
Model.__index = Model
Model.__tostring = summary.text

Model.compile, Model.compile_config = compile.compile, compile.config
Model.fit, Model.train_on_batch = fit.fit, fit.train_on_batch
Model.evaluate, Model.predict = evaluation.evaluate, evaluation.predict
Model.test_on_batch, Model.predict_on_batch = evaluation.test_on_batch, evaluation.predict_on_batch
Model.summary, Model.save_weights, Model.load_weights = summary.print, saving.save_weights, saving.load_weights

--- A model of nothing yet; `connect` gives it its graph.
-- @tparam string class "Sequential" or "Functional"
function Model.new(class, name)
  return setmetatable({ class_name = class, name = name or names.unique(class), layers = {}, where = blame.here() }, Model)
end

--- Whether a value is a model.
function Model.is(value)
  local meta = type(value) == "table" and getmetatable(value)
  return meta and (meta == Model or meta.__index == Model or meta.is_model) or false
end

--- Moves the weights of layers that no other model holds into one block, so that optimizing, saving and restoring are
-- matters of one vector. A weight stays the same tensor; only its memory moves.
local function gather_weights(layers)
  local moving, total = {}, 0
  for _, layer in ipairs(layers) do
    for _, weight in ipairs(not layer.is_owned and layer.weights or {}) do
      moving[#moving + 1] = weight
      total = total + weight.size
    end
    layer.is_owned = layer.weights ~= nil
  end
  if total == 0 then return end
  local block, first = tensor.zeros { total }, 1
  for _, weight in ipairs(moving) do
    local place = block[{ { first, first + weight.size - 1 } }]:reshape(weight.shape)
    place[{}] = weight
    engine.rebind(weight, place)
    first = first + weight.size
  end
end

--- Sets the model's graph.
-- @tparam {symbolic,...} inputs
-- @tparam {symbolic,...} outputs
function Model:connect(inputs, outputs)
  self.inputs, self.outputs, self.order = inputs, outputs, symbolic.order(outputs)
  local given, seen, layers = {}, {}, {}
  for _, input in ipairs(inputs) do given[input] = true end
  for _, node in ipairs(self.order) do
    if #node.inputs == 0 and not given[node] then
      blame("Model: an output depends on %s, which is not among the inputs", tostring(node))
    end
    if not seen[node.layer] then
      seen[node.layer] = true
      layers[#layers + 1] = node.layer
    end
  end
  self.all_layers = layers
  gather_weights(layers)
end

--- Raises an error where the shapes are not known yet.
function Model:require_built(what)
  if not self.outputs then
    blame("%s: the model %s has no weights yet, because its input shape is not known: give the first layer an "
      .. "input_shape, begin with nn.Input{ shape = ... }, or call fit first", what, self.name)
  end
end

--- The nodes of the engine for this model.
-- @treturn {table,...} nodes as engine.job takes them
-- @treturn {integer,...} positions of the inputs
-- @treturn {integer,...} positions of the outputs
function Model:lower()
  local nodes, position, is_output = {}, {}, {}
  for _, output in ipairs(self.outputs) do is_output[output] = true end
  local function emit(node)
    nodes[#nodes + 1] = node
    return #nodes
  end
  for _, node in ipairs(self.order) do
    local reads = {}
    for i, input in ipairs(node.inputs) do reads[i] = position[input] end
    position[node] = node.layer:lower(emit, reads, is_output[node])
  end
  local inputs, outputs = {}, {}
  for i, input in ipairs(self.inputs) do inputs[i] = position[input] end
  for i, output in ipairs(self.outputs) do outputs[i] = position[output] end
  return nodes, inputs, outputs
end

--- All weights with their names, such as "dense_1/kernel".
-- @treturn {{name=string,tensor=tensor},...}
function Model:named_weights()
  self:require_built "weights"
  local list = {}
  for _, layer in ipairs(self.all_layers) do
    for i, weight in ipairs(layer.weights or {}) do
      list[#list + 1] = { name = layer.name .. "/" .. layer.weight_names[i], tensor = weight, layer = layer }
    end
  end
  return list
end

--- Copies of all weights, in the order of the layers.
-- @treturn {tensor,...}
function Model:get_weights()
  local list = {}
  for i, weight in ipairs(self:named_weights()) do list[i] = weight.tensor:copy() end
  return list
end

--- Replaces all weights.
-- @tparam {tensor,...} values as get_weights gives them
function Model:set_weights(values)
  local weights = self:named_weights()
  if type(values) ~= "table" or tensor.is_tensor(values) or #values ~= #weights then
    blame("set_weights: expected a list of %d tensors, got %s", #weights,
      type(values) == "table" and #values or tostring(values))
  end
  for i, weight in ipairs(weights) do
    local value = align.floats(values[i])
    if not align.same(value.shape, weight.tensor.shape) then
      blame("set_weights: %s has shape %s, got %s", weight.name, align.text(weight.tensor.shape), align.text(value.shape))
    end
    weight.tensor[{}] = value
  end
end

--- How many numbers the weights hold.
-- @treturn integer all of them
-- @treturn integer those that training changes
function Model:count_params()
  local total, trainable = 0, 0
  for _, weight in ipairs(self:named_weights()) do
    total = total + weight.tensor.size
    if weight.layer.trainable then trainable = trainable + weight.tensor.size end
  end
  return total, trainable
end

--- A layer by its name or its position.
-- @tparam table options name or index (from 1)
-- @usage model:get_layer{ name = "hidden_1" }
function Model:get_layer(options)
  if type(options) == "string" then options = { name = options } end
  if options.index then
    return self.layers[options.index] or blame("get_layer: the model has %d layers, not %s", #self.layers,
      tostring(options.index))
  end
  local known = {}
  for i, layer in ipairs(self.layers) do
    if layer.name == options.name then return layer end
    known[i] = layer.name
  end
  blame("get_layer: there is no layer %s; there are %s", tostring(options.name), table.concat(known, ", "))
end

--- The architecture as a plain table.
function Model:get_config()
  local layers = {}
  for i, layer in ipairs(self.all_layers or self.layers) do
    layers[i] = { class_name = layer.class_name, config = layer:get_config() }
  end
  return { name = self.name, layers = layers }
end

--- The architecture as JSON text: the same model gives the same text.
function Model:to_json()
  return canonical { class_name = self.class_name, config = self:get_config() }
end

return Model
