-- Inputs that are mostly zeros are kept as compressed rows; their products are held against the dense ones.
local job = require "engine.job"
local machine = require "engine.machine"
local nn = require "nn"

local Dense, Flatten = nn.layers.Dense, nn.layers.Flatten

local function one_layer(columns, units)
  nn.utils.set_random_seed(columns * 1000 + units)
  return nn.Sequential { Dense { units, activation = "tanh", input_shape = { columns } } }
end

local function mostly_zeros(rows, columns, density, dtype)
  local values = nn.random.uniform { shape = { rows, columns }, minval = -4, maxval = 4, seed = rows + columns }
  local mask = nn.random.uniform { shape = { rows, columns }, seed = rows * columns }:lt(density)
  local x = values * mask
  if dtype == "pixels" then return (x:abs() * 63.9):floor() / 255 end
  return dtype == "float32" and x or x:abs():floor():astype(dtype)
end

local function new_job(model, x, y, order, dense, batch_size)
  local nodes, inputs, outputs = model:lower()
  local self = job.new {
    mode = "train", batch_size = batch_size, nodes = nodes, inputs = inputs, data = { x },
    compressed = { not dense and job.compress(x) or false },
    outputs = { { node = outputs[1], loss = "mean_squared_error", target = y } },
  }
  self:set_optimizer("sgd", {}, {})
  self:set_order(order)
  return self
end

-- The gradient, loss and density of one pass over all rows in the given order.
local function run(model, x, y, order, dense)
  local self = new_job(model, x, y, order, dense, #x)
  self:run(1, 1, 0.0)
  return self:gradient(), self:results()[1].loss, self:density(1)
end

local function check(rows, columns, units, density, dtype)
  local model, x = one_layer(columns, units), mostly_zeros(rows, columns, density, dtype)
  local y = nn.random.normal { shape = { rows, units }, seed = 3 }
  local order = nn.random.permutation(rows, 5)
  local gradient, loss, share = run(model, x, y, order, false)
  local dense_gradient, dense_loss, none = run(model, x, y, order, true)
  assert.is_nil(none)
  assert.is_near(x:ne(0):sum() / x.size, share, 1e-9)
  assert.is_near(dense_loss, loss, 1e-5 * (1 + dense_loss))
  assert.is_true((gradient - dense_gradient):abs():max() <= 1e-5 * (1 + dense_gradient:abs():max()))
end

describe("compressed rows", function()
  it("give what dense rows give, for all widths around the panels'", function()
    local widths = { 1, 2, 9, 15, 16, 17, 31, 32, 33, 47, 48, 50, 63, 64, 65, 79, 80, 81, 112, 127, 128, 129, 145 }
    for _, units in ipairs(widths) do
      for _, rows in ipairs { 1, 2, 7 } do
        check(rows, 33, units, 0.2, "float32")
      end
    end
  end)

  it("give what dense rows give, for odd sizes and all types", function()
    check(1, 1, 1, 0.0, "float32")
    for columns = 781, 784 do check(1, columns, 50, 0.19, "float32") end
    check(100, 784, 50, 0.15, "uint8")
    check(13, 5, 20, 0.1, "int32")
    check(3, 200, 64, 0.0, "float32")
  end)

  it("give what dense rows give, for numbers that fit into bytes and others", function()
    for _, rows in ipairs { 1, 2, 3, 150 } do
      check(rows, 784, 50, 0.19, "pixels")
      for _, density in ipairs { 0.001, 0.002, 0.005 } do -- hundreds of zeros between numbers
        for _, dtype in ipairs { "pixels", "uint8", "int32" } do check(rows, 3000, 18, density, dtype) end
      end
    end
  end)

  -- Some lists become as long as the batch, unlike in random order.
  it("give what dense rows give where rows of a kind come together", function()
    local columns, kind = 90, 0
    local x = mostly_zeros(1000, columns, 0.05, "float32")
    for first = 1, 1000, 100 do
      x[{ { first, first + 99 }, { kind * 9 + 1, kind * 9 + 9 } }] = 1 + kind
      kind = kind + 1
    end
    local y, order = nn.random.normal { shape = { 1000, 20 }, seed = 3 }, nn.arange(1000):astype "int32"
    for _, batch_size in ipairs { 100, 40, 300 } do
      local model = one_layer(columns, 20)
      local sparse = new_job(model, x, y, order, false, batch_size)
      local dense = new_job(model, x, y, order, true, batch_size)
      assert.is_truthy(sparse:density(1))
      for batch = 1, 1000 // batch_size do
        sparse:run(batch, 1, 0.0)
        dense:run(batch, 1, 0.0)
        local want = dense:gradient()
        assert.is_true((sparse:gradient() - want):abs():max() <= 1e-5 * (1 + want:abs():max()))
      end
    end
  end)

  it("give the same bits for any number of threads, in batches of several parts", function()
    local before = machine.blas().threads
    finally(function() machine.set_threads(before) end)
    for _, size in ipairs { { 1000, 784, 50 }, { 513, 301, 130 }, { 700, 1000, 17 } } do
      local rows, columns, units = table.unpack(size)
      local model, x = one_layer(columns, units), mostly_zeros(3 * rows, columns, 0.15, "float32")
      x[{ { 1, rows }, { 31, 60 } }] = 1 -- a first batch with full lists there
      local y, order = nn.random.normal { shape = { 3 * rows, units }, seed = 3 }, nn.arange(3 * rows):astype "int32"
      local function gradients(threads)
        machine.set_threads(threads)
        local self, list = new_job(model, x, y, order, false, rows), {}
        for _ = 1, 4 do -- the first batches with and without the other threads by turns
          for batch = 1, 3 do
            self:run(batch, 1, 0.0)
            list[#list + 1] = self:gradient()
          end
        end
        return list
      end
      local alone = gradients(1)
      for threads = 2, 4 do
        for i, gradient in ipairs(gradients(threads)) do assert.equal(0, (gradient - alone[i]):abs():max()) end
      end
    end
  end)

  it("are chosen by density, and only where every reader can take them", function()
    local x = mostly_zeros(20, 40, 0.1, "float32")
    local y = nn.zeros { 20, 3 }
    local flat = nn.Sequential { Flatten { input_shape = { 40 } }, Dense { 3 } }
    assert.is_truthy(select(3, run(flat, x, y)))
    assert.is_nil((select(3, run(flat, x + 1, y))))
    local through = nn.Sequential { nn.layers.Activation { "relu", input_shape = { 40 } }, Dense { 3 } }
    assert.is_nil((select(3, run(through, x, y))))
  end)

  it("are not taken where the input itself, or a view of it, is an output too", function()
    local x = mostly_zeros(20, 40, 0.1, "float32")
    local flat, deep = nn.Input { shape = { 40 } }, nn.Input { shape = { 8, 5 } }
    local view = Flatten {}(deep)
    for _, case in ipairs { { flat, flat, x }, { deep, view, x:reshape { 20, 8, 5 } } } do
      local input, same, data = table.unpack(case)
      local model = nn.Model { inputs = { input }, outputs = { same, Dense { 3 }(same) } }
      model:compile { optimizer = "sgd", loss = { "mean_squared_error", "mean_squared_error" } }
      local history = model:fit(data, { x, nn.zeros { 20, 3 } }, { epochs = 1, verbose = 0 })
      assert.are.equal(0, history.history[model.output_names[1] .. "_loss"][1])
      assert.are.equal(0, (model:predict(data)[1] - x):abs():max())
    end
  end)

  it("are made anew where the tensor has changed", function()
    local compressed = require "nn.models.compressed"
    local x = mostly_zeros(20, 40, 0.1, "float32")
    local first = compressed.of_all { x }[1]
    assert.are.equal(first, compressed.of_all { x }[1])
    x[{ 3, 4 }] = 5
    assert.are_not.equal(first, compressed.of_all { x }[1])
    assert.are.same({ false }, compressed.of_all { x + 1 })
  end)

  it("keep NaN", function()
    local x = nn.zeros { 4, 30 }
    x[{ 2, 3 }] = 0 / 0
    local _, loss, share = run(one_layer(30, 2), x, nn.zeros { 4, 2 }, nil)
    assert.is_true(loss ~= loss and share > 0)
  end)
end)
