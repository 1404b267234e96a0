-- nnrun's own part of the benchmark: reads workloads, one a line, from standard input and answers each with a line of
-- JSON, as all programs of the benchmark do: {"seconds":0.13,"score":0.96}. Only training, or predicting, is timed.
--
--   echo "task=train data=build/bench/data/mnist layers=784,50,50,10 ..." | ./nnrun tests/bench/nnrun.lua -- threads=1
local engine_tensor = require "engine.tensor"
local json = require "nn.support.json"
local nn = require "nn"
local machine = require "engine.machine"
local process = require "engine.process"

local LAST = {
  crossentropy = { activation = "softmax", loss = "sparse_categorical_crossentropy", metrics = { "accuracy" } },
  binary_crossentropy = { activation = "sigmoid", loss = "binary_crossentropy", metrics = { "accuracy" } },
  mse = { activation = "linear", loss = "mean_squared_error", metrics = {} },
}

local function read_line(line)
  local w = {}
  for key, value in line:gmatch "(%w+)=(%S+)" do w[key] = tonumber(value) or value end
  local layers = {}
  for width in tostring(w.layers):gmatch "%d+" do layers[#layers + 1] = tonumber(width) end
  w.layers = layers
  return w
end

local function read_tensor(folder, name, width)
  local file <close> = assert(io.open(folder .. "/" .. name, "rb"))
  local bytes = file:read "a"
  local rows = #bytes // 4 // (width or 1)
  return engine_tensor.from_bytes(bytes, "float32", width and { rows, width } or { rows, 1 })
end

local loaded = {}

local function load(w)
  if loaded.folder ~= w.data then
    loaded = nil
    collectgarbage()
    loaded = {
      folder = w.data, x = read_tensor(w.data, "train.x", w.layers[1]), y = read_tensor(w.data, "train.y"),
      x_test = read_tensor(w.data, "test.x", w.layers[1]), y_test = read_tensor(w.data, "test.y"),
    }
  end
  return loaded
end

--- The samples a workload uses. A part is cut out once and kept: what nnrun does once for each data set (it looks for
-- zeros) is in the first run alone, as in a sweep.
local function part_of(d, name, samples)
  local key = name .. samples
  d[key] = d[key] or d[name][{ { 1, samples } }]
  return d[key]
end

local function build(w)
  local last, count = LAST[w.loss], #w.layers
  local model = nn.Sequential { nn.Input { shape = { w.layers[1] } } }
  for i = 2, count do
    model:add(nn.layers.Dense { w.layers[i], activation = i < count and "relu" or last.activation })
  end
  local optimizer = w.optimizer == "rmsprop" and nn.optimizers.RMSprop { learning_rate = w.rate }
    or nn.optimizers.Adam { learning_rate = w.rate }
  model:compile { optimizer = optimizer, loss = last.loss }
  return model
end

local function timed(action, ...)
  local started = process.monotonic()
  action(...)
  return process.monotonic() - started
end

local function train(w, d)
  local model = build(w)
  local x, y = part_of(d, "x", w.samples), part_of(d, "y", w.samples)
  local seconds = timed(model.fit, model, x, y, { batch_size = w.batch, epochs = w.epochs, verbose = 0 })
  model:compile { loss = LAST[w.loss].loss, metrics = LAST[w.loss].metrics }
  local loss, accuracy = model:evaluate(d.x_test, d.y_test, { verbose = 0 })
  return { seconds = seconds, score = accuracy or loss }
end

local function predict(w, d)
  local model, x = build(w), part_of(d, "x_test", w.samples)
  return { seconds = timed(function()
    for _ = 1, w.epochs do model:predict(x, { verbose = 0 }) end
  end) }
end

local threads = tonumber((arg[1] or ""):match "^threads=(%d+)$") or 1
machine.set_threads(threads)
for line in io.lines() do
  local w = read_line(line)
  nn.utils.set_random_seed(w.seed)
  local answer = w.task == "predict" and predict(w, load(w)) or train(w, load(w))
  collectgarbage()
  io.write(json.encode(answer), "\n")
  io.flush()
end
