-- What a report says of the predictions on the test data, in real runs: regression and classification.
local files = require "nn.support.files"
local fakes = require "tests.support.experiment_fakes"

local NNRUN = require("tests.support.runs").PROGRAM

-- `TARGETS`, `OUTPUT`, `COMPILE` and `MORE` are put in place.
local SCRIPT = [[
local nn = require "nn"
nn.advice.silence()
local x = nn.random.normal{ shape = { 120, 3 }, seed = 1 }
local y = TARGETS
local function part(from, to) return { x[{ { from, to } }], y[{ { from, to } }] } end
local lab = nn.Experiment{
  name = "lab", train = part(1, 80), validation = part(81, 100), test = part(101, 120), MORE
  params = { epochs = 1, batch_size = 10 },
  build = function(p)
    local model = nn.Sequential{ nn.layers.Dense{ OUTPUT, input_shape = { 3 } } }
    model:compile{ optimizer = "sgd", COMPILE }
    return model
  end,
}
lab:trial()
lab:conclude()
]]

describe("the conclusion", function()
  local folder

  before_each(function() folder = fakes.folder() end)
  teardown(fakes.clean)

  -- Report and standard output.
  local function report(places)
    fakes.write(folder .. "/lab.lua", (SCRIPT:gsub("%u%u%u%u+", places)))
    local _, _, code = os.execute(("cd '%s' && '%s' lab.lua -q >out 2>err </dev/null"):format(folder, NNRUN))
    assert.equal(0, code, files.read(folder .. "/err"))
    return files.read(folder .. "/reports/lab/report.md"), files.read(folder .. "/out")
  end

  local function contains(text, part)
    assert(text:find(part, 1, true), ("not found: %s\nin:\n%s"):format(part, text))
  end

  it("scores batches of the size that models are trained with, and leaves out metrics with several values", function()
    local _, out = report { TARGETS = "nn.ones{ 120, 1 }",
      OUTPUT = "1, kernel_initializer = 'zeros', trainable = false",
      COMPILE = [[metrics = { nn.metrics.F1Score{} }, loss = nn.losses.MeanSquaredError{ reduction = "sum" } ]],
      MORE = "test_every_trial = true, objective = 'val_loss', " }
    local validation, test = out:match "validation loss of ([%d.]+).- test loss ([%d.]+)"
    assert.same({ 10, 10 }, { tonumber(validation), tonumber(test) }, out)
  end)

  it("takes metrics of one's own, which have no value for each sample", function()
    local _, out = report { TARGETS = "x[{ {}, { 1, 1 } }]", OUTPUT = "1",
      COMPILE = [[loss = "mse", metrics = { nn.metrics.Metric:extend{ name = "most",
        update_state = function(self, y) self.most = y:max() end, result = function(self) return self.most end }{} }]],
      MORE = 'objective = "val_loss",' }
    assert.matches("validation loss of [%d.]+ %(95 %% interval", out)
  end)

  it("of a regression has a baseline, the worst rows, predictions and residuals", function()
    local page, out = report { TARGETS = "x[{ {}, { 1, 1 } }] * 2 + 7", OUTPUT = "1",
      COMPILE = 'loss = "mse", metrics = { "mae" }', MORE = 'objective = "val_mae",' }
    assert.matches("%*%*; always answering the median of the training targets gives [%d.]+%.",
      page:match "%*%*Result%.%*%*[^\n]+")
    contains(page, "For comparison: always answering the median of the training targets gives a test mean absolute "
      .. "error of ")
    contains(page, "The ten test rows with the largest residuals (true minus predicted):")
    assert.matches("| test row | +input 1 | +input 2 | +input 3 | +true | predicted | residual |", page)
    contains(page, "(charts/predictions.svg)")
    contains(page, "(charts/residuals.svg)")
    assert.matches("^The only variant, the defaults, has a validation mean absolute error of [%d.]+ %(95 %% interval "
      .. "for new samples [%d.]+ to [%d.]+%), test mean absolute error [%d.]+ %(95 %% interval for new samples [%d.]+ "
      .. "to [%d.]+%); always answering the median of the training targets gives [%d.]+%.\n", out)
  end)

  it("of a regression holds the mean against a squared error, by the numbers", function()
    local page = report { TARGETS = "x[{ {}, { 1, 1 } }] * 0 + nn.arange(120):reshape{ 120, 1 }", OUTPUT = "1",
      COMPILE = 'loss = "mse"', MORE = "" }
    -- the mean of 0 to 79 is 39.5; over 100 to 119 its squared error is 70^2 + 33.25
    contains(page, "always answering the mean of the training targets gives a test loss of 4933.")
  end)

  it("of several outputs tells of each", function()
    local page = report { TARGETS = "x[{ {}, { 1, 2 } }] + 1", OUTPUT = "2", COMPILE = 'loss = "mse"', MORE = "" }
    contains(page, "largest residuals (true minus predicted) of output 2:")
    contains(page, "(charts/predictions-2.svg)")
    page = report { TARGETS = "nn.concatenate({ x, x, x, x, x, x, x }, { axis = 2 }) + 1", OUTPUT = "21",
      COMPILE = 'loss = "mse"', MORE = 'title = "Many",' }
    contains(page, "The model predicts 21 numbers for each sample, too many to show one by one.")
  end)

  for _, shape in ipairs { "", ":reshape{ 120, 1 }" } do
    it("of yes and no as float labels has classes and a confusion matrix" .. shape, function()
      local page, out = report {
        TARGETS = 'x[{ {}, 1 }]:gt(0):astype "float32"' .. shape, OUTPUT = '1, activation = "sigmoid"',
        COMPILE = 'loss = "binary_crossentropy", metrics = { "accuracy" }', MORE = 'objective = "val_accuracy",',
      }
      contains(page, "| class | test samples | recall | precision | most often mistaken for |")
      contains(page, "(charts/confusion.svg)")
      -- of the training labels 41 of 80 are 0, of the test labels 7 of 20
      contains(page, "always answering class 0 gives a test accuracy of 0.3500.")
      contains(out, "; always answering class 0 gives 0.3500.")
      contains(page:match "%*%*Result%.%*%*[^\n]+", "; always answering class 0 gives 0.3500.")
      assert.not_matches("residuals", page)
    end)
  end

  it("of yes and no by logits has classes, and the shares of the classes beside its loss", function()
    local page = report {
      TARGETS = "x[{ {}, 1 }]:gt(0)", OUTPUT = "1", MORE = "",
      COMPILE = "loss = nn.losses.BinaryCrossentropy { from_logits = true }",
    }
    contains(page, "| class | test samples | recall | precision | most often mistaken for |")
    local share = 39 / 80 -- of yes in training; in the test data 13 of 20
    local loss = -(13 * math.log(share) + 7 * math.log(1 - share)) / 20
    contains(page, ("always answering the shares of the classes in training gives a test loss of %.4f."):format(loss))
    assert.not_matches("residuals", page)
  end)

  it("stays the same where the report is written again", function()
    local before = report { TARGETS = "x[{ {}, 1 }]:gt(0)", OUTPUT = '1, activation = "sigmoid"',
      COMPILE = 'loss = "binary_crossentropy", metrics = { "accuracy" }', MORE = 'objective = "val_accuracy",' }
    local page = folder .. "/reports/lab/report.md"
    assert(os.remove(page))
    assert.is_truthy(os.execute(("cd '%s' && '%s' report lab >out 2>err"):format(folder, NNRUN)))
    assert.equal(before:match "%*%*Result%.%*%*[^\n]+", files.read(page):match "%*%*Result%.%*%*[^\n]+")
    contains(files.read(page), "; always answering class 0 gives 0.3500.")
  end)

  it("says where a result on test data is not a finite number", function()
    local places = { TARGETS = "x[{ {}, {1, 1} }]", OUTPUT = "1", COMPILE = 'loss = "mse", metrics = { "mae" }',
      MORE = "seeds = { 1, 2 }," }
    local _, told = report(places)
    assert.matches("test loss %d", told)
    places.TARGETS = "x[{ {}, {1, 1} }]\nx[{ 110, 2 }] = 0 / 0"
    local page, out = report(places)
    assert.matches("test loss not a finite number in 2 of 2 runs%.", out)
    assert.matches("On the test data: %*%*test loss not a finite number in 2 of 2 runs%*%*, test mean absolute error "
      .. "not a finite number in 2 of 2 runs", page)
    assert.is_nil(page:find("not measured on test data", 1, true))
  end)
end)
