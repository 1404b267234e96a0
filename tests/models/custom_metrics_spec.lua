-- Metrics of one's own beside their built-in twins: functions, and classes with a state.
local expect = require "tests.support.expect"
local nn = require "nn"

nn.advice.silence() -- these models are odd on purpose
local ops, Dense = nn.ops, nn.layers.Dense

local function distance(y_true, y_pred) return ops.mean(ops.abs(y_true - y_pred), { axis = -1 }) end

local function distance_of_all(y_true, y_pred) return ops.mean(ops.abs(y_true - y_pred)) end

local Distance = nn.metrics.Metric:extend {
  name = "Distance",
  init = function(self) self.sum, self.weight = self:add_variable(), self:add_variable() end,
  update_state = function(self, y_true, y_pred, sample_weight)
    local values = (y_true - y_pred):abs():mean { axis = -1 }
    local weights = sample_weight or nn.ones { #values }
    self.sum:assign_add((values * weights):sum())
    self.weight:assign_add(weights:sum())
  end,
  result = function(self) return self.sum / self.weight end,
}

local function samples(n, ...) return nn.random.normal { shape = { n, ... }, seed = 5 } end

local function network(options)
  nn.utils.set_random_seed(3)
  local model = nn.Sequential { nn.Input { shape = { 5 } }, Dense { 4, activation = "tanh" }, Dense { 2 } }
  options.optimizer, options.loss = "adam", options.loss or "mse"
  model:compile(options)
  return model
end

local function assert_alike(a, b)
  assert.is_true(math.abs(a - b) < 1e-6, ("%.9g and %.9g"):format(a, b))
end

describe("a metric of one's own", function()
  local x, y = samples(53, 5), samples(53, 2)
  local weights = nn.random.uniform { shape = { 53 }, seed = 2 }

  it("gives what its built-in twin gives, epoch by epoch, with weights and validation", function()
    local metrics = { "mae", distance, distance_of_all, Distance { name = "class" } }
    local model = network { metrics = metrics, weighted_metrics = { nn.metrics.MeanAbsoluteError { name = "w_mae" },
      nn.metrics.MeanMetricWrapper { distance, name = "w_distance" }, Distance { name = "w_class" } } }
    local history = model:fit(x, y, { epochs = 3, batch_size = 10, verbose = 0, sample_weight = weights,
      validation_split = 0.2 }).history
    for epoch = 1, 3 do
      for _, start in ipairs { "", "val_" } do
        for _, name in ipairs { "distance", "distance_of_all", "class" } do
          assert_alike(history[start .. "mae"][epoch], history[start .. name][epoch])
        end
        for _, name in ipairs { "w_distance", "w_class" } do
          assert_alike(history[start .. "w_mae"][epoch], history[start .. name][epoch])
        end
      end
    end
  end)

  it("sees all batches of a dataset", function()
    local dataset = nn.data.Dataset.from_tensor_slices { x, y }:map(function(a, b) return a, b end):batch(10)
    local model = network { metrics = { "mae", distance, Distance { name = "class" } } }
    local history = model:fit(dataset, { epochs = 2, verbose = 0, validation_data = dataset }).history
    for _, name in ipairs { "mae", "val_mae" } do
      assert_alike(history[name][2], history[name:gsub("mae", "distance")][2])
      assert_alike(history[name][2], history[name:gsub("mae", "class")][2])
    end
  end)

  it("is evaluated, batch by batch too", function()
    local model = network { metrics = { "mae", Distance {}, distance_of_all } }
    local results = model:evaluate(x, y, { return_dict = true })
    assert_alike(results.mae, results.distance)
    assert_alike(results.mae, results.distance_of_all)
    for first = 1, 21, 10 do
      local rows = { { first, first + 9 } }
      results = model:test_on_batch(x[rows], y[rows], { return_dict = true })
      assert_alike(results.mae, results.distance)
      results = model:train_on_batch(x[rows], y[rows], { return_dict = true })
      assert_alike(results.mae, results.distance)
    end
  end)

  it("sees classes under a fused loss", function()
    local function right(ids, p) return ops.equal(ops.argmax(p, { axis = -1 }), ids) end
    local ids = nn.ops.mod(nn.arange(53), 2)
    nn.utils.set_random_seed(3)
    local model = nn.Sequential { nn.Input { shape = { 5 } }, Dense { 2, activation = "softmax" } }
    local Share = nn.metrics.Metric:extend {
      name = "Share",
      init = function(self) self.right, self.n = 0, 0 end,
      reset_state = function(self) self.right, self.n = 0, 0 end,
      update_state = function(self, y_true, p)
        self.right, self.n = self.right + p:argmax { axis = -1 }:eq(y_true):sum(), self.n + #p
      end,
      result = function(self) return self.right / self.n end,
    }
    model:compile { optimizer = "adam", loss = "sparse_categorical_crossentropy", metrics = { "accuracy", right,
      Share {} } }
    local history = model:fit(x, ids, { epochs = 2, verbose = 0 }).history
    assert.are.same(history.accuracy, history.right)
    assert.are.same(history.accuracy, history.share)
  end)

  it("works alone", function()
    local function squares(y_true, y_pred) return (y_true - y_pred) ^ 2 end
    local wrapped, own = nn.metrics.get(squares), Distance {}
    wrapped:update_state({ 1, 2 }, { { 1 }, { 4 } })
    assert.are.equal(2, wrapped:result())
    own:update_state(y, y + 1)
    assert_alike(1, own:result():item())
    own:reset_state()
    own:update_state(y, y + 3)
    assert_alike(3, own:result():item())
  end)

  it("says which way is better only if the script does", function()
    assert.is_nil(nn.metrics.get(distance).traits.better)
    assert.are.equal("min", Distance { traits = { better = "min" } }.traits.better)
    expect.fails('traits: better: expected "max" or "min", got "up"', function()
      Distance { traits = { better = "up" } }
    end)
    expect.fails("did you mean better?", function()
      nn.metrics.MeanMetricWrapper { distance, traits = { beter = "min" } }
    end)
  end)

  it("without a name gets a number if there are several", function()
    local model = network { metrics = { function(_, p) return ops.mean(p) end, function(a) return ops.mean(a) end } }
    expect.fails("a tensor that does not depend on y_pred", model.evaluate, model, x, y)
    model = network { metrics = { function(_, p) return ops.mean(p) end, function(a, p) return ops.mean(a - p) end } }
    model:evaluate(x, y)
    assert.are.same({ "loss", "mean_metric_wrapper", "mean_metric_wrapper_1" }, { table.unpack(model.metrics_names) })
  end)

  it("that is wrong is named", function()
    local function fails(text, metric)
      expect.fails(text, function() network { metrics = { metric } }:fit(x, y, { verbose = 0 }) end)
    end
    fails("got nothing; does it lack a return?", function() end)
    fails("the metric mean_metric_wrapper: expected one number for each sample, or one for all", function(_, y_pred)
      return ops.mean(y_pred, { axis = 1 })
    end)
    expect.fails("Metric:extend: Odd: result: expected a function(self, ...), got nil", function()
      nn.metrics.Metric:extend { name = "Odd", update_state = function() end }
    end)
    fails("its result is to return a number or a tensor, got nil", nn.metrics.Metric:extend { name = "Odd",
      update_state = function() end, result = function() end } {})
  end)
end)
