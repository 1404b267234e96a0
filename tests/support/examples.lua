--- What the examples of the reference may use: small data, a model, files; see tests/README.md.
local lfs = require "lfs"
local nn = require "nn"

local examples = {}

local function data(world)
  world.x = nn.random.normal { shape = { 12, 4 }, seed = 1 }
  world.y = nn.tensor({ 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2 }, "int32")
  world.x_train, world.y_train, world.x_test, world.y_test = world.x, world.y, world.x:copy(), world.y:copy()
  world.class_ids, world.labels = world.y, nn.utils.to_categorical(world.y, 3)
  world.y_pred = nn.activations.softmax(nn.random.normal { shape = { 12, 3 }, seed = 2 })
  world.y_true = nn.activations.softmax(nn.random.normal { shape = { 12, 3 }, seed = 3 })
  world.predicted, world.ids = world.y_pred:argmax(-1), world.y
  world.images = nn.zeros({ 2, 28, 28 }, "uint8")
  world.photos = nn.random.uniform { shape = { 2, 16, 16, 3 }, seed = 4 }
  world.t, world.u, world.w = nn.arange(6):reshape { 2, 3 }, nn.ones { 2, 3 }, nn.ones { 4, 3 }
  world.mask = nn.ones { 12, 4 }
  world.gradient, world.variable = nn.ones { 3 }, nn.zeros { 3 }
  world.reviews = { "a good film", "a bad film" }
  world.names, world.seconds, world.accuracy = { "small", "large" }, { 1, 2 }, { 0.9, 0.95 }
end

local function model()
  local made = nn.Sequential {
    name = "example",
    nn.layers.Dense { 5, activation = "relu", input_shape = { 4 }, name = "hidden" },
    nn.layers.Dense { 3, activation = "softmax", name = "scores" },
  }
  made:compile { optimizer = "adam", loss = "sparse_categorical_crossentropy", metrics = { "accuracy" } }
  return made
end

local function convnet()
  local made = nn.Sequential {
    name = "convnet",
    nn.layers.Conv2D { 4, 3, activation = "relu", input_shape = { 16, 16, 3 } },
    nn.layers.MaxPooling2D { 2 },
    nn.layers.Flatten {},
    nn.layers.Dense { 2, activation = "softmax" },
  }
  made:compile { optimizer = "adam", loss = "sparse_categorical_crossentropy" }
  return made
end

local function files()
  local function write(path, contents)
    local file <close> = assert(io.open(path, "w"))
    file:write(contents)
  end
  write("iris.csv", "sepal_length,species\n5.1,setosa\n")
  write("housing.csv", "rooms,price,age\n6,200000,12\n")
  for _, folder in ipairs { "pets", "pets/cats", "pets/dogs", "weights" } do lfs.mkdir(folder) end
  nn.image.save("seven.png", nn.zeros({ 28, 28, 1 }, "uint8"))
  for _, path in ipairs { "pets/cats/a.png", "pets/dogs/b.png" } do
    nn.image.save(path, nn.zeros({ 8, 8, 3 }, "uint8"))
  end
  model():save "model.safetensors"
  model():save_weights "weights.safetensors"
end

local function objects(world)
  world.model, world.convnet, world.optimizer = model(), convnet(), nn.optimizers.Adam {}
  world.layer = world.model.layers[1]
  world.input, world.a, world.b = nn.Input { shape = { 8 } }, nn.Input { shape = { 4 } }, nn.Input { shape = { 4 } }
  world.output = world.model.output
  world.normalization, world.discretization = nn.layers.Normalization {}, nn.layers.Discretization { num_bins = 2 }
  world.vectorization = nn.layers.TextVectorization {}
  world.timeseries = nn.preprocessing.sequence.TimeseriesGenerator { world.x, world.y, length = 3 }
  world.tokenizer = nn.preprocessing.Tokenizer()
  world.tokenizer:fit_on_texts(world.reviews)
  world.perceptron = nn.Perceptron { seed = 1 }:fit(world.x, world.y)
  world.m = nn.metrics.Accuracy {}
  world.dataset = nn.data.Dataset.from_tensor_slices { world.x, world.y }
  world.history = { history = { loss = { 2, 1 }, val_loss = { 2.1, 1.2 } }, epoch = { 0, 1 } }
  world.lab = { figure = function() end } -- takes figures, and shows none
  world.schedule = nn.optimizers.schedules.CosineDecay { 0.1, decay_steps = 10 }
end

--- A world of its own for one example: it may change what it finds, and writes into the current folder.
-- @treturn table names and values, before those of Lua
function examples.world()
  local world = { nn = nn, print = function() end }
  for name, layer in pairs(nn.layers) do world[name] = layer end
  data(world)
  files()
  objects(world)
  return setmetatable(world, { __index = _G })
end

--- An experiment that has trained one model, in the current folder.
function examples.lab(world)
  local lab = nn.Experiment {
    name = "example", train = { world.x, world.y },
    params = { width = 5, depth = 2, dropout = 0.1, learning_rate = 1e-3 },
    build = function(p)
      local made = nn.Sequential {
        nn.layers.Flatten { input_shape = { 4 } },
        nn.layers.Dense { p.width },
        nn.layers.Dense { 3, activation = "softmax" },
      }
      made:compile { optimizer = "adam", loss = "sparse_categorical_crossentropy" }
      return made
    end,
  }
  lab:trial()
  return lab
end

--- Runs an example.
-- @tparam string code statements, or one expression
-- @tparam table world is what it sees
-- @raise where it does not compile or fails
function examples.run(code, world)
  local chunk = load("return " .. code, "=example", "t", world) or assert(load(code, "=example", "t", world))
  return chunk()
end

return examples
