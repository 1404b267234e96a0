-- Several threads: results are those of one, to the bit, whoever takes what.
local machine = require "engine.machine"
local nn = require "nn"
local process = require "engine.process"

nn.advice.silence() -- these models are odd on purpose

local L = nn.layers

local function with_threads(threads, work)
  local before = machine.blas().threads
  machine.set_threads(threads)
  local results = table.pack(pcall(work))
  machine.set_threads(before)
  assert(results[1], results[2])
  return table.unpack(results, 2, results.n)
end

-- Products of BLAS differ in their last bits with the number of threads and rows; those of the engine do not.
local IS_OURS = require("engine.kernels").levels()[1] == "avx512"
local ROUNDING = 1e-4

-- Strings of bytes; not shown where they differ, for nobody could read them.
local function assert_same(want, got)
  if want == got then return end
  assert.is_false(IS_OURS, "not the same bits")
  assert.equal(#want, #got)
  for i = 1, #want, 4 do
    local a, b = ("f"):unpack(want, i), ("f"):unpack(got, i)
    assert.is_true(math.abs(a - b) < ROUNDING, ("number %d: %g and %g"):format(i // 4 + 1, a, b))
  end
end

-- Enough multiplications for predictions to be worth several threads.
local ROWS, COLUMNS, UNITS = 2100, 300, 150

local function normal(seed) return nn.random.normal { shape = { ROWS, COLUMNS }, seed = seed } end

local function one_output(middle)
  nn.utils.set_random_seed(3)
  local model = nn.Sequential { L.Dense { UNITS, activation = "relu", input_shape = { COLUMNS } } }
  for _, layer in ipairs(middle or {}) do model:add(layer) end
  model:add(L.Dense { 5, activation = "softmax" })
  return model
end

-- Two inputs, one of whole numbers and mostly zeros, and two outputs.
local function two_outputs()
  nn.utils.set_random_seed(4)
  local a, b = nn.Input { shape = { COLUMNS } }, nn.Input { shape = { COLUMNS } }
  local left, right = L.Dense { UNITS, activation = "tanh" }(a), L.Dense { UNITS }(b)
  local both = L.Dropout { 0.5 }(L.BatchNormalization {}(L.Concatenate {} { left, right }))
  return nn.Model { inputs = { a, b }, outputs = { L.Dense { 3 }(both), L.Dense { 1, activation = "sigmoid" }(right) } }
end

describe("predictions by several threads", function()
  it("are those of one, to the bit", function()
    local x, counts = normal(1), (normal(2) - 1.5):clip(0, 9):astype "uint8"
    for _, size in ipairs { 256, 100, 32, 1000, ROWS } do -- 8 batches and a rest, many, too few for all
      local options = { batch_size = size }
      local single, double = one_output(), two_outputs()
      local want = with_threads(1, function() return single:predict(x, options):bytes() end)
      local want_both = with_threads(1, function() return double:predict({ x, counts }, options) end)
      for threads = 2, 5 do
        with_threads(threads, function()
          assert_same(want, single:predict(x, options):bytes())
          for i, prediction in ipairs(double:predict({ x, counts }, options)) do
            assert_same(want_both[i]:bytes(), prediction:bytes())
          end
        end)
      end
    end
  end)

  it("call functions of Lua by one thread", function()
    local model = one_output { L.Lambda { function(t) return t:tanh() end, gradient = function(_, dy) return dy end } }
    local x = normal(1)
    local want = with_threads(1, function() return model:predict(x):bytes() end)
    with_threads(3, function() assert_same(want, model:predict(x):bytes()) end)
  end)

  it("may be made by a function that is part of a run with several threads", function()
    local inner, x, y = one_output(), normal(1), normal(2)
    local function predicted() return inner:predict(x):bytes() end
    local want = with_threads(1, predicted)
    local function check(t)
      assert_same(want, with_threads(3, predicted))
      return t
    end
    local model = one_output { L.Lambda { check, gradient = function(_, dy) return dy end } }
    model:compile { optimizer = "sgd", loss = "mse" }
    with_threads(2, function() model:fit(x, y[{ {}, { 1, 5 } }], { batch_size = 700, epochs = 2, verbose = 0 }) end)
  end)

  it("go in the order that a job is given", function()
    local job = require "engine.job"
    local x, order = normal(1), (nn.arange(ROWS) * -1 + (ROWS - 1)):astype "int32"
    local nodes, inputs, outputs = one_output():lower()
    local function predicted()
      local self = job.new { mode = "predict", batch_size = 100, nodes = nodes, inputs = inputs, data = { x },
        outputs = { { node = outputs[1] } } }
      self:set_order(order)
      self:run(1, ROWS // 100)
      return self:predictions()[1]:bytes()
    end
    assert_same(with_threads(1, predicted), with_threads(2, predicted))
  end)

  it("go on in a process that is forked off, and in its parent", function()
    local model, x = one_output(), normal(1)
    with_threads(2, function()
      local want = model:predict(x):bytes()
      local pid = assert(process.fork())
      if pid == 0 then
        local ok, same = pcall(function() return model:predict(x):bytes() == want end)
        process.exit_now(ok and same and 7 or 99)
      end
      assert_same(want, model:predict(x):bytes())
      assert.same({ pid, "exit", 7 }, { process.wait(pid) })
      assert_same(want, model:predict(x):bytes())
    end)
  end)

  it("follow training, whose threads they share", function()
    local x, y = normal(1), nn.zeros { ROWS, 1 }
    local function trained()
      local model, list = one_output(), {}
      model:compile { optimizer = "adam", loss = "sparse_categorical_crossentropy" }
      for epoch = 1, 3 do
        model:fit(x, y, { batch_size = 700, verbose = 0 })
        list[epoch] = model:predict(x):bytes()
      end
      return list
    end
    local want = with_threads(1, trained)
    for threads = 2, 3 do
      for epoch, prediction in ipairs(with_threads(threads, trained)) do assert_same(want[epoch], prediction) end
    end
  end)
end)
