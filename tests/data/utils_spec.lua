-- nn.utils: splits and folds (numbers of scikit-learn 1.2), normalize, pictures in folders, drawings of models.
local lfs = require "lfs"
local fakes = require "tests.support.experiment_fakes"
local message_of = require("tests.support.expect").message_of
local nn = require "nn"
local utils = nn.utils

local folder

local function read(path)
  local file <close> = io.open(path, "rb")
  return file and file:read "a"
end

local function write(path, contents)
  local file <close> = assert(io.open(path, "wb"))
  file:write(contents)
end

setup(function() folder = fakes.folder() end)
teardown(fakes.clean)

describe("random whole numbers", function()
  it("are all those from minval on, below maxval, about equally often", function()
    local drawn, times = nn.random.randint { shape = { 70, 100 }, minval = -3, maxval = 4, seed = 1 }, {}
    assert.are.equal("int32", drawn.dtype)
    assert.are.same({ 70, 100 }, drawn.shape)
    for _, value in ipairs(drawn:flatten():totable()) do times[value] = (times[value] or 0) + 1 end
    for value = -3, 3 do assert.is_near(1000, times[value], 150) end -- five standard deviations
    assert.is_nil(times[4] or times[-4])
  end)

  it("say what is wrong", function()
    local function of(minval, maxval)
      return message_of(nn.random.randint, { shape = { 1 }, minval = minval, maxval = maxval })
    end
    assert.matches("minval: expected a whole number, got 0.5", of(0.5, 2))
    assert.matches("maxval: expected minval %+ 1 to minval %+ 16777216, got 3 and minval 3", of(3, 3))
  end)
end)

-- How often each value is in a list.
local function counts(list)
  local result = {}
  for _, value in ipairs(list) do result[value] = (result[value] or 0) + 1 end
  return result
end

local function labels(...)
  local list = {}
  for id, count in ipairs { ... } do
    for _ = 1, count do list[#list + 1] = id - 1 end
  end
  return list
end

describe("a module", function()
  it("says so where it lacks a name", function()
    assert.error_matches(function() return nn.datasets.minst end, "no minst; did you mean nn.datasets.mnist%?")
    assert.error_matches(function() return nn.utils.nothing_like_it end, "^nn.utils has no nothing_like_it$")
  end)
end)

describe("normalize", function()
  local x = { { 3, -4, 0 }, { 1, 2, -2 } }

  it("divides rows by norms of any order", function()
    local all = { { 7, 5 }, { 5, 3 }, { 4.49794145, 2.57128159 }, [0] = { 2, 3 }, [math.huge] = { 4, 2 } }
    for order, norms in pairs(all) do
      local got = utils.normalize(x, { order = order })
      assert.is_near(3 / norms[1], got[1][1], 1e-6)
      assert.is_near(-2 / norms[2], got[2][3], 1e-6)
    end
    assert.are.same({ 3, -4, 0 }, utils.normalize({ 3, -4, 0 }, { order = -math.huge }):totable())
  end)

  it("leaves zeros alone and takes an axis", function()
    assert.are.same({ { 1, 0 }, { 0, 0 } }, utils.normalize({ { 5, 0 }, { 0, 0 } }, { axis = 1 }):totable())
    assert.is_near(0.6, utils.normalize(nn.tensor { 3, 4 })[1], 1e-6)
  end)

  it("refuses what is no order", function()
    assert.matches("order: expected a number", message_of(utils.normalize, x, { order = "fro" }))
  end)
end)

describe("to_categorical", function()
  it("takes the number of classes by position and by name", function()
    local want = { { 1, 0, 0 }, { 0, 1, 0 } }
    assert.are.same(want, utils.to_categorical({ 0, 1 }, 3):totable())
    assert.are.same(want, utils.to_categorical({ { 0 }, { 1 } }, { num_classes = 3 }):totable())
  end)

  it("refuses ids beyond it", function()
    assert.matches("run from 0 to 3, but num_classes is 3", message_of(utils.to_categorical, { 0, 3 }, 3))
  end)

  it("says how large labels would be of ids that can hardly be meant, and of more than there is memory for", function()
    assert.matches("class id is 2000000000, so the labels would take 8.0 GB", message_of(utils.to_categorical, { 2e9 }))
    assert.matches("num_classes = 2000000001$", message_of(utils.to_categorical, { { 2e9 }, { 1 } }))
    local ids = nn.zeros({ 10000 }):astype "int32"
    assert.matches("not enough memory for a tensor .* takes 800.0 GB, and [%d.]+ GB are free",
      message_of(utils.to_categorical, ids, 20000000))
  end)
end)

describe("train_test_split", function()
  it("rounds as scikit-learn", function()
    for _, case in ipairs { { 10, { test_size = 0.25 }, 7, 3 }, { 10, { test_size = 0.33 }, 6, 4 }, { 7, {}, 5, 2 },
      { 10, { train_size = 0.55 }, 5, 5 }, { 10, { train_size = 3, test_size = 4 }, 3, 4 } } do
      local train, test = utils.train_test_split { nn.arange(case[1]), seed = 1,
        test_size = case[2].test_size, train_size = case[2].train_size }
      assert.are.same({ case[3], case[4] }, { #train, #test })
    end
  end)

  it("keeps the order without shuffling", function()
    local a, b = utils.train_test_split { { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 }, shuffle = false }
    assert.are.same({ { 1, 2, 3, 4, 5, 6, 7 }, { 8, 9, 10 } }, { a, b })
  end)

  it("splits tensors and lists alike, into parts that make up the whole, the same each time", function()
    local names = {}
    for i = 1, 20 do names[i] = "n" .. i end
    local a, b, c, d = utils.train_test_split { nn.arange(20), names, test_size = 5, seed = 3 }
    local seen = {}
    for i = 1, 15 do
      assert.are.equal("n" .. (a[i] // 1 | 0) + 1, c[i])
      seen[a[i]] = true
    end
    for i = 1, 5 do
      assert.are.equal("n" .. (b[i] // 1 | 0) + 1, d[i])
      assert.is_nil(seen[b[i]])
    end
    assert.are.same(c, select(3, utils.train_test_split { nn.arange(20), names, test_size = 5, seed = 3 }))
    assert.are_not.same(c, select(3, utils.train_test_split { nn.arange(20), names, test_size = 5, seed = 4 }))
  end)

  it("gives both parts each class in its proportion", function()
    local y = labels(50, 30, 20)
    local train, test = utils.train_test_split { nn.tensor(y, "int32"), test_size = 0.23, stratify = y, seed = 1 }
    assert.are.same({ [0] = 39, 23, 15 }, counts(train:totable()))
    assert.are.same({ [0] = 11, 7, 5 }, counts(test:totable()))
    y = labels(7, 5, 3)
    train, test = utils.train_test_split { y, test_size = 0.4, seed = 1, stratify = utils.to_categorical(y) }
    assert.are.same({ [0] = 4, 3, 2 }, counts(train))
    assert.are.same({ [0] = 3, 2, 1 }, counts(test))
  end)

  it("says what is wrong", function()
    local split = utils.train_test_split
    assert.matches("stratify has 2 labels for 3", message_of(split, { { 1, 2, 3 }, stratify = { 0, 1 } }))
    assert.matches("class 1 has one sample only", message_of(split, { { 1, 2, 3, 4 }, stratify = { 0, 0, 0, 1 } }))
    assert.matches("too few for one of each",
      message_of(split, { { 1, 2, 3, 4, 5, 6 }, stratify = { 0, 0, 1, 1, 2, 2 }, test_size = 2 }))
    assert.matches("test_size: expected", message_of(split, { { 1, 2 }, test_size = 1.5 }))
    assert.matches("test_size: expected", message_of(split, { { 1, 2 }, test_size = 2 }))
    assert.matches("unknown argument test_sise; did you mean test_size", message_of(split, { { 1 }, test_sise = 1 }))
    assert.matches("data 2 has 1 samples, the first has 2", message_of(split, { { 1, 2 }, { 1 } }))
    assert.matches("needs shuffle", message_of(split, { { 1, 2 }, stratify = { 0, 1 }, shuffle = false }))
    assert.matches("no data", message_of(split, { test_size = 0.5 }))
  end)
end)

describe("k_fold", function()
  local function tests_of(folds)
    local list = {}
    for i, fold in ipairs(folds) do list[i] = fold.test end
    return list
  end

  it("cuts into stretches as scikit-learn", function()
    assert.are.same({ { 1, 2, 3 }, { 4, 5, 6 }, { 7, 8 } }, tests_of(utils.k_fold { 8, k = 3 }))
    assert.are.same({ 4, 5, 6, 7, 8 }, utils.k_fold { nn.zeros { 8, 2 }, k = 3 }[1].train)
  end)

  it("keeps the classes' proportions as scikit-learn", function()
    local y = { 0, 0, 1, 1, 1, 2, 2, 2, 2, 1, 0, 2 }
    local want = { { 1, 3, 4, 6 }, { 2, 5, 7, 8 }, { 9, 10, 11, 12 } }
    assert.are.same(want, tests_of(utils.k_fold { 12, k = 3, stratify = y }))
    for _, test in ipairs(tests_of(utils.k_fold { 12, k = 3, stratify = y, shuffle = true, seed = 1 })) do
      assert.are.equal(4, #test)
    end
  end)

  it("puts each sample into one test part, shuffled or not, and the rest into the train part", function()
    local seen = {}
    for _, fold in ipairs(utils.k_fold { 23, k = 5, shuffle = true, seed = 7 }) do
      assert.are.equal(23, #fold.train + #fold.test)
      for _, position in ipairs(fold.test) do seen[position] = (seen[position] or 0) + 1 end
    end
    assert.are.same(counts(seen), { 23 })
  end)

  it("says what is wrong", function()
    assert.matches("k: expected a whole number from 2 to .*, 3, got 4", message_of(utils.k_fold, { 3, k = 4 }))
    assert.matches("no class has 3 samples", message_of(utils.k_fold, { 4, k = 3, stratify = { 0, 0, 1, 1 } }))
    assert.matches("data is missing", message_of(utils.k_fold, {}))
  end)
end)

describe("plot_model", function()
  local function model()
    local input = nn.Input { shape = { 4 }, name = "in<1>" }
    local hidden = nn.layers.Dense { 3, activation = "relu", name = "hidden" }(input)
    return nn.Model { inputs = { input }, outputs = { nn.layers.Dense { 2, name = "out" }(hidden) } }
  end

  it("writes Graphviz' language", function()
    local text = utils.model_to_dot(model(), { show_shapes = true, show_layer_names = true, rankdir = "LR",
      show_layer_activations = true, show_trainable = true, show_dtype = true })
    for _, part in ipairs { "rankdir=LR", "in&lt;1&gt;", "<b>%(None, 3%)</b>", "n1 %-> n2;", "n2 %-> n3;",
      "activation: relu", "trainable: <b>true</b>", "float32" } do
      assert.matches(part, text)
    end
    assert.is_nil(utils.model_to_dot(model()):find "hidden")
  end)

  it("needs no program for a .dot file", function()
    local path = folder .. "/m.dot"
    assert.are.equal(path, utils.plot_model(model(), { to_file = path }))
    assert.matches("^digraph", read(path))
  end)

  it("tells that dot is missing, and runs it where it is there", function()
    local bin, script = folder .. "/bin", folder .. "/plot.lua"
    lfs.mkdir(bin)
    write(script:gsub("%.lua$", ""), ([[
      local nn = require "nn"
      local m = nn.Sequential { nn.layers.Dense { 1, input_shape = { 2 } } }
      print(pcall(nn.utils.plot_model, m, { to_file = %q }))]]):format(folder .. "/it's.svg"))
    local function run()
      local program = require("tests.support.runs").PROGRAM
      local pipe <close> = io.popen(("cd %s && PATH=%s %s ./plot 2>&1"):format(folder, bin, program))
      return pipe:read "a"
    end
    local said = run()
    assert.matches("false.*dot is not installed.*it's%.dot", said)
    assert.matches("^digraph", read(folder .. "/it's.dot"))
    write(bin .. "/dot", "#!/bin/sh\nprintf '%s|' \"$@\"\n")
    os.execute("chmod +x " .. bin .. "/dot")
    assert.matches("true.*it's.svg", run())
    assert.are.equal(("-Tsvg|%s|"):format(folder .. "/it's.dot"), read(folder .. "/it's.svg"))
    write(bin .. "/dot", "#!/bin/sh\necho broken >&2\nexit 1\n")
    assert.matches("dot cannot draw .*: broken", run())
  end)

  it("says what is wrong", function()
    assert.matches("expected a model", message_of(utils.plot_model, {}))
    assert.matches("rankdir: expected", message_of(utils.plot_model, model(), { rankdir = "XX" }))
    assert.matches("to_file: expected", message_of(utils.plot_model, model(), { to_file = "picture" }))
    assert.matches("input shape is not known", message_of(utils.plot_model, nn.Sequential { nn.layers.Dense { 1 } }))
  end)
end)
