-- The score of a trial, the weights that it keeps, its test result and its confusion matrix belong together, under
-- every option that has a say in what is kept.
local files = require "nn.support.files"
local json = require "dkjson"
local runs = require "tests.support.runs"

-- Prints a line for each trial whose metrics are not those of its kept weights, and for a test result or a confusion
-- matrix that is not the best one's.
local SCRIPT = [[
local nn = require "nn"
local function data(n, seed)
  local x = nn.random.normal { shape = { n, 3 }, seed = seed }
  return x, (x[{ {}, 1 }] + x[{ {}, 2 }]):gt(0):astype "int32"
end
local x, y = data(200, 1)
local xv, yv = data(100, 2)
local xt, yt = data(100, 3)

local CALLBACKS = {
  none = function() end,
  stopping = function()
    return nn.callbacks.EarlyStopping { monitor = "val_loss", patience = 1, mode = "max", restore_best_weights = true }
  end,
  checkpoint = function()
    return nn.callbacks.ModelCheckpoint { os.tmpname() .. ".safetensors", monitor = "val_loss", save_best_only = true }
  end,
  halving = function() -- changes weights after an epoch was validated
    return { on_epoch_end = function(self)
      for _, weight in ipairs(self.model.weights) do weight[{}] = weight * 0.5 end
    end }
  end,
  last = function()
    return { on_train_end = function(self)
      for _, weight in ipairs(self.model.weights) do weight[{}] = weight * -1 end
    end }
  end,
}

local lab = nn.Experiment {
  name = "lab", train = { x, y }, validation = { xv, yv }, test = { xt, yt }, keep = KEEP, objective = OBJECTIVE,
  params = { epochs = 4, batch_size = 20, ema = false, frequency = 0, callback = "none" },
  callbacks = function(p) return CALLBACKS[p.callback]() end,
  build = function(p)
    local model = nn.Sequential { nn.layers.Dense { 2, activation = "softmax", input_shape = { 3 } } }
    model:compile {
      optimizer = nn.optimizers.SGD { 0.5, use_ema = p.ema, ema_momentum = 0.99,
        ema_overwrite_frequency = p.frequency > 0 and p.frequency or nil },
      loss = "sparse_categorical_crossentropy", metrics = { "accuracy" },
    }
    return model
  end,
}

local function check(what, recorded, evaluated)
  if math.abs(recorded - evaluated) > 1e-6 then print("differs", what, recorded, evaluated) end
end

local sweep = lab:sweep("Options", { ema = { false, true }, frequency = { 0, 7 }, callback = CHOSEN })
for _, trial in ipairs(sweep.trials) do
  local loss, accuracy = trial.model:evaluate(xv, yv)
  local name = ("ema %s, frequency %d, %s"):format(trial.params.ema, trial.params.frequency, trial.params.callback)
  check(name .. ": val_loss", trial.metrics.val_loss, loss)
  check(name .. ": val_accuracy", trial.metrics.val_accuracy, accuracy)
  if trial.scored_epoch then
    check(name .. ": history", trial.metrics.val_loss, trial.history.val_loss[trial.scored_epoch])
  else
    check(name .. ": loss", trial.metrics.loss, (trial.model:evaluate(x, y)))
  end
  check(name .. ": score", trial.score, trial.metrics[OBJECTIVE])
end
lab:conclude()
local best = lab.best
local loss, accuracy = best.model:evaluate(xt, yt)
local wrong = best.model:predict(xt):argmax { axis = -1 }:ne(yt):sum()
print("best", loss, accuracy, wrong)
]]

local folder = os.tmpname()
os.remove(folder)

-- Runs the script; what it prints.
local function output_of(keep, objective, chosen)
  files.remove(folder)
  assert(files.make_folder(folder))
  local script = SCRIPT:gsub("KEEP", ("%q"):format(keep)):gsub("OBJECTIVE", ("%q"):format(objective))
    :gsub("CHOSEN", chosen)
  local status = runs.run(folder, script, "-q")
  assert(status == 0, files.read(folder .. "/err"))
  return files.read(folder .. "/out")
end

local CASES = {
  { "last", "val_accuracy", '{ "none", "stopping", "checkpoint", "last" }' },
  { "best", "val_loss", '{ "none", "stopping", "halving" }' },
  { "last", "loss", '{ "none", "halving" }' },
}

describe("a trial's metrics are those of the weights it keeps", function()
  teardown(function() files.remove(folder) end)

  for _, case in ipairs(CASES) do
    it(("with keep = %s and the objective %s"):format(case[1], case[2]), function()
      local output = output_of(table.unpack(case))
      assert.is_nil(output:match "differs[^\n]*")
      assert.matches("best\t", output)
    end)
  end

  it("and the test result and the confusion matrix too", function()
    local output = output_of("last", "val_accuracy", '{ "none" }')
    local loss, accuracy, wrong = output:match "best\t(%S+)\t(%S+)\t(%S+)"
    local sections = json.decode((files.read(folder .. "/reports/lab/experiment.json"))).sections
    local entry = sections[#sections]
    local tested = entry.test.trials[1].metrics
    assert.is_near(tonumber(loss), tested.loss, 1e-6)
    assert.is_near(tonumber(accuracy), tested.accuracy, 1e-6)
    local off_diagonal = 0
    for i, row in ipairs(entry.confusion) do
      for j, count in ipairs(row) do off_diagonal = off_diagonal + (i ~= j and count or 0) end
    end
    assert.are.equal(tonumber(wrong), off_diagonal)
    local report = files.read(folder .. "/reports/lab/report.md")
    assert.matches("evaluated after the training, and that is its score", report)
    for _, command in ipairs { "report lab --check", "verify @best" } do
      local _, how, code = os.execute(("cd '%s' && '%s' %s >said 2>&1"):format(folder, runs.PROGRAM, command))
      assert.are.same({ "exit", 0 }, { how, code }, files.read(folder .. "/said"))
    end
  end)
end)
