--- The class of all models: layers between inputs and outputs. What a model can do is in the files named below.
-- @submodule nn.models
local architecture = require "nn.models.architecture"
local arguments = require "nn.support.arguments"
local as_list = require "nn.support.list"
local blame = require "nn.support.blame"
local call = require "nn.models.call"
local compile = require "nn.models.compile"
local connect = require "nn.models.connect"
local contents = require "nn.models.contents"
local evaluation = require "nn.models.evaluation"
local fields = require "nn.models.fields"
local fit = require "nn.models.fit"
local is_model = require "nn.models.is_model"
local kinds = require "nn.support.kinds"
local layers = require "nn.layers.base"
local lowering = require "nn.models.lowering"
local names = require "nn.support.names"
local on_batch = require "nn.models.on_batch"
local properties = require "nn.support.properties"
local Run = require "nn.models.run"
local saving = require "nn.models.saving"
local summary = require "nn.models.summary"
local weights = require "nn.models.weights"

local Model = { __name = "nn.model", __digest = contents }
Model.__tostring = function(self) return summary.text(self) end

Model.compile, Model.compile_config = compile.compile, compile.config
Model.connect, Model.require_idle = connect, Run.require_idle
Model.call, Model.__call = call, arguments.limit_call("a model", call)
Model.fit, Model.evaluate, Model.predict = fit.fit, evaluation.evaluate, evaluation.predict
Model.train_on_batch, Model.test_on_batch, Model.predict_on_batch = on_batch.train, on_batch.test, on_batch.predict
Model.get_config, Model.to_json, Model.save = architecture.config, architecture.to_json, saving.save
Model.lower, Model.lower_into, Model.trainable_layers = lowering.lower, lowering.lower_into, lowering.trainable_layers
Model.named_weights, Model.count_params = weights.named_weights, weights.count_params
Model.get_weights, Model.set_weights = weights.get_weights, weights.set_weights
Model.export = function(self, ...) return require("nn.onnx.export")(self, ...) end
Model.summary, Model.save_weights, Model.load_weights = summary.print, saving.save_weights, saving.load_weights

-- A model of nothing yet; `connect` gives it its graph.
-- @tparam string class "Sequential" or "Functional"
local function new_model(class, name)
  if name ~= nil and type(name) ~= "string" then blame("%s: name: expected a text, got %s", class, blame.got(name)) end
  local self = setmetatable({ class_name = class, is_named = name ~= nil }, Model)
  self.trainable, self.layers = true, as_list({}, "layers")
  self.name, self.where = name or names.unique(class), blame.here()
  return self
end

-- Raises an error where the shapes are not known yet.
function Model:require_built(what)
  if not self.outputs then
    blame("%s: the model %s has no weights yet, because its input shape is not known: give the first layer an "
      .. "input_shape, begin with nn.Input{ shape = ... }, or call fit first", what, self.name)
  end
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

--- Sets the states that its stateful layers have kept to 0; the next batch may have another size.
-- @function model:reset_state
-- @usage model:reset_state()
function Model:reset_state()
  for _, layer in ipairs(self.all_layers or self.layers) do
    if layer.reset_state then layer:reset_state() end
  end
end

-- Plain fields, which may be nil: of those that Keras has, and what a callback may change.
local SETTABLE = { "trainable", "stop_training", "optimizer", "run_eagerly" }
local FIXED = { "name", "layers", "inputs", "outputs", "input", "output" }
local READABLE = {
  "input_names", "output_names", "metrics_names", "history", "class_name", "compiled", "trial_id", "build",
}

--- What a script sets for a model it sets for all layers within, as in Keras: they may be part of other models, too.
local function set_trainable(item, value)
  for _, layer in ipairs(lowering.inner_layers(item) or {}) do
    layer.trainable = value
    set_trainable(layer, value)
  end
end

local function freeze(model, value)
  layers.check_trainable(model.class_name, value)
  set_trainable(model, value)
end

local function has_layers(value) return type(value) == "table" and value.layers ~= nil end

-- Makes a table of methods the metatable of its objects.
-- @tparam table class
local function finish(class)
  arguments.limit_methods("model", class, has_layers)
  properties.add(class, { methods = class, fields = fields, settable = SETTABLE, readable = READABLE, fixed = FIXED,
    watched = { trainable = freeze }, kind = "model", title = "a model" })
end

finish(Model)
Model.new, Model.is, Model.finish = new_model, is_model, finish -- no methods

return Model
