-- nn.advice: who is told what, how often, and where: on the console, in trial.json, in the record and in the report.
local nn = require "nn"
local json = require "nn.support.json"
local files = require "nn.support.files"
local fakes = require "tests.support.experiment_fakes"
local runs = require "tests.support.runs"

local HEAD = [[
local nn = require "nn"
local Dense = nn.layers.Dense
local function normal(n, seed) return nn.random.normal { shape = { n, 4 }, seed = seed } end
local function model(width, activation, rate)
  local m = nn.Sequential { Dense { width, activation = "relu", input_shape = { 4 } },
    Dense { 1, activation = activation, name = "out" } }
  m:compile { optimizer = nn.optimizers.SGD { rate or 0.01 }, loss = "binary_crossentropy" }
  return m
end
local function part(n, seed) local x = normal(n, seed) return { x, x[{ {}, 1 }]:gt(0) } end
]]

local LAB = HEAD .. [[
local function experiment(name, build, more)
  local given = { name = name, train = part(100, 1), validation = part(50, 2), seeds = { 1, 2 },
    params = { rate = 0.01, width = 4, epochs = 3, activation = "sigmoid" }, build = build or function(p)
      return model(p.width, p.activation, p.rate)
    end }
  for key, value in pairs(more or {}) do given[key] = value end
  return nn.Experiment(given)
end
]]

describe("advice is given", function()
  local folder

  before_each(function() folder = fakes.folder() end)
  teardown(fakes.clean)

  local function run(script, arguments)
    fakes.write(folder .. "/lab.lua", script)
    local ok = os.execute(("cd '%s' && '%s' lab.lua %s >out 2>err </dev/null"):format(folder, runs.PROGRAM,
      arguments or ""))
    local err = files.read(folder .. "/err")
    assert.is_truthy(ok, err)
    local lines = {}
    for line in err:gmatch "[^\n]+" do
      if line:find("advice: ", 1, true) then lines[#lines + 1] = line end
    end
    return lines
  end

  local function report(name) return files.read(("%s/reports/%s/report.md"):format(folder, name or "lab")) end

  local function count(text, what) return select(2, text:gsub(what, "")) end

  it("for each model that it concerns, at its line", function()
    local lines = run(HEAD .. 'model(4, "tanh")\nmodel(4, "sigmoid")\n'
      .. 'local m = nn.Sequential { Dense { 1, activation = "relu", input_shape = { 4 } } }\n'
      .. 'm:compile { optimizer = "sgd", loss = "binary_crossentropy" }\n'
      .. "m:fit(normal(50, 1), nn.ones { 50 }, { verbose = 0 })\n")
    assert.are.equal(2, #lines)
    assert.matches('^lab.lua:7: advice: .*"tanh"', lines[1])
    assert.matches('^lab.lua:14: advice: .*"relu"', lines[2])
  end)

  it("in few lines for a loop, and listed", function()
    local lines = run(HEAD .. "for i = 1, 9 do model(4, 'sigmoid', 10 + i) end print(#nn.advice.list())\n"
      .. "for i = 1, 9 do model(4, 'tanh') end")
    assert.are.equal(5, #lines)
    assert.matches("more of this kind; nn.advice.list", lines[4])
    assert.matches("tanh", lines[5])
    assert.are.equal("9\n", files.read(folder .. "/out"))
  end)

  it("in one line for the variants of a sweep, before they are trained and in the report", function()
    local sweep = 'lab:sweep("Kind", { activation = { "sigmoid", "tanh", "relu" } })\n'
    local lines = run(LAB .. 'local lab = experiment "lab"\n' .. sweep)
    assert.are.equal(1, #lines)
    assert.matches('^lab.lua:7: advice: the output out has the activation "tanh".*'
      .. "in 2 of 3 variants of Kind: activation=tanh; activation=relu; the numbers are those of activation=tanh",
      lines[1])
    assert.matches("%[output_activation%]$", lines[1])
    assert.matches("- lab.lua:7: the output out.*in 2 of 3 variants", report())
    lines = run(LAB .. 'nn.advice.silence "output_activation"\nlocal lab = experiment "lab"\n' .. sweep)
    assert.are.same({}, lines)
    assert.is_nil(report():find("the output out", 1, true))
  end)

  it("on what training led to, from the trials' processes, also where they are used again", function()
    local build = "function(p) local m = model(p.width, p.activation, p.rate)\n"
      .. "if p.width == 5 then m.layers[1]:set_weights { m.layers[1]:get_weights(), nn.full({ 5 }, -99) } end\n"
      .. "return m end"
    local script = LAB .. "local lab = experiment('lab', " .. build .. ")\n"
      .. 'lab:sweep("Width", { width = { 4, 5, 6 } })\n'
    local first = run(script)
    assert.are.equal(1, #first)
    assert.matches("advice: layer 1 .*: 5 of 5 relu units are 0", first[1])
    assert.matches("in 1 of 3 variants of Width: width=5", first[1])
    local told = 0
    for _, id in ipairs(files.list(folder .. "/reports/lab/trials")) do
      local record = json.decode(files.read(("%s/reports/lab/trials/%s/trial.json"):format(folder, id)))
      if record.advice then
        assert.are.equal("dead_units", record.advice[1].name)
        assert.matches("dead_units", files.read(("%s/reports/lab/trials/%s/log.txt"):format(folder, id)))
        told = told + 1
      end
    end
    assert.are.equal(2, told) -- seeds
    local again = run(script)
    assert.are.same(first, again)
    assert.matches("5 of 5 relu units", report())
    os.remove(folder .. "/reports/lab/report.md")
    assert.is_truthy(os.execute(("cd '%s' && '%s' report lab >out 2>err"):format(folder, runs.PROGRAM)))
    assert.are.equal(1, count(report(), "5 of 5 relu units"))
  end)

  it("on rates that fail in a sweep of them only where the best fails too", function()
    local script = LAB .. 'nn.advice.silence "learning_rate"\nlocal lab = experiment "lab"\n'
    assert.are.same({}, run(script .. 'lab:sweep("Rate", { rate = { 0.05, 0, 1e-9 } })\n'))
    local lines = run(script .. 'lab:sweep("Rates", { rate = { 0, 1e-30 } })\n')
    assert.are.equal(1, #lines)
    assert.matches("the training loss did not fall.*in both variants of Rates", lines[1])
  end)

  it("on failures in one line for a sweep, with the numbers of the worst variant", function()
    local build = "function(p) local m = model(p.width, p.activation, p.rate)\n"
      .. "m.layers[1]:set_weights { m.layers[1]:get_weights(), nn.arange(6) * -9 + 9 * p.alive }\nreturn m end"
    local lines = run(LAB .. "local lab = experiment('lab', " .. build .. ", { seeds = { 1 },\n"
      .. "params = { rate = 0.01, width = 6, epochs = 3, activation = 'sigmoid', alive = 1 } })\n"
      .. 'lab:sweep("Alive", { alive = { 2, 0, 1, 6 } })\n')
    local units = {}
    for _, line in ipairs(lines) do
      if line:find("dead_units", 1, true) then units[#units + 1] = line end
    end
    assert.are.equal(1, #units)
    assert.matches("5 of 6 relu units .*in 3 of 4 variants of Alive: alive=2; alive=0; alive=1; the numbers are those "
      .. "of alive=0", units[1])
  end)

  it("to the experiment that it concerns", function()
    run(LAB .. 'experiment("one", function(p) return model(p.width, "tanh") end):trial()\nexperiment("two"):trial()\n')
    assert.matches("the output out has", report "one")
    assert.is_nil(report "two":find("the output out has", 1, true))
  end)

  it("about data once, with a line in each report", function()
    local lines = run(LAB .. "local train = { normal(100, 1) * 90, normal(100, 1)[{ {}, 1 }]:gt(0) }\n"
      .. 'local one = experiment("one", nil, { train = train })\n'
      .. 'local two = experiment("two", nil, { train = train })\n'
      .. 'one:trial() two:sweep("Width", { width = { 2, 3 } })\n')
    local ranges = {}
    for _, line in ipairs(lines) do
      if line:find("input_range", 1, true) then ranges[#ranges + 1] = line end
    end
    assert.are.equal(1, #ranges)
    for _, name in ipairs { "one", "two" } do assert.are.equal(1, count(report(name), "the inputs run from")) end
  end)
end)

describe("what looked at the test data is named:", function()
  teardown(fakes.clean)

  local function use_of(more)
    local folder = fakes.folder()
    fakes.write(folder .. "/lab.lua", ("%slocal test = part(40, 3)\nexperiment('lab', nil, %s):trial()\n"):format(LAB,
      more))
    assert.is_truthy(os.execute(("cd '%s' && '%s' lab.lua >out 2>err </dev/null"):format(folder, runs.PROGRAM)))
    return json.decode(files.read(folder .. "/reports/lab/experiment.json")).test_uses[1].what
  end

  it("validation data that hold test data", function()
    assert.matches("its validation data hold test data", use_of "{ test = test, validation = test }")
  end)

  it("callbacks, where there are some", function()
    assert.matches("its callbacks looked at the test data", use_of [[{ test = test, callbacks = function()
      return { { on_epoch_end = function(self) self.model:predict(test[1]:copy()) end } }
    end }]])
  end)
end)

describe("advice about a thing", function()
  local advice, stderr = nn.advice, io.stderr

  before_each(function()
    advice.reset()
    io.stderr = { write = function() end } -- luacheck: ignore 122
  end)

  after_each(function() io.stderr = stderr end) -- luacheck: ignore 122

  teardown(function() advice.reset() end)

  it("is wanted until it was given about this thing", function()
    local one, other = {}, {}
    assert.is_true(advice.is_wanted("dead_units", one))
    advice.about(one, "dead_units", "%d units", 3)
    advice.about(one, "dead_units", "%d units", 4)
    assert.is_false(advice.is_wanted("dead_units", one))
    assert.is_true(advice.is_wanted("dead_units", other))
    advice.about(other, "dead_units", "%d units", 5)
    local texts = {}
    for i, each in ipairs(advice.list()) do texts[i] = each.text end
    assert.are.same({ "3 units", "5 units" }, texts)
    assert.matches("advice_giving_spec.lua:%d+: $", advice.list()[1].where)
  end)
end)
