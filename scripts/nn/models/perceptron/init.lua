--- The perceptron (Rosenblatt, 1958), as scikit-learn's: whenever a sample is on the wrong side, its features are added
-- to the weights or taken off them. With more than two classes, one perceptron a class tells it from all others.
--
-- Numbers are doubles, and without shuffling the coefficients are scikit-learn's.
-- @module nn.perceptron
local advice = require "nn.advice"
local align = require "nn.losses.align"
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local properties = require "nn.support.properties"
local rule = require "nn.models.perceptron.rule"
local train_test_split = require "nn.utils.train_test_split"
local tensor = require "nn.tensor"

local Perceptron = {}

local SIGNATURE = {
  { "penalty" }, { "alpha", 1e-4 }, { "l1_ratio", 0.15 }, { "fit_intercept", true }, { "max_iter", 1000 },
  { "tol", 1e-3 }, { "shuffle", true }, { "eta0", 1 }, { "seed", 0 }, { "early_stopping", false },
  { "validation_fraction", 0.1 }, { "n_iter_no_change", 5 }, { "class_weight" }, { "warm_start", false },
  { "random_state" },
}

local signature, meta = arguments.signature("Perceptron", SIGNATURE), nil -- the metatable needs the methods

local function check(given)
  for _, name in ipairs { "max_iter", "n_iter_no_change" } do
    if math.type(given[name]) ~= "integer" or given[name] < 1 then
      blame("Perceptron: %s: expected a whole number of at least 1, got %s", name, blame.got(given[name]))
    end
  end
  if type(given.eta0) ~= "number" or given.eta0 ~= given.eta0 or given.eta0 <= 0 then
    blame("Perceptron: eta0: expected a number above 0, got %s", blame.got(given.eta0))
  end
  if given.penalty ~= nil and not rule.PENALTIES[given.penalty] then
    blame('Perceptron: penalty: expected "l2", "l1" or "elasticnet", got %s', blame.got(given.penalty))
  end
end

--- A perceptron. Arguments and defaults are scikit-learn's; `seed` is its random_state, which is understood too.
-- @function Perceptron
-- @tparam[opt] table options penalty (none; "l2", "l1", "elasticnet"), alpha (1e-4: its strength), l1_ratio (0.15),
-- fit_intercept (true), max_iter (1000 epochs), tol (1e-3: training ends when the loss of n_iter_no_change (5) epochs
-- in a row was not better by it; false: never), shuffle (true), eta0 (1: the learning rate), seed (0), early_stopping
-- (false: watch the accuracy on validation_fraction (0.1) of the samples instead of the loss), class_weight
-- ("balanced", or a table from labels to weights), warm_start (false: fit goes on from the weights there are)
-- @treturn table with fit, predict, score, decision_function; after fit the tensors coef_ (1 or classes, features) and
-- intercept_ (1 or classes), the list classes_, and n_iter_, the epochs it took
-- @usage
-- local perceptron = nn.Perceptron{ seed = 42 }:fit(x, y)
-- print(perceptron:score(x, y), perceptron.coef_)
local function new(options, ...)
  arguments.check_one("Perceptron", ...)
  local self = setmetatable(signature(options), meta)
  check(self)
  self.seed = self.random_state or self.seed
  return self
end

-- ---- data ----------------------------------------------------------------------------------------------------------

local function matrix_of(self, x, what)
  x = align.floats(x)
  if x.ndim ~= 2 or #x == 0 then
    blame("%s: expected x of shape (samples, features), got %s", what, align.text(x.shape))
  end
  if self.classes_ and what ~= "Perceptron:fit" and x.shape[2] ~= self.n_features_in_ then
    blame("%s: fitted to %d features, got %d", what, self.n_features_in_, x.shape[2])
  end
  return x
end

local function labels_of(y, n, what)
  if tensor.is_tensor(y) then
    if y.size ~= n then blame("%s: %d samples, but y has the shape %s", what, n, align.text(y.shape)) end
    return y:flatten():totable()
  end
  if type(y) ~= "table" or #y ~= n then
    blame("%s: expected %d labels, got %s", what, n, type(y) == "table" and #y or blame.got(y))
  end
  return y
end

local function classes_of(labels)
  local seen, list = {}, {}
  for _, label in ipairs(labels) do
    if not seen[label] then seen[label], list[#list + 1] = true, label end
  end
  table.sort(list)
  if #list < 2 then blame("Perceptron:fit: y has %d class; it takes two to tell apart", #list) end
  return list
end

-- The weight of each class's samples.
local function class_weights(self, labels, classes)
  local given, weights, counts = self.class_weight, {}, {}
  for _, label in ipairs(labels) do counts[label] = (counts[label] or 0) + 1 end
  for _, class in ipairs(classes) do
    weights[class] = given == "balanced" and #labels / (#classes * counts[class])
      or type(given) == "table" and given[class] or 1
  end
  return weights
end

-- ---- what a user calls ---------------------------------------------------------------------------------------------

-- The weights to begin with: zero, or with warm_start those of the last fit.
local function first_weights(self, row, features)
  local w = { intercept = 0, due = 0, taken = {} }
  local warm = self.warm_start and self.coef_
  for j = 1, features do
    w[j], w.taken[j] = warm and warm[row][j] or 0, 0
  end
  if warm then w.intercept = self.intercept_[row] end
  return w
end

local function split_off(self, labels)
  local positions = {}
  for i in ipairs(labels) do positions[i] = i end
  if not self.early_stopping then return { train = positions } end
  local kept, held_out = train_test_split { positions, test_size = self.validation_fraction,
    stratify = labels, seed = self.seed }
  return { train = kept, held_out = held_out }
end

--- Learns from samples.
-- @function perceptron:fit
-- @tparam tensor|table x (samples, features)
-- @tparam tensor|table y labels, one a sample: numbers or texts
-- @treturn perceptron itself
-- @usage nn.Perceptron{ seed = 42 }:fit(x, y)
function Perceptron:fit(x, y)
  local rows = matrix_of(self, x, "Perceptron:fit"):totable()
  local features = #rows[1]
  local labels = labels_of(y, #rows, "Perceptron:fit")
  local classes = classes_of(labels)
  local weight_of, parts = class_weights(self, labels, classes), split_off(self, labels)
  local coefficients, intercepts, longest = {}, {}, 0
  for k = #classes == 2 and 2 or 1, #classes do
    local signs, weights, row = {}, {}, #coefficients + 1
    local weight_of_others = #classes == 2 and weight_of[classes[1]] or 1 -- with several classes always 1
    for i, label in ipairs(labels) do
      local is_of_class = label == classes[k]
      signs[i], weights[i] = is_of_class and 1 or -1, is_of_class and weight_of[label] or weight_of_others
    end
    local w = first_weights(self, row, features)
    local count, is_cut = rule.train(self, w, rows, signs, weights, parts)
    if is_cut and self.tol then
      advice.say("perceptron_unfinished", "the perceptron was still learning after %d epochs; raise max_iter, or scale "
        .. "the features", count)
    end
    coefficients[row], intercepts[row] = table.move(w, 1, features, 1, {}), w.intercept
    longest = math.max(longest, count)
  end
  self.classes_, self.n_features_in_, self.n_iter_ = classes, features, longest
  self.coef_, self.intercept_ = tensor.tensor(coefficients), tensor.tensor(intercepts)
  return self
end

--- How far samples are on the side of each class.
-- @function perceptron:decision_function
-- @tparam tensor|table x (samples, features)
-- @treturn tensor (samples), above 0 for the second of two classes; else (samples, classes)
-- @usage local distances = perceptron:decision_function(x)
function Perceptron:decision_function(x)
  if not self.classes_ then blame "Perceptron: call fit first" end
  local values = matrix_of(self, x, "Perceptron:decision_function"):matmul(self.coef_:transpose()) + self.intercept_
  return #self.classes_ == 2 and values:flatten() or values
end

--- The label of each sample.
-- @function perceptron:predict
-- @tparam tensor|table x (samples, features)
-- @treturn tensor int32 (samples); a list where labels are texts or fractions
-- @usage local labels = perceptron:predict(x)
function Perceptron:predict(x)
  local values = self:decision_function(x)
  local ids = (values.ndim == 1 and values:gt(0) or values:argmax(-1)):totable()
  local labels, is_whole = {}, true
  for i, id in ipairs(ids) do
    labels[i] = self.classes_[id + 1]
    is_whole = is_whole and math.tointeger(labels[i]) ~= nil
  end
  return is_whole and tensor.tensor(labels, "int32") or labels
end

--- The fraction of samples whose label is predicted.
-- @function perceptron:score
-- @tparam tensor|table x (samples, features)
-- @tparam tensor|table y labels
-- @treturn number
-- @usage print(perceptron:score(x, y))
function Perceptron:score(x, y)
  local predicted = self:predict(x)
  local list, right = tensor.is_tensor(predicted) and predicted:totable() or predicted, 0
  for i, label in ipairs(labels_of(y, #list, "Perceptron:score")) do
    if label == list[i] then right = right + 1 end
  end
  return right / #list
end

meta = properties.class("Perceptron", Perceptron, SIGNATURE, { "coef_", "intercept_", "classes_", "n_iter_",
  "n_features_in_" })

return { Perceptron = new }
