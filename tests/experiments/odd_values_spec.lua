-- Numbers that JSON has no word for, values that print alike and names with any character, through a whole experiment.
local dkjson = require "dkjson"
local nn = require "nn"
local csv_file = require "nn.support.csv_file"
local files = require "nn.support.files"
local json = require "nn.support.json"
local fakes = require "tests.support.experiment_fakes"
local runs = require "tests.support.runs"

local NAME = '=q"u,o\\te|`<b>$\n\xFF'
local METRIC = '-m,"<i>|\n*'

local SCRIPT = ([[
local nn = require "nn"
local NAME, METRIC = %q, %q
local x = nn.random.normal{ shape = { 60, 2 }, seed = 3 }
local y = x[{ {}, { 1, 1 } }] * 2
local lab = nn.Experiment{
  name = "lab", title = NAME, train = { x, y }, validation = { x, y }, objective = "val_mae",
  params = { [NAME] = 1, top = 1, rate = 0.01, epochs = 2, batch_size = 20 },
  build = function(p)
    local model = nn.Sequential{ nn.layers.Dense{ 1, input_shape = { 2 },
      kernel_constraint = nn.constraints.MinMaxNorm{ min_value = 0, max_value = p.top } } }
    model:compile{ optimizer = nn.optimizers.SGD{ p.rate }, loss = "mse",
      metrics = { "mae", nn.metrics.MeanAbsoluteError{ name = METRIC } } }
    return model
  end,
  callbacks = function(p)
    return { { on_epoch_end = function(_, logs)
      logs.nan, logs.huge, logs.seen = 0 / 0, -math.huge, #tostring(p[NAME])
    end } }
  end,
}
lab:sweep("top", { top = { 0.01, 2, math.huge } })
lab:sweep(NAME, { [NAME] = { 1, "1", true, "true", "a\tb", "a b", "'x'", "=SUM(A1)", "x\xFF" } })
lab:sweep("rate", { rate = { 0.3, 0.1 + 0.2, 0.2 } })
lab:report()
]]):format(NAME, METRIC)

local folder, page

local function print_of(command)
  fakes.write(folder .. "/out", "")
  assert.is_true(os.execute(("cd '%s' && '%s' %s >out 2>err"):format(folder, runs.PROGRAM, command)))
  return files.read(folder .. "/out")
end

local function lab_file(name)
  return assert(files.read(folder .. "/reports/lab/" .. name))
end

local function records()
  local list = {}
  for _, id in ipairs(files.list(folder .. "/reports/lab/trials")) do
    list[#list + 1] = json.decode(lab_file("trials/" .. id .. "/trial.json"))
  end
  return list
end

local function has_value(list, value)
  for _, each in ipairs(list) do
    if each == value then return true end
  end
end

describe("odd values and names", function()
  setup(function()
    folder = fakes.folder()
    local status = runs.run(folder, SCRIPT, "-q")
    assert.equal(0, status, files.read(folder .. "/err"))
    page = lab_file "report.md"
  end)
  teardown(fakes.clean)

  it("are in the records as they were", function()
    local tops, names, rates = {}, {}, {}
    for _, record in ipairs(records()) do
      tops[#tops + 1], names[#names + 1], rates[#rates + 1] = record.params.top, record.params[NAME], record.params.rate
      assert.is_true(record.metrics.nan ~= record.metrics.nan)
      assert.equal(-math.huge, record.metrics.huge)
      assert.equal(record.metrics.mae, record.metrics[METRIC])
    end
    assert.is_true(has_value(tops, math.huge))
    for _, value in ipairs { 1, "1", true, "true", "a\tb", "a b", "x\xFF" } do
      assert.is_true(has_value(names, value))
    end
    assert.is_true(has_value(rates, 0.1 + 0.2) and has_value(rates, 0.3))
    assert.equal(NAME, json.decode(lab_file "experiment.json").title)
  end)

  it("are in the histories as they were", function()
    for _, record in ipairs(records()) do
      local history = csv_file.columns(lab_file("trials/" .. record.id .. "/history.csv"))
      assert.equal(record.metrics[METRIC], history[METRIC][2])
      assert.equal(record.metrics.val_loss, history.val_loss[2])
      assert.equal(-math.huge, history.huge[1])
    end
  end)

  it("are JSON and UTF-8 for other programs", function()
    local shown, listed = print_of "show @last --format json", print_of "runs lab --format json"
    for _, text in ipairs { lab_file "experiment.json", shown, listed } do
      assert.truthy(dkjson.decode(text))
      assert.truthy(utf8.len(text))
    end
    assert.truthy(utf8.len(lab_file "trials.csv"))
    assert.truthy(utf8.len(page))
    assert.is_nil(page:find "[\0-\9\11-\31]")
  end)

  it("are told apart in tables, sentences and listings", function()
    local listed = print_of "runs lab"
    for _, text in ipairs { page, listed } do
      for _, value in ipairs { " inf ", ' "1" ', ' "true" ', " true ", " 0.30000000000000004 ", " 0.3 " } do
        assert.truthy(text:find(value, 1, true), value)
      end
    end
    assert.truthy(listed:find('"a\\tb"', 1, true))
    assert.truthy(listed:find('"x\\xFF"', 1, true))
    assert.is_nil(page:find("top = nil", 1, true))
    assert.matches("`top`[^\n]+0%.01, 2[^\n]+inf", page)
  end)

  it("are no formulas in trials.csv", function()
    local names, rows = csv_file.read(lab_file "trials.csv")
    assert.truthy(lab_file "trials.csv":find(",'=SUM(A1),", 1, true))
    assert.equal(15, #rows)
    for _, row in ipairs(rows) do assert.equal(#names, #row) end
  end)

  it("are drawn, and never run", function()
    for _, name in ipairs(files.list(folder .. "/reports/lab/charts")) do
      local base = name:match "^(.*)%.gp$"
      if base then assert.truthy(files.read(("%s/reports/lab/charts/%s.svg"):format(folder, base)), base) end
    end
    local charts = folder .. "/reports/lab/charts/"
    local drawn = ""
    for _, name in ipairs(files.list(charts)) do
      if name:find "q_u.*score%.svg$" or name:find "top%-mae%.svg$" then drawn = drawn .. files.read(charts .. name) end
    end
    for _, label in ipairs { "'x'", "top = inf" } do assert.truthy(drawn:find(label, 1, true), label) end
  end)

  it("are found again", function()
    assert.equal(0, runs.run(folder, SCRIPT))
    local _, reused = files.read(folder .. "/err"):gsub("reused", "")
    assert.equal(15, reused)
    print_of "report lab --check"
  end)
end)

describe("numbers without bounds", function()
  it("are sweeped over as two values", function()
    local grid = require "nn.search.grid"
    assert.equal(2, #select(2, grid.expand { top = { -math.huge, math.huge } }))
    assert.equal(1, #select(2, grid.expand { top = { 1, 1.0 } })) -- equal in Lua
  end)

  it("stay in the config of a layer, in JSON and in a file", function()
    local model = nn.Sequential { nn.layers.Discretization { bin_boundaries = { 0, math.huge }, input_shape = { 2 } },
      nn.layers.Dense { 1, kernel_constraint = nn.constraints.MaxNorm { math.huge } } }
    local path = os.tmpname() .. ".safetensors"
    model:compile { optimizer = "sgd", loss = "mse" }
    model:save(path)
    for _, copy in ipairs { nn.models.model_from_json(model:to_json()), nn.models.load_model(path) } do
      assert.equal(math.huge, copy.layers[2]:get_config().kernel_constraint.config.max_value)
      assert.same(model.layers[1]:get_config(), copy.layers[1]:get_config())
    end
    os.remove(path)
  end)
end)
