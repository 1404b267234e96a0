-- Nothing that a script writes is ignored: surplus arguments, unknown options, unknown fields.
local nn = require "nn"
local expect = require "tests.support.expect"
local runs = require "tests.support.runs"

local L = nn.layers
local fails = expect.fails

local function model_of()
  local model = nn.Sequential { name = "small", L.Dense { 2, input_shape = { 3 }, name = "first" } }
  model:compile { optimizer = "adam", loss = "mse" }
  return model
end

local MODULES = {
  "layers", "models", "optimizers", "optimizers.schedules", "losses", "metrics", "activations", "initializers",
  "regularizers", "constraints", "datasets", "utils", "random", "image", "plot", "callbacks", "preprocessing", "space",
  "advice",
}

local function module_of(name)
  local value = nn
  for part in name:gmatch "[^.]+" do value = value[part] end
  return value
end

-- Every function of a module, those of the tables within it too.
local function each_function(what, module, visit)
  for name, value in pairs(module) do
    if type(value) == "function" then
      visit(what .. "." .. name, value)
    elseif type(value) == "table" and not getmetatable(value) and name ~= "family" then
      each_function(what .. "." .. name, value, visit)
    end
  end
end

-- What takes a list of any length as its arguments.
local TAKES_ANY = { ["nn.advice.silence"] = true, ["nn.advice.say"] = true, ["nn.advice.about"] = true,
  ["nn.advice.at"] = true }

describe("a surplus argument is refused", function()
  for _, name in ipairs(MODULES) do
    it("by every function of nn." .. name, function()
      local silent = {}
      each_function("nn." .. name, module_of(name), function(what, f)
        local ok, message = pcall(f, {}, 2, 3, 4, 5, 6, 7, 8, 9, 10)
        local is_refused = not ok and (message:find "besides" or message:find "expected one table")
        if not is_refused and not TAKES_ANY[what] then silent[#silent + 1] = what .. ": " .. tostring(message) end
      end)
      assert.are.same({}, silent)
    end)
  end
end)

-- Objects as a script meets them, each with the kinds of its messages.
local function objects()
  local model = model_of()
  local history = model:fit(nn.ones { 4, 3 }, nn.ones { 4, 2 }, { verbose = 0 })
  return {
    model = model, layer = model.layers[1], optimizer = model.optimizer, loss = nn.losses.MeanSquaredError {},
    metric = nn.metrics.AUC {}, schedule = nn.optimizers.schedules.CosineDecay { 0.1, decay_steps = 10 },
    callback = nn.callbacks.EarlyStopping {}, history = history, initializer = nn.initializers.Ones {},
    regularizer = nn.regularizers.L2 {}, constraint = nn.constraints.MaxNorm {},
  }
end

describe("an object", function()
  for kind in pairs(objects()) do
    it("refuses fields it does not have: " .. kind, function()
      local object = objects()[kind]
      fails("has no colour", function() return object.colour end)
      fails("has no colour", function() object.colour = 3 end)
      fails("get_config cannot be set", function() object.get_config = print end)
    end)
  end

  it("names the nearest of what it has", function()
    local model = model_of()
    fails("did you mean summary?", function() model:sumary() end)
    fails("did you mean layers?", function() return model.layrs end)
    fails("did you mean stop_training?", function() model.stop_trainig = true end)
    fails("did you mean trainable?", function() model.layers[1].trainabel = false end)
    fails("did you mean learning_rate?", function() model.optimizer.lr = 3 end)
    fails("did you mean learning_rate?", function() model.optimizer.learningrate = 3 end)
    fails("beta_1 cannot be set; give it when the object is made", function() model.optimizer.beta_1 = 0.5 end)
    fails("has no train_step that could be set here, though Keras has it", function() model.train_step = print end)
  end)

  it("takes what may be set, and is read as it was made", function()
    local model = model_of()
    model.stop_training, model.optimizer.learning_rate, model.layers[1].trainable = true, 0.5, false
    assert.are.equal(2, model.layers[1].units)
    assert.are.equal(0.9, model.optimizer.beta_1)
    assert.is_nil(model.history)
  end)

  it("keeps what only nnrun may change", function()
    local model = model_of()
    for _, name in ipairs { "layers", "name", "inputs", "output" } do
      fails("a model: " .. name .. " cannot be set", function() model[name] = {} end)
    end
    for _, name in ipairs { "activation", "name", "weights", "units" } do
      fails(name .. " cannot be set", function() model.layers[1][name] = "relu" end)
    end
    assert.are.equal("first", model.layers[1].name)
  end)

  it("is called with a colon", function()
    local model = model_of()
    fails("get_weights: call it with a colon, as layer:get_weights(...)", function() model.layers[1].get_weights() end)
    fails("result: call it with a colon, as metric:result(...)", function() nn.metrics.Mean {}.result() end)
    fails("fit: call it with a colon, as model:fit(...)", function() model.fit(nn.ones { 1, 3 }, nn.ones { 1, 2 }) end)
  end)

  it("takes no surplus argument where it is called", function()
    local x = nn.ones { 4, 3 }
    fails("Dense: takes at most 2 arguments, got 3 besides", L.Dense { 2 }, x, {}, 3)
    fails("Ones: takes one argument", nn.initializers.Ones {}, { 2 }, 3)
    fails("Huber: takes at most 3 arguments", nn.losses.Huber {}, x, x, nil, 4)
    fails("a model: takes at most 2 arguments", model_of(), x, {}, 3)
    fails("Ones: expected a shape such as { 784, 50 }, got 3", nn.initializers.Ones {}, 3)
    fails("HeNormal: expected a shape", nn.initializers.HeNormal {}, { 2, "a" })
    fails("RandomUniform: maxval: expected a number, got {}", nn.initializers.RandomUniform, { maxval = {} })
    fails("GlorotNormal: seed: expected a whole number, got 1.5", nn.initializers.GlorotNormal, { seed = 1.5 })
  end)

  it("takes no surplus argument of a method", function()
    local model, x, y = model_of(), nn.ones { 4, 3 }, nn.ones { 4, 2 }
    fails("fit: takes at most 3 arguments, got 5 besides", function() model:fit(x, y, {}, 5) end)
    fails("get_weights: takes no arguments, got 1 besides", function() model.layers[1]:get_weights(1) end)
    fails("result: takes no arguments", function() nn.metrics.Mean {}:result(1) end)
    fails("apply_gradients: takes one argument", function() model.optimizer:apply_gradients({}, {}) end)
  end)
end)

describe("a message", function()
  local blame = require "nn.support.blame"

  it("is not hidden by a value that does not suit its place", function()
    fails("x: expected 1.5 of 3, got nil", blame, "x: expected %d of %02d, got %s", 1.5, 3)
    fails("100 % of {}", blame, "100 %% of %q", setmetatable({}, { __tostring = function() return "{}" end }))
    fails("x: expected 2", blame, "x: expected %d", 2)
  end)
end)

describe("a former name", function()
  it("is told the name of today", function()
    fails("Adam: unknown argument lr; did you mean learning_rate?", nn.optimizers.Adam, { lr = 0.1 })
    fails("did you mean input_shape?", L.Dense, { 10, input_dim = 4 })
    fails("did you mean units?", L.Dense, { output_dim = 4 })
    fails("did you mean l2?", nn.regularizers.L2, { lambda = 0.1 })
    fails("did you mean epochs?", function() model_of():fit(nn.ones { 4, 3 }, nn.ones { 4, 2 }, { nb_epoch = 2 }) end)
  end)
end)

describe("a script that names no layer", function()
  local function output(code)
    local pipe <close> = io.popen(("'%s' -e '%s' 2>&1"):format(runs.PROGRAM, code))
    return (pipe:read "a":gsub("\n$", ""))
  end

  it("loads models, from files and from JSON", function()
    local path = os.tmpname() .. ".safetensors"
    local model = nn.Sequential { L.Dense { 1, input_shape = { 2 }, kernel_initializer = "ones" } }
    model:save(path)
    local loaded = output(('print(require "nn".models.load_model("%s"):predict(%s):item())'):format(path,
      'require "nn".ones { 1, 2 }'))
    os.remove(path)
    assert.are.equal("2.0", loaded)
    assert.are.equal("1", output(('print(#require "nn".models.model_from_json [[%s]].layers)'):format(model:to_json())))
  end)

  it("loads objects of every kind from their configs", function()
    for family, class in pairs { losses = "Huber", metrics = "AUC", initializers = "Ones", regularizers = "L2",
      constraints = "NonNeg", optimizers = "SGD" } do
      local code = ('print(require "nn".%s.deserialize{ class_name = "%s", config = {} }.class_name)'):format(family,
        class)
      assert.are.equal(class, output(code))
    end
  end)
end)

describe("a file of a model", function()
  local folder = os.tmpname()

  setup(function()
    os.remove(folder)
    assert(require("lfs").mkdir(folder))
  end)

  teardown(function() os.execute(("rm -r '%s'"):format(folder)) end)

  it("ends in what is written", function()
    local model = model_of()
    for _, name in ipairs { "m.pt", "m.h5.gz", "m" } do
      for _, method in ipairs { "save", "save_weights", "load_weights" } do
        fails(".safetensors", function() model[method](model, folder .. "/" .. name) end)
      end
      fails(".safetensors", nn.models.load_model, folder .. "/" .. name)
      assert.is_nil(io.open(folder .. "/" .. name))
    end
    fails("save: " .. folder .. "/m.h5: the name of the file has to end in .safetensors or .keras",
      function() model:save(folder .. "/m.h5") end)
    fails("has to end in .safetensors or .weights.h5", function() model:save_weights(folder .. "/m.keras") end)
  end)

  it("needs a folder that is there", function()
    fails("save: " .. folder .. "/none/m.safetensors: there is no folder " .. folder .. "/none; make it first",
      function() model_of():save(folder .. "/none/m.safetensors") end)
  end)

  it("is not replaced where overwrite is false", function()
    local model, path = model_of(), folder .. "/kept.safetensors"
    for _, method in ipairs { "save", "save_weights" } do
      model[method](model, path)
      fails("is there already, and overwrite is false", model[method], model, path, { overwrite = false })
      model[method](model, path, { overwrite = true })
      os.remove(path)
      model[method](model, path, { overwrite = false })
    end
  end)

  it("gives what fits, where skip_mismatch is true", function()
    local path = folder .. "/other.safetensors"
    local wide = nn.Sequential { L.Dense { 2, input_shape = { 3 }, name = "same", kernel_initializer = "ones" },
      L.Dense { 5, name = "head" } }
    local narrow = nn.Sequential { L.Dense { 2, input_shape = { 3 }, name = "same" }, L.Dense { 4, name = "head" } }
    wide:save_weights(path)
    local before = narrow:get_weights()
    fails("has shape", function() narrow:load_weights(path) end)
    narrow:load_weights(path, { skip_mismatch = true })
    local after = narrow:get_weights()
    assert.are.same(nn.ones { 3, 2 }:totable(), after[1]:totable())
    assert.are.same(before[3]:totable(), after[3]:totable())
  end)

  it("gives a model that is not compiled, where compile is false", function()
    local path = folder .. "/plain.safetensors"
    model_of():save(path)
    assert.is_truthy(nn.models.load_model(path).compiled)
    assert.is_nil(nn.models.load_model(path, { compile = false }).compiled)
  end)

  it("cannot hold a Lambda whose function has no name", function()
    local model = nn.Sequential { L.Lambda { function(x) return x end, input_shape = { 3 } }, L.Dense { 1 } }
    local path = folder .. "/lambda.safetensors"
    fails("holds a Lua function without a name", function() model:save(path) end)
    fails("holds a Lua function", function() nn.Sequential { L.Dense { 3, input_shape = { 3 } }, model }:save(path) end)
    assert.is_nil(io.open(path))
    model:save_weights(path)
    model:load_weights(path)
  end)
end)

describe("summary", function()
  local function lines(options)
    local text
    options.print_fn = function(given) text = given end
    model_of():summary(options)
    return (text:match "\n([^\n]+)\n")
  end

  it("has lines as long as was asked for", function()
    assert.are.equal(60, utf8.len(lines { line_length = 60 }))
    assert.are.equal(120, utf8.len(lines { line_length = 120 }))
    assert.are.equal(utf8.len(lines { line_length = 1 }), utf8.len(lines { line_length = 2 })) -- as the texts need
  end)

  it("is what tostring gives", function()
    local model, text = model_of(), nil
    model:summary { print_fn = function(given) text = given end }
    assert.are.equal(tostring(model), text)
  end)
end)

describe("values of another kind", function()
  local x, y = nn.ones { 4, 3 }, nn.ones { 4, 2 }

  local cases = {
    { 'verbose: expected 0, 1, 2 or "auto", got "yes"', "fit", { x, y, { verbose = "yes" } } },
    { "epochs: expected a whole number", "fit", { x, y, { epochs = 1.5 } } },
    { "shuffle: expected true or false", "fit", { x, y, { shuffle = "no" } } },
    { 'expected a table of options, got "x"', "fit", { x, y, "x" } },
    { "expected a table of options, got 32", "evaluate", { x, y, 32 } },
    { "expected a table of options, got 32", "predict", { x, 32 } },
    { "return_dict: expected true or false", "train_on_batch", { x, y, { return_dict = 1 } } },
    { "training: expected true or false", "__call", { x, { training = 1 } } },
    { "overwrite: expected true or false", "save", { "m.safetensors", { overwrite = "no" } } },
    { "line_length: expected a whole number", "summary", { { line_length = "wide" } } },
    { "give either a name or an index", "get_layer", { { name = "a", index = 1 } } },
    { 'expected one table, model:compile{ optimizer = ..., loss = ..., metrics = ... }, got "adam", "mse"', "compile",
      { "adam", "mse" } },
    { "fit: x is missing (nil)", "fit", { nil, y } },
    { "fit: the model has 1 input, but x holds 2 tensors; x and y are two arguments", "fit", { { x, y } } },
    { "fit: x and y are arguments of their own, and options come last: model:fit(x, y, { epochs = ..., verbose",
      "fit", { { x, y, verbose = 0, epochs = 3 } } },
    { "predict: the model has 1 input, but x holds 2 tensors", "predict", { { x, x } } },
    { "validation_data: expected { x, y } or { x, y, sample_weight }", "fit",
      { x, y, { validation_data = { x, y, y, y } } } },
    { "one sample keeps the axis of samples as x[{ { i, i } }] instead of x[i], or by x:reshape{ 1, 3 }", "predict",
      { x[-1] } },
  }

  for _, case in ipairs(cases) do
    it("are refused by " .. case[2] .. ": " .. case[1], function()
      local model = model_of()
      fails(case[1], getmetatable(model)[case[2]] or model[case[2]], model, table.unpack(case[3], 1, 3))
    end)
  end

  it("are refused where samples are arranged otherwise", function()
    local flat, image = nn.Sequential { L.Dense { 2, input_shape = { 6 } } }, nn.Input { shape = { 2, 3 } }
    fails("; begin the model with Flatten{ input_shape = { 2, 3 } }, or: x:reshape{ -1, 6 } has that shape",
      flat.predict, flat, nn.ones { 4, 2, 3 })
    local wide = nn.Model { inputs = { image }, outputs = { L.Flatten {}(image) } }
    fails("wants samples of 2x3, got 6 (a tensor of 4x6); x:reshape{ -1, 2, 3 } has that shape", wide.predict, wide,
      nn.ones { 4, 6 })
    fails("one sample keeps its axis of samples as x[{ { i, i } }]", L.Dense { 2 }, x[-1])
  end)

  it("are refused by train_test_split", function()
    local split = nn.utils.train_test_split
    local message = "expected data and options in one table, train_test_split{ x, y, test_size = 0.2 }, got a tensor "
    fails(message .. "of 4x3", split, x)
    fails(message .. "of 4x2 besides", split, x, y, { test_size = 0.2 })
  end)

  it("are refused in layers, losses and metrics", function()
    fails("Dense: input_shape: expected a list of whole numbers, such as { 4 }, got 4", L.Dense,
      { 10, input_shape = 4 })
    local function compile(options) return function() model_of():compile(options) end end
    fails("loss: expected an object, got the class Huber; call it: Huber{}", compile { loss = nn.losses.Huber })
    fails("got the class AUC; call it: AUC{}", compile { loss = "mse", metrics = { nn.metrics.AUC } })
    fails("got the class SGD; call it: SGD{}", compile { loss = "mse", optimizer = nn.optimizers.SGD })
    fails("model_from_json: this is not the architecture of a model", nn.models.model_from_json, "{}")
    fails('unknown loss "mse "; did you mean "mse"?', compile { loss = "mse " })
    fails("there is no optimizer Muon here: which rule", compile { optimizer = "Muon", loss = "mse" })
    fails("there is no layer MelSpectrogram here: no audio", function() return L.MelSpectrogram end)
  end)

  it("are refused as class weights", function()
    local function weigh(targets, class_weight, loss)
      local model = nn.Sequential { L.Dense { targets.shape[2] or 1, input_shape = { 3 } } }
      model:compile { optimizer = "sgd", loss = loss or "mse" }
      return function() model:fit(x, targets, { class_weight = class_weight, verbose = 0 }) end
    end
    local ids = nn.tensor { { 0 }, { 1 }, { 0 }, { 1 } }
    weigh(ids, { [0] = 1, [1] = 2 })()
    fails("there is no class 7 among the targets", weigh(ids, { [7] = 2 }))
    fails("numbers that are not whole", weigh(ids + 0.5, { [0] = 2 }))
    fails("expected a number of at least 0, got -1", weigh(ids, { [0] = -1 }))
    fails("expected a number of at least 0, got", weigh(ids, { [0] = 0 / 0 }))
    fails("rows of y have not exactly one 1", weigh(nn.ones { 4, 2 }, { [0] = 2 }, "binary_crossentropy"))
    fails("sample_weight: holds NaN", function()
      model_of():fit(x, y, { sample_weight = nn.tensor { 1, 1, 0 / 0, 1 }, verbose = 0 })
    end)
  end)
end)

describe("a list with nothing at a position", function()
  it("is refused", function()
    local model, input = model_of(), nn.Input { shape = { 3 } }
    local x, y = nn.ones { 4, 3 }, nn.ones { 4, 2 }
    fails("Sequential: there is nothing (nil) at position 1", nn.Sequential, { nil, L.Dense { 1 } })
    fails("Model: inputs: there is nothing (nil) at position 1", nn.Model, { inputs = { nil, input }, outputs = input })
    fails("metrics: there is nothing (nil) at position 2", model.compile, model,
      { loss = "mse", metrics = { "mae", nil, "mse" } })
    fails("fit: x: there is nothing (nil) at position 1", model.fit, model, { nil, x }, y)
    fails("callbacks: there is nothing (nil) at position 1", model.fit, model, x, y, { callbacks = { nil, {} } })
  end)
end)

describe("metrics", function()
  it("have names of their own", function()
    local model, x, y = model_of(), nn.ones { 4, 3 }, nn.ones { 4, 2 }
    local A = nn.metrics.BinaryAccuracy
    for name, list in pairs { mae = { "mae", "mae" }, a = { A { name = "a" }, A { name = "a" } },
      loss = { A { name = "loss" } } } do
      model:compile { loss = "mse", metrics = list }
      fails("two are called " .. name, model.evaluate, model, x, y)
    end
  end)
end)

describe("a callback of one's own", function()
  local function fit(callbacks)
    return function() model_of():fit(nn.ones { 4, 3 }, nn.ones { 4, 2 }, { verbose = 0, callbacks = callbacks }) end
  end

  it("has hooks that are called", function()
    local nothing = function() end
    fails("on_epoch_ends is never called; did you mean on_epoch_end?", fit { { on_epoch_ends = nothing } })
    fails("on_epoch_ends is never called", fit { on_epoch_ends = nothing })
    fails("on_predict_begin is never called", fit { { on_predict_begin = nothing } })
    fails("on_epoch_ends is never called", fit { setmetatable({}, { __index = { on_epoch_ends = nothing } }) })
    fails("on_epoch_end: expected a function, got 3", fit { { on_epoch_end = 3 } })
    fails("fit: callbacks: unknown argument on_epoch_end", fit { {}, on_epoch_end = nothing })
    fails("expected a table of functions at position 1, got a function; call it", fit { nn.callbacks.EarlyStopping })
  end)

  it("may have other fields", function()
    local seen
    fit { { counts = { 1 }, helper = print, on_epoch_end = function(self) seen = self.counts end } } ()
    assert.are.same({ 1 }, seen)
  end)
end)

describe("a name that is not Lua's", function()
  local function message(code)
    local pipe <close> = io.popen(("'%s' -e '%s' 2>&1"):format(runs.PROGRAM, code))
    return pipe:read "a"
  end

  for name, meaning in pairs { False = "false", None = "nil", len = "#x", f = "string.format",
    Dense = "nn.layers.Dense" } do
    it("is told what Lua says: " .. name, function()
      local found = message("print(" .. name .. ")")
      assert.is_truthy(found:find("unknown name " .. name, 1, true), found)
      assert.is_truthy(found:find(meaning, 1, true), found)
    end)
  end
end)

describe("a locale that a script chooses", function()
  it("does not change numbers", function()
    local set = require "nn.support.locale"
    assert.is_nil(set("de_DE.UTF-8", "numeric"))
    for _, locale in ipairs { "de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "C.UTF-8", "" } do
      set(locale)
      assert.are.equal("C", os.setlocale(nil, "numeric"))
      assert.are.equal("1.5", ("%g"):format(1.5))
    end
    set "C"
  end)
end)

describe("an experiment", function()
  local code = [[
    nn.advice.silence()
    local x, y = nn.ones { 4, 3 }, nn.ones { 4, 2 }
    local lab = nn.Experiment { name = "strict", train = { x, y }, params = { width = 2 }, build = function(p)
      local model = nn.Sequential { nn.layers.Dense { p.width, input_shape = { 3 } } }
      model:compile { optimizer = "sgd", loss = "mse" }
      return model
    end }
    local trial = lab:trial()
    local result = lab:sweep("W", { width = { 2 } })
    local function show(f) print(select(2, pcall(f))) end
    show(function() lab.sedes = { 1, 2 } end)
    show(function() lab.seeds = { 1, 2 } end)
    show(function() return lab.objectiv end)
    show(function() return trial.histroy end)
    show(function() return result.bset end)
    show(function() lab:note("a", "b") end)
    show(function() lab:conclude(1) end)
    print(trial.history.loss[1] == trial.metrics.loss, trial.reason, #lab.seeds)
  ]]

  it("and what it gives refuse fields they do not have", function()
    local folder = os.tmpname()
    local file <close> = assert(io.open(folder, "w"))
    file:write('local nn = require "nn"\n', code)
    file:close()
    os.rename(folder, folder .. ".lua")
    local pipe <close> = io.popen(("'%s' %s.lua -q --reports %s.reports 2>&1"):format(runs.PROGRAM, folder, folder))
    local text = pipe:read "a"
    os.execute(("rm -rf %s.lua %s.reports"):format(folder, folder))
    for _, expected in ipairs { "has no sedes that could be set; did you mean seeds?", "seeds cannot be set",
      "has no objectiv; did you mean objective?", "a trial has no histroy; did you mean history?",
      "a result has no bset", "note: takes one argument",
      "conclude: takes no arguments", "true\tnil\t1" } do
      assert.is_truthy(text:find(expected, 1, true), expected .. "\n" .. text)
    end
  end)
end)

describe("objects of preprocessing", function()
  it("refuse fields and arguments they do not have", function()
    local scaler = nn.preprocessing.StandardScaler {}
    fails("StandardScaler has no meen_; did you mean mean_?", function() return scaler.meen_ end)
    fails("has no with_meen that could be set", function() scaler.with_meen = false end)
    fails("fit: takes one argument", function() scaler:fit(nn.ones { 2, 2 }, 1) end)
    fails("fit: call it with a colon", function() scaler.fit(nn.ones { 2, 2 }) end)
    fails("Perceptron has no coefs_", function() return nn.Perceptron {}.coefs_ end)
    fails("Tokenizer has no word_idx", function() return nn.preprocessing.Tokenizer {}.word_idx end)
    fails("a symbolic tensor has no shap; did you mean shape?", function() return nn.Input { shape = { 2 } }.shap end)
    assert.is_nil(scaler.mean_)
  end)
end)

describe("a tensor where Lua wants a number or a text", function()
  local blame = require "nn.support.blame"
  local function text_of(f) return blame.text(select(2, pcall(f))) end

  it("comes with what to write", function()
    local loss = nn.ops.mean(nn.ones { 2 })
    assert.matches("x:item%(%) is the number", text_of(function() return ("%.4f"):format(loss) end))
    assert.matches("x:item%(%) is the number", text_of(function() return math.floor(loss) end))
    assert.matches("tostring%(x%), or x:item%(%)", text_of(function() return "loss " .. loss end))
    assert.matches("a single number as a:item%(%)", text_of(function() return loss < 1 end))
  end)
end)

describe("what a model is made and compiled of", function()
  it("is checked for each output, and each list", function()
    local model, a, b = model_of(), nn.Input { shape = { 2 } }, nn.Input { shape = { 2 } }
    local function compile(options) return function() model_of():compile(options) end end
    fails("loss: there is nothing (nil) at position 2", compile { loss = { "mse", nil, "mae" } })
    fails("loss: the model has 1 output, got a list of 2", compile { loss = { "mse", "mae" } })
    fails("loss: unknown argument frist; did you mean first?", compile { loss = { frist = "mse" } })
    fails('loss_weights: expected a list, one for each output, got "x"', compile { loss = "mse", loss_weights = "x" })
    fails("add: there is nothing (nil) at position 2", L.add, { a, nil, b })
    fails("there is nothing (nil) at position 1", L.Add {}, { nil, b })
    fails("space.choice: there is nothing (nil) at position 2", nn.space.choice, { "a", nil, "b" })
    fails("pad_sequences: there is nothing (nil) at position 2", nn.preprocessing.pad_sequences, { { 1 }, nil, { 2 } })
    fails('trainable: expected true or false, got "no"', function() model.layers[1].trainable = "no" end)
  end)

  it("has true or false where that is the default", function()
    fails("use_bias: expected true or false, got 1", L.Dense, { 2, use_bias = 1 })
    fails("nesterov: expected true or false", nn.optimizers.SGD, { nesterov = "yes" })
    fails("restore_best_weights: expected true or false", nn.callbacks.EarlyStopping, { restore_best_weights = "yes" })
    fails("with_std: expected true or false", nn.preprocessing.StandardScaler, { with_std = 0 })
    fails("from_logits: expected true or false", nn.losses.BinaryCrossentropy, { from_logits = 1 })
  end)
end)
