-- Times steps of recurrent networks, and sampling: `./nnrun tests/bench/recurrent.lua` (THREADS=2, ONLY=gru256).
-- Printed is the minimum of CPU time.
local machine = require "engine.machine"
local nn = require "nn"

local L = nn.layers

nn.advice.silence()
machine.set_threads(tonumber(os.getenv "THREADS" or 1))

local function best_of(count, work)
  local best = math.huge
  for _ = 1, count do
    local start = os.clock()
    work()
    best = math.min(best, os.clock() - start)
  end
  return best
end

local function ids(shape, count) return (nn.random.uniform { shape = shape } * count):astype "int32" end

local function characters(embedding, layer)
  return function()
    return { nn.Input { shape = { 100 } }, L.Embedding { 65, embedding }, layer, L.Dense { 65 } }, ids({ 64, 100 }, 65),
      nn.zeros({ 64, 100 }, "int32"), nn.losses.SparseCategoricalCrossentropy { from_logits = true }
  end
end

local function rows(layer)
  return function()
    return { nn.Input { shape = { 28, 28 } }, layer, L.Dense { 10, activation = "softmax" } },
      nn.random.uniform { shape = { 100, 28, 28 } }, nn.zeros({ 100 }, "int32"), "sparse_categorical_crossentropy"
  end
end

local WORKLOADS = {
  { "lstm128", 60, rows(L.LSTM { 128 }) },
  { "gru128", 60, rows(L.GRU { 128 }) },
  { "lstm32", 25, function()
    return { nn.Input { shape = { 200 } }, L.Embedding { 10000, 32 }, L.LSTM { 32 },
      L.Dense { 1, activation = "sigmoid" } }, ids({ 128, 200 }, 10000), nn.zeros { 128, 1 }, "binary_crossentropy"
  end },
  { "gru256", 12, characters(64, L.GRU { 256, return_sequences = true }) },
  { "lstm1024", 3, characters(256, L.LSTM { 1024, return_sequences = true }) },
}

local only = os.getenv "ONLY"
for _, workload in ipairs(WORKLOADS) do
  if not only or only == workload[1] then
    local layers, x, y, loss = workload[3]()
    local model = nn.Sequential(layers)
    model:compile { optimizer = "adam", loss = loss }
    model:train_on_batch(x, y)
    local seconds = best_of(workload[2], function() model:train_on_batch(x, y) end)
    print(("%-9s %8.2f ms a step"):format(workload[1], seconds * 1e3))
  end
end

if not only or only == "sample" then
  local model = nn.Sequential { nn.Input { shape = { 1 } }, L.Embedding { 65, 64 }, L.GRU { 256, stateful = true },
    L.Dense { 65 } }
  local x = nn.ones({ 1, 1 }, "int32")
  local seconds = best_of(20, function()
    for _ = 1, 1000 do model:predict_on_batch(x) end
  end)
  print(("%-9s %8.2f us a character"):format("sample", seconds * 1e3))
end
