-- What can one neuron separate, what several, what several layers? Points in the plane, and pictures of what each
-- network says of every place.
--
--   ./nnrun experiments/playground.lua              a few seconds; reports/playground/report.md
--   ./nnrun experiments/playground.lua epochs=20    a quick look
--
-- Four sets of points with two classes: a circle around another, exclusive or (is exactly one coordinate above 0?), two
-- moons, two spirals. Each set has its own small network. All four are trained together as one model with four inputs
-- and four outputs. They share no weights, so each learns as if it were alone.

local nn = require "nn"
local Dense, datasets = nn.layers.Dense, nn.datasets

-- Data ----------------------------------------------------------------------------------------------------------------

local COUNT = 400
local SETS = {
  { name = "circles", make = datasets.make_circles, options = { noise = 0.08, factor = 0.5 } },
  { name = "exclusive_or", make = datasets.make_xor, options = { noise = 0.05 } },
  { name = "moons", make = datasets.make_moons, options = { noise = 0.12 } },
  { name = "spirals", make = datasets.make_spirals, options = { noise = 0.03 } },
}

-- Samples of all sets: other ones for another seed.
local function samples(seed)
  local x, y = {}, {}
  for i, set in ipairs(SETS) do
    local options = { n_samples = COUNT, random_state = seed }
    for name, value in pairs(set.options) do options[name] = value end
    x[i], y[i] = set.make(options)
  end
  return { x, y }
end

-- The experiment ------------------------------------------------------------------------------------------------------

local function build(p)
  local inputs, outputs, losses, metrics = {}, {}, {}, {}
  for i, set in ipairs(SETS) do
    local points = nn.Input { shape = { 2 } }
    local hidden = points
    for _ = 1, p.depth do hidden = Dense { p.width, activation = p.activation }(hidden) end
    inputs[i], outputs[i] = points, Dense { 1, activation = "sigmoid", name = set.name }(hidden)
    losses[set.name], metrics[set.name] = "binary_crossentropy", { "accuracy" }
  end
  local model = nn.Model { inputs = inputs, outputs = outputs }
  model:compile { optimizer = nn.optimizers.Adam { p.learning_rate }, loss = losses, metrics = metrics }
  return model
end

local train, validation = samples(1), samples(2)
local lab = nn.Experiment {
  name = "playground",
  title = "One neuron, several, several layers",
  train = train,
  validation = validation,
  test = samples(3),
  params = { depth = 0, width = 8, activation = "relu", learning_rate = 0.02, batch_size = 20, epochs = 100 },
  build = build,
  seeds = { 1, 2, 3 },
  objective = "val_loss",
}

-- Pictures of what a variant says of the plane, one for each set. The part of the model from an input to its output is
-- a model as well.
local function draw(title, variant)
  local whole = variant.trials[1].model
  for i, set in ipairs(SETS) do
    local part = nn.Model { inputs = whole.inputs[i], outputs = whole.outputs[i] }
    local name = set.name:gsub("_", " ")
    local right = part:predict(validation[1][i]):flatten():gt(0.5):eq(validation[2][i]):mean()
    lab:figure(("%s: %s"):format(title, name), nn.plot.decision_boundary { part, validation[1][i], validation[2][i],
      title = ("%s, %s: %.1f %% right"):format(title, name, 100 * right) })
  end
end

lab:note [[
Without a hidden layer, one neuron computes a weighted sum of the two coordinates. Where the sum is 0, its answer
changes: along one straight line. No straight line separates the classes of these sets. For the moons it comes near.]]

local depths = lab:sweep("Depth", { depth = { 0, 1, 2, 3 } })
draw("No hidden layer", depths.variants[1])

lab:note [[
A hidden neuron with relu answers on one side of a line only, and the output adds up eight of them. That is enough for a
ring around a circle. The spirals need more: the next layer combines the shapes of the layer before.]]
draw("One hidden layer of 8", depths.variants[2])

lab:note "How many neurons does a layer need? With two hidden layers:"
lab:sweep("Width", { width = { 2, 4, 8, 16 } }, { with = { depth = 2 } })

lab:note [[
With relu the boundary consists of straight pieces, with tanh of curves. Without any activation all layers together are
one weighted sum again, however many there are.]]
local activations = lab:sweep("Activation", { activation = { "relu", "tanh", "sigmoid", "linear" } },
  { with = { depth = 2, width = 16 } })
draw("Two hidden layers of 16 with relu", activations.variants[1])
draw("Two hidden layers of 16 with tanh", activations.variants[2])

lab:conclude()
