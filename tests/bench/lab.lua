--- The whole of experiments/mnist_lab.lua, nnrun alone, one worker; and the sum of its trials' floors.
local data = require "tests.bench.data"
local files = require "nn.support.files"
local json = require "nn.support.json"
local process = require "engine.process"
local session = require "tests.bench.session"

local lab = {}

local REPORTS = "build/bench/lab"
local TRAINED, EVALUATED = 50000, 10000 -- images of an epoch, and of each evaluation
local SHARE = 5 -- a floor is measured on that fraction of an epoch

local function read_trials()
  local trials, folder = {}, REPORTS .. "/mnist_lab/trials"
  for _, id in ipairs(files.list(folder)) do
    local text = files.read(("%s/%s/trial.json"):format(folder, id))
    trials[#trials + 1] = text and json.decode(text)
  end
  return trials
end

local function layers_of(params)
  local layers = { 784 }
  for i = 1, params.depth do layers[i + 1] = params.width end
  layers[#layers + 1] = 10
  return layers
end

--- Seconds of a trial in which nothing is done but its products and its optimizer's memory: training, an evaluation
-- after each epoch, one on the test set. ask(workload) -> seconds of its floor.
local function floor_of(trial, ask)
  local params = trial.params
  local workload = { data = "mnist", task = "train", layers = layers_of(params), loss = "crossentropy",
    optimizer = params.optimizer, rate = 1e-3, batch = params.batch_size, samples = TRAINED // SHARE, epochs = 1 }
  local epoch = ask(workload) * SHARE
  workload.task, workload.batch, workload.samples = "predict", 250, EVALUATED
  return trial.epochs * epoch + (trial.epochs + 1) * ask(workload)
end

--- The sum over trials; each question is asked once.
local function sum_of_floors(trials, floor)
  local folder, known, sum = data.prepare "mnist", {}, 0
  local function ask(workload)
    local line = session.line(workload, folder, 1)
    known[line] = known[line] or floor:ask(line).seconds
    return known[line]
  end
  for _, trial in ipairs(trials) do sum = sum + floor_of(trial, ask) end
  return sum
end

local function run(threads)
  local started = process.monotonic()
  local ok = os.execute(("OPENBLAS_NUM_THREADS=%d ./nnrun experiments/mnist_lab.lua -j 1 --fresh --quiet --reports %s"
    .. " >build/bench/lab.log 2>&1"):format(threads, REPORTS))
  return ok and process.monotonic() - started
end

--- Runs the lab.
-- @tparam {table,...} sessions the running programs; the floor is asked where it is among them
-- @tparam integer threads
-- @treturn string a sentence with what was measured
function lab.measure(sessions, threads)
  files.remove(REPORTS)
  local seconds = run(threads)
  if not seconds then return "experiments/mnist_lab.lua failed; see build/bench/lab.log" end
  local trials = read_trials()
  local sentence = ("experiments/mnist_lab.lua, all sections, one worker: %.1f s for %d trials"):format(seconds,
    #trials)
  for _, each in ipairs(sessions) do
    if each.peer.name == "floor" then
      local sum = sum_of_floors(trials, each)
      return ("%s, %.2f times the sum of their floors (%.1f s)."):format(sentence, seconds / sum, sum)
    end
  end
  return sentence .. "."
end

return lab
