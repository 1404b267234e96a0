-- fit, evaluate and predict over datasets: the same as over the tensors that they come from, and clear errors.
local nn = require "nn"
local Run = require "nn.models.run"
local model_state = require "nn.models.run.state"
local snapshot = require "nn.tensor.snapshot"

nn.advice.silence()
local Dataset, L = nn.data.Dataset, nn.layers

local N = 22

local function samples()
  return nn.random.normal { shape = { N, 5 }, seed = 1 }, nn.random.normal { shape = { N, 1 }, seed = 2 }
end

local function new_model()
  nn.utils.set_random_seed(3)
  local model = nn.Sequential { L.Dense { 6, activation = "tanh", input_shape = { 5 }, name = "hidden" },
    L.Dropout { 0.3 }, L.Dense { 1, name = "out" } }
  model:compile { optimizer = "adam", loss = "mse", metrics = { "mae" } }
  return model
end

local function bytes_of(model)
  local list = {}
  for i, weight in ipairs(model.weights) do list[i] = weight:bytes() end
  return table.concat(list)
end

-- A dataset that has to be computed element by element.
local function streamed(dataset)
  return dataset:map(function(...) return ... end)
end

local function fit(data, y, options)
  local model = new_model()
  if options == nil then y, options = nil, y end
  options.verbose = 0
  local history = model:fit(data, y, options)
  return { bytes = bytes_of(model), history = history.history }, history
end

describe("fit over a dataset", function()
  it("gives the same bits as over its tensors", function()
    local x, y = samples()
    local w = nn.random.uniform { shape = { N }, seed = 4 }
    local slices = Dataset.from_tensor_slices { x, y, w }
    local expected = fit(x, y, { epochs = 3, batch_size = 8, sample_weight = w })
    assert.same(expected, (fit(slices:shuffle(N):batch(8), nil, { epochs = 3 })))
    assert.same(expected, (fit(streamed(slices:shuffle(N)):batch(8), { epochs = 3 })))
    assert.same(expected, (fit(streamed(slices):shuffle(N):batch(8), { epochs = 3 })))
    assert.same(fit(x, y, { epochs = 3, batch_size = 8, sample_weight = w, shuffle = false }),
      (fit(slices:batch(8):cache():prefetch(1), { epochs = 3 })))
  end)

  it("takes parts of the rows, and rows several times", function()
    local x, y = samples()
    local slices = Dataset.from_tensor_slices { x, y }
    for _, change in ipairs {
      function(d) return d:take(13):batch(4) end,
      function(d) return d:shuffle(7):skip(3):batch(4, { drop_remainder = true }) end,
      function(d) return d:batch(5, { drop_remainder = true }) end,
      function(d) return d:shuffle(N):repeated(2):batch(9) end,
      function(d) return d:shard(3, 2):batch(3):take(2) end,
    } do
      local one, other = fit(change(slices), { epochs = 2 }), fit(streamed(change(slices)), { epochs = 2 })
      assert.same(one, other)
    end
  end)

  it("validates with a dataset", function()
    local x, y = samples()
    local xv, yv = nn.random.normal { shape = { 9, 5 }, seed = 5 }, nn.random.normal { shape = { 9, 1 }, seed = 6 }
    local expected = fit(x, y, { epochs = 2, batch_size = 8, validation_data = { xv, yv } })
    local held_out = Dataset.from_tensor_slices { xv, yv }
    for _, validation in ipairs { held_out:batch(4), streamed(held_out:batch(9)) } do
      local found = fit(x, y, { epochs = 2, batch_size = 8, validation_data = validation })
      assert.same(expected.history.val_mae, found.history.val_mae)
    end
    local first = fit(x, y, { epochs = 2, batch_size = 8, validation_data = { xv[{ { 1, 4 } }], yv[{ { 1, 4 } }] } })
    local endless = streamed(held_out:repeated():batch(4))
    for _, validation in ipairs { held_out:batch(4), streamed(held_out):batch(4), endless } do
      local found = fit(x, y, { epochs = 2, batch_size = 8, validation_data = validation, validation_steps = 1 })
      assert.same(first.history.val_mae, found.history.val_mae)
    end
  end)

  it("takes an object with a length and get(i)", function()
    local x, y = samples()
    local Batches = {}
    Batches.__index = Batches
    function Batches.__len() return 3 end
    function Batches.get(_, i)
      local rows = { { (i - 1) * 8 + 1, math.min(i * 8, N) } }
      return x[rows], y[rows]
    end
    local expected = fit(x, y, { epochs = 2, batch_size = 8, shuffle = false })
    assert.same(expected, (fit(setmetatable({}, Batches), { epochs = 2, shuffle = false })))
    assert.same(expected, (fit({ __len = Batches.__len, get = Batches.get }, { epochs = 2, shuffle = false })))
    local seen = {}
    local object = { __len = Batches.__len, get = function(self, i)
      seen[#seen + 1] = i
      return Batches.get(self, i)
    end }
    assert.not_same(expected, (fit(object, { epochs = 4 })))
    local orders = {}
    for i = 1, 12, 3 do
      local order = { table.unpack(seen, i, i + 2) }
      orders[table.concat(order)] = true
      table.sort(order)
      assert.same({ 1, 2, 3 }, order)
    end
    assert.is_not_nil(next(orders, next(orders)))
  end)

  it("does not have to know how many batches there are", function()
    local x, y = samples()
    local totals = {}
    local watch = { on_train_progress = function(done, total) totals[#totals + 1] = { done, total } end,
      on_train_batch_end = function() end }
    local dataset = Dataset.from_tensor_slices({ x, y }):filter(function() return true end):batch(8)
    local expected = fit(x, y, { epochs = 2, batch_size = 8, shuffle = false })
    local found, history = fit(dataset, { epochs = 2, callbacks = { watch } })
    assert.same(expected, found)
    assert.is_nil(history.params.steps)
    assert.same({ { 1 }, { 2 }, { 3 }, { 1, 3 }, { 2, 3 }, { 3, 3 } }, totals)
  end)

  it("goes on in the next epoch if these have a number of steps", function()
    local x, y = samples()
    local seen = {}
    local dataset = Dataset.from_tensor_slices({ x, y }):enumerate():map(function(i, a, b)
      seen[#seen + 1] = i
      return a, b
    end):batch(2)
    local _, history = fit(dataset:repeated(), { epochs = 3, steps_per_epoch = 4 })
    assert.equal(4, history.params.steps)
    local expected = {}
    for i = 0, 23 do expected[i + 1] = i % N end
    assert.same(expected, seen)
  end)

  it("weighs classes as over tensors", function()
    local x = samples()
    local y = nn.tensor((function()
      local ids = {}
      for i = 1, N do ids[i] = i % 2 end
      return ids
    end)(), "int32")
    local function trained(data, targets, options)
      nn.utils.set_random_seed(3)
      local model = nn.Sequential { L.Dense { 2, activation = "softmax", input_shape = { 5 } } }
      model:compile { optimizer = "sgd", loss = "sparse_categorical_crossentropy" }
      options.verbose = 0
      model:fit(data, targets, options)
      return bytes_of(model)
    end
    local slices = Dataset.from_tensor_slices({ x, y }):batch(8)
    for _, weights in ipairs { { [0] = 1, 5 }, "balanced" } do
      local expected = trained(x, y, { batch_size = 8, shuffle = false, class_weight = weights })
      assert.equal(expected, trained(slices, nil, { class_weight = weights }))
      if weights ~= "balanced" then
        assert.equal(expected, trained(streamed(slices), nil, { class_weight = weights }))
      end
    end
    assert.has_error(function() trained(streamed(slices), nil, { class_weight = "balanced" }) end)
  end)

  it("takes several inputs by position and by name", function()
    local x, y = samples()
    local function trained(data, targets)
      nn.utils.set_random_seed(3)
      local a, b = nn.Input { shape = { 5 }, name = "a" }, nn.Input { shape = { 5 }, name = "b" }
      local model = nn.Model { inputs = { a, b }, outputs = { L.Dense { 1 }(L.concatenate { a, b }) } }
      model:compile { optimizer = "sgd", loss = "mse" }
      model:fit(data, targets, { verbose = 0, batch_size = targets and 8 or nil, shuffle = false })
      return bytes_of(model)
    end
    local expected = trained({ x, x * 2 }, y)
    for _, inputs in ipairs { { x, x * 2 }, { a = x, b = x * 2 } } do
      local dataset = Dataset.from_tensor_slices({ inputs, y }):batch(8)
      assert.equal(expected, trained(dataset))
      assert.equal(expected, trained(streamed(dataset)))
    end
  end)

  it("is restored in the middle of an epoch", function()
    local x, y = samples()
    local datasets = {
      { Dataset.from_tensor_slices({ x, y }):shuffle(9):map(function(a, b)
        return a + nn.random.normal { shape = { 5 } }, b
      end):batch(4) },
      { Dataset.from_tensor_slices({ x, y }):shuffle(N):batch(4):map(function(a, b) return a, b end):repeated(), 7 },
      { Dataset.from_tensor_slices({ x, y }):shuffle(N):batch(4) },
    }
    local path = os.tmpname()
    finally(function() os.remove(path) end)
    for _, entry in ipairs(datasets) do
      local function options(callback)
        return { epochs = 3, verbose = 0, steps_per_epoch = entry[2], callbacks = { callback } }
      end
      local whole, again = new_model(), new_model()
      local history = whole:fit(entry[1], options { on_train_batch_end = function(batch)
        local run = Run.of(whole)
        if run.epoch == 1 and batch == 2 then assert(snapshot.write(path, run:state())) end
      end })
      local saved = snapshot.read(path)
      model_state.restore(again, saved.model)
      local rest = again:fit(entry[1], options { on_train_begin = function() Run.of(again):restore(saved) end })
      assert.equal(bytes_of(whole), bytes_of(again))
      assert.same({ table.unpack(history.history.mae, 2) }, { table.unpack(rest.history.mae) })
    end
  end)
end)

describe("evaluate and predict over a dataset", function()
  it("give what the tensors give", function()
    local x, y = samples()
    local model = new_model()
    local slices = Dataset.from_tensor_slices { x, y }
    local loss, mae = model:evaluate(x, y)
    for _, dataset in ipairs { slices:batch(8), slices:shuffle(N):batch(8), streamed(slices):batch(8) } do
      local found_loss, found_mae = model:evaluate(dataset)
      assert.is_near(loss, found_loss, 1e-6)
      assert.is_near(mae, found_mae, 1e-6)
    end
    assert.is_near(mae, model:evaluate(streamed(slices):batch(8), { return_dict = true }).mae, 1e-6)
    local _, part = model:evaluate(x[{ { 1, 10 } }], y[{ { 1, 10 } }])
    assert.is_near(part, select(2, model:evaluate(slices:batch(5), { steps = 2 })), 1e-6)
    assert.is_near(part, select(2, model:evaluate(streamed(slices:repeated()):batch(5), { steps = 2 })), 1e-6)
    local predicted = model:predict(x):totable()
    for _, dataset in ipairs { slices:batch(8), streamed(slices):batch(8), Dataset.from_tensor_slices(x):batch(8) } do
      assert.same(predicted, model:predict(dataset):totable())
    end
    assert.same({ 8, 1 }, model:predict(slices:batch(4), { steps = 2 }).shape)
    local backwards = slices:take(2):concatenate(slices:skip(20)):batch(3)
    assert.same({ predicted[1], predicted[2], predicted[21], predicted[22] }, model:predict(backwards):totable())
  end)
end)

describe("tensors with steps_per_epoch", function()
  local rows = nn.random.normal { shape = { 12, 4 }, seed = 1 }
  local answers = nn.random.normal { shape = { 12, 1 }, seed = 2 }

  local function trained(options)
    nn.utils.set_random_seed(3)
    local model = nn.Sequential { nn.layers.Dense { 1, input_shape = { 4 } } }
    model:compile { optimizer = "sgd", loss = "mse" }
    options.batch_size, options.verbose = 4, 0
    local history = model:fit(rows, answers, options).history
    return model:predict(rows):totable(), #history.loss
  end

  it("are used up and begun again, as in Keras", function()
    local expected = trained { epochs = 4, shuffle = false }
    assert.are.same(expected, (trained { epochs = 6, steps_per_epoch = 2, shuffle = false }))
    assert.are.same(expected, (trained { epochs = 2, steps_per_epoch = 6, shuffle = false }))
    local _, count = trained { epochs = 5, steps_per_epoch = 1, validation_split = 0.25,
      sample_weight = nn.ones { 12 } }
    assert.are.equal(5, count)
  end)
end)

describe("a dataset that does not suit a call is an error:", function()
  local x, y = samples()
  local slices = Dataset.from_tensor_slices { x, y }

  local function message(data, options, targets)
    local ok, text = pcall(function() return new_model():fit(data, targets, options) end)
    assert.is_false(ok)
    assert.matches("^tests/data/fit_spec.lua:%d+: ", text)
    return text
  end

  for expected, case in pairs {
    ["batch_size: the dataset's batches have their own size"] = { slices:batch(8), { batch_size = 8 } },
    ["validation_split: is for tensors"] = { slices:batch(8), { validation_split = 0.1 } },
    ["sample_weight: a dataset gives the weights itself"] = { slices:batch(8), { sample_weight = y } },
    ["y: a dataset gives x and y itself"] = { slices:batch(8), {}, y },
    ["single samples, not batches of them; add :batch(32)"] = { slices, {} },
    ["single samples, not batches of them; add :batch(32) "] = { streamed(slices), {} },
    ["the dataset gives 1 value; expected batches of x and y"] = { Dataset.from_tensor_slices(x):batch(4), {} },
    ["the dataset is empty"] = { slices:take(0):batch(4), {} },
    ["the dataset is empty: it gave no batch"] = { slices:filter(function() return false end):batch(4), {} },
    ["the dataset never ends, so give steps_per_epoch"] = { slices:repeated():batch(4), {} },
    ["the dataset ended after 6 of 9 batches (steps_per_epoch)"] = { slices:batch(4), { steps_per_epoch = 9 } },
    ["batch 2 of the dataset: x: input"] = { Dataset.from_generator(function()
      local i = 0
      return function()
        i = i + 1
        if i < 4 then return nn.ones { 2, i == 2 and 4 or 5 }, nn.ones { 2, 1 } end
      end
    end), {} },
  } do
    it(expected, function() assert.matches(expected:gsub(" $", ""), message(case[1], case[2], case[3]), 1, true) end)
  end
end)
