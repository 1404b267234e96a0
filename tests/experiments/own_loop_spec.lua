-- Experiments with a training loop of the script's own: `train = function(p, data, report)`.

local files = require "nn.support.files"
local json = require "nn.support.json"

local NNRUN = os.getenv "NNRUN" or "./nnrun"
local folder, nnrun

local HEAD = [[
local nn = require "nn"
local x = nn.arange(0, 24):reshape { 12, 2 } / 24
local y = x:sum { axis = 2 }:gt(1):reshape { -1, 1 }
]]

-- A loop with all that can be named as state: what dropout and shuffling draw must come out the same after a kill.
local LOOP = HEAD .. [[
local lab = nn.Experiment { name = "loop", data = { x, y }, validation = { x, y }, test = { x, y },
  params = { epochs = 3 }, objective = "val_accuracy",
  train = function(p, data, report)
    local model = nn.Sequential { nn.layers.Dropout { 0.5, input_shape = { 2 } },
      nn.layers.Dense { 1, activation = "sigmoid" } }
    model:compile { loss = "binary_crossentropy", metrics = { "accuracy" } }
    local adam, loss_fn, mean = nn.optimizers.Adam { 0.1 }, nn.losses.BinaryCrossentropy {}, nn.metrics.Mean {}
    local batches = nn.data.Dataset.from_tensor_slices({ data.train.x, data.train.y }):shuffle(12):batch(4)
    local state = { model = model, adam = adam, batches = batches, mean = mean, count = 0 }
    for epoch = report:resume(state) + 1, p.epochs do
      for xs, ys in batches:iterate() do
        local tape <close> = nn.GradientTape()
        local loss = loss_fn(ys, model(xs, { training = true }))
        adam:apply(tape:gradient(loss, model.trainable_variables), model.trainable_variables)
        mean:update_state(loss)
      end
      state.count = state.count + math.random() + nn.random.uniform { shape = { 1 } }:item()
      local _, accuracy = model:evaluate(data.validation.x, data.validation.y, { verbose = 0 })
      report.trial:save_figure("noise " .. epoch, nn.random.uniform { shape = { 3, 8, 8 } })
      report { epoch = epoch, loss = mean:result(), val_accuracy = accuracy, count = state.count, model = model }
      if epoch == 2 and os.getenv "KILL" and not io.open "killed" then
        io.open("killed", "w"):close()
        os.execute "kill -9 $PPID"
      end
    end
  end }
]]

-- Runs a script in a folder of its own.
-- @treturn string standard output and error
-- @treturn table of the first experiment's trials: id -> { record =, history =, weights = }
local function run(name, script, prefix)
  local path = ("%s/%s.lua"):format(folder, name)
  assert(files.write(path, script))
  local pipe = io.popen(("cd %s && NO_COLOR=1 %s timeout 60 %s %s.lua --reports %s -j1 2>&1"):format(folder,
    prefix or "", nnrun, name, name))
  local text = pipe:read "a"
  pipe:close()
  local trials, place = {}, ("%s/%s/%s"):format(folder, name, script:match 'name = "(%w+)"')
  for _, id in ipairs(files.list(place .. "/trials")) do
    local own = place .. "/trials/" .. id
    trials[id] = { record = json.decode(files.read(own .. "/trial.json")),
      weights = files.read(own .. "/weights.safetensors"),
      history = (files.read(own .. "/history.csv"):gsub(",[^,\n]*\n", "\n")), files = files.list(own .. "/files") }
  end
  return text, trials, files.read(place .. "/report.md")
end

local function only(trials)
  local _, one = next(trials)
  return one
end

setup(function()
  folder = os.tmpname()
  os.remove(folder)
  assert(files.make_folder(folder))
  local here = require "lfs".currentdir()
  nnrun = NNRUN:find "^/" and NNRUN or here .. "/" .. NNRUN
end)

teardown(function() files.remove(folder) end)

describe("an experiment with a loop of its own", function()
  it("has trials, a history, weights, pictures, a report and a test result, and goes on after a kill in the same bits",
    function()
      local script = LOOP .. [[
        local trial = lab:trial()
        assert(trial.model:count_params() == 3 and #trial.history.val_accuracy == 3 and trial.score)
        assert(io.open(trial.files["noise 3"]))
        lab:conclude()]]
      local text, trials, report = run("whole", script)
      assert.is_truthy(report, text)
      local one = only(trials)
      assert.are.same({ "noise_1.png", "noise_2.png", "noise_3.png" }, one.files)
      assert.are.equal("noise 3", one.record.files[3].name)
      assert.are.equal(3, one.record.parameters)
      assert.is_string(one.record.seal.files["files/noise_1.png"])
      assert.is_truthy(report:find("files/noise_3.png", 1, true))
      assert.is_truthy(report:find("test accuracy", 1, true))

      local told, again = run("again", script, "KILL=1")
      assert.is_truthy(told:find("resumed after epoch", 1, true), told)
      local other = only(again)
      assert.are.equal(one.history, other.history)
      assert.is_true(one.weights == other.weights)
      assert.are.same(one.record.weights, other.record.weights)
      assert.are.same(one.files, other.files)
    end)

  it("keeps several models, asks evaluate for the test result, and takes data without targets", function()
    local text, trials, report = run("several", HEAD .. [[
      local lab = nn.Experiment { name = "several", data = { train = x, test = { x } }, objective = "loss",
        evaluate = function(models, test, p) return { loss = models.b.weights[1]:sum() + #test.x + p.epochs } end,
        train = function(p, data, report, trial)
          local function one() return nn.Sequential { nn.layers.Dense { 1, input_shape = { 2 },
            kernel_initializer = "ones" } } end
          trial:save_file("notes.txt", "kept")
          trial:save_file("x.npy", data.train.x)
          report { loss = 1, model = { a = one(), b = one() } }
        end }
      local trial = lab:trial()
      assert(trial.model.a and trial.model.b and nn.load(trial.files["x.npy"]):eq(x):min() == 1)
      lab:conclude()]])
    assert.is_truthy(report, text)
    assert.are.equal(6, only(trials).record.parameters)
    assert.is_truthy(report:find("15.0", 1, true), report) -- 2 + 12 + 1
    assert.is_truthy(report:find("files/notes.txt", 1, true))
  end)

  it("fails, diverges and is checked as others are", function()
    local text, trials = run("ends", HEAD .. [[
      local lab = nn.Experiment { name = "ends", data = { x, y }, params = { how = 0, epochs = 3 }, objective = "loss",
        train = function(p, data, report)
          for epoch = 1, p.epochs do
            if p.how == 1 then error "boo" end
            if p.how == 2 then report { epoch = 3, loss = 1 } end
            if p.how == 5 then print(data.test) end
            if p.how == 4 then report { loss = 1, ["a\nb"] = 2 } end
            report { epoch = epoch, loss = p.how == 3 and 0 / 0 or 1 }
          end
        end }
      local bare = nn.Experiment { name = "bare", objective = "val_accuracy", -- without data of the experiment's
        train = function(p, data, report) report { val_accuracy = data.train == nil and 0.25 or 0 } end }
      print("bare", bare:trial().score)
      local trials = lab:sweep("How", { how = { 0, 1, 2, 3, 4, 5 } }).trials
      for _, trial in ipairs(trials) do print(trial.status, trial.reason) end
      print(select(2, pcall(function() return lab.trials[1].model end)))]])
    assert.is_truthy(text:find("complete", 1, true) and text:find("bare%s+0.25"), text)
    assert.is_truthy(text:find("ends.lua:7: boo", 1, true))
    assert.is_truthy(text:find("epoch: expected 1, as this is the first one, got 3", 1, true))
    assert.is_truthy(text:find("ends.lua:10: report: expected a name that has text and no line break", 1, true), text)
    assert.is_truthy(text:find("ends.lua:9: data.test: the test data stay under lock", 1, true), text)
    assert.is_truthy(text:find("loss is not finite at epoch 1", 1, true))
    assert.is_truthy(text:find("has no model: its loop gave none", 1, true))
    local count = 0
    for _ in pairs(trials) do count = count + 1 end
    assert.are.equal(6, count)
    local check = io.popen(("cd %s && %s check ends.lua --reports none 2>&1"):format(folder, nnrun)):read "a"
    assert.is_truthy(check:find("how=1", 1, true) and check:find("boo", 1, true), check)
  end)

  it("says what goes with a loop and what does not", function()
    local nn = require "nn"
    local x = nn.ones { 2, 2 }
    local function declared(fields)
      fields.name = "declared"
      return select(2, pcall(nn.Experiment, fields))
    end
    local function loop() end
    assert.is_truthy(declared({ train = loop, build = loop }):find("build has no effect beside train", 1, true))
    assert.is_truthy(declared({ train = { x, x }, build = loop, data = x }):find("data goes with train =", 1, true))
    assert.is_truthy(declared({ train = loop, data = { tests = x } }):find("train, validation and test", 1, true))
    assert.is_truthy(declared({ train = loop, data = { validation = x }, validation = x }):find("twice", 1, true))
  end)
end)
