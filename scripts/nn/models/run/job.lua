--- Jobs: a graph of the engine, the source whose batches go through it, and the losses and metrics of its outputs.
--
-- A job trains, evaluates or predicts. Making one costs far more than running it on a small batch, so a job can be
-- given another source of the same shapes: `job:feed(source)`.
local traits = require("engine.registry").traits
local engine = require "engine.job"
local compressed = require "nn.models.compressed"
local concrete = require "nn.models.concrete"
local ids = require "nn.models.run.ids"
local invoke = require "nn.support.invoke"
local lambdas = require "nn.models.lambdas"
local Outputs = require "nn.models.outputs"
local results = require "nn.models.run.results"
local spec = require "nn.models.run.spec"
local stop = require "nn.support.stop"
local tensor = require "nn.tensor"
local values = require "nn.models.run.values"

local Job = {}
Job.__index = Job

-- Rows that evaluation and prediction take at a time: enough for fast products, few enough to stay in the cache.
local ROWS = 256

-- Values that evaluation and prediction keep at a time: if a sample has many, fewer rows are taken.
local MEMORY = 64 << 20

-- Keras' default, for models where the size of a batch matters.
local KERAS_ROWS = 32

-- ---- making one -----------------------------------------------------------------------------------------------------

--- Whether the size of a batch matters: penalties on what layers give are sums over a batch, and so are some losses, or
-- means over what counts in it.
local function depends_on_batch(nodes, described)
  for _, node in ipairs(nodes) do
    if node.is_penalty or node.layer and select(2, traits(node.layer)) then return true end
  end
  for _, output in ipairs(described) do
    if output.is_of_batch or output.mask then return true end
  end
  return false
end

--- Layers that go on from the states that the last batch ended with: how many rows these have, which is the size of all
-- batches; nil if no layer does, or none has states yet.
-- @treturn ?integer
-- @treturn {table,...} their nodes
local function keepers_of(nodes)
  local list, rows = {}, nil
  for _, node in ipairs(nodes) do
    local layer = node.keeps_state
    if layer then
      list[#list + 1] = node
      rows = rows or layer.kept_states and not layer.is_reset and #layer.kept_states[1] or nil
    end
  end
  return rows, list
end

--- Gives the nodes of such layers their states.
local function add_states(keepers, rows)
  for _, node in ipairs(keepers) do
    local states = node.keeps_state:states_for(rows)
    node.config.batch_size = rows
    node.params = table.move(node.params, 1, #node.params, 1, {})
    table.move(states, 1, #states, #node.params + 1, node.params)
    node.states = states
  end
end

--- @tparam table model
-- @tparam table fields of the job: mode, readers and what else it has
-- @tparam table settings as engine.job takes them, but for the mode and the size of a batch
-- @tparam integer n how many samples there are
-- @tparam[opt] integer batch_size what is best
local function new(model, fields, settings, n, batch_size)
  local rows, keepers = keepers_of(settings.nodes)
  if #keepers > 0 then
    batch_size = batch_size or math.min(rows or KERAS_ROWS, n)
    add_states(keepers, math.min(batch_size, n))
  end
  settings.mode, fields.keepers = fields.mode, keepers
  settings.batch_size, settings.memory = math.min(batch_size or ROWS, n), not batch_size and MEMORY or nil
  fields.engine = engine.new(settings)
  local size = fields.engine:batch_size()
  fields.batches = (n + size - 1) // size
  fields.model, fields.graph, fields.compiled = model, model.outputs, model.compiled
  fields.optimizer, fields.seed = model.optimizer, model.seed
  return setmetatable(fields, Job)
end

--- What the part of a model from some symbolic tensors to others gives for data.
local function predict_part(model, inputs, outputs, data)
  local nodes, positions, ends = model:lower(nil, inputs, outputs)
  local self = new(model, { mode = "predict" },
    { nodes = nodes, inputs = positions, data = data, outputs = spec.of_nodes(ends) }, #data[1])
  self.engine:run(1, self.batches)
  return self:predictions()
end

--- The inputs of a graph and their data; what Lambdas give comes after those of the model.
local function with_lambdas(model, data, trainable)
  if not lambdas.any(model) then return model.inputs, data end
  return lambdas.resolve(model, data, function(inputs, outputs, all)
    return predict_part(model, inputs, outputs, all)
  end, trainable)
end

Job.with_lambdas = with_lambdas

-- The metrics whose state is kept in Lua.
local function stateful_metrics(outputs)
  local list = {}
  for _, output in ipairs(outputs) do
    for _, entry in ipairs(output.metrics) do
      if entry.metric.is_stateful then list[#list + 1] = entry end
    end
  end
  return list
end

-- Compressed rows of the inputs. Of what is seen once they are not worth making.
local function compressed_rows(source, data)
  return not source.is_seen_once and compressed.of_all(data) or nil
end

--- A job that holds outputs against targets.
-- @tparam integer keras_size the size of a batch if none is given and it matters
local function with_targets(mode, model, source, outputs, batch_size, keras_size)
  local is_training, shaped = mode == "train", concrete.of(model, source.inputs)
  local symbols, data = with_lambdas(shaped, source.inputs, is_training and model.compiled.trainable)
  outputs = Outputs.with_targets(outputs, source.targets, source.n, shaped.outputs)
  local own = values.of(shaped, outputs, source.targets)
  local nodes, inputs, positions, masks = shaped:lower(model.compiled.trainable, values.append(symbols, own.inputs),
    values.append(shaped.outputs, own.symbols), is_training)
  local described = spec.of_outputs(outputs, source, positions, masks, is_training, own)
  local own_positions = {}
  for i, symbol in ipairs(own.penalties) do own_positions[i] = positions[#model.outputs + symbol] end
  local penalties, layer_metrics = spec.add_values(described, nodes, own_positions)
  local readers, entries = ids.readers(nodes, inputs), results.entries(outputs, layer_metrics)
  ids.check(readers, data)
  local self = new(model, { mode = mode, outputs = outputs, entries = entries, readers = readers, values = own,
    described = described, stateful = stateful_metrics(outputs),
    penalties = penalties, constrained = is_training and values.constrained(model) or {} }, {
    seed = model.seed, nodes = nodes, inputs = inputs, data = values.data(own, data, source.targets),
    outputs = described, compressed = compressed_rows(source, data),
  }, source.n, batch_size or depends_on_batch(nodes, described) and keras_size or nil)
  self.engine:check_targets()
  model.metrics_names = results.names(entries)
  return self
end

--- A job that trains a model with its optimizer.
-- @tparam table model compiled
-- @tparam table source see nn.models.run.source
-- @tparam {table,...} outputs see nn.models.outputs
-- @tparam integer batch_size
-- @treturn table the job: `batches` is how many it has
function Job.trainer(model, source, outputs, batch_size)
  local self, optimizer = with_targets("train", model, source, outputs, batch_size), model.optimizer
  local variables = self.engine:variables()
  self.engine:set_optimizer(optimizer.engine, optimizer:config(), optimizer:slots_of(variables),
    optimizer:rate_factors_of(variables, model))
  return self
end

--- A job that evaluates a model.
-- @tparam table model compiled
-- @tparam table source
-- @tparam {table,...} outputs
-- @tparam[opt] integer batch_size what is best, unless it matters
-- @tparam[opt=32] integer keras_size the size if it matters
-- @treturn table the job
function Job.evaluator(model, source, outputs, batch_size, keras_size)
  return with_targets("evaluate", model, source, outputs, batch_size, keras_size or KERAS_ROWS)
end

--- A job that predicts.
-- @tparam table model
-- @tparam table source
-- @tparam[opt] integer batch_size what is best
-- @tparam[opt] integer training_seed if given, layers act as in training, with that seed
-- @treturn table the job
function Job.predictor(model, source, batch_size, training_seed)
  local shaped = concrete.of(model, source.inputs)
  local symbols, data = with_lambdas(shaped, source.inputs)
  local nodes, inputs, positions = shaped:lower(nil, symbols, nil, training_seed ~= nil)
  local readers = ids.readers(nodes, inputs)
  ids.check(readers, data)
  return new(model, { mode = "predict", readers = readers }, {
    training = training_seed ~= nil, seed = training_seed, nodes = nodes, inputs = inputs, data = data,
    outputs = spec.of_nodes(positions), compressed = compressed_rows(source, data),
  }, source.n, batch_size)
end

-- ---- running it -----------------------------------------------------------------------------------------------------

--- Whether the job would be made the same way now.
-- @tparam table model
function Job:is_made_for(model)
  for _, node in ipairs(self.keepers) do
    if node.keeps_state.kept_states ~= node.states then return false end
  end
  return self.graph == model.outputs and self.compiled == model.compiled and self.optimizer == model.optimizer
    and self.seed == model.seed
end

--- Gives a job another source; its sums begin anew, but for metrics with a state in Lua.
-- @tparam table source of which inputs, targets and weights are read
-- @treturn boolean whether its tensors have the shapes of the last; if not, nothing has changed
function Job:feed(source)
  local inputs, targets, weights = source.inputs, source.targets, source.weights
  if self.described then
    inputs, targets, weights = values.data(self.values, inputs, targets), {}, {}
    for i, described in ipairs(self.described) do
      targets[i] = described.of and not described.is_value and source.targets[described.of] or nil
      weights[i] = described.of and source.weights and source.weights[described.of] or nil
    end
  end
  if not self.engine:feed(inputs, targets, weights) then return false end
  if self.readers[1] then ids.check(self.readers, source.inputs) end
  if source.targets then self.engine:check_targets() end
  return true
end

--- The learning rate of each of the next updates: one for all, or a tensor.
local function rates(optimizer, count)
  if type(optimizer.learning_rate) == "number" then return optimizer.learning_rate end
  local each, seen = {}, optimizer:calls()
  for i = 1, count do each[i] = optimizer:rate_at((seen + i - 1) // optimizer.steps) end
  return tensor.tensor(each)
end

-- Forgets what metrics with a state in Lua have seen.
function Job:reset_metrics()
  for _, entry in ipairs(self.stateful or {}) do entry.metric:reset_state() end
end

--- Goes on with the metrics of another job for the same model, as far as they have a state in Lua.
function Job:share_metrics(other)
  for i, entry in ipairs(self.stateful or {}) do entry.metric = other.stateful[i].metric end
end

--- The metrics with a state in Lua.
-- @treturn {{metric=},...}
function Job:own_metrics() return self.stateful or {} end

--- Lets the sums of losses and metrics begin anew.
function Job:clear()
  self.engine:clear()
  self:reset_metrics()
end

-- Shows the last batch to the metrics with a state in Lua.
local function update_metrics(self)
  for _, entry in ipairs(self.stateful) do
    local y_true, y_pred, weight = self.engine:batch(entry.sums)
    invoke(entry.metric.update_state, entry.metric, y_true, y_pred, entry.weighted and weight or nil)
  end
end

local function run_batches(self, first, count)
  if self.mode ~= "train" then return self.engine:run(first, count) end
  local optimizer = self.model.optimizer
  local outcome, done = self.engine:run(first, count, rates(optimizer, count), optimizer:calls())
  optimizer:set_calls(self.engine:calls())
  return outcome, done
end

--- Runs some batches; a job that trains uses the model's optimizer.
-- @tparam integer first from 1
-- @tparam integer count
-- @treturn string "done", "stopped" or "not finite"
-- @treturn integer how many batches are done
function Job:run(first, count)
  if self.mode == "predict" or not (self.stateful[1] or self.constrained[1]) then
    return run_batches(self, first, count)
  end
  for i = 0, count - 1 do
    local outcome = run_batches(self, first + i, 1)
    if outcome ~= "done" then return outcome, i end
    update_metrics(self)
    values.constrain(self.constrained)
  end
  return "done", count
end

--- Runs all batches; a request to stop ends the program.
function Job:run_all()
  if self:run(1, self.batches) == "stopped" then stop.check() end
end

--- Runs all batches of a source through its jobs.
-- @tparam table jobs what `source:jobs` gave
-- @tparam table source after its `begin`
-- @tparam[opt] function after called after each stretch
-- @treturn string "done", or "stopped"
function Job.run_source(jobs, source, after)
  local done = 0
  local first, count = source:next(jobs, done, math.maxinteger)
  while first do
    local outcome = jobs:run(first, count)
    if outcome == "stopped" then return outcome end
    if after then after(jobs) end
    done = done + count
    first, count = source:next(jobs, done, math.maxinteger)
  end
  return "done"
end

--- Losses and metrics over what was run since the sums began.
-- @treturn table name -> number, or tensor if a metric has several
-- @treturn {string,...} the names in order
function Job:results()
  return results.read(self.outputs, self.entries, self.engine, self.penalties)
end

--- What a job that predicts has computed.
-- @treturn {tensor,...} one for each output
function Job:predictions()
  return self.engine:predictions()
end

return Job
