--- The names and values of losses and metrics, from the sums of an engine job.
local blame = require "nn.support.blame"

local results = {}

--- Raises an error if two results have one name, also in validation: the later would replace the earlier.
local function check_names(list)
  local seen = {}
  for _, entry in ipairs(list) do
    if seen[entry.name] then
      blame("compile: metrics: two are called %s; leave one out, or give one another name", entry.name)
    end
    seen[entry.name] = true
  end
  for _, entry in ipairs(list) do
    if seen["val_" .. entry.name] then
      blame("compile: val_%s is the name of %s in validation; give the output or metric of that name another one",
        entry.name, entry.name)
    end
  end
  return list
end

--- What there is for some outputs, in Keras' order: loss, then (for several outputs) each output's loss, then metrics.
-- @tparam {table,...} outputs see nn.models.outputs, with targets
-- @tparam {table,...} more metrics that layers gave, see nn.models.run.spec
-- @treturn {{name=,output=,metric=},...} the positions of output and metric, nil for what has none; of the further
-- metrics sums and observer
function results.entries(outputs, more)
  local list, several = { { name = "loss" } }, #outputs > 1
  for i, output in ipairs(outputs) do
    if several then list[#list + 1] = { name = output.name .. "_loss", output = i } end
  end
  for i, output in ipairs(outputs) do
    for k, entry in ipairs(output.metrics) do
      list[#list + 1] = { name = several and output.name .. "_" .. entry.name or entry.name, output = i, metric = k }
    end
  end
  table.move(more, 1, #more, #list + 1, list)
  return check_names(list)
end

--- The names of entries, in their order.
-- @treturn {string,...}
function results.names(entries)
  local names = {}
  for i, entry in ipairs(entries) do names[i] = entry.name end
  return names
end

local NAN = 0 / 0

-- Sums that are NaN, as of a metric that compares predictions and has met one that is NaN, tell nothing.
local function value_of(metric, sums)
  local result = metric:result_of(sums)
  return sums[1] ~= sums[1] and result * NAN or result
end

--- What a job has summed up so far.
-- @tparam {table,...} outputs
-- @tparam {table,...} entries of these outputs
-- @tparam userdata job of engine.job
-- @tparam {integer,...} penalties which of its sums are added to the loss
-- @treturn table name -> number, or tensor if a metric has several
-- @treturn {string,...} the names in order
function results.read(outputs, entries, job, penalties)
  local sums, total = job:results() -- penalties come on top of the losses
  local logs, order = {}, {}
  for _, output in ipairs(outputs) do total = total + output.weight * sums[output.sums].loss end
  for _, position in ipairs(penalties) do total = total + sums[position].loss end
  for i, entry in ipairs(entries) do
    local output, value = outputs[entry.output], total
    if entry.metric then
      local metric = output.metrics[entry.metric]
      value = metric.metric.is_stateful and metric.metric:value()
        or value_of(metric.metric, sums[metric.sums].metrics[metric.observer])
    elseif entry.sums then
      local sum, weight = table.unpack(sums[entry.sums].metrics[entry.observer])
      value = weight ~= 0 and sum / weight or 0.0
    elseif output then
      value = sums[output.sums].loss
    end
    order[i], logs[entry.name] = entry.name, value
  end
  return logs, order
end

return results
