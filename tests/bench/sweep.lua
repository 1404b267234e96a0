-- The figures of running trials: `make bench-sweep` prints them, each beside its aim. All are measured here and now; on
-- a machine that does other work too they are worse.
package.path = "./?.lua;" .. package.path
local process = require "engine.process"
local files = require "nn.support.files"
local fakes = require "tests.support.experiment_fakes"
local kills = require "tests.support.kills"
local runs = require "tests.support.runs"

local MNIST = [[
local nn = require "nn"
local process = require "engine.process"
local x, y = nn.datasets.mnist.load_data()
x = x / 255
local function first_step(p)
  if p.task ~= "start" then return {} end
  return { { on_train_batch_end = function() -- a process that dies is tried again: the first one's step counts
    local file = io.open("first") or io.open("first", "w")
    file:write(("%.6f"):format(process.monotonic()))
    file:close()
    process.exit_now(0)
  end } }
end
local function wait(p)
  if p.task ~= "wait" then return first_step(p) end
  return { { on_epoch_end = function() while true do process.poll({}, 1000) end end } }
end
local lab = nn.Experiment{
  name = "lab", train = { x, y }, params = { epochs = 1, batch_size = 100, rate = 1e-3, task = "train" },
  objective = "accuracy", callbacks = wait,
  build = function(p)
    local model = nn.Sequential{
      nn.layers.Flatten{ input_shape = { 28, 28 } }, nn.layers.Dense{ 50, activation = "relu" },
      nn.layers.Dense{ 50, activation = "relu" }, nn.layers.Dense{ 10, activation = "softmax" },
    }
    model:compile{ optimizer = nn.optimizers.Adam{ learning_rate = p.rate },
      loss = "sparse_categorical_crossentropy", metrics = { "accuracy" } }
    return model
  end,
}
local rates = {}
for i = 1, 32 do rates[i] = i / 10000 end
]]

local EMPTY = [[
local nn = require "nn"
local process = require "engine.process"
local x = nn.ones{ 1, 1 }
local lab = nn.Experiment{
  name = "lab", train = { x, x }, params = { rate = 0 }, objective = "loss",
  build = function(p)
    local model = nn.Sequential{ nn.layers.Dense{ 1, input_shape = { 1 } } }
    model:compile{ optimizer = nn.optimizers.SGD{ learning_rate = p.rate }, loss = "mse" }
    return model
  end,
}
local function memory()
  for line in io.lines "/proc/self/status" do
    local size = line:match "^VmRSS:%s+(%d+)"
    if size then return tonumber(size) end
  end
end
for section = 1, 10 do
  local rates = {}
  for i = 1, 100 do rates[i] = section + i / 1000 end
  local began = process.monotonic()
  lab:sweep("Section " .. section, { rate = rates })
  local seconds = process.monotonic() - began
  collectgarbage()
  print(seconds, memory())
end
process.exit_now(0)
]]

-- A script's sweep, timed within it.
local TIMED = 'local began = process.monotonic()\nlab:sweep("Rate", { rate = rates }, { with = { epochs = 5 } })\n'
  .. "print(process.monotonic() - began)\n"

local function show(what, value, aim)
  print(("%-58s %14s   %s"):format(what, value, aim))
end

local function run(folder, script, ...)
  local status = runs.run(folder, script, ...)
  assert(status == 0, ("status %d\n%s"):format(status, files.read(folder .. "/err")))
  return files.read(folder .. "/out")
end

local function numbers(text)
  local list = {}
  for word in text:gmatch "%S+" do list[#list + 1] = tonumber(word) end
  return list
end

local function seconds(action)
  local began = process.monotonic()
  action()
  return process.monotonic() - began
end

local function least(times, action)
  local best = math.huge
  for _ = 1, times do best = math.min(best, action()) end
  return best
end

local function version()
  local time = least(20, function()
    return seconds(function() os.execute(runs.PROGRAM .. " --version >/dev/null") end)
  end)
  show("nnrun --version", ("%.1f ms"):format(1000 * time), "under 10 ms")
end

local function start(folder)
  local time = least(3, function()
    os.remove(folder .. "/first")
    local began = process.monotonic()
    runs.run(folder, MNIST .. 'lab:trial{ task = "start" }\n', "-q -j1 --fresh --max-failures 1")
    return tonumber(files.read(folder .. "/first")) - began
  end)
  show("start to the end of the first step, MNIST", ("%.2f s"):format(time), "under 0.5 s")
end

local function parallel(folder)
  local one = numbers(run(folder, MNIST .. TIMED, "-q -j1 --reports one"))[1]
  local two = numbers(run(folder, MNIST .. TIMED, "-q -j2 --reports two"))[1]
  show("32 trials of five MNIST epochs, -j1", ("%.1f s"):format(one), "")
  show("the same, -j2", ("%.1f s (%.2f)"):format(two, two / one), "at most 0.55 of that")
end

local function empty(folder)
  for jobs = 1, 2 do
    local all = numbers(run(folder, EMPTY, "-q", "--reports", "empty" .. jobs, "-j", jobs))
    local sum = 0
    for i = 1, 20, 2 do sum = sum + all[i] end
    show(("an empty trial of 1000, -j%d"):format(jobs), ("%.1f ms"):format(sum), "under 10 ms")
    if jobs == 1 then
      show("parent's memory after 100 and after 1000 trials", ("%.1f, %.1f MB"):format(all[2] / 1024, all[20] / 1024),
        "flat")
    end
  end
end

-- Proportional set sizes of nnrun and its workers, in kilobytes.
local function memory_of(folder, jobs)
  local reports = ("%s/memory%d"):format(folder, jobs)
  local pid = runs.start(folder, MNIST .. 'lab:sweep("Wait", { rate = rates }, { with = { task = "wait" } })\n', "-q",
    "--reports", reports, "-j", jobs)
  local workers = fakes.wait_for(function()
    local list = runs.workers(reports)
    return #list == jobs and list
  end)
  process.poll({}, 1500) -- an epoch, so that each has all it will ever have
  local sum = 0
  for _, each in ipairs { runs.pid(folder), table.unpack(workers) } do
    sum = sum + files.read(("/proc/%d/smaps_rollup"):format(each)):match "Pss:%s+(%d+)"
  end
  runs.kill(pid, folder, true)
  return sum
end

local function memory(folder)
  local one, two = memory_of(folder, 1), memory_of(folder, 2)
  show("MNIST, memory of nnrun with one worker", ("%.0f MB"):format(one / 1024), "")
  show("with two", ("%.0f MB (%.2f)"):format(two / 1024, two / one), "at most 1.2 times that")
end

local function kill_test(trials, strikes)
  local result
  local time = seconds(function() result = kills.run(trials, strikes, 1) end)
  show(("%d kills during a sweep of %d trials"):format(result.strikes, trials), ("%.0f s"):format(time), "")
  show("  finished trials lost or trained twice", result.lost, "0")
  show("  table, weights and histories as of an undisturbed sweep", result.equal and "same" or "DIFFERENT", "same")
  return result.lost == 0 and result.equal
end

local function lab(folder)
  local time = seconds(function()
    run(folder, assert(files.read "experiments/mnist_lab.lua"), "-q --reports lab")
  end)
  show("mnist_lab, all sections", ("%.0f s"):format(time), "under 100 s")
end

local what = ...
local folder = fakes.folder()
if what ~= "kill" then
  for _, each in ipairs { version, start, empty, parallel, memory, lab } do each(folder) end
end
local ok = kill_test(100, 200)
fakes.clean()
os.exit(ok and 0 or 1)
