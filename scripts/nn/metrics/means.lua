--- Metrics that are a mean: of losses, of hits, of values.
local align = require "nn.align"
local blame = require "nn.blame"
local Metric = require "nn.metrics.metric"
local names = require "nn.names"

local define, metrics = Metric.define, Metric.metrics

local LOGITS, AXIS, DTYPE = { "from_logits", false }, { "axis", -1 }, { "dtype" }

-- A function that picks arguments by name.
local function pick(...)
  local wanted = { ... }
  return function(a)
    local config = {}
    for _, name in ipairs(wanted) do config[name] = a[name] end
    return config
  end
end

--- The mean of a loss over all rows.
local function mean_of_loss(class, options)
  options = options or {}
  local list = { { "name", options.name or names.snake_case(class) }, DTYPE }
  table.move(options.arguments or {}, 1, #(options.arguments or {}), #list + 1, list)
  define {
    class = class, arguments = list, aliases = options.aliases, engine = options.engine or names.snake_case(class),
    is_loss = true, targets = options.targets, config = options.config, methods = options.methods,
  }
end

mean_of_loss("MeanSquaredError", { aliases = { "mse" } })
mean_of_loss("MeanAbsoluteError", { aliases = { "mae" } })
mean_of_loss("MeanAbsolutePercentageError", { aliases = { "mape" } })
mean_of_loss("MeanSquaredLogarithmicError", { aliases = { "msle" } })
mean_of_loss("LogCoshError", { name = "logcosh", engine = "log_cosh", aliases = { "log_cosh" } })
mean_of_loss("Poisson")
mean_of_loss("KLDivergence", { aliases = { "kld" } })
mean_of_loss("Hinge")
mean_of_loss("SquaredHinge")
mean_of_loss("CategoricalHinge")
mean_of_loss("BinaryCrossentropy", { aliases = { "bce" },
  arguments = { LOGITS, { "label_smoothing", 0 } }, config = pick("from_logits", "label_smoothing") })
mean_of_loss("CategoricalCrossentropy", {
  arguments = { LOGITS, { "label_smoothing", 0 }, AXIS }, config = pick("from_logits", "label_smoothing") })
--- Rows of ignore_class count as a loss of 0, but where there are sample weights not at all, as in Keras.
mean_of_loss("SparseCategoricalCrossentropy", { targets = "ids",
  arguments = { LOGITS, AXIS, { "ignore_class" } }, config = pick("from_logits", "ignore_class") })

--- The mean cosine of the angle between targets and predictions: 1 where they point the same way.
mean_of_loss("CosineSimilarity", { arguments = { AXIS },
  methods = { result_of = function(_, sums) return (sums[2] or 0) ~= 0 and -sums[1] / sums[2] or 0.0 end } })

local function mean(class, options)
  local name = names.snake_case(class)
  define {
    class = class, arguments = options.arguments or { { "name", name }, DTYPE }, engine = options.engine or name,
    targets = options.targets, weights = options.weights, config = options.config, check = options.check,
    methods = options.methods,
  }
end

--- How often predictions equal targets, value by value.
mean("Accuracy", {})

--- How often (y_pred > threshold) equals y_true.
mean("BinaryAccuracy", {
  arguments = { { "name", "binary_accuracy" }, DTYPE, { "threshold", 0.5 } }, config = pick "threshold",
  check = function(a)
    if type(a.threshold) == "number" and (a.threshold <= 0 or a.threshold >= 1) then
      blame("BinaryAccuracy: threshold: expected a number between 0 and 1, got %s", tostring(a.threshold))
    end
  end,
})

--- How often the largest prediction stands where the one-hot label has its 1.
mean("CategoricalAccuracy", {})

--- How often the largest prediction is that of the class id.
mean("SparseCategoricalAccuracy", { targets = "ids" })

--- How often the class of a one-hot label is among the k largest predictions.
mean("TopKCategoricalAccuracy", {
  arguments = { { "k", 5 }, { "name", "top_k_categorical_accuracy" }, DTYPE }, config = pick "k",
})

--- How often the class id is among the k largest predictions; with from_sorted_ids the predictions are class ids, the
-- likeliest first.
mean("SparseTopKCategoricalAccuracy", {
  arguments = { { "k", 5 }, { "name", "sparse_top_k_categorical_accuracy" }, DTYPE, { "from_sorted_ids", false } },
  config = pick("k", "from_sorted_ids"), targets = "ids",
})

--- The root of the mean of (y - p)^2 over all values.
mean("RootMeanSquaredError", {
  engine = "squared_errors", weights = "value",
  methods = { result_of = function(_, sums) return (sums[2] or 0) ~= 0 and math.sqrt(sums[1] / sums[2]) or 0.0 end },
})

--- The mean over the rows of Pearson's correlation between targets and predictions.
mean("PearsonCorrelation", { arguments = { { "name", "pearson_correlation" }, DTYPE, AXIS } })

--- The mean over the rows of Lin's concordance: correlation that also counts shift and scale.
mean("ConcordanceCorrelation", { arguments = { { "name", "concordance_correlation" }, DTYPE, AXIS } })

-- ---- of values -----------------------------------------------------------------------------------------------------

local function add_values(self, values, sample_weight)
  local floats = align.floats(values)
  local weight = sample_weight ~= nil and align.weights(self.class_name, sample_weight, floats.shape)
  self.total = (self.total or 0) + (weight and floats * weight or floats):sum()
  self.count = (self.count or 0) + (weight and weight:sum() or floats.size)
end

local function forget(self) self.total, self.count = nil, nil end

--- The weighted mean of values: `m:update_state(values, sample_weight)`.
define {
  class = "Mean", arguments = { { "name", "mean" }, DTYPE },
  methods = {
    update_state = add_values, reset_state = forget,
    result = function(self) return (self.count or 0) ~= 0 and self.total / self.count or 0.0 end,
  },
}

--- The weighted sum of values: `m:update_state(values, sample_weight)`.
define {
  class = "Sum", arguments = { { "name", "sum" }, DTYPE },
  methods = {
    update_state = add_values, reset_state = forget,
    result = function(self) return (self.total or 0) + 0.0 end,
  },
}

return metrics
