-- nnrun's own part of the benchmark: reads workloads, one a line, from standard input and answers each with a line of
-- JSON, as all programs of the benchmark do: {"seconds":0.13,"score":0.96}. Only training, or predicting, is timed.
--
--   echo "task=train data=build/bench/data/mnist layers=784,50,50,10 ..." | ./nnrun tests/bench/nnrun.lua -- threads=1
local engine_tensor = require "engine.tensor"
local json = require "nn.support.json"
local nn = require "nn"
local networks = require "tests.bench.networks"
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
  for word in tostring(w.layers):gmatch "[^,]+" do layers[#layers + 1] = math.tointeger(word) or word end
  w.layers = layers
  return w
end

local function read_tensor(folder, name, width)
  local file <close> = assert(io.open(folder .. "/" .. name, "rb"))
  local bytes = file:read "a"
  local rows = #bytes // 4 // (width or 1)
  return engine_tensor.from_bytes(bytes, "float32", width and { rows, width } or { rows, 1 })
end

--- One row a sample, in the shape and of the type that the network takes.
local function read_inputs(w, name)
  local shape, width = networks.shape(w.layers[1]), 1
  for _, size in ipairs(shape) do width = width * size end
  local x = read_tensor(w.data, name, width)
  if networks.takes_ids(w.layers) then return x:astype "int32" end
  return #shape > 1 and x:reshape { -1, table.unpack(shape) } or x
end

local loaded = {}

local function load(w)
  local key = w.data .. " " .. w.layers[1]
  if loaded.key ~= key then
    loaded = nil
    collectgarbage()
    loaded = {
      key = key, x = read_inputs(w, "train.x"), y = read_tensor(w.data, "train.y", w.targets),
      x_test = read_inputs(w, "test.x"), y_test = read_tensor(w.data, "test.y", w.targets),
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
  local last = LAST[w.loss]
  local model, why = networks.build(w.layers, last.activation)
  if not model then return nil, why end
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
  local model, why = build(w)
  if not model then return { skip = why } end
  local x, y = part_of(d, "x", w.samples), part_of(d, "y", w.samples)
  local seconds = timed(model.fit, model, x, y, { batch_size = w.batch, epochs = w.epochs, verbose = 0 })
  model:compile { loss = LAST[w.loss].loss, metrics = LAST[w.loss].metrics }
  local scored = w.scored or d.x_test.shape[1]
  local loss, accuracy = model:evaluate(part_of(d, "x_test", scored), part_of(d, "y_test", scored), { verbose = 0 })
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
