-- Metrics: numbers computed independently (scikit-learn, NumPy), updates, weights, what fit and evaluate make of them.
local nn = require "nn"

nn.advice.silence() -- these models are odd on purpose
local metrics = nn.metrics

local Y = nn.tensor { { 0.2, 0.5, 0.3 }, { 0, 1, 0 }, { 0.7, 0.1, 0.2 } }
local P = nn.tensor { { 0.3, 0.4, 0.3 }, { 0.1, 0.8, 0.1 }, { 0.25, 0.5, 0.25 } }
local Z = nn.tensor { { 1.5, -0.5, 0.2 }, { -1, 2, 0.3 }, { 0.1, 0.4, -2 } }
local ONE_HOT = nn.tensor { { 0, 1, 0 }, { 1, 0, 0 }, { 0, 0, 1 } }
local SIGNS = nn.tensor { { -1, 1, 1 }, { 1, -1, 1 }, { -1, -1, 1 } }
local IDS = nn.tensor { 1, 0, 2 }
local W3 = { 1, 0.5, 2 }
local ALL3 = 3.5 / 3 -- a weighted mean divides by the weights' sum, not by their number

local LABELS, SCORES = nn.tensor { 0, 0, 1, 1, 0, 1, 1, 0 }, nn.tensor { 0.1, 0.4, 0.35, 0.8, 0.65, 0.7, 0.9, 0.2 }
local W8 = { 1, 2, 1, 0.5, 1, 1, 3, 1 }
local MULTI, MULTI_SCORES = nn.tensor { { 1, 0, 1 }, { 0, 1, 1 }, { 1, 1, 0 }, { 0, 0, 1 } },
  nn.tensor { { 0.9, 0.2, 0.6 }, { 0.3, 0.7, 0.4 }, { 0.6, 0.1, 0.8 }, { 0.2, 0.55, 0.9 } }
local CLASSES, TAKEN_FOR = nn.tensor { 0, 1, 2, 2, 1, 0, 3 }, nn.tensor { 0, 1, 1, 2, 1, 2, 3 }
local TRUE_1, TAKEN_1 = nn.utils.to_categorical(CLASSES, 4), nn.utils.to_categorical(TAKEN_FOR, 4)
local W7 = { 1, 2, 0.5, 1, 1, 3, 1 }
local A = nn.tensor { { 1, 2 }, { 3, 5 }, { 4, 1 }, { 6, 2 } }
local C = nn.tensor { { 1.5, 2 }, { 2.5, 4 }, { 4, 2 }, { 5, 3 } }
local W4 = { 1, 2, 1, 0.5 }
local TOP_IDS, TOP = nn.tensor { 0, 1, 2, 2 },
  nn.tensor { { 0.5, 0.2, 0.3 }, { 0.3, 0.1, 0.6 }, { 0.2, 0.5, 0.3 }, { 0.7, 0.2, 0.1 } }

-- class, arguments, targets, predictions, result, weights, weighted result
local EXAMPLES = {
  { "MeanSquaredError", {}, Y, Z, 1.12, W3, 1.5916666666666668 / ALL3 },
  { "MeanAbsoluteError", {}, Y, Z, 0.8666666666666666, W3, 1.0833333333333333 / ALL3 },
  { "MeanAbsolutePercentageError", {}, A, C, 31.666666666666664 },
  { "MeanSquaredLogarithmicError", {}, A, C, 0.046473773521956994 },
  { "RootMeanSquaredError", {}, A, C, 0.75, W4, 0.7264831572567789 },
  { "LogCoshError", {}, A, C, 0.24691904198108294 },
  { "Poisson", {}, Y, P, 0.6222504628679566, W3, 0.8117401906353857 / ALL3 },
  { "KLDivergence", {}, Y, P, 0.25626021092270956, W3, 0.39079044306087946 / ALL3 },
  { "CosineSimilarity", {}, Y, Z, 0.268397939211223, W3, 0.05623185469554811 / ALL3 },
  { "CosineSimilarity", { axis = 1 }, Y, Z, 0.192276974865506, W3, -0.08895497899478548 / ALL3 },
  { "Hinge", {}, SIGNS, Z, 1.7777777777777777, W3, 2.0722222222222224 / ALL3 },
  { "SquaredHinge", {}, SIGNS, Z, 3.866666666666667, W3, 4.469444444444444 / ALL3 },
  { "CategoricalHinge", {}, ONE_HOT, Z, 3.466666666666667, W3, 3.9333333333333336 / ALL3 },
  { "BinaryCrossentropy", {}, Y, P, 0.5046315515317564, W3, 0.7313348953039647 / ALL3 },
  { "CategoricalCrossentropy", { from_logits = true, label_smoothing = 0.1 }, ONE_HOT, Z, 2.7243061114943075, W3,
    3.1650765573089097 / ALL3 },
  { "SparseCategoricalCrossentropy", {}, IDS, P, 1.535056728662697, W3, 1.6133906668703197 / ALL3 },
  { "Perplexity", {}, IDS, P, 4.641588833612778, W3, 3.9864706312773763 },
  { "BitsPerCharacter", {}, IDS, P, 2.2146187299249083, W3, 1.9951120406660126 },
  { "SparseCategoricalCrossentropy", { ignore_class = 0 }, IDS, P, 0.7675283643313485, W3, 1.2296264847046454 },
  { "Accuracy", {}, CLASSES, TAKEN_FOR, 5 / 7, W7, 6 / 9.5 },
  { "BinaryAccuracy", {}, LABELS, SCORES, 6 / 8, W8, 8.5 / 10.5 },
  { "BinaryAccuracy", { threshold = 0.3 }, LABELS, SCORES, 6 / 8 },
  { "CategoricalAccuracy", {}, ONE_HOT, P, 1 / 3, W3, 1 / 3.5 },
  { "SparseCategoricalAccuracy", {}, IDS, P, 1 / 3, W3, 1 / 3.5 },
  { "TopKCategoricalAccuracy", { k = 2 }, nn.utils.to_categorical(TOP_IDS, 3), TOP, 0.5, { 1, 2, 3, 4 }, 0.4 },
  { "SparseTopKCategoricalAccuracy", { k = 2 }, TOP_IDS, TOP, 0.5, { 1, 2, 3, 4 }, 0.4 },
  { "PearsonCorrelation", { axis = 1 }, A, C, 0.94154190936002 },
  { "ConcordanceCorrelation", { axis = 1 }, A, C, 0.8384146341463414 },
  { "TruePositives", {}, LABELS, SCORES, 3, W8, 4.5 },
  { "TrueNegatives", {}, LABELS, SCORES, 3, W8, 4 },
  { "FalsePositives", {}, LABELS, SCORES, 1, W8, 1 },
  { "FalseNegatives", {}, LABELS, SCORES, 1, W8, 1 },
  { "FalseNegatives", { thresholds = { 0.75, 0.3 } }, LABELS, SCORES, { 2, 0 } },
  { "Precision", {}, LABELS, SCORES, 0.75, W8, 0.8181818181818182 },
  { "Precision", { top_k = 1 }, MULTI, MULTI_SCORES, 0.75 },
  { "Precision", { class_id = 2 }, MULTI, MULTI_SCORES, 2 / 3 },
  { "Recall", {}, LABELS, SCORES, 0.75, W8, 0.8181818181818182 },
  { "Recall", { thresholds = { 0.75 } }, LABELS, SCORES, 0.5 },
  { "SensitivityAtSpecificity", { 0.7 }, LABELS, SCORES, 0.75 },
  { "SpecificityAtSensitivity", { 0.7 }, LABELS, SCORES, 1.0 },
  { "PrecisionAtRecall", { 0.7 }, LABELS, SCORES, 1.0 },
  { "RecallAtPrecision", { 0.8 }, LABELS, SCORES, 0.75 },
  { "AUC", {}, LABELS, SCORES, 0.875, W8, 0.890909090909091 },
  { "AUC", { curve = "PR" }, LABELS, SCORES, 0.9088392216036593 },
  { "AUC", { multi_label = true }, MULTI, MULTI_SCORES, (1 + 0.5 + 1 / 3) / 3 },
  { "AUC", { multi_label = true, num_labels = 3, label_weights = { 1, 2, 3 } }, MULTI, MULTI_SCORES, 0.5 },
  { "F1Score", {}, MULTI, MULTI_SCORES, { 1, 0.5, 2 / 3 }, nil, nil, 0.5 },
  { "F1Score", { average = "macro", threshold = 0.5 }, MULTI, MULTI_SCORES, 0.7222222222222222 },
  { "F1Score", { average = "micro", threshold = 0.5 }, MULTI, MULTI_SCORES, 0.7142857142857143 },
  { "F1Score", { average = "weighted", threshold = 0.5 }, MULTI, MULTI_SCORES, 0.7142857142857143 },
  { "FBetaScore", { beta = 2, threshold = 0.5 }, MULTI, MULTI_SCORES, { 1, 0.5, 2 / 3 } },
  { "IoU", { num_classes = 4, target_class_ids = { 0, 2 } }, CLASSES, TAKEN_FOR, (0.5 + 1 / 3) / 2 },
  { "MeanIoU", { num_classes = 4 }, CLASSES, TAKEN_FOR, 0.625, W7, 0.5823412698412699 },
  { "OneHotIoU", { num_classes = 4, target_class_ids = { 1 } }, TRUE_1, TAKEN_1, 2 / 3 },
  { "OneHotIoU", { num_classes = 4, target_class_ids = { 1 }, sparse_y_pred = true }, TRUE_1, TAKEN_FOR, 2 / 3 },
  { "OneHotMeanIoU", { num_classes = 4 }, TRUE_1, TAKEN_1, 0.625, W7, 0.5823412698412699 },
  { "MeanIoU", { num_classes = 4, sparse_y_pred = false }, CLASSES, TAKEN_1, 0.625 },
  { "BinaryIoU", { { 1 }, 0.35 }, LABELS, SCORES, 0.6666666666666666 },
  { "BinaryIoU", { threshold = 0.35 }, LABELS, SCORES, 0.5833333333333333 },
  { "R2Score", {}, A, C, 0.7756410256410257, W4, 0.8036582401555664 },
  { "R2Score", { class_aggregation = "none" }, A, C, { 0.88461538, 0.66666667 } },
  { "R2Score", { class_aggregation = "variance_weighted_average" }, A, C, 0.7954545454545454 },
  { "R2Score", { num_regressors = 1 }, A, C, 0.6634615384615385 },
  { "Mean", {}, { 1, 3, 5, 7 }, nil, 4, { 1, 1, 0, 0 }, 2 },
  { "Sum", {}, { 1, 3, 5, 7 }, nil, 16, { 1, 1, 0, 0 }, 4 },
}

local function is_near(want, got, what)
  if type(want) == "table" then
    for i, each in ipairs(want) do assert.is_near(each, got[i], 3e-6 * math.max(1, math.abs(each)), what) end
    return assert.are.equal(#want, #got)
  end
  assert.is_near(want, got, 3e-6 * math.max(1, math.abs(want)), what)
end

local function updated(metric, y, p, weight)
  if p then metric:update_state(y, p, weight) else metric:update_state(y, weight) end
  return metric
end

describe("every metric", function()
  it("has an example", function()
    local covered = { MeanMetricWrapper = true } -- below
    for _, example in ipairs(EXAMPLES) do covered[example[1]] = true end
    for _, name in ipairs(metrics.family.names) do
      assert.is_true(covered[name] or not name:match "^%u", name .. " has no example")
    end
  end)

  for i, example in ipairs(EXAMPLES) do
    local class, given, y, p, result, weights, weighted, threshold = table.unpack(example, 1, 8)
    if threshold then given = { threshold = threshold } end
    it(("%s (example %d) gives the numbers computed elsewhere"):format(class, i), function()
      is_near(result, updated(metrics[class](given), y, p):result())
      if weights then is_near(weighted, updated(metrics[class](given), y, p, weights):result(), "weighted") end
    end)

    it(("%s (example %d) forgets when told, and begins with 0"):format(class, i), function()
      local metric = metrics[class](given)
      assert.are.equal(0.0, type(metric:result()) == "number" and metric:result() or metric:result():max())
      updated(metric, y, p)
      metric:reset_state()
      is_near(result, updated(metric, y, p):result())
    end)

    it(("%s (example %d) comes back from its config"):format(class, i), function()
      local metric = metrics[class](given)
      assert.are.same(metric.arguments, metrics.get(metrics.family.serialize(metric)).arguments)
    end)

    if p and p.ndim == 2 and class ~= "CosineSimilarity" and given.axis == nil and class ~= "MeanIoU" then
      it(("%s (example %d) says the same in evaluate, whatever the batch"):format(class, i), function()
        local model = nn.Sequential { nn.Input { shape = { p.shape[2] } }, nn.layers.Activation { "linear" } }
        local metric = metrics[class](given)
        local loss = metric:wants_ids() and "sparse_categorical_crossentropy" or "mse"
        local extra = weights and { metrics[class](given) } or nil
        if given.sparse_y_pred then return end
        model:compile { optimizer = "sgd", loss = loss, metrics = { metric }, weighted_metrics = extra }
        for _, batch_size in ipairs { 1, 3, 32 } do
          local options = { batch_size = batch_size, sample_weight = weights }
          local _, unweighted, with_weights = model:evaluate(p, y, options)
          if class ~= "Hinge" and class ~= "SquaredHinge" then is_near(result, unweighted) end
          if weights and given.ignore_class == nil then is_near(weighted, with_weights, "weighted") end
        end
      end)
    end
  end
end)

describe("a metric", function()
  local function message(f, ...) return select(2, pcall(f, ...)) end

  it("counts over all updates, not by averages of them", function()
    local precision = metrics.Precision {}
    precision:update_state({ 1, 0, 0 }, { 1, 1, 1 })
    precision:update_state({ 1 }, { 1 })
    assert.are.equal(0.5, precision:result())
  end)

  -- metric, updates, result
  local STREAMS = {
    { "Mean", { { { { 1, 3, 5 }, { 2, 4, 6 } } }, { { { 10 }, { 20 } } } }, 37 / 4 },
    { "Mean", { { { { 1, 3, 5 }, { 2, 4, 6 } }, { 1, 3 } }, { { { 10 }, { 20 } } } }, 45 / 6 },
    { "Mean", { { { 1, 3 }, 2 }, { { 5, 5, 5, 5 } } }, 4 },
    { "Mean", { { 3, 2 }, { 7 } }, 13 / 3 },
    { "Sum", { { { { 1, 3, 5 }, { 2, 4, 6 } }, { 1, 3 } }, { 7 } }, 52 },
    { "Accuracy", { { { { 1, 2 }, { 3, 4 } }, { { 0, 2 }, { 3, 4 } }, { { 0.5, 1 }, { 2, 0 } } } }, 3 / 3.5 },
    { "BinaryAccuracy", { { { { 1, 0 }, { 0, 1 } }, { { 0.6, 0.7 }, { 0.2, 0.1 } }, { { 1, 2 }, { 3, 4 } } } }, 0.4 },
    { "BinaryAccuracy", { { { 1, 0, 1 }, { 0.6, 0.5, 0.4 } }, { { 0, 0 }, { 0.7, 0.1 }, { 2, 4 } } }, 6 / 9 },
    { "CosineSimilarity", { { { { 1, 2 }, { 3, 1 } }, { { { 2 }, { 1 } }, { { 3 }, { 1 } } } } }, 0.9 },
  }

  it("counts a sample once, whatever it has of values, and a value by its own weight", function()
    for i, example in ipairs(STREAMS) do
      local m = metrics[example[1]] {}
      for _, update in ipairs(example[2]) do m:update_state(table.unpack(update)) end
      assert.is_near(example[3], m:result(), 1e-6, example[1] .. " " .. i)
    end
  end)

  it("of two axes weigh each label of a sample in F-scores, or as Keras has it with micro", function()
    local y = { { 1, 0, 1 }, { 0, 1, 1 }, { 1, 1, 0 }, { 0, 0, 1 } }
    local p = { { 0.9, 0.2, 0.4 }, { 0.6, 0.7, 0.1 }, { 0.3, 0.8, 0.6 }, { 0.2, 0.1, 0.9 } }
    local w = nn.tensor { { 1, 2, 0.5 }, { 0.5, 1, 3 }, { 2, 0, 1 }, { 1, 4, 0.25 } }
    local function score(class, average, beta, weight)
      local m = metrics[class] { average = average, beta = beta, threshold = 0.5 }
      m:update_state(y, p, weight)
      return m:result()
    end
    for i, value in ipairs { 0.3703703, 0.9999999, 0.0769231 } do
      assert.is_near(value, score("FBetaScore", nil, 2.0, w)[i], 1e-6)
    end
    assert.is_near(0.4824311, score("FBetaScore", "macro", 2.0, w), 1e-6)
    assert.is_near(0.3096222, score("FBetaScore", "weighted", 2.0, w), 1e-6)
    assert.is_near(0.6404958, score("FBetaScore", "micro", 2.0, w), 1e-6)
    assert.is_near(0.5882353, score("FBetaScore", "micro", 2.0, w[{ {}, { 1, 1 } }]), 1e-6)
    assert.is_near(0.6666666, score("F1Score", "micro", nil, w), 1e-6)
    assert.is_near(0.3494623, score("F1Score", "weighted", nil, w), 1e-6)
    assert.matches("sample_weight of shape 4x2", message(score, "F1Score", nil, nil, w[{ {}, { 1, 2 } }]))
  end)

  it("adds nothing it cannot align", function()
    assert.matches("y_true of shape 3x1 does not fit", message(function()
      metrics.MeanSquaredError {}:update_state(nn.zeros { 3, 1 }, Z)
    end))
    assert.matches("sample_weight of shape 2", message(function()
      metrics.AUC {}:update_state(LABELS, SCORES, { 1, 2 })
    end))
    assert.matches("update_state", message(function()
      local f1 = metrics.F1Score {}
      f1:update_state(MULTI, MULTI_SCORES)
      f1:update_state(A, C)
    end))
    assert.matches("num_classes is 2", message(function()
      metrics.MeanIoU { num_classes = 2 }:update_state(CLASSES, TAKEN_FOR)
    end))
  end)

  it("correlates along several axes, and finds nothing where nothing varies", function()
    local along_all, along_last = metrics.PearsonCorrelation { axis = { 1, 2 } }, metrics.PearsonCorrelation {}
    along_all:update_state(A, C)
    along_last:update_state(A:reshape { 1, 8 }, C:reshape { 1, 8 })
    assert.are.equal(along_last:result(), along_all:result())
    local flat = metrics.PearsonCorrelation {}
    flat:update_state({ { 1 }, { 2 } }, { { 2 }, { 1 } })
    assert.are.equal(0.0, flat:result())
  end)

  it("ignores a class that stands for nothing", function()
    local iou = metrics.MeanIoU { num_classes = 2, ignore_class = 255 }
    iou:update_state({ 0, 1, 255 }, { 0, 1, 0 })
    is_near(1, iou:result())
  end)

  it("refuses arguments that make no sense, by name", function()
    assert.matches("thresholds", message(metrics.Precision, { thresholds = { 2 } }))
    assert.matches("curve", message(metrics.AUC, { curve = "ROCK" }))
    assert.matches("num_thresholds", message(metrics.AUC, { num_thresholds = 1 }))
    assert.matches("summation_method", message(metrics.AUC, { summation_method = "x" }))
    assert.matches("num_labels", message(metrics.AUC, { num_labels = 2 }))
    assert.matches("average", message(metrics.F1Score, { average = "mean" }))
    assert.matches("beta", message(metrics.FBetaScore, { beta = 0 }))
    assert.matches("target_class_ids", message(metrics.IoU, { num_classes = 2, target_class_ids = { 2 } }))
    assert.matches("num_classes is missing", message(metrics.MeanIoU, {}))
    assert.matches("specificity", message(metrics.SensitivityAtSpecificity, { 2 }))
    assert.matches("threshold", message(metrics.BinaryAccuracy, { threshold = 1 }))
    assert.matches("class_aggregation", message(metrics.R2Score, { class_aggregation = "x" }))
    assert.matches("did you mean k", message(metrics.TopKCategoricalAccuracy, { kk = 3 }))
    local function refuses(metric, y, p) return message(function() metric:update_state(y, p) end) end
    assert.matches("class_id", refuses(metrics.Recall { class_id = 3 }, MULTI, MULTI_SCORES))
    assert.matches("multi_label", refuses(metrics.AUC { multi_label = true }, LABELS, SCORES))
  end)

  it("takes sums by other methods between thresholds", function()
    for method, area in pairs { minoring = 0.25, majoring = 0.75, interpolation = 0.5 } do
      local auc = metrics.AUC { num_thresholds = 3, summation_method = method }
      auc:update_state({ 0, 0, 1, 1 }, { 0.1, 0.6, 0.3, 0.9 })
      is_near(area, auc:result(), method)
    end
  end)
end)

describe("a metric's name", function()
  it("can be read, as a loss's and an optimizer's can", function()
    assert.equal("precision", nn.metrics.Precision {}.name)
    assert.equal("mine", nn.metrics.MeanSquaredError { name = "mine" }.name)
    assert.equal("huber_loss", nn.losses.Huber {}.name)
    assert.equal("SGD", nn.optimizers.SGD {}.name)
    assert.equal("<Precision name=precision>", tostring(nn.metrics.Precision {}))
    assert.equal("<HeNormal>", tostring(nn.initializers.HeNormal {}))
  end)

end)

describe("the traits of a metric", function()
  it("say whether more of it is better, whatever it is called", function()
    for _, example in ipairs(EXAMPLES) do
      local class = example[1]
      local metric = metrics[class](example[2])
      local fewer = metric.is_loss and class ~= "CosineSimilarity" or class:match "Error" or class:match "^False"
      if class == "Mean" or class == "Sum" then
        assert.is_nil(metric.traits.better)
      else
        assert.are.equal(fewer and "min" or "max", metric.traits.better, class)
      end
      assert.are.equal(class:match "Accuracy$" ~= nil, metric.traits.proportion or false, class)
    end
  end)

  it("are known of a model by the names in its history", function()
    local traits = require "nn.models.traits"
    require("nn.support.names").reset()
    local input = nn.Input { shape = { 3 } }
    local outputs = { nn.layers.Dense { 1, name = "a" }(input), nn.layers.Dense { 2, name = "b" }(input) }
    local model = nn.Model { inputs = { input }, outputs = outputs }
    local precision = function() return metrics.Precision { thresholds = 0.3 } end
    model:compile { loss = "mse", metrics = { a = { metrics.BinaryAccuracy { name = "loss_of_trust" } },
      b = { precision(), precision(), "mae" } } }
    local x, data = nn.ones { 4, 3 }, { nn.ones { 4, 1 }, nn.ones { 4, 2 } }
    local known, history = traits.of(model), model:fit(x, data, { verbose = 0 }).history
    for name in pairs(history) do assert(known[name], name) end
    for name in pairs(known) do assert(history[name], name) end
    assert.equal(0, known.loss.low)
    model:compile { loss = { "mse", "cosine_similarity" } }
    assert.is_nil(traits.of(model).loss.low)
    assert.same({ "max", "max", "min", "min" }, { known.a_loss_of_trust.better, known.b_precision_1.better,
      known.b_mae.better, known.b_loss.better })
  end)
end)

describe("metrics of a model", function()
  local function model(options)
    nn.utils.set_random_seed(1)
    local m = nn.Sequential { nn.Input { shape = { 4 } }, nn.layers.Dense { 1, activation = "sigmoid" } }
    options.optimizer, options.loss = "sgd", "binary_crossentropy"
    m:compile(options)
    return m
  end
  local x, y = nn.random.uniform { shape = { 20, 4 }, seed = 3 }, nn.arange(20):ge(10):astype "float32"

  it("have the names they were given, or their classes' numbered as Keras numbers them", function()
    require("nn.support.names").reset()
    local m = model { metrics = { "accuracy", "ce", metrics.AUC {}, metrics.AUC { curve = "PR" },
      metrics.Recall { name = "found" } }, weighted_metrics = { "accuracy" } }
    local logs = m:evaluate(x, y, { return_dict = true })
    for _, name in ipairs { "loss", "accuracy", "ce", "auc", "auc_1", "found", "weighted_accuracy" } do
      assert.is_number(logs[name], name)
    end
    is_near(logs.loss, logs.ce)
  end)

  it("heed weights only as weighted_metrics", function()
    local weights = nn.arange(20):lt(5):astype "float32"
    local logs = model { metrics = { "mae" }, weighted_metrics = { "mae" } }:evaluate(x, y,
      { sample_weight = weights, return_dict = true })
    local m = model {}
    local errors = (m:predict(x):flatten() - y):abs()
    is_near(errors:mean(), logs.mae)
    is_near(errors[{ { 1, 5 } }]:mean(), logs.weighted_mae)
  end)

  it("run in fit, beside the validation's", function()
    local f1 = metrics.F1Score { threshold = 0.5, name = "f1" }
    local m = model { metrics = { "accuracy", metrics.AUC { name = "auc" }, f1 } }
    local history = m:fit(x, y, { epochs = 2, batch_size = 7, validation_data = { x, y }, verbose = 0 }).history
    local auc = metrics.AUC {}
    auc:update_state(y, m:predict(x))
    is_near(auc:result(), history.val_auc[2])
    assert.are.equal(2, #history.auc)
    assert.are.same({ 1 }, history.val_f1[2].shape)
  end)

  it("that a model cannot have are refused when it is compiled or fed", function()
    assert.has_error(function() model { metrics = { "acuracy" } } end)
    assert.has_error(function() model { metrics = { metrics.Mean {} } }:evaluate(x, y) end)
    assert.has_error(function() model { metrics = { metrics.PearsonCorrelation { axis = 1 } } }:evaluate(x, y) end)
    assert.has_error(function() model { weighted_metrics = { "nonsense" } } end)
  end)
end)

describe("confusion_matrix", function()
  it("counts, or adds weights", function()
    local matrix = metrics.confusion_matrix(CLASSES, TAKEN_FOR)
    assert.are.equal("int32", matrix.dtype)
    assert.are.same({ { 1, 0, 1, 0 }, { 0, 2, 0, 0 }, { 0, 1, 1, 0 }, { 0, 0, 0, 1 } }, matrix:totable())
    local weighted = metrics.confusion_matrix(LABELS, SCORES:gt(0.5), { weights = W8 })
    assert.are.same({ { 4.0, 1.0 }, { 1.0, 4.5 } }, weighted:totable())
    assert.are.same(matrix:totable(), metrics.confusion_matrix(CLASSES, TAKEN_1):totable())
  end)

  it("refuses what are not classes", function()
    assert.has_error(function() metrics.confusion_matrix({ 0, 1 }, { 0, 1, 2 }) end)
    assert.has_error(function() metrics.confusion_matrix({ 0.5 }, { 0 }) end)
    assert.has_error(function() metrics.confusion_matrix({ 3 }, { 0 }, { num_classes = 2 }) end)
  end)
end)

describe("classification_report", function()
  local truth, taken_for = { 0, 1, 2, 2, 2, 0, 1 }, { 0, 0, 2, 2, 1, 0, 1 }

  it("is laid out as scikit-learn's", function()
    assert.are.equal([[
               precision    recall  f1-score   support

          cat      0.667     1.000     0.800         2
          dog      0.500     0.500     0.500         2
a longer name      1.000     0.667     0.800         3

     accuracy                          0.714         7
    macro avg      0.722     0.722     0.700         7
 weighted avg      0.762     0.714     0.714         7
]], metrics.classification_report(truth, taken_for, { class_names = { "cat", "dog", "a longer name" }, digits = 3 }))
  end)

  it("is also a table", function()
    local report = metrics.classification_report(truth, taken_for, { output = "table" })
    is_near(0.7142857142857143, report.accuracy)
    is_near(0.7619047619047619, report["weighted avg"].precision)
    is_near(0.8, report["2"]["f1-score"])
    assert.are.equal(3, report["2"].support)
  end)

  it("names the classes that occur", function()
    local report = metrics.classification_report({ 5, 7 }, { 5, 5 }, { output = "table" })
    assert.is_truthy(report["5"] and report["7"])
    assert.is_nil(report["6"])
    assert.has_error(function() metrics.classification_report({ 5 }, { 5 }, { class_names = { "a" } }) end)
  end)
end)

describe("a metric as a function", function()
  local function is_list(want, got)
    assert.are.same({ #want }, got.shape)
    is_near(want, got:totable())
  end

  it("gives each sample a value", function()
    is_list({ 1, 0, 0 }, metrics.categorical_accuracy(ONE_HOT, P))
    is_list({ 1, 0, 0 }, metrics.sparse_categorical_accuracy(IDS, P))
    is_list({ 1, 0, 0 }, metrics.sparse_categorical_accuracy(IDS:reshape { 3, 1 }, P))
    is_list({ 1, 0, 1, 0 }, metrics.sparse_top_k_categorical_accuracy(TOP_IDS, TOP, { k = 2 }))
    is_list({ 1, 0, 1, 0 }, metrics.top_k_categorical_accuracy(nn.utils.to_categorical(TOP_IDS, 3), TOP, { 2 }))
    is_list({ -0.9353208089716736, 0.9018469641037414, 0.24978756717273207 }, metrics.pearson_correlation(Y, Z))
    is_list({ -0.2735848669455377, 0.5998723331279452, 0.07355516251023664 }, metrics.concordance_correlation(Y, Z))
    assert.are.same({ 2 }, metrics.pearson_correlation(A, C, { axis = 1 }).shape)
    assert.error_matches(function() metrics.categorical_accuracy(ONE_HOT, P, { name = "x" }) end,
      "categorical_accuracy: unknown argument name")
  end)

  it("of binary labels gives each of them one", function()
    is_list({ 1, 1, 0, 1, 0, 1, 1, 1 }, metrics.binary_accuracy(LABELS, SCORES))
    is_list({ 1, 0, 1, 1, 0, 1, 1, 1 }, metrics.binary_accuracy(LABELS, SCORES, { 0.3 }))
    assert.are.same({ { 1, 1, 1 }, { 1, 1, 0 }, { 1, 0, 0 }, { 1, 0, 1 } },
      metrics.binary_accuracy(MULTI, MULTI_SCORES):totable())
  end)

  it("stands for its class in compile", function()
    assert.are.equal("TopKCategoricalAccuracy", metrics.get(metrics.top_k_categorical_accuracy).class_name)
    assert.are.equal("MeanAbsoluteError", metrics.get(metrics.mean_absolute_error).class_name)
    local model = nn.Sequential { nn.Input { shape = { 3 } }, nn.layers.Activation { "linear" } }
    model:compile { optimizer = "sgd", loss = "mse", metrics = { metrics.mean_absolute_error } }
    local found = model:evaluate(Z, Y, { return_dict = true })
    assert.is_near(0.8666666666666667, found.mean_absolute_error, 1e-6)
    assert.are.same({ "mean_absolute_error" }, model:compile_config().metrics)
  end)
end)

describe("MeanMetricWrapper", function()
  local function cubes(y_true, y_pred, arguments)
    return (y_true - y_pred):abs() ^ (arguments and arguments.power or 3)
  end

  it("is the mean of what its function gives", function()
    local metric = metrics.MeanMetricWrapper { cubes }
    metric:update_state(Y:totable(), Z:totable())
    is_near(1.7906666666666666, metric:result())
    metric:update_state(Y, Y)
    is_near(1.7906666666666666 / 2, metric:result())
    metric:reset_state()
    assert.are.equal(0.0, metric:result())
    local absolute = metrics.MeanMetricWrapper { fn = cubes, name = "mae", arguments = { power = 1 } }
    absolute:update_state(Y, Z)
    is_near(0.8666666666666667, absolute:result())
  end)

  it("takes the functions of this module, and weights", function()
    local metric = metrics.MeanMetricWrapper { metrics.mean_absolute_error }
    metric:update_state(Y, Z, W3)
    is_near(0.9285714285714286, metric:result())
  end)

  it("wants a function that gives numbers", function()
    assert.error_matches(function() metrics.MeanMetricWrapper { "mae" } end, "fn: expected a function")
    local odd = metrics.MeanMetricWrapper { function() return "much" end }
    assert.error_matches(function() odd:update_state(Y, Z) end, "expected one number for each sample")
  end)
end)

describe("perplexity", function()
  it("leaves out rows of an ignored id, in training too", function()
    local ids, logits = nn.tensor({ 0, 1, 2, 0 }, "int32"), nn.zeros { 4, 4 }
    for _, weights in ipairs { false, nn.tensor { 1, 2, 3, 4 } } do
      local m = nn.metrics.Perplexity { ignore_class = 0, from_logits = true }
      m:update_state(ids, logits, weights or nil)
      assert.is_near(4, m:result(), 1e-5)
    end
    local bits = nn.metrics.BitsPerCharacter { ignore_class = 0, from_logits = true }
    local model = nn.Sequential { nn.Input { shape = { 4 } }, nn.layers.Activation { "linear" } }
    model:compile { optimizer = "sgd", loss = nn.losses.SparseCategoricalCrossentropy { from_logits = true },
      metrics = { bits } }
    local _, found = model:evaluate(logits, ids, { verbose = 0 })
    assert.is_near(2, found, 1e-5)
  end)
end)
