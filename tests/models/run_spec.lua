-- A training run takes its batches from a source, whatever that is; it can be restored at any position; and of all it
-- needs the model keeps little.
local model_state = require "nn.models.run.state"
local nn = require "nn"
local outputs = require "nn.models.outputs"
local Run = require "nn.models.run"
local snapshot = require "nn.tensor.snapshot"
local Source = require "nn.models.run.source"

nn.advice.silence()
local L = nn.layers

local ROWS, N = 4, 12

-- Keeps what it has counted in variables and in plain fields.
local Largest = nn.metrics.Metric:extend {
  name = "Largest",
  init = function(self) self.most, self.count = { of_all = self:add_variable() }, 0 end,
  update_state = function(self, y_true, y_pred)
    local variable = self.most.of_all
    variable:assign(nn.ops.maximum(variable, nn.ops.max(nn.ops.abs(y_true - y_pred))))
    self.count = self.count + 1
  end,
  result = function(self) return self.most.of_all:item() + self.count end,
}

local function new_model(metrics, run_eagerly)
  nn.utils.set_random_seed(3)
  local model = nn.Sequential { L.Dense { 6, activation = "tanh", input_shape = { 5 }, name = "hidden" },
    L.Dropout { 0.4 }, L.BatchNormalization { name = "normal" }, L.Dense { 1, name = "out" } }
  model:compile { optimizer = "adam", loss = "mse", metrics = metrics or { "mae", Largest {} },
    run_eagerly = run_eagerly }
  rawset(model, "seed", 5) -- so that models built alike train alike
  return model
end

local function samples()
  return nn.random.normal { shape = { N, 5 }, seed = 1 }, nn.random.normal { shape = { N, 1 }, seed = 2 }
end

local function options(given)
  local all = { batch_size = ROWS, epochs = 3, verbose = 0, initial_epoch = 0, validation_freq = 1 }
  for name, value in pairs(given or {}) do all[name] = value end
  return all
end

local function bytes_of(model)
  local list = {}
  for i, weight in ipairs(model.weights) do list[i] = weight:bytes() end
  return table.concat(list)
end

-- A source that holds one batch at a time and does not know how many there are.
local function streaming(x, y)
  local function batch(number)
    local rows = { { (number - 1) * ROWS + 1, number * ROWS } }
    return { x[rows]:copy() }, { y[rows]:copy() }
  end
  local inputs, targets = batch(1)
  local source = { inputs = inputs, targets = targets, n = ROWS, is_seen_once = true }
  function source:jobs(make) return make(self) end
  function source.steps() return nil end
  function source.begin() end
  function source:next(job, done)
    if done == N // ROWS then return nil end
    self.inputs, self.targets = batch(done + 1)
    local sums = job.engine:sums()
    assert(job:feed(self))
    job.engine:set_sums(sums)
    return 1, 1
  end
  return source
end

local function in_memory(x, y)
  return Source.new { inputs = { x }, targets = { y }, n = N, is_shuffled = true }
end

local function run_of(model, source, given)
  return Run.new(model, source, nil, outputs.of(model), options(given))
end

describe("a training run", function()
  it("trains from a source that streams as from one in memory", function()
    local x, y = samples()
    local expected, streamed = new_model(), new_model()
    local history = expected:fit(x, y, { batch_size = ROWS, epochs = 3, verbose = 0, shuffle = false })
    local found = run_of(streamed, streaming(x, y)):train()
    assert.equal(bytes_of(expected), bytes_of(streamed))
    assert.same(history.history, found.history)
    assert.is_nil(found.params.steps)
  end)

  for what, run_eagerly in pairs { ["its graph"] = false, Lua = true } do
    it("goes on from any batch of another run that was like it, in " .. what, function()
      local x, y = samples()
      local path = os.tmpname()
      finally(function() os.remove(path) end)
      local whole = new_model(nil, run_eagerly)
      local writer = { on_train_batch_end = function(batch)
        local run = Run.of(whole)
        if run.epoch == 1 and batch == 1 then assert(snapshot.write(path, run:state())) end
      end }
      local history = run_of(whole, in_memory(x, y), { callbacks = { writer } }):train()

      local saved, again = snapshot.read(path), new_model(nil, run_eagerly)
      assert.same({ 1, 2 }, { saved.epochs, saved.batches })
      model_state.restore(again, saved.model)
      local run = run_of(again, in_memory(x, y))
      run:restore(saved)
      local rest = run:train()
      assert.equal(bytes_of(whole), bytes_of(again))
      for _, name in ipairs { "mae", "largest", "loss" } do
        assert.same({ table.unpack(history.history[name], 2) }, { table.unpack(rest.history[name]) })
      end
    end)
  end

  it("is the model's only while it trains, even if a callback fails", function()
    local x, y = samples()
    local model, seen = new_model(), nil
    local failing = { on_epoch_end = function() seen = Run.of(model); error "enough" end }
    assert.is_false(pcall(model.fit, model, x, y, { verbose = 0, callbacks = { failing } }))
    assert.equal(model.history, seen.history)
    assert.is_nil(Run.of(model))
    model:fit(x, y, { verbose = 0 })
  end)
end)

describe("what outputs are held against", function()
  it("has one form, which targets complete", function()
    local _, y = samples()
    local given = outputs.of(new_model { "mae", nn.metrics.R2Score { name = "fit" } })
    local complete = outputs.with_targets(given, { y }, N)
    assert.is_nil(given[1].metrics[1].name)
    assert.same({ "mae", "fit" }, { complete[1].metrics[1].name, complete[1].metrics[2].name })
    for _, field in ipairs { "name", "shape", "loss", "weight" } do
      assert.equal(given[1][field], complete[1][field])
    end
    for i, entry in ipairs(given[1].metrics) do assert.equal(entry.given, complete[1].metrics[i].given) end
  end)
end)
