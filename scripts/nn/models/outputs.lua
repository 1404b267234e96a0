--- What each output of a compiled model is held against. This is the one form of it, from `compile` to the names in a
-- run's history: whoever takes `outputs` takes a list of these tables, one for each output of the model.
--
-- - name: the output's name
-- - shape: of one sample
-- - loss: an object of nn.losses
-- - weight: of this loss in the sum of all losses
-- - metrics: a list of tables
--   - given: the metric as compile was given it, a name or an object
--   - weighted: whether it heeds sample weights
--   - metric, name: the object, and the name of its result. They are there once the targets are known
--     (`outputs.with_targets`), since "accuracy" means one metric for class ids and another for one-hot rows
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local losses = require "nn.losses"
local metrics = require "nn.metrics"
local names = require "nn.support.names"

local outputs = {}

-- ---- from what compile was given ------------------------------------------------------------------------------------

--- Whether a value stands for one loss or metric, and not for a list of them.
function outputs.is_one(value)
  return type(value) ~= "table" or getmetatable(value) ~= nil or value.class_name ~= nil
end

--- Whether a value stands for the metrics of one output: a name, an object, or a list of those.
function outputs.is_metric_list(value)
  if outputs.is_one(value) then return true end
  for _, each in ipairs(value) do
    if not outputs.is_one(each) then return false end
  end
  return #value > 0
end

--- The metrics of one output as a list.
function outputs.metric_list(value)
  return outputs.is_one(value) and { value } or value
end

local function is_number(value) return type(value) == "number" end

--- One value for each output from what a user gave: one for all, a list, or a table by the outputs' names.
local function per_output(what, value, output_names, is_one)
  local list = {}
  if value == nil or is_one(value) then
    for i in ipairs(output_names) do list[i] = value end
    return list
  elseif type(value) ~= "table" then
    blame("compile: %s: expected a list, one for each output, got %s", what, blame.got(value))
  elseif #value == 0 then
    arguments.check(value, output_names, "compile: " .. what)
    for i, name in ipairs(output_names) do list[i] = value[name] end
    return list
  end
  arguments.check_list("compile: " .. what, value)
  local count = #output_names
  if #value ~= count then
    blame("compile: %s: the model has %d output%s, got a list of %d", what, count, count == 1 and "" or "s", #value)
  end
  return value
end

local function metrics_of(plain, weighted)
  local list = {}
  for _, given in ipairs(outputs.metric_list(plain or {})) do list[#list + 1] = { given = given } end
  for _, given in ipairs(outputs.metric_list(weighted or {})) do
    list[#list + 1] = { given = given, weighted = true }
  end
  return list
end

-- In place of a loss for a model whose train_step needs none.
local function no_loss(_, y_pred) return y_pred:sum() * 0 end

--- The outputs of a compiled model.
-- @tparam table model whose layers are connected
-- @treturn {table,...}
-- @raise if compile was given too few or too many losses or metrics
function outputs.of(model)
  local given, output_names, list = model.compiled, model.output_names, {}
  local is_free = given.loss == nil -- as a model with a train_step may be
  local each_loss = per_output("loss", given.loss, output_names, outputs.is_one)
  local each_weight = per_output("loss_weights", given.loss_weights, output_names, is_number)
  local each_metrics = per_output("metrics", given.metrics, output_names, outputs.is_metric_list)
  local each_weighted = per_output("weighted_metrics", given.weighted_metrics, output_names, outputs.is_metric_list)
  for i, output in ipairs(model.outputs) do
    if each_loss[i] == nil and not is_free then blame("compile: output %s has no loss", output_names[i]) end
    list[i] = {
      name = output_names[i], shape = output.shape, loss = losses.get(each_loss[i] or no_loss),
      weight = each_weight[i] or 1,
      metrics = metrics_of(each_metrics[i], each_weighted[i]),
    }
  end
  return list
end

-- ---- beside targets -------------------------------------------------------------------------------------------------

--- The metrics of an output, each with its object and the name of its result.
-- @tparam table output
-- @tparam tensor target
-- @tparam integer n how many samples there are
-- @treturn {{given=,weighted=,metric=,name=},...} a new list
-- @raise if one does not fit the output or the targets
function outputs.metrics(output, target, n)
  local list, taken, shape = {}, {}, { n, table.unpack(output.shape) }
  for i, entry in ipairs(output.metrics) do
    local metric, name = metrics.resolve(entry.given, shape, target.shape)
    metric:check_fit(target.shape, shape, name)
    if metric.is_stateful then metric = metric.class(metric.arguments) end -- each job has a state of its own
    if entry.weighted and taken[name] then name = "weighted_" .. name end
    if metric.is_unnamed then name = names.numbered(name, taken) end
    list[i] = { given = entry.given, weighted = entry.weighted, metric = metric, name = name }
    taken[name] = true
  end
  return list
end

--- The same outputs with metrics that fit some targets.
-- @tparam {table,...} list
-- @tparam {tensor,...} targets one for each output
-- @tparam integer n how many samples there are
-- @tparam[opt] {symbolic,...} symbols the model's outputs for these data, without open axes
-- @treturn {table,...} a new list of new tables
function outputs.with_targets(list, targets, n, symbols)
  local found = {}
  for i, output in ipairs(list) do
    found[i] = { name = output.name, shape = symbols and symbols[i].shape or output.shape, loss = output.loss,
      weight = output.weight, metrics = output.metrics }
    found[i].metrics = outputs.metrics(found[i], targets[i], n)
  end
  return found
end

return outputs
