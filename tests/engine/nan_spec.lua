-- Predictions that are nan: no metric of fit or evaluate makes an ordinary number of them.
local nn = require "nn"

-- Metrics that compare, with what they are made of; `outputs` is how wide the predictions are.
local COMPARING = {
  { "AUC" }, { "BinaryAccuracy" }, { "BinaryIoU", { { 0, 1 }, 0.5 } }, { "FalseNegatives" }, { "FalsePositives" },
  { "TrueNegatives" }, { "TruePositives" }, { "Precision" }, { "Recall" }, { "PrecisionAtRecall", { 0.5 } },
  { "RecallAtPrecision", { 0.5 } }, { "SensitivityAtSpecificity", { 0.5 } }, { "SpecificityAtSensitivity", { 0.5 } },
  { "CategoricalAccuracy", outputs = 3 }, { "TopKCategoricalAccuracy", outputs = 3 }, { "F1Score", outputs = 3 },
  { "OneHotIoU", { 3, { 0, 1 } }, outputs = 3 }, { "OneHotMeanIoU", { 3 }, outputs = 3 },
  { "SparseCategoricalAccuracy", outputs = 3, ids = true },
  { "SparseTopKCategoricalAccuracy", outputs = 3, ids = true },
}

describe("a metric that compares predictions", function()
  local x = nn.random.normal { shape = { 12, 2 }, seed = 1 }
  local ids = nn.arange(12) - (nn.arange(12) / 3):floor() * 3

  setup(function() nn.advice.silence() end)
  teardown(function() nn.advice.reset() end)

  for _, case in ipairs(COMPARING) do
    it("is nan where one of them is: " .. case[1], function()
      local width = case.outputs or 1
      local y = case.ids and ids or width == 3 and nn.utils.to_categorical(ids, 3) or ids:eq(1):reshape { 12, 1 }
      local model = nn.Sequential { nn.layers.Dense { width, activation = "sigmoid", input_shape = { 2 } } }
      model:compile { optimizer = "sgd", loss = case.ids and "sparse_categorical_crossentropy" or "mse",
        metrics = { nn.metrics[case[1]](case[2] or {}) } }
      local function value(inputs)
        local _, result = model:evaluate(inputs, y, { batch_size = 5 })
        return type(result) == "number" and nn.tensor(result) or result
      end
      assert.equal(0, value(x):isnan():max())
      local holed = x:copy()
      holed[{ 7, 1 }] = 0 / 0
      assert.equal(1, value(holed):isnan():min())
      assert.equal(0, value(x):isnan():max())
    end)
  end

  it("does not see what weighs nothing", function()
    local model = nn.Sequential { nn.layers.Dense { 1, activation = "sigmoid", input_shape = { 2 } } }
    model:compile { optimizer = "sgd", loss = "mse", weighted_metrics = { "binary_accuracy" } }
    local holed, weights = x:copy(), nn.ones { 12 }
    holed[{ 7, 1 }], weights[7] = 0 / 0, 0
    local _, accuracy = model:evaluate(holed, ids:eq(1):reshape { 12, 1 }, { sample_weight = weights })
    assert.equal(accuracy, accuracy)
  end)
end)
