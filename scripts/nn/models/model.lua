--- A model: layers between inputs and outputs, their weights in one block, and what Keras lets one do with it.
-- @submodule nn.models
local engine = require "engine.tensor"
local align = require "nn.losses.align"
local blame = require "nn.support.blame"
local architecture = require "nn.models.architecture"
local compile = require "nn.models.compile"
local arguments = require "nn.support.arguments"
local as_list = require "nn.support.list"
local contents = require "nn.models.contents"
local evaluation = require "nn.models.evaluation"
local fit = require "nn.models.fit"
local kinds = require "nn.support.kinds"
local learned = require "nn.experiment.learned"
local lowering = require "nn.models.lowering"
local masked = require "nn.models.masked"
local names = require "nn.support.names"
local on_batch = require "nn.models.on_batch"
local properties = require "nn.support.properties"
local Run = require "nn.models.run"
local saving = require "nn.models.saving"
local summary = require "nn.models.summary"
local symbolic = require "nn.layers.base.symbolic"
local layer_list = require("nn.layers.base").is_list_of
local tensor = require "nn.tensor"

local Model = { __name = "nn.model", __digest = contents }
Model.__tostring = function(self) return summary.text(self) end

Model.compile, Model.compile_config = compile.compile, compile.config
Model.require_idle = Run.require_idle
Model.fit, Model.evaluate, Model.predict = fit.fit, evaluation.evaluate, evaluation.predict
Model.train_on_batch, Model.test_on_batch, Model.predict_on_batch = on_batch.train, on_batch.test, on_batch.predict
Model.get_config, Model.to_json, Model.save = architecture.config, architecture.to_json, saving.save
Model.lower, Model.lower_into, Model.trainable_layers = lowering.lower, lowering.lower_into, lowering.trainable_layers
Model.summary, Model.save_weights, Model.load_weights = summary.print, saving.save_weights, saving.load_weights

-- A model of nothing yet; `connect` gives it its graph.
-- @tparam string class "Sequential" or "Functional"
local function new_model(class, name)
  if name ~= nil and type(name) ~= "string" then blame("%s: name: expected a text, got %s", class, blame.got(name)) end
  local self = setmetatable({ class_name = class, is_named = name ~= nil, trainable = true }, Model)
  self.name, self.layers, self.where = name or names.unique(class), as_list({}, "layers"), blame.here()
  return self
end

-- Whether a value is a model.
local function is_model(value)
  local meta = type(value) == "table" and getmetatable(value)
  return meta and (meta == Model or meta.is_model) or false
end

--- Moves the weights of layers that no other model holds into one block, so that optimizing, saving and restoring are
-- matters of one vector. A weight stays the same tensor; only its memory moves.
local function gather_weights(layers)
  local moving, total = {}, 0
  for _, layer in ipairs(layers) do
    local weights = not is_model(layer) and layer.weights -- a model's are in its own block
    for _, weight in ipairs(not layer.is_owned and weights or {}) do
      moving[#moving + 1] = weight
      total = total + weight.size
    end
    layer.is_owned = weights and true
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

--- Gives a layer that the user did not name another name where its own is taken; where both are the user's, raises an
-- error, since names tell weights apart.
local function settle_name(layer, by_name)
  local other, base, number = by_name[layer.name], layer.name, 1
  if other and layer.is_named and other.is_named then
    blame("Model: two layers are called %s; names tell layers apart, so give one of them another", layer.name)
  end
  local renamed = other and (layer.is_named and other or layer)
  while renamed and by_name[renamed.name] do
    renamed.name, number = base .. "_" .. number, number + 1
  end
  by_name[layer.name] = layer
  if other then by_name[other.name] = other end
end

--- The layers of a graph, each once, in order.
local function layers_of(order)
  local seen, list, by_name = {}, {}, {}
  for _, node in ipairs(order) do
    local layer = node.layer
    if not seen[layer] and not layer.is_hidden then
      settle_name(layer, by_name)
      seen[layer] = true
      list[#list + 1] = layer
    end
  end
  return list
end

local function own_names(symbols)
  local list = {}
  for i, symbol in ipairs(symbols) do list[i] = symbol.layer.name end
  return list
end

-- Sets the model's graph.
-- @tparam {symbolic,...} inputs
-- @tparam {symbolic,...} outputs
function Model:connect(inputs, outputs)
  local given = {}
  for _, input in ipairs(inputs) do given[input] = true end
  local ends = table.move(outputs, 1, #outputs, 1, {})
  for _, output in ipairs(outputs) do ends[#ends + 1] = output.mask end
  local order = symbolic.order(ends, given)
  for _, node in ipairs(order) do
    if #node.inputs == 0 and not given[node] then
      blame("Model: an output depends on %s, which is not among the inputs", tostring(node))
    end
  end
  local layers = layers_of(order) -- settles names
  self.input_names, self.output_names = self.input_names or own_names(inputs), self.output_names or own_names(outputs)
  self.inputs, self.outputs, self.order, self.all_layers = inputs, outputs, order, layers
  self.input, self.output = #inputs == 1 and inputs[1] or inputs, #outputs == 1 and outputs[1] or outputs
  gather_weights(layers)
end

-- Raises an error where the shapes are not known yet.
function Model:require_built(what)
  if not self.outputs then
    blame("%s: the model %s has no weights yet, because its input shape is not known: give the first layer an "
      .. "input_shape, begin with nn.Input{ shape = ... }, or call fit first", what, self.name)
  end
end

-- ---- calls

--- Calling a model: on symbolic tensors it becomes part of a larger model, on real ones it computes.
-- @function model:__call
-- @param inputs a symbolic tensor or a tensor (n, ...), or a list of them
-- @tparam[opt] table options training (false)
-- @return what the model gives; for several outputs a list
-- @usage local p = model(nn.Input{ shape = { 4 } })
function Model.call(self, inputs, options)
  if not (symbolic.is(inputs) or layer_list(inputs, symbolic.is)) then
    return on_batch.apply(self, inputs, options)
  end
  local list = symbolic.is(inputs) and { inputs } or inputs
  if not self.outputs and self.build then self:build(list[1].shape) end
  self:require_built "a model's call"
  if #list ~= #self.inputs then blame("%s: wants %d inputs, got %d", self.name, #self.inputs, #list) end
  for i, input in ipairs(self.inputs) do
    if not align.same(input.shape, list[i].shape) then
      blame("%s: input %d wants samples of %s, got %s", self.name, i,
        align.text(input.shape), align.text(list[i].shape))
    end
  end
  local called, reads, masks = masked(self, list)
  local call, outputs = { model = called }, {}
  for i, output in ipairs(called.outputs) do
    outputs[i] = symbolic.new(self, reads, output.shape, call, i)
    outputs[i].read = list
  end
  for i, place in pairs(masks) do outputs[i].mask = outputs[place] end
  outputs = table.move(outputs, 1, #self.outputs, 1, {})
  return #outputs == 1 and outputs[1] or outputs
end
Model.__call = arguments.limit_call("a model", Model.call)

--- All weights with their names, such as "dense_1/kernel"; those of a model within begin with its name.
-- @function model:named_weights
-- @treturn {{name=string,tensor=tensor,layer=layer,is_state=boolean},...}
-- @usage for _, weight in ipairs(model:named_weights()) do print(weight.name, weight.tensor.size) end
function Model:named_weights()
  self:require_built "weights"
  local list, seen = {}, {}
  for _, layer in ipairs(self.all_layers) do
    for _, weight in ipairs(layer.named_weights and layer:named_weights() or {}) do
      if not seen[weight.tensor] then
        list[#list + 1] = { name = layer.name .. "/" .. weight.name, tensor = weight.tensor, layer = weight.layer,
          is_state = weight.is_state }
      end
      seen[weight.tensor] = true
    end
    for i, weight in ipairs(not is_model(layer) and layer.weights or {}) do
      if not seen[weight] then
        list[#list + 1] = { name = layer.name .. "/" .. layer.weight_names[i], tensor = weight, layer = layer,
          is_state = layer.weight_is_state[i] }
      end
      seen[weight] = true
    end
  end
  return list
end

--- Copies of all weights, in the order of the layers.
-- @function model:get_weights
-- @treturn {tensor,...}
-- @usage local before = model:get_weights()
function Model:get_weights()
  local list = {}
  for i, weight in ipairs(self:named_weights()) do list[i] = weight.tensor:copy() end
  return as_list(list, "weights")
end

--- Replaces all weights.
-- @function model:set_weights
-- @tparam {tensor,...} values as get_weights gives them
-- @usage model:set_weights(model:get_weights())
function Model:set_weights(values)
  local weights = self:named_weights()
  if type(values) ~= "table" or tensor.is_tensor(values) or #values ~= #weights then
    blame("set_weights: expected a list of %d tensors, got %s", #weights,
      type(values) == "table" and #values or blame.got(values))
  end
  for i, weight in ipairs(weights) do
    local value = align.floats(values[i])
    if not align.same(value.shape, weight.tensor.shape) then
      blame("set_weights: %s has shape %s, got %s", weight.name,
        align.text(weight.tensor.shape), align.text(value.shape))
    end
    weight.tensor[{}] = value
    learned.note { weight.tensor }
  end
end

--- How many numbers the weights hold.
-- @function model:count_params
-- @treturn integer all of them
-- @treturn integer those that training changes
-- @usage local total, trainable = model:count_params()
function Model:count_params()
  local total, trainable, map = 0, 0, self:trainable_layers()
  for _, weight in ipairs(self:named_weights()) do
    total = total + weight.tensor.size
    if map[weight.layer] and not weight.is_state then trainable = trainable + weight.tensor.size end
  end
  return total, trainable
end

local read_get_layer = arguments.options("get_layer", { { "name", nil, kinds.text }, { "index", nil, kinds.whole(1) } })

--- A layer by its name or its position.
-- @function model:get_layer
-- @param options a name, a position from 1, or a table of name or index
-- @usage
-- model:get_layer "hidden"
-- model:get_layer{ index = 1 }
function Model:get_layer(options)
  if type(options) == "string" then options = { name = options } end
  if math.type(options) == "integer" then options = { index = options } end
  options = read_get_layer(options)
  if (options.index == nil) == (options.name == nil) then blame "get_layer: give either a name or an index" end
  if options.index then
    return self.layers[options.index] or blame("get_layer: the model has %d layers, not %s; positions count from 1",
      #self.layers, tostring(options.index))
  end
  local known = {}
  for i, layer in ipairs(self.layers) do
    if layer.name == options.name then return layer end
    known[i] = layer.name
  end
  blame("get_layer: there is no layer %s; there are %s", options.name, table.concat(known, ", "))
end

--- Another model of the same kind, with weights of its own, from what `get_config` gave.
-- @function model:from_config
-- @tparam table config
-- @usage local twin = model:from_config(model:get_config())
function Model:from_config(config)
  return architecture.from_config { class_name = self.class_name, config = config }
end

-- ---- fields that are computed

local fields = {}

-- The weights that a function of them and the trained layers chooses.
local function weights_where(self, is_chosen)
  local list, trained = {}, self:trainable_layers()
  for _, weight in ipairs(self.outputs and self:named_weights() or {}) do
    if is_chosen(trained[weight.layer] and not weight.is_state) then list[#list + 1] = weight.tensor end
  end
  return as_list(list, "weights")
end

--- Its weights themselves, not copies, in the order of the layers: `weights` has all, `trainable_weights` those that
-- training changes, `non_trainable_weights` the others (also called `variables`, `trainable_variables` and
-- `non_trainable_variables`). Empty before the input's shape is known.
-- @function model.weights
-- @treturn {tensor,...}
-- @usage print(#model.weights, #model.trainable_weights, #model.non_trainable_weights)
function fields.weights(self) return weights_where(self, function() return true end) end
function fields.trainable_weights(self) return weights_where(self, function(trained) return trained end) end
function fields.non_trainable_weights(self) return weights_where(self, function(trained) return not trained end) end
for _, name in ipairs { "weights", "trainable_weights", "non_trainable_weights" } do
  fields[name:gsub("weights", "variables")] = fields[name]
end

-- Whether it has its weights.
function fields.built(self) return self.outputs ~= nil end

-- The loss as compile was given it: a name, an object, or a table of them.
function fields.loss(self) return self.compiled and self.compiled.loss end

--- What the regularizers of its layers' weights add to the loss, a number for each.
-- @function model.losses
-- @treturn {number,...}
-- @usage print(#model.losses)
function fields.losses(self)
  local list = {}
  for _, layer in ipairs(self.all_layers or {}) do
    for _, loss in ipairs(layer.losses) do list[#list + 1] = loss end
  end
  return list
end

local function shape_of(symbols)
  local shapes = {}
  for i, symbol in ipairs(symbols or {}) do shapes[i] = table.move(symbol.shape, 1, #symbol.shape, 1, {}) end
  return #shapes > 1 and shapes or shapes[1]
end

--- The shapes of a sample: what goes in, and in `output_shape` what comes out; for several a list. nil before they are
-- known.
-- @function model.input_shape
-- @treturn {integer,...}
-- @usage print(model.input_shape[1], model.output_shape[1])
function fields.input_shape(self) return shape_of(self.inputs) end
function fields.output_shape(self) return shape_of(self.outputs) end

-- Plain fields, which may be nil: of those that Keras has, and what a callback may change.
local SETTABLE = { "trainable", "stop_training", "optimizer" }
local FIXED = { "name", "layers", "inputs", "outputs", "input", "output" }
local READABLE = {
  "input_names", "output_names", "metrics_names", "history", "class_name", "compiled", "trial_id", "build",
}

local function has_layers(value) return type(value) == "table" and value.layers ~= nil end

-- Makes a table of methods the metatable of its objects.
-- @tparam table class
local function finish(class)
  arguments.limit_methods("model", class, has_layers)
  properties.add(class, { methods = class, fields = fields, settable = SETTABLE, readable = READABLE, fixed = FIXED,
    kind = "model", title = "a model" })
end

finish(Model)
Model.new, Model.is, Model.finish = new_model, is_model, finish -- no methods

return Model
