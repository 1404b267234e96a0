-- Losses: numbers computed independently (PyTorch, NumPy in double precision), gradients, reductions, weights.
local gradients = require "tests.support.gradients"
local nn = require "nn"

nn.advice.silence() -- these models are odd on purpose
local losses = nn.losses

local Y = nn.tensor { { 0.2, 0.5, 0.3 }, { 0, 1, 0 }, { 0.7, 0.1, 0.2 } }
local P = nn.tensor { { 0.3, 0.4, 0.3 }, { 0.1, 0.8, 0.1 }, { 0.25, 0.5, 0.25 } }
local Z = nn.tensor { { 1.5, -0.5, 0.2 }, { -1, 2, 0.3 }, { 0.1, 0.4, -2 } }
local ONE_HOT = nn.tensor { { 0, 1, 0 }, { 1, 0, 0 }, { 0, 0, 1 } }
local SIGNS = nn.tensor { { -1, 1, 1 }, { 1, -1, 1 }, { -1, -1, 1 } }
local IDS = nn.tensor({ 1, 0, 2 }, "int32")
local WEIGHTS = nn.tensor { 1, 0.5, 2 }

-- class, arguments, targets, predictions, value, value with WEIGHTS
local EXAMPLES = {
  { "MeanSquaredError", {}, Y, Z, 1.12, 1.5916666666666668 },
  { "MeanAbsoluteError", {}, Y, Z, 0.8666666666666666, 1.0833333333333333 },
  { "MeanAbsolutePercentageError", {}, Y + 1, P, 76.02918323506559, 87.02987644164114 },
  { "MeanSquaredLogarithmicError", {}, Y, P, 0.0258716784158822, 0.045624445733958956 },
  { "Huber", { delta = 0.7 }, Y, Z, 0.4, 0.5158333333333334 },
  { "LogCosh", {}, Y, Z, 0.41807821359513, 0.560031574184661 },
  { "Poisson", {}, Y, P, 0.6222504628679566, 0.8117401906353857 },
  { "KLDivergence", {}, Y, P, 0.25626021092270956, 0.39079044306087946 },
  { "CosineSimilarity", {}, Y, Z, -0.268397939211223, -0.05623185469554811 },
  { "CosineSimilarity", { axis = 1 }, Y, Z, -0.192276974865506, 0.08895497899478548 },
  { "Hinge", {}, SIGNS, Z, 1.7777777777777777, 2.0722222222222224 },
  { "Hinge", {}, ONE_HOT, Z, 1.888888888888889, 2.15 },
  { "SquaredHinge", {}, SIGNS, Z, 3.866666666666667, 4.469444444444444 },
  { "CategoricalHinge", {}, ONE_HOT, Z, 3.466666666666667, 3.9333333333333336 },
  { "CategoricalCrossentropy", {}, ONE_HOT, P, 1.535056728662697, 1.6133906668703197 },
  { "CategoricalCrossentropy", { from_logits = true, label_smoothing = 0.1 }, ONE_HOT, Z, 2.7243061114943075,
    3.1650765573089097 },
  { "SparseCategoricalCrossentropy", {}, IDS, P, 1.535056728662697, 1.6133906668703197 },
  { "SparseCategoricalCrossentropy", { ignore_class = 0 }, IDS, P, 1.1512925464970227, 1.8444397270569681 },
  { "SparseCategoricalCrossentropy", { ignore_class = 0, reduction = "mean_with_sample_weight" }, IDS, P,
    1.1512925464970227, 1.2296264847046454 },
  { "BinaryCrossentropy", { from_logits = true }, Y, Z, 0.6925015553434077, 0.8510646055658114 },
  { "BinaryCrossentropy", {}, Y, P, 0.5046315515317564, 0.7313348953039647 },
  { "BinaryFocalCrossentropy", {}, ONE_HOT, P, 0.4734790500690454, 0.42047500624441997 },
  { "BinaryFocalCrossentropy", { apply_class_balancing = true, alpha = 0.3, gamma = 1.5, from_logits = true,
    label_smoothing = 0.2 }, ONE_HOT, Z, 0.36748412354910603, 0.39178554601484317 },
  { "CategoricalFocalCrossentropy", {}, ONE_HOT, P, 0.24789576391081758, 0.23516606519976344 },
  { "CategoricalFocalCrossentropy", { alpha = { 0.2, 0.3, 0.5 }, gamma = 1.5, from_logits = true }, ONE_HOT, Z,
    0.8664768620058744, 1.230036904217013 },
  { "CategoricalGeneralizedCrossEntropy", { q = 0.7 }, IDS, P, 0.9023770214961037, 1.007536056791744 },
  { "Dice", {}, ONE_HOT, P, 0.7500000041666666, 0.7500000041666666 * 3.5 / 3 },
  { "Dice", { axis = 2 }, ONE_HOT, P, 0.75, (0.6 + 0.9 / 2 + 0.75 * 2) / 3 },
  { "Tversky", { alpha = 0.3, beta = 0.7 }, ONE_HOT, P, 0.750000008333333, 0.750000008333333 * 3.5 / 3 },
  { "Tversky", { alpha = 0.3, beta = 0.7, axis = { -1 } }, ONE_HOT, P, 0.7500000249999975, 0.8500000316666635 },
  { "Circle", { gamma = 2, margin = 0.3, remove_diagonal = false }, nn.tensor { 1, 0, 1 }, P, 1.5598372248628891,
    1.9327578533572414 },
}

local function classes(module)
  local list = {}
  for _, name in ipairs(module.family.names) do
    if name:match "^%u" then list[#list + 1] = name end
  end
  return list
end

local function compiled(loss, activation)
  nn.utils.set_random_seed(3)
  local model = nn.Sequential { nn.Input { shape = { 4 } }, nn.layers.Dense { 3, activation = activation } }
  model:compile { optimizer = nn.optimizers.SGD { 0.1 }, loss = loss }
  return model
end

local function inputs(n) return nn.random.uniform { shape = { n, 4 }, minval = -1.5, maxval = 1.5, seed = 5 } end

describe("every loss", function()
  it("has an example", function()
    local covered = {}
    for _, example in ipairs(EXAMPLES) do covered[example[1]] = true end
    covered.LossFunctionWrapper = true -- tests/models/custom_losses_spec.lua
    covered.CTC = true -- below; its numbers are among those of the operations
    for _, class in ipairs(classes(losses)) do assert.is_true(covered[class], class .. " has no example") end
  end)

  for i, example in ipairs(EXAMPLES) do
    local class, given, y, p, value, weighted = table.unpack(example)
    describe(("%s (example %d)"):format(class, i), function()
      it("gives the numbers computed elsewhere", function()
        local loss = losses[class](given)
        assert.is_near(value, loss(y, p), 2e-6 * math.max(1, math.abs(value)))
        assert.is_near(weighted, loss(y, p, WEIGHTS), 2e-6 * math.max(1, math.abs(weighted)))
      end)

      it("reduces by sum, and not at all", function()
        if given.ignore_class or given.reduction then return end
        local arguments = { reduction = "none" }
        for name, argument in pairs(given) do arguments[name] = argument end
        local each = losses[class](arguments)(y, p)
        arguments.reduction = "sum"
        local sum = losses[class](arguments)(y, p)
        if type(each) == "number" then return assert.are.equal(each, sum) end
        assert.are.same({ 3 }, each.shape)
        assert.is_near(value * 3, sum, 1e-5 * math.abs(value * 3))
        assert.is_near(sum, each:sum(), 1e-5 * math.abs(sum))
      end)

      it("says the same in training", function()
        local loss = losses[class](given)
        if given.axis == 1 then return end
        local model = nn.Sequential { nn.Input { shape = { 3 } }, nn.layers.Activation { "linear" } }
        model:compile { optimizer = "sgd", loss = loss }
        assert.is_near(value, model:evaluate(p, y), 2e-6 * math.max(1, math.abs(value)))
        local got = model:evaluate(p, y, { sample_weight = WEIGHTS })
        assert.is_near(weighted, got, 2e-6 * math.max(1, math.abs(weighted)))
      end)

      it("has the gradient that finite differences give", function()
        local loss = losses[class](given)
        if given.axis == 1 then return end
        local logits = p == Z
        local model = compiled(loss, not logits and "softmax" or nil)
        for _, weight in ipairs(class == "Circle" and { false } or { false, WEIGHTS }) do
          local by_weights, by_inputs = gradients.differ(model, inputs(3), y, loss, nil, 4e-3, weight or nil)
          assert.is_true(by_weights < 1e-2 and by_inputs < 1e-2, ("%g %g"):format(by_weights, by_inputs))
        end
      end)

      it("shows a prediction that is not a number", function()
        local bad = p:copy()
        bad[{ 1, 2 }] = 0 / 0
        local result = losses[class](given)(y, bad)
        assert.is_true(result ~= result)
      end)

      it("comes back from its config", function()
        local loss = losses[class](given)
        local again = losses.get(losses.family.serialize(loss))
        assert.are.same(loss.arguments, again.arguments)
      end)
    end)
  end
end)

describe("a loss", function()
  it("is known by its class, its function and its other names", function()
    for name, class in pairs {
      mse = "MeanSquaredError", MAE = "MeanAbsoluteError", mape = "MeanAbsolutePercentageError",
      msle = "MeanSquaredLogarithmicError", bce = "BinaryCrossentropy", kld = "KLDivergence", logcosh = "LogCosh",
      huber = "Huber", kl_divergence = "KLDivergence",
    } do
      assert.are.equal(class, losses.get(name).class_name)
    end
    assert.are.equal("Huber", losses.get(losses.huber).class_name)
    assert.is_near(1.12, losses.mse(Y, Z):mean(), 1e-6)
  end)

  it("as a function gives one value a sample", function()
    assert.are.same({ 3 }, losses.binary_crossentropy(Y, P).shape)
    assert.are.same({ 2, 3 }, losses.huber(nn.zeros { 2, 3, 4 }, nn.ones { 2, 3, 4 }, { delta = 0.5 }).shape)
    assert.are.equal(0.375, losses.huber({ { 0, 0 } }, { { 1, 1 } }, { 0.5 })[1])
    assert.are.equal("number", type(losses.dice(ONE_HOT, P)))
    assert.are.same({ 3 }, losses.dice(ONE_HOT, P, { axis = { 2 } }).shape)
  end)

  it("squeezes a last axis of 1, and broadcasts nothing else", function()
    local loss = losses.MeanSquaredError {}
    assert.are.equal(1.0, loss({ 1, 2, 3 }, nn.tensor { { 2 }, { 3 }, { 4 } }))
    assert.has_error(function() loss({ 1, 2, 3 }, Z) end)
    assert.has_error(function() loss(nn.zeros { 3, 1 }, Z) end)
    assert.has_error(function() loss(Y, Z, { 1, 2 }) end)
    assert.has_error(function() losses.SparseCategoricalCrossentropy {}({ 0, 1, 3 }, P) end)
  end)

  it("takes plain lists for samples beside a column, and a column beside rows for their values", function()
    local kl, cosine = losses.KLDivergence {}, losses.CosineSimilarity { reduction = "none" }
    assert.is_near(0.75 * math.log(2), kl({ 0.5, 1 }, nn.tensor { { 0.25 }, { 0.5 } }), 1e-6)
    assert.is_near(0.75 * math.log(2), kl(nn.tensor { { 0.5 }, { 1 } }, { 0.25, 0.5 }), 1e-6)
    assert.are.same(cosine(Y, Z):totable(), cosine(Y, Z:reshape { 3, 3, 1 }):totable())
    assert.are.same(cosine(Y, Z):totable(), cosine(Y:reshape { 3, 3, 1 }, Z):totable())
  end)

  it("takes weights of all the shapes that Keras takes", function()
    local loss, x = losses.MeanAbsoluteError {}, nn.tensor { { { 1, 1 }, { 3, 3 } } }
    assert.are.equal(4.0, loss(nn.zeros { 1, 2, 2 }, x, 2))
    assert.are.equal(4.0, loss(nn.zeros { 1, 2, 2 }, x, { 2 }))
    assert.are.equal(4.0, loss(nn.zeros { 1, 2, 2 }, x, { { 2 } }))
    assert.are.equal(3.5, loss(nn.zeros { 1, 2, 2 }, x, { { 1, 2 } }))
    assert.are.equal(3.5, loss(nn.zeros { 1, 2, 2 }, x, nn.tensor { { { 1 }, { 2 } } }))
  end)

  it("is 0 where nothing counts", function()
    assert.are.equal(0.0, losses.SparseCategoricalCrossentropy { ignore_class = -1 }({ -1, -1 }, P[{ { 1, 2 } }]))
    assert.are.equal(0.0, losses.MeanSquaredError { reduction = "mean_with_sample_weight" }(Y, Z, { 0, 0, 0 }))
  end)

  it("refuses arguments that make no sense, by name", function()
    local function message(f) return select(2, pcall(f)) end
    assert.matches("reduction", message(function() losses.Huber { reduction = "average" } end))
    assert.matches("did you mean delta", message(function() losses.Huber { dleta = 1 } end))
    assert.matches("q: expected", message(function() losses.CategoricalGeneralizedCrossEntropy { q = 1 } end))
    assert.matches("axis", message(function() losses.CosineSimilarity { axis = 0 } end))
    assert.matches("no axis 4", message(function() losses.CosineSimilarity { axis = 4 }(Y, Z) end))
    assert.matches("dtype", message(function() losses.Hinge { dtype = "float16" } end))
    assert.matches("label_smoothing", message(function() losses.BinaryCrossentropy { label_smoothing = 2 } end))
  end)

  it("in training refuses what would not be a number, or not along the last axes", function()
    local x, y = inputs(3), Y
    assert.has_error(function() compiled(losses.Huber { reduction = "none" }):fit(x, y, { verbose = 0 }) end)
    assert.has_error(function() compiled(losses.CosineSimilarity { axis = 1 }):fit(x, y, { verbose = 0 }) end)
  end)
end)

-- softplus(logsumexp over pairs of one label of -gamma (m + d) (m - d)
--   + logsumexp over pairs of several of gamma max(1 + m - d, 0) (1 - m - d)), d = max(1 - cosine, 0); in NumPy.
describe("Circle", function()
  local embeddings = nn.tensor { { 0.6, 0.8 }, { 0.8, 0.6 }, { 0, 1 }, { -1, 0 }, { 0.28, 0.96 } }
  local alone = nn.tensor({ 3, 3, -7, 5, 3 }, "int32") -- two have no other of their label

  it("gives each sample a number", function()
    local each = losses.circle(nn.tensor { 3, 3, -7, -7, 3 }, embeddings)
    local want = nn.tensor { 26.52596294, 6.44687412, 128.128, 67.89387788, 51.38302548 }
    assert.is_true((each - want):abs():max() < 2e-4, tostring(each))
    assert.are.same({ 0, 0 }, losses.circle(alone, embeddings)[{ { 3, 4 } }]:totable())
  end)

  it("counts only samples that have something to be held against", function()
    assert.is_near(28.118620845828264, losses.Circle {}(alone, embeddings), 1e-4)
    assert.are.equal(0.0, losses.Circle {}({ 1, 2, 3, 4, 5 }, embeddings))
    local weights = nn.tensor { 1, 2, 3, 4, 5 }
    assert.is_near(98.77827952836414, losses.Circle {}(alone, embeddings, weights), 4e-4)
    local by_weight = losses.Circle { reduction = "mean_with_sample_weight" }
    assert.is_near(37.04185482313655, by_weight(alone, embeddings, weights), 2e-4)
    local model = nn.Sequential { nn.Input { shape = { 2 } }, nn.layers.Activation { "linear" } }
    model:compile { optimizer = "sgd", loss = "circle" }
    assert.is_near(28.118620845828264, model:evaluate(embeddings, alone), 1e-4)
  end)

  it("takes no weights in training, where pairs would need them", function()
    local x, y = inputs(3), nn.tensor({ 0, 1, 0 }, "int32")
    local ok, message = pcall(function() compiled "circle":fit(x, y, { sample_weight = WEIGHTS, verbose = 0 }) end)
    assert.is_false(ok)
    assert.matches("Circle: it holds samples against each other, so weights", message)
    compiled "circle":fit(x, y, { verbose = 0 })
  end)

  it("draws samples of one label together", function()
    nn.utils.set_random_seed(1)
    local x, y = nn.random.normal { shape = { 40, 4 }, seed = 3 }, nn.arange(40):astype "int32"
    for i = 1, 40 do y[i] = x[{ i, 1 }] > 0 and 7 or -1 end
    local model = nn.Sequential { nn.Input { shape = { 4 } }, nn.layers.Dense { 2 }, nn.layers.UnitNormalization {} }
    model:compile { optimizer = nn.optimizers.Adam { 0.05 }, loss = losses.Circle { gamma = 10 } }
    local before = model:evaluate(x, y)
    model:fit(x, y, { epochs = 30, verbose = 0 })
    assert.is_true(model:evaluate(x, y) < before / 3)
  end)
end)

describe("a loss of a batch", function()
  it("is taken of batches of 32, unless told otherwise", function()
    local p, y = nn.random.uniform { shape = { 48, 3 }, seed = 1 }, nn.ones { 48, 3 }
    local model = nn.Sequential { nn.Input { shape = { 3 } }, nn.layers.Activation { "linear" } }
    model:compile { optimizer = "sgd", loss = "dice" }
    local function dice(first, last) return losses.Dice {}(y[{ { first, last } }], p[{ { first, last } }]) end
    assert.is_near((32 * dice(1, 32) + 16 * dice(33, 48)) / 48, model:evaluate(p, y), 1e-6)
    assert.is_near(dice(1, 48), model:evaluate(p, y, { batch_size = 48 }), 1e-6)
  end)
end)

describe("weights in training", function()
  local x, y = inputs(4), nn.tensor({ 0, 2, 1, 1 }, "int32")

  local function weights_after(options, target)
    local model = compiled(target and "categorical_crossentropy" or "sparse_categorical_crossentropy", "softmax")
    options.verbose, options.batch_size, options.epochs = 0, 2, 3
    model:fit(x, target or y, options)
    return model:get_weights()[1]:bytes()
  end

  it("of classes are those of their samples", function()
    local by_class = { [0] = 2, [2] = 0.5 }
    local by_sample = weights_after { sample_weight = { 2, 0.5, 1, 1 } }
    assert.are.equal(by_sample, weights_after { class_weight = by_class })
    assert.are_not.equal(by_sample, weights_after {})
    local one_hot = nn.utils.to_categorical(y, 3)
    assert.are.equal(weights_after({ sample_weight = { 2, 0.5, 1, 1 } }, one_hot),
      weights_after({ class_weight = by_class }, one_hot))
  end)

  it("are given once, for every sample", function()
    assert.has_error(function() weights_after { sample_weight = { 1, 1, 1, 1 }, class_weight = { [0] = 1 } } end)
    assert.has_error(function() weights_after { sample_weight = { 1, 1, 1 } } end)
    assert.has_error(function() weights_after { sample_weight = { { 1, 1 }, { 1, 1 }, { 1, 1 }, { 1, 1 } } } end)
    assert.has_error(function() weights_after { class_weight = { a = 1 } } end)
    assert.error_matches(function() weights_after { class_weight = { 1, 2, 3 } } end,
      "there is no class 3: the model has 3 classes, whose ids count from 0, so a list of weights begins with %[0%] =")
  end)

  it("may be of the rows of a sample", function()
    local model = nn.Sequential { nn.Input { shape = { 2, 3 } }, nn.layers.Activation { "linear" } }
    model:compile { optimizer = "sgd", loss = "mae" }
    local p = nn.tensor { { { 1, 1, 1 }, { 3, 3, 3 } }, { { 5, 5, 5 }, { 7, 7, 7 } } }
    local function loss(weight) return (model:evaluate(p, nn.zeros { 2, 2, 3 }, { sample_weight = weight })) end
    assert.are.equal((1 + 6 + 15 + 28) / 4, loss { { 1, 2 }, { 3, 4 } })
    assert.are.equal((4 + 12 * 2) / 4, loss { 1, 2 })
  end)

  it("may differ between outputs", function()
    local input = nn.Input { shape = { 1 } }
    local a = nn.layers.Activation { "linear", name = "a" }(input)
    local b = nn.layers.Activation { "linear", name = "b" }(input)
    local model = nn.Model { inputs = { input }, outputs = { a, b } }
    model:compile { optimizer = "sgd", loss = "mae" }
    local data, zero = nn.tensor { { 1 }, { 2 } }, nn.zeros { 2, 1 }
    local loss, of_a, of_b = model:evaluate(data, { zero, zero },
      { sample_weight = { nn.tensor { 1, 0 }, nn.tensor { 0, 1 } } })
    assert.are.same({ 1.5, 0.5, 1.0 }, { loss, of_a, of_b })
    assert.are.same({ 2.5, 1.5, 1.0 }, { model:evaluate(data, { zero, zero },
      { sample_weight = { [2] = nn.tensor { 0, 1 } } }) })
  end)
end)

describe("the CTC loss", function()
  local X, LABELS = nn.random.normal { shape = { 3, 5, 4 }, seed = 2 }, nn.tensor { { 1, 2 }, { 2, 0 }, { 1, 1 } }

  it("takes labels of any length, 0 behind their end", function()
    local each = nn.ops.ctc_loss(LABELS, X, { 2, 1, 2 }, { 5, 5, 5 })
    assert.are.same(each:totable(), losses.ctc(LABELS, X):totable())
    assert.is_near(each:mean(), losses.CTC {}(LABELS, X), 1e-6)
    assert.is_near(each:sum(), losses.CTC { reduction = "sum" }(LABELS, X), 1e-5)
    assert.are.equal(math.huge, losses.CTC {}({ { 1, 1, 1 } }, nn.zeros { 1, 4, 3 }))
  end)

  it("trains a model until its labels can be read off", function()
    nn.utils.set_random_seed(1)
    local model = nn.Sequential { nn.Input { shape = { 5, 4 } }, nn.layers.GRU { 8, return_sequences = true },
      nn.layers.Dense { 3 } }
    model:compile { optimizer = nn.optimizers.Adam { 0.05 }, loss = "ctc" }
    model:fit(X, LABELS, { epochs = 60, verbose = 0 })
    assert.is_near(losses.CTC {}(LABELS, model:predict(X)), model:evaluate(X, LABELS, { verbose = 0 }), 1e-5)
    local found = nn.ops.ctc_decode(model:predict(X), { 5, 5, 5 })
    assert.are.same({ { 1, 2 }, { 2, -1 }, { 1, 1 } }, found[1][{ {}, { 1, 2 } }]:totable())
  end)

  it("refuses labels that are no classes, and other shapes", function()
    local function message(f) return select(2, pcall(f)) end
    local one = X[{ { 1, 1 } }]
    assert.matches("expected classes from 0 to 3, got 7", message(function() losses.CTC {}({ { 7 } }, one) end))
    assert.matches("expected targets %(n, length%)", message(function() losses.CTC {}({ 1, 2, 1 }, X) end))
  end)
end)
