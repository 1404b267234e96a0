-- What an experiment leaves behind, damaged: trial.json, experiment.json, history.csv, and the commands that read them.
local files = require "nn.support.files"
local nn = require "nn"
local verdict = require "tests.fuzz.verdict"

local SCRIPT = [[
local nn = require "nn"
local x = nn.random.uniform { shape = { 60, 4 }, seed = 1 }
local y = x[{ {}, 1 }]:gt(0.5)
local test = nn.random.uniform { shape = { 20, 4 }, seed = 2 }
local lab = nn.Experiment {
  name = "lab", train = { x, y }, validation = { x, y }, test = { test, test[{ {}, 1 }]:gt(0.5) },
  class_names = { "no", "yes" }, params = { width = 3, rate = 0.1, epochs = 2, batch_size = 20 }, seeds = { 1, 2 },
  objective = "val_accuracy",
  build = function(p)
    local m = nn.Sequential { nn.layers.Dense { p.width, input_shape = { 4 }, activation = "relu" },
      nn.layers.Dense { 2, activation = "softmax" } }
    m:compile { optimizer = nn.optimizers.Adam { learning_rate = p.rate }, loss = "sparse_categorical_crossentropy",
      metrics = { "accuracy" } }
    return m
  end,
}
lab:note "A note."
lab:sweep("Width", { width = { 2, 3 } })
lab:sweep("Rate", { rate = nn.space.log_uniform(1e-3, 1) }, { method = "random", trials = 2 })
lab:ablate(lab.best.params, { width = { 4 } })
lab:conclude()
]]

local reports, ids -- of the experiment, once it has run

-- Runs the experiment; the same one serves all kinds.
local function run_experiment(folder)
  if reports and files.read(reports .. "/lab/experiment.json") then return end
  assert(files.write(folder .. "/lab.lua", SCRIPT))
  reports = folder .. "/reports"
  local program = os.getenv "NNRUN" or "./nnrun"
  local ok = os.execute(("%s %s/lab.lua -q --reports %s >%s/said 2>&1"):format(program, folder, reports, folder))
  assert(ok, files.read(folder .. "/said"))
  ids = files.list(reports .. "/lab/trials")
end

-- Calls a function while nothing is printed, no chart is drawn and no disk is waited for.
local function quietly(f, ...)
  local stdout, stderr, print_line = io.stdout, io.stderr, print
  local gnuplot, process = require "nn.plot.gnuplot", require "engine.process"
  local draw, fsync = gnuplot.draw, process.fsync
  local silent = { write = function(self) return self end, flush = function() return true end }
  io.stdout, io.stderr, _G.print = silent, silent, function() end -- luacheck: ignore
  gnuplot.draw, process.fsync = function() return true end, function() return true end
  local result = table.pack(xpcall(f, function(problem)
    return verdict.fault(problem) and debug.traceback(problem) or problem
  end, ...))
  io.stdout, io.stderr, _G.print = stdout, stderr, print_line -- luacheck: ignore
  gnuplot.draw, process.fsync = draw, fsync
  return table.unpack(result, 1, result.n)
end

local function command(name, arguments)
  arguments.reports, arguments.format = reports, arguments.format or "table"
  return function() require("nn.cli." .. name).run(arguments) end
end

-- All that reads records; raises the first error that is not clean, else the last one.
local function read_everything()
  local last
  for _, read in ipairs {
    function() require("nn.report.check").difference(reports .. "/lab") end,
    command("runs", {}), command("runs", { experiment = "lab" }),
    command("runs", { experiment = "lab", format = "csv" }),
    command("show", { trial = ids[1] }), command("show", { trial = ids[1], format = "json" }),
    command("show", { trial = "@best" }), command("compare", { trials = { ids[1], ids[2] } }),
    function() require("nn.cli.rerun").script_of(require("nn.cli.trials").read(
      require("nn.store.index").open(reports), ids[1]).record, reports .. "/lab") end,
    function() require("nn.report.records").load(reports .. "/lab"):history(ids[1]) end,
  } do
    local ok, problem = quietly(read)
    if not ok then last = problem end
    if not ok and verdict.fault(problem) then error(problem, 0) end
  end
  if last then error(last, 0) end
end

-- A kind whose damaged copies take the place of one of the experiment's files.
local function kind(place_of, mutated)
  local whole
  return {
    ending = "", mutated = mutated,
    samples = function(folder)
      run_experiment(folder)
      whole = files.read(reports .. "/lab/" .. place_of())
      return { whole }
    end,
    try = function(path)
      local place = reports .. "/lab/" .. place_of()
      nn.advice.silence()
      assert(files.write(place, files.read(path)))
      local ok, problem = pcall(read_everything)
      assert(files.write(place, whole))
      if not ok then error(problem, 0) end
    end,
  }
end

local function as_bytes(mutator, sample) return mutator:bytes(sample) end

local function as_json(mutator, sample)
  return mutator:number(0, 3) == 0 and mutator:bytes(sample) or mutator:json(sample)
end

return {
  trial_records = kind(function() return "trials/" .. ids[1] .. "/trial.json" end, as_json),
  experiment_records = kind(function() return "experiment.json" end, as_json),
  histories = kind(function() return "trials/" .. ids[1] .. "/history.csv" end, as_bytes),
  seals = kind(function() return "seals.jsonl" end, as_bytes),
}
