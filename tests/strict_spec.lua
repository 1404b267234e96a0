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
local TAKES_ANY = { ["nn.advice.silence"] = true, ["nn.advice.say"] = true }

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

  it("is called with a colon", function()
    local model = model_of()
    fails("get_weights: call it with a colon, as layer:get_weights(...)", function() model.layers[1].get_weights() end)
    fails("result: call it with a colon, as metric:result(...)", function() nn.metrics.Mean {}.result() end)
    fails("fit: call it with a colon, as model:fit(...)", function() model.fit(nn.ones { 1, 3 }, nn.ones { 1, 2 }) end)
  end)

  it("takes no surplus argument of a method", function()
    local model, x, y = model_of(), nn.ones { 4, 3 }, nn.ones { 4, 2 }
    fails("fit: takes at most 3 arguments, got 5 besides", function() model:fit(x, y, {}, 5) end)
    fails("get_weights: takes no arguments, got 1 besides", function() model.layers[1]:get_weights(1) end)
    fails("result: takes no arguments", function() nn.metrics.Mean {}:result(1) end)
    fails("apply_gradients: takes one argument", function() model.optimizer:apply_gradients({}, {}) end)
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
