--- Engine jobs for a model: what to run, and how what comes out is called.
local traits = require("engine.graph").traits
local job = require "engine.job"
local align = require "nn.losses.align"
local blame = require "nn.support.blame"
local compressed = require "nn.models.compressed"
local lambdas = require "nn.models.lambdas"
local metrics = require "nn.metrics"
local stop = require "nn.support.stop"
local tensor = require "nn.tensor"

local batches = {}

-- Rows that evaluation and prediction take at a time: enough for fast products, few enough to stay in the cache.
local ROWS = 256

-- Values that evaluation and prediction keep at a time: where a sample has many, fewer rows are taken.
local MEMORY = 64 << 20

-- Keras' default, where the size of a batch matters.
local KERAS_ROWS = 32

--- Whether the size of a batch matters: penalties on what layers give are sums over a batch, and so are some losses, or
-- means over what counts in it.
local function depends_on_batch(nodes, described)
  for _, node in ipairs(nodes) do
    if select(2, traits(node.layer)) then return true end
  end
  for _, output in ipairs(described) do
    if output.is_of_batch or output.mask then return true end
  end
  return false
end

--- Raises an error where data that go straight into such a node hold an id it does not know.
local function check_ids(nodes, inputs, data)
  local given = {}
  for i, position in ipairs(inputs) do given[position] = data[i] end
  for _, node in ipairs(nodes) do
    local field = traits(node.layer)
    local count = field and node.config[field]
    local ids = count and given[node.inputs[1]]
    if ids and ids.size > 0 and not (ids:min() >= 0 and ids:max() < count) then
      blame("%s: ids run from %s to %s, but %s is %d, so they may be 0 to %d", node.what, ids:min(), ids:max(),
        field, count, count - 1)
    end
  end
end

--- The metrics of an output, each with the name of its result.
-- @tparam table output as compile.outputs gives it
-- @tparam tensor target
-- @tparam integer n how many samples there are
-- @treturn {{name=,metric=,weighted=},...}
-- @raise where one does not fit the output or the targets
function batches.resolve_metrics(output, target, n)
  local list, taken, shape = {}, {}, { n, table.unpack(output.shape) }
  for i, value in ipairs(output.metrics) do
    local metric, name = metrics.resolve(value.metric, shape, target.shape)
    metric:check_fit(target.shape, shape, name)
    list[i] = { name = name, metric = metric, weighted = value.weighted }
    if value.weighted and taken[name] then list[i].name = "weighted_" .. name end
    taken[name] = true
  end
  return list
end

--- Raises an error where the weights of the samples do not stand beside the losses.
local function check_weights(weights, output)
  if not weights then return weights end
  local rows = table.move(output.shape, 1, math.max(#output.shape - 1, 0), 2, { #weights })
  local given = weights.shape
  for axis, length in ipairs(given) do
    if rows[axis] ~= length then
      blame("sample_weight: expected %s numbers for the output %s of shape %s, got shape %s", align.text(rows),
        output.name, align.text(output.shape), align.text(given))
    end
  end
  return weights
end

--- Raises an error where two results have one name, also in validation: the later would replace the earlier.
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

--- The names of a job's results, in Keras' order: loss, then (for several outputs) each output's loss, then metrics.
local function result_names(outputs)
  local list, several = { { name = "loss" } }, #outputs > 1
  for i, output in ipairs(outputs) do
    if several then list[#list + 1] = { name = output.name .. "_loss", output = i } end
  end
  for i, output in ipairs(outputs) do
    for k, entry in ipairs(output.resolved) do
      list[#list + 1] = { name = several and output.name .. "_" .. entry.name or entry.name, output = i, metric = k }
    end
  end
  return check_names(list)
end

local function batch_count(self, n)
  local size = self:batch_size()
  return (n + size - 1) // size
end

--- What the part of a model from some symbolic tensors to others gives for data.
local function predict_part(model, inputs, outputs, data)
  local nodes, positions, ends = model:lower(nil, inputs, outputs)
  local described, n = {}, #data[1]
  for i, position in ipairs(ends) do described[i] = { node = position } end
  local self = job.new { mode = "predict", batch_size = math.min(ROWS, n), memory = MEMORY, nodes = nodes,
    inputs = positions, data = data, outputs = described }
  self:run(1, batch_count(self, n))
  return self:predictions()
end

--- The inputs of a run and their data; what Lambdas give comes after those of the model.
local function with_lambdas(model, data, trainable)
  if not lambdas.any(model) then return model.inputs, data end
  return lambdas.resolve(model, data, function(inputs, outputs, all)
    return predict_part(model, inputs, outputs, all)
  end, trainable)
end

-- Compressed rows of the inputs. Of what is seen once they are not worth making.
local function compressed_rows(data, values)
  return not data.is_seen_once and compressed.of_all(values) or nil
end

--- A job that trains or evaluates.
-- @tparam string mode "train" or "evaluate"
-- @tparam table model
-- @tparam table data inputs, targets: lists of tensors; n: samples; weights: nil, or a list of tensors, nil where an
-- output has none; is_seen_once: whether no other job will read these inputs
-- @tparam {table,...} outputs as compile.outputs gives them
-- @tparam[opt] integer batch_size what is best, but where it matters
-- @tparam[opt=32] integer keras_size the size where it matters
-- @treturn table { job =, names = {...}, batches =, n = } with results()
function batches.new(mode, model, data, outputs, batch_size, keras_size)
  local symbols, values = with_lambdas(model, data.inputs, mode == "train" and model.compiled.trainable)
  local nodes, inputs, positions, masks = model:lower(model.compiled.trainable, symbols)
  local described = {}
  for i, output in ipairs(outputs) do
    output.resolved = batches.resolve_metrics(output, data.targets[i], data.n)
    local observed = {}
    for k, entry in ipairs(output.resolved) do
      observed[k] = { name = entry.metric.engine, config = entry.metric:config(), is_loss = entry.metric.is_loss,
        weighted = entry.weighted, uses_mask = entry.metric.uses_mask }
    end
    local weights = data.weights and data.weights[i]
    local spec = output.loss:in_training({ data.n, table.unpack(output.shape) }, weights, mode == "train")
    spec.node, spec.loss_weight, spec.target, spec.metrics = positions[i], output.weight, data.targets[i], observed
    spec.mask = masks[i]
    spec.sample_weight = check_weights(weights, output)
    described[i] = spec
  end
  check_ids(nodes, inputs, values)
  batch_size = batch_size or depends_on_batch(nodes, described) and (keras_size or KERAS_ROWS)
  local self = {
    job = job.new {
      mode = mode, batch_size = math.min(batch_size or ROWS, data.n), memory = not batch_size and MEMORY or nil,
      seed = model.seed, nodes = nodes, inputs = inputs, data = values,
      outputs = described, compressed = compressed_rows(data, values),
    },
    nodes = nodes, inputs = inputs, entries = result_names(outputs), outputs = outputs, n = data.n,
  }
  self.batches = batch_count(self.job, data.n)
  self.job:check_targets()
  model.metrics_names = {}
  for i, entry in ipairs(self.entries) do model.metrics_names[i] = entry.name end
  return self
end

--- A job that trains a model with its optimizer.
-- @tparam table model
-- @tparam table data
-- @tparam {table,...} outputs
-- @tparam integer batch_size
function batches.trainer(model, data, outputs, batch_size)
  local self, optimizer = batches.new("train", model, data, outputs, batch_size), model.optimizer
  self.job:set_optimizer(optimizer.engine, optimizer:config(), optimizer:slots_of(self.job:variables()))
  return self
end

--- Gives a job other data.
-- @tparam table self
-- @tparam table data as for the job's making
-- @treturn boolean whether they fit; if not, nothing has changed
function batches.feed(self, data)
  if not self.job:feed(data.inputs, data.targets, data.weights) then return false end
  check_ids(self.nodes, self.inputs, data.inputs)
  self.job:check_targets()
  return true
end

--- The learning rate of each of the next updates: one for all, or a tensor.
local function rates(optimizer, count)
  if type(optimizer.learning_rate) == "number" then return optimizer.learning_rate end
  local each, seen = {}, optimizer:calls()
  for i = 1, count do each[i] = optimizer:rate_at((seen + i - 1) // optimizer.steps) end
  return tensor.tensor(each)
end

--- Trains with some batches.
-- @tparam table self a job that trains
-- @tparam table optimizer
-- @tparam integer first from 1
-- @tparam integer count
-- @treturn string "done", "stopped" or "not finite"
-- @treturn integer how many batches are done
function batches.train(self, optimizer, first, count)
  local outcome, done = self.job:run(first, count, rates(optimizer, count), optimizer:calls())
  optimizer:set_calls(self.job:calls())
  return outcome, done
end

--- Runs all batches of a job; a request to stop ends the program.
-- @tparam table self
-- @tparam[opt] table optimizer of a job that trains
function batches.run_all(self, optimizer)
  local outcome
  if optimizer then
    outcome = batches.train(self, optimizer, 1, self.batches)
  else
    outcome = self.job:run(1, self.batches)
  end
  if outcome == "stopped" then stop.check() end
end

local NAN = 0 / 0

-- Sums that are NaN, as of a metric that compares predictions and has met one that is NaN, tell nothing.
local function result_of(resolved, sums, metric)
  if not metric then return sums.loss end
  local of_metric = sums.metrics[metric]
  local result = resolved.metric:result_of(of_metric)
  return of_metric[1] ~= of_metric[1] and result * NAN or result
end

--- What a job has summed up so far.
-- @treturn table name -> number, or tensor where a metric has several
-- @treturn {string,...} the names in order
function batches.results(self)
  local sums, total = self.job:results() -- penalties come on top of the losses
  local logs, order = {}, {}
  for i, output in ipairs(self.outputs) do total = total + output.weight * sums[i].loss end
  for i, entry in ipairs(self.entries) do
    order[i] = entry.name
    if not entry.output then
      logs[entry.name] = total
    else
      logs[entry.name] = result_of(self.outputs[entry.output].resolved[entry.metric], sums[entry.output], entry.metric)
    end
  end
  return logs, order
end

--- A job that predicts.
-- @tparam table model
-- @tparam table data inputs, n, is_seen_once
-- @tparam[opt] integer batch_size what is best
-- @tparam[opt] integer training_seed where given, layers act as in training, with that seed
function batches.predictor(model, data, batch_size, training_seed)
  local symbols, values = with_lambdas(model, data.inputs)
  local nodes, positions, outputs = model:lower(nil, symbols)
  local described = {}
  for i, position in ipairs(outputs) do described[i] = { node = position } end
  check_ids(nodes, positions, values)
  local self = {
    job = job.new {
      mode = "predict", training = training_seed ~= nil, seed = training_seed, nodes = nodes,
      batch_size = math.min(batch_size or ROWS, data.n), memory = not batch_size and MEMORY or nil,
      inputs = positions, data = values, outputs = described, compressed = compressed_rows(data, values),
    },
    nodes = nodes, inputs = positions,
  }
  self.batches = batch_count(self.job, data.n)
  return self
end

return batches
