-- The labs that come with nnrun, most of them in small: they run from a shell, and what they promise is in their
-- reports.
local lfs = require "lfs"
local files = require "nn.support.files"
local locate = require "nn.datasets.locate"
local nn = require "nn"

local NNRUN = require("tests.support.runs").PROGRAM

local folder

setup(function()
  folder = os.tmpname()
  os.remove(folder)
end)

teardown(function() files.remove(folder) end)

-- The labs that show mistakes, or whose run is so small here that there is something to advise; on the others there is
-- nothing.
local SHOWS_MISTAKES = { classification_table = true, playground = true, fashion_cnn = true, time_series = true }

-- The report of a lab that ran with these settings, and with these words for the script itself ("-- WORDS"). All that
-- it links to in its folder must be there.
local function report_of(name, settings, words)
  local command = "%s experiments/%s.lua %s -q --reports %s %s >%s.out 2>%s.txt"
  os.execute("mkdir -p " .. folder)
  local file = folder .. "/" .. name
  local ok = os.execute(command:format(NNRUN, name, settings, folder, words or "", file, file))
  local said = files.read(("%s/%s.txt"):format(folder, name))
  assert.is_true(ok, said)
  assert.is_true(SHOWS_MISTAKES[name] or not said:find "advice: ", said)
  local report_path = files.read(("%s/%s.out"):format(folder, name)):match "([^\n]*report%.md)\n$"
  local home = report_path:match "^(.*/)"
  local report = assert(files.read(report_path))
  for path in report:gmatch "%]%((charts/[^)]*)%)" do
    assert.equal("file", lfs.attributes(home .. path, "mode"), path)
  end
  return report
end

-- Declares a test of a lab that reads a data set; pending where the set is not here.
local function lab(title, set_name, check)
  it(title, function()
    local set = nn.datasets[set_name].set
    for _, file in ipairs(set.files) do
      if not locate.find(set, file) then return pending(set_name .. " is not here") end
    end
    check()
  end)
end

local function assert_has(report, ...)
  for _, text in ipairs { ... } do
    assert.is_truthy(report:find(text, 1, true), ("the report lacks: %s"):format(text))
  end
end

describe("labs", function()
  it("are all in the table of experiments/README.md", function()
    local readme = assert(files.read "experiments/README.md")
    for entry in lfs.dir "experiments" do
      if entry:find "%.lua$" then assert_has(readme, ("[%s](%s)"):format(entry, entry)) end
    end
  end)

  it("widths is the script of README.md", function()
    local listing = assert(files.read "README.md"):match "```lua\n(.-)```"
    assert.equal(listing, files.read "experiments/widths.lua")
  end)

  lab("widths compares widths, then activations", "mnist", function()
    local report = report_of("widths", "epochs=1 --seeds 1")
    assert_has(report, "# widths, with epochs=1", "`width = 200`", "`activation = tanh`")
  end)

  it("celsius finds the rule", function()
    local report = report_of("celsius", "")
    local weight, bias = report:match "f = ([%d.]+) c %+ ([%d.]+)%. The truth"
    assert.is_near(1.8, tonumber(weight), 1e-3)
    assert.is_near(32, tonumber(bias), 1e-2)
    local boiling = report:match "| 0%.1 | [%d.]+ | [%d.]+ | ([%d.]+) |"
    assert.is_near(212, tonumber(boiling), 0.5)
  end)

  it("classification_table: the right pairing wins each row", function()
    local report, count = report_of("classification_table", "epochs=10"), 0
    for right, wrong in report:gmatch "%*%*([%d.-]+)%*%* | [%w_, ]+ | ([%d.-]+) |" do
      count = count + 1
      assert.is_true(tonumber(right) > 0.9 and tonumber(right) > tonumber(wrong) + 0.1, right .. " against " .. wrong)
    end
    assert.equal(6, count)
    local warnings = report:match "## Warnings\n(.-)\n## "
    for _, output in ipairs { "yes_or_no", "one_of_three", "class_ids", "several_labels", "any_number", "a_share" } do
      assert_has(warnings, "the output " .. output)
    end
    assert.is_nil(warnings:find("pairing=right", 1, true))
  end)

  it("playground: a hidden layer separates what one neuron cannot", function()
    local report = report_of("playground", "epochs=15 --seeds 1")
    local function right(title) return tonumber(report:match(title .. ": ([%d.]+) %% right")) end
    assert.is_true(right "No hidden layer, circles" < 70 and right "One hidden layer of 8, circles" > 90)
  end)

  lab("iris_perceptron tells setosa from the others", "iris", function()
    assert_has(report_of("iris_perceptron", "epochs=2"), "| setosa | 1.000 | 1.000 |")
  end)

  lab("first_digits shows samples, a prediction and recall", "mnist", function()
    local report = report_of("first_digits", "epochs=1")
    assert_has(report, "## Samples 8 and 11", "| a 1 | a 5 |", "## Its probabilities", "![confusion matrix]",
      "## Recall of each digit")
    assert.is_true(tonumber(report:match "test accuracy %*%*([%d.]+)") > 0.5)
  end)

  lab("fashion_mnist shows garments and what is said of them", "fashion_mnist", function()
    local report = report_of("fashion_mnist", "epochs=1 --seeds 1")
    assert_has(report, "## The first 50 garments", "| Ankle boot | T-shirt/top | T-shirt/top | Dress |",
      "## The small network", "## The first test garments", "## The first that it gets wrong", "(it is: ")
    assert.is_true(tonumber(report:match "test accuracy %*%*([%d.]+)") > 0.7)
  end)

  lab("california_housing: hidden layers beat linear regression, which beats the mean", "california_housing", function()
    local report = report_of("california_housing", "epochs=4 --seeds 1")
    local mean = tonumber(report:match "the mae is (%d+%.%d+)")
    local linear = tonumber(report:match "\n| +0 | +%**([%d.]+)")
    local deep = tonumber(report:match "\n| +2 | +%**([%d.]+)")
    assert.is_true(deep < linear and linear < mean)
  end)

  lab("wide_and_deep has a shortcut", "california_housing", function()
    local report = report_of("wide_and_deep", "epochs=2 --seeds 1")
    assert_has(report, "Connected to", "features[0][0], hidden_2[0][0]", "## Weights of the shortcut")
    assert.is_true(tonumber(report:match "test mean absolute error %*%*(%d+%.%d+)") < 0.9)
  end)

  lab("custom_training does by hand what fit does", "mnist", function()
    local report = report_of("custom_training", "epochs=1 width=10")
    local fitted, own = report:match "\n| 1 | ([%d.]+) | ([%d.]+) |"
    assert.is_near(tonumber(fitted), tonumber(own), 1e-4)
    assert.is_true(tonumber(report:match "two weights after training is (%S+)%.") < 1e-4)
    assert_has(report, "plain SGD for the hidden layers and Adam for the last one")
  end)

  it("custom_pieces compares pieces of one's own with built-in ones", function()
    local report = report_of("custom_pieces", "epochs=3 --seeds 1")
    assert_has(report, "`within` is the share", "| cauchy", "| waves", "| falling")
  end)

  lab("gan draws digits, which a classifier judges", "mnist", function()
    local report = report_of("gan", "images=64 epochs=2 filters=4")
    assert_has(report, "training sureness", "**epoch 2**", "files/epoch_2.png")
  end)

  lab("autoencoder copies digits through two numbers and draws their map", "mnist", function()
    local report = report_of("autoencoder", "epochs=1", "-- 200")
    assert_has(report, "## Copies: convolution", "## The map of codes: variational", "## Digits drawn from the",
      "## Longer codes")
  end)

  lab("train_step compares steps of one's own with fit", "fashion_mnist", function()
    local report = report_of("train_step", "epochs=1 --seeds 1", "-- 200")
    assert_has(report, "`mixup`", "`smoothing`", "| fit ")
  end)

  lab("convolution shows filters, feature maps and where it looks", "mnist", function()
    local report = report_of("convolution", "epochs=1 --seeds 1", "-- 1000")
    assert_has(report, "conv2d (Conv2D)", "(None, 24, 24, 32)", "## First-layer filters", "max_pooling2d: 12 x 12",
      "## Kernel size", "## Padding", "## Stride", "## What speaks for the true class", "true ")
    assert.is_true(tonumber(report:match "test accuracy %*%*([%d.]+)") > 0.5)
  end)

  lab("mnist_rows reads digits row by row and draws gradients", "mnist", function()
    local report = report_of("mnist_rows", "epochs=1 units=16 --seeds 1", "-- 1000")
    assert_has(report, "`layer = LSTM`", "## Vanishing gradients", "## Gradients after training",
      "`recurrent_initializer = random_normal`")
    local simple, gru = report:match "\n| SimpleRNN | ([%d.e-]+) | .-\n| GRU | ([%d.e-]+) |"
    assert.is_true(tonumber(gru) < tonumber(simple))
  end)

  lab("shakespeare learns to write", "tinyshakespeare", function()
    local report = report_of("shakespeare", "epochs=1 units=32 batch_size=8", "-- shakespeare GRU 20000")
    assert_has(report, "First Citizen:", "test bits per character", "Temperature 0.2:", "\nROMEO:")
    assert.is_true(tonumber(report:match "test loss %*%*([%d.]+)") < 3.5)
  end)

  lab("small_gpt learns to write, and draws what it looks at", "tinyshakespeare", function()
    local report = report_of("small_gpt", "epochs=2 width=8 heads=2 batch_size=8", "-- 10000")
    assert_has(report, "First Citizen:", "test bits per character", "## Head 2 of the last block", "Temperature 0.5:",
      "\nROMEO:")
    assert.is_true(tonumber(report:match "test loss %*%*([%d.]+)") < 4)
  end)

  lab("time_series forecasts, and shows two mistakes that advice finds", "airline_passengers", function()
    local report = report_of("time_series", "epochs=3 --seeds 1", "-- passengers")
    assert_has(report, "from 1949-01 to 1960-12", "| as the last month |", "## Forecasts", "| conv1d |",
      "[overlapping_windows]", "[joint_scaling]")
    local honest, shuffled = report:match "first eight years | ([%d.]+) |.-then split | ([%d.]+) |"
    assert.is_true(tonumber(shuffled) < tonumber(honest))
  end)

  lab("imdb_sequences compares networks, and shows the words that weighed most", "imdb", function()
    local report = report_of("imdb_sequences", "epochs=1 units=4 embedding=4 batch_size=32", "-- 200")
    assert_has(report, "`network = bidirectional`", "`vectors = fixed, embedding = 25`", "## Vectors of GloVe",
      "## Words of wrong review 3")
  end)

  lab("fashion_cnn compares optimizers, dropout, batch normalization and decay", "fashion_mnist", function()
    local report = report_of("fashion_cnn", "epochs=1 --seeds 1", "-- 500")
    assert_has(report, "trained on 500 images", "batch_normalization = true", "`decay = true`",
      "## Feature maps of one garment", "## What speaks for the class")
    assert.is_true(tonumber(report:match "test accuracy %*%*([%d.]+)") > 0.3)
  end)

  lab("cifar10 has a residual network", "cifar10", function()
    local report = report_of("cifar10", "epochs=1", "-- 300")
    assert_has(report, "Connected to", "`network = residual`", "over red, green and blue", "## The worst mistakes")
  end)

  it("dogs_and_cats says where it looked for photographs", function()
    local command = "%s experiments/dogs_and_cats.lua -q --reports %s -- /nowhere >%s/dogs.txt 2>&1"
    os.execute("mkdir -p " .. folder)
    assert.is_falsy(os.execute(command:format(NNRUN, folder, folder)))
    assert.matches("no photographs in /nowhere or ", files.read(folder .. "/dogs.txt"))
  end)

  -- A folder of photographs that are noise, a few for each class.
  local function noise_pictures()
    local home, seed = folder .. "/noise", 0
    for _, part in ipairs { "train/cats", "train/dogs", "validation/cats", "validation/dogs" } do
      os.execute(("mkdir -p %s/%s"):format(home, part))
      for i = 1, 4 do
        seed = seed + 1
        local picture = nn.random.uniform { shape = { 24, 24, 3 }, minval = 0, maxval = 255, seed = seed }
        nn.image.save(("%s/%s/%d.png"):format(home, part, i), picture:astype "uint8")
      end
    end
    return home
  end

  it("transfer_learning trains a head, then the last block, and the same network from scratch", function()
    local report = report_of("transfer_learning", "epochs=1 batch_size=4 --seeds 1",
      ("-- %s none"):format(noise_pictures()))
    assert_has(report, "# Fine-tuning, and training from scratch", "start = imagenet", "## Where it looks")
    assert_has(files.read(folder .. "/transfer_learning@batch_size=4,epochs=1/report.md"),
      "# Dogs and cats on the shoulders of ImageNet", "## A head on frozen features")
  end)

  it("pretrained shows what a network sees in a picture", function()
    local report = report_of("pretrained", "", ("-- %s/train/cats/1.png SqueezeNet none"):format(noise_pictures()))
    assert_has(report, "# SqueezeNet looks at 1.png", "| the picture | | in a mirror | |", "fire5_relu_expand3x3: ",
      "## Where it looks")
  end)

  lab("imdb_reviews reads reviews", "imdb", function()
    local report = report_of("imdb_reviews", "epochs=1 --seeds 1")
    assert_has(report, "*the* is 1,", "## Twenty epochs", "## Remedies",
      "| A wonderful film, moving and beautifully played. |")
    assert.is_true(tonumber(report:match "test accuracy %*%*([%d.]+)") > 0.75)
  end)
end)
