--- The steps of a model that runs eagerly and has no `train_step` or `test_step` of its own: what a job
-- (nn.models.run.job) computes in a graph, in Lua on tensors.
local by_output = require "nn.models.by_output"
local compute_loss = require "nn.models.compute_loss"
local concrete = require "nn.models.concrete"
local masks = require "nn.losses.masks"
local Outputs = require "nn.models.outputs"
local results = require "nn.models.run.results"
local tape = require "nn.tape"

local eager_step = {}

-- A metric of the same kind that has seen nothing.
local function fresh(metric)
  if metric.is_stateful then return metric end -- nn.models.outputs has made it for this run
  return metric:from_config(metric:get_config())
end

--- The metrics of a model for a run.
-- @tparam table model compiled
-- @tparam {table,...} outputs see nn.models.outputs
-- @tparam table source see nn.models.run.source
-- @treturn {{name=,metric=,weighted=,output=},...}
-- @treturn {string,...} the names of all losses and metrics in their order
function eager_step.metrics(model, outputs, source)
  local list, shaped = {}, concrete.of(model, source.inputs)
  outputs = Outputs.with_targets(outputs, source.targets, source.n, shaped.outputs)
  local entries = results.entries(outputs, {})
  for _, entry in ipairs(entries) do
    local found = entry.metric and outputs[entry.output].metrics[entry.metric]
    if found then
      list[#list + 1] = { name = entry.name, metric = fresh(found.metric), weighted = found.weighted,
        output = entry.output }
    end
  end
  return list, results.names(entries)
end

-- The weights of the rows of a metric: those of the samples, and 0 where a mask leaves a row out.
local function weights_of(entry, y_pred, weight)
  local rows = table.move(y_pred.shape, 1, y_pred.ndim - 1, 1, {})
  local mask = entry.metric.uses_mask and masks.beside(y_pred, rows)
  if not mask then return weight end
  if not weight then return mask end
  local shape = weight.shape
  for axis = #shape + 1, #rows do shape[axis] = 1 end
  return mask * weight:reshape(shape)
end

-- Shows a batch to the metrics.
local function update(model, metrics, y, y_pred, sample_weight)
  local count = #model.outputs
  for _, entry in ipairs(metrics) do
    local i = entry.output
    local prediction = by_output.predicted(model, y_pred, i)
    local weight = entry.weighted and by_output.given(sample_weight, i, count) or nil
    entry.metric:update_state(by_output.given(y, i, count), prediction, weights_of(entry, prediction, weight))
  end
end

-- The losses by their names in the history.
local function logs_of(total, losses, is_several)
  local logs = { loss = total }
  for name, loss in pairs(is_several and losses or {}) do logs[name .. "_loss"] = loss end
  return logs
end

--- One update on a batch.
-- @tparam table model compiled
-- @param x
-- @param y
-- @param[opt] sample_weight
-- @tparam {table,...} metrics as `eager_step.metrics` gives them
-- @treturn {[string]=number|tensor} the losses
function eager_step.train_step(model, x, y, sample_weight, metrics)
  local recorded <close> = tape.GradientTape()
  local y_pred, variables = model(x, { training = true }), model.trainable_weights
  local total, losses = compute_loss(model, y, y_pred, sample_weight)
  model.optimizer:apply(recorded:gradient(total, variables), variables) -- which ends the recording
  update(model, metrics, y, y_pred, sample_weight)
  return logs_of(total, losses, #model.outputs > 1)
end

--- The same without an update.
function eager_step.test_step(model, x, y, sample_weight, metrics)
  local y_pred = model(x)
  local total, losses = compute_loss(model, y, y_pred, sample_weight)
  update(model, metrics, y, y_pred, sample_weight)
  return logs_of(total, losses, #model.outputs > 1)
end

return eager_step
