--- What a model is trained with: `model:compile{ optimizer =, loss =, metrics = }`.
-- @submodule nn.models
local advice = require "nn.advice.settings"
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local losses = require "nn.losses"
local kinds = require "nn.support.kinds"
local metrics = require "nn.metrics"
local optimizers = require "nn.optimizers"
local Outputs = require "nn.models.outputs"
local Family = require "nn.support.family"

local compile = {}

local signature = arguments.signature("compile", {
  { "optimizer", "rmsprop" }, { "loss" }, { "loss_weights" }, { "metrics" }, { "weighted_metrics" },
  { "run_eagerly", false, kinds.boolean },
})

local function check_metrics(list)
  arguments.check_list("compile: metrics", list)
  for _, metric in ipairs(list) do
    if not metrics.is_by_shape(metric) then metrics.get(metric) end
  end
end

local function check_given_metrics(given)
  if given == nil then return end
  if Outputs.is_metric_list(given) then return check_metrics(Outputs.metric_list(given)) end
  for _, each in pairs(given) do check_metrics(Outputs.metric_list(each)) end
end

--- Configures the model for training. Which layers are trainable is looked up here: a later change of `layer.trainable`
-- counts from the next compile on. `model.trainable = false` freezes all layers of a model, also those of which another
-- model is made; true frees them.
-- @function model:compile
-- @tparam table options optimizer ("rmsprop"): a name or an object; loss: a name or an object, for several outputs a
-- list or a table by output name, and for a model with a train_step of its own perhaps none; metrics: a list of names
-- and objects, for several outputs a list of such lists or a table by output name; weighted_metrics: the same, of
-- metrics that heed sample_weight and class_weight; loss_weights; run_eagerly (false): true calls the functions of
-- layers, models, losses and metrics of one's own in Lua with the numbers of each batch, so that they can print them;
-- that is slow.
-- `model.metrics_names` are the names of what evaluate gives, from the first batch on.
-- @usage
-- model:compile{ optimizer = "adam", loss = "sparse_categorical_crossentropy", metrics = { "accuracy" } }
-- model:evaluate(x, y)
-- print(table.concat(model.metrics_names, ", "))
function compile.compile(model, options, ...)
  if select("#", ...) > 0 or type(options) ~= "table" or getmetatable(options) then
    blame("compile: expected one table, model:compile{ optimizer = ..., loss = ..., metrics = ... }, got %s%s",
      blame.got(options), select("#", ...) > 0 and ", " .. blame.got((...)) or "")
  end
  local given = signature(options)
  model:require_idle("compile")
  if given.loss == nil and not model.train_step then blame "compile: loss is missing" end
  local optimizer = optimizers.get(given.optimizer)
  local several = type(given.loss) == "table" and not Outputs.is_one(given.loss)
  for _, loss in pairs(several and given.loss or { given.loss }) do losses.get(loss) end
  check_given_metrics(given.metrics)
  check_given_metrics(given.weighted_metrics)
  model.optimizer, model.compiled, model.compiled_at = optimizer, given, blame.here()
  if model.outputs then advice.check(model, Outputs.of(model)) end
  model.metrics_names, model.run_eagerly = nil, given.run_eagerly
  given.trainable = model:trainable_layers()
end

-- The layers whose `trainable` is not any more what compile found.
local function changed_layers(model)
  local list, at_compile, now = {}, model.compiled.trainable, model:trainable_layers()
  for layer, is_trained in pairs(now) do
    local is_other = at_compile[layer] ~= nil and at_compile[layer] ~= is_trained
    if is_other and layer.weights and #layer.weights > 0 then list[#list + 1] = layer.name end
  end
  table.sort(list)
  return list
end

-- Says once where layers were frozen or freed after compile, which has no effect until the next one.
-- @tparam table model compiled
function compile.check_frozen(model)
  if model.compiled.told_of_frozen or model.train_step or model.run_eagerly then return end
  local list = changed_layers(model)
  if #list == 0 then return end
  model.compiled.told_of_frozen = true
  local others = #list > 3 and (" and %d other layers"):format(#list - 3) or ""
  io.stderr:write(("%sfit: trainable of %s%s has changed since compile; call compile again, or the change has no "
    .. "effect\n"):format(blame.here(), table.concat(list, ", ", 1, math.min(3, #list)), others))
end

-- Raises an error where a model was not compiled.
function compile.require(model, what)
  if not model.compiled then
    blame("%s: compile the model first: model:compile{ optimizer = ..., loss = ... }", what)
  end
end

local function plain_list(value)
  if type(value) == "function" then
    local metric = metrics.get(value)
    return metric.arguments.fn == value and Family.plain(metric) or metric.arguments.name
  end
  if value == nil or Outputs.is_one(value) then return Family.plain(value) end
  local list = {}
  for key, each in pairs(value) do list[key] = plain_list(each) end
  return list
end

--- The settings as plain values: the same settings give the same table, whether given by name or as objects.
-- @function model:compile_config
-- @treturn table as compile takes it
-- @usage print(model:compile_config().loss)
function compile.config(model)
  compile.require(model, "compile_config")
  local has_loss, loss = model.compiled.loss ~= nil, {}
  for i, output in ipairs(has_loss and model.outputs and Outputs.of(model) or {}) do
    loss[i] = Family.plain(output.loss)
  end
  return {
    optimizer = Family.plain(model.optimizer), loss = has_loss and loss or nil,
    loss_weights = model.compiled.loss_weights,
    metrics = plain_list(model.compiled.metrics), weighted_metrics = plain_list(model.compiled.weighted_metrics),
    run_eagerly = model.run_eagerly or nil,
  }
end

return compile
