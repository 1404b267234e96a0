-- nn.Perceptron: without shuffling, the coefficients of scikit-learn 1.2.
local message_of = require("tests.support.expect").message_of
local nn = require "nn"

local X = { { 2, 1 }, { 1, 3 }, { -1, -2 }, { -2, 1 }, { 3, -3 }, { 0, -4 } }
local Y = { 0, 0, 1, 1, 2, 2 }

local function fit(options, x, y)
  options.shuffle = false
  return nn.Perceptron(options):fit(x or X, y or Y)
end

local function assert_learned(want, intercept, iterations, perceptron)
  local near = (perceptron.coef_ - nn.tensor(want)):abs():max() < 1e-5
  assert.is_true(near, tostring(perceptron.coef_))
  assert.is_true((perceptron.intercept_ - nn.tensor(intercept)):abs():max() < 1e-5, tostring(perceptron.intercept_))
  assert.are.equal(iterations, perceptron.n_iter_)
end

-- All of iris, or nothing where it is not here.
local function iris()
  local set = nn.datasets.iris.set
  if require("nn.datasets.locate").find(set, set.files[1]) then return nn.datasets.iris.load_data() end
end

describe("Perceptron", function()
  it("learns OR", function()
    local p = fit({}, { { 0, 0 }, { 0, 1 }, { 1, 0 }, { 1, 1 } }, { 0, 1, 1, 1 })
    assert_learned({ { 2, 2 } }, { -1 }, 8, p)
    assert.are.same({ 0, 1, 1, 1 }, p:predict({ { 0, 0 }, { 0, 1 }, { 1, 0 }, { 1, 1 } }):totable())
    assert.are.equal("int32", p:predict({ { 0, 0 } }).dtype)
  end)

  it("tells each of several classes from the others", function()
    local p = fit { eta0 = 0.5 }
    assert_learned({ { 1, 2 }, { -2.5, 0 }, { 1.5, -1.5 } }, { -2, -1, -3 }, 10, p)
    assert.are.same({ { 2, -6, -1.5 }, { 5, -3.5, -6 } }, p:decision_function({ X[1], X[2] }):totable())
    assert.are.same({ 0, 1, 2 }, p.classes_)
    assert.are.equal(1, p:score(X, Y))
    assert.are.equal(0.5, p:score(X, { 0, 1, 1, 2, 2, 0 }))
  end)

  it("weighs classes", function()
    assert_learned({ { 3, 4 }, { -5, 0 }, { 3, -3 } }, { 0, -2, -6 }, 10, fit { class_weight = { [0] = 2, 1, 1 } })
  end)

  it("follows scikit-learn on iris with and without penalties", function()
    local x, y = iris()
    if not x then return pending "iris is not here" end
    assert_learned({ { 1.299999714, 4.099999905, -5.19999969, -2.199999943 },
      { 6.399997234, -8.799998522, -10.50000298, -12.70000038 },
      { -6.199998379, -3.400000573, 14.30000103, 9.90000011 } }, { 1, -2, -1 }, 18, fit({}, x, y))
    assert_learned({ { -1.858918205, -0.514051717, -1.829723396, -0.607375869 },
      { -1.620881998, -1.070652334, -2.477654073, -1.297505416 },
      { 3.196448953, 1.21735948, 3.762965942, 1.53232538 } }, { 0, -1, 0 }, 9,
      fit({ penalty = "l2", alpha = 0.01 }, x, y))
    assert_learned({ { 0, 1.099999666, -2.899998546, 0 }, { 0, 0, -3.000000834, 0 },
      { -1.599998474, 0, 7.400000691, 1.400000051 } }, { 6, -1, -3 }, 17, fit({ penalty = "l1", alpha = 0.01 }, x, y))
    assert_learned({ { -1.024188457, 0, -2.036088133, -0.567447106 }, { 0, 0, -1.227848491, -0.998570333 },
      { 0, 0, 1.253548129, 1.008949232 } }, { 0, -1, -4 }, 25, fit({ penalty = "elasticnet", alpha = 0.01 }, x, y))
    assert_learned({ { -2.624998212, -4.200000286, 23.62500054, 14.25000009 } }, { -1.5 }, 6,
      fit({ class_weight = "balanced" }, x, y:eq(2)))
    assert.are.equal(7, fit({ tol = false, max_iter = 7 }, x, y).n_iter_)
    assert.are.same({ 0, 0, 0 }, fit({ fit_intercept = false, eta0 = 0.1 }, x, y).intercept_:totable())
  end)

  it("gives the same with the same seed", function()
    local a, b = nn.Perceptron { seed = 5 }:fit(X, Y), nn.Perceptron { seed = 5 }:fit(X, Y)
    assert.are.same(a.coef_:totable(), b.coef_:totable())
    assert.are.same(a.coef_:totable(), nn.Perceptron({ random_state = 5 }):fit(X, Y).coef_:totable())
    assert.are.equal(1, a:score(X, Y))
  end)

  it("takes texts as labels, watches held-out samples, and goes on where it was", function()
    local names, many, labels = { "a", "a", "b", "b", "c", "c" }, {}, {}
    assert.are.same(names, fit({}, X, names):predict(X))
    for i = 1, 60 do many[i], labels[i] = X[i % 6 + 1], Y[i % 6 + 1] end
    assert.are.equal(1, nn.Perceptron { early_stopping = true }:fit(many, labels):score(X, Y))
    local p = fit { warm_start = true, max_iter = 50 }
    assert.are.same(p.coef_:totable(), p:fit(X, Y).coef_:totable())
  end)

  it("says what is wrong", function()
    assert.matches("call fit first", message_of(function() nn.Perceptron():predict(X) end))
    assert.matches("expected x of shape", message_of(fit, {}, { 1, 2 }, { 0, 1 }))
    assert.matches("expected 6 labels, got 2", message_of(fit, {}, X, { 0, 1 }))
    assert.matches("takes two to tell apart", message_of(fit, {}, X, { 0, 0, 0, 0, 0, 0 }))
    assert.matches("fitted to 2 features, got 3", message_of(function() fit({}):predict { { 1, 2, 3 } } end))
    assert.matches("eta0: expected", message_of(nn.Perceptron, { eta0 = 0 }))
    assert.matches("penalty: expected", message_of(nn.Perceptron, { penalty = "l3" }))
    assert.matches("unknown argument max_iters; did you mean max_iter", message_of(nn.Perceptron, { max_iters = 1 }))
  end)
end)
