--- Metrics that are a mean over the rows: of losses, of hits.
-- @submodule nn.metrics
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local Metric = require "nn.metrics.base"
local names = require "nn.support.names"

local define, metrics, traits = Metric.define, Metric.metrics, Metric.traits

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
    is_loss = true, targets = options.targets, config = options.config, methods = options.methods, uses_mask = true,
    traits = options.traits or traits.error,
  }
end

--- Mean of (y - p)^2.
-- @function MeanSquaredError
-- @usage
-- local m = nn.metrics.MeanSquaredError{}
-- m:update_state(y_true, y_pred)
-- print(m:result())
mean_of_loss("MeanSquaredError", { aliases = { "mse" } })
--- Mean of |y - p|.
-- @function MeanAbsoluteError
-- @usage
-- local m = nn.metrics.MeanAbsoluteError{}
-- m:update_state(y_true, y_pred)
-- print(m:result())
mean_of_loss("MeanAbsoluteError", { aliases = { "mae" } })
--- Mean of 100 |y - p| / |y|.
-- @function MeanAbsolutePercentageError
-- @usage
-- local m = nn.metrics.MeanAbsolutePercentageError{}
-- m:update_state(y_true, y_pred)
-- print(m:result())
mean_of_loss("MeanAbsolutePercentageError", { aliases = { "mape" } })
--- Mean of (log(y + 1) - log(p + 1))^2.
-- @function MeanSquaredLogarithmicError
-- @usage
-- local m = nn.metrics.MeanSquaredLogarithmicError{}
-- m:update_state(y_true, y_pred)
-- print(m:result())
mean_of_loss("MeanSquaredLogarithmicError", { aliases = { "msle" } })
--- Mean of log(cosh(p - y)).
-- @function LogCoshError
-- @usage
-- local m = nn.metrics.LogCoshError{}
-- m:update_state(y_true, y_pred)
-- print(m:result())
mean_of_loss("LogCoshError", { name = "logcosh", engine = "log_cosh", aliases = { "log_cosh" } })
--- Mean of p - y log(p).
-- @function Poisson
-- @usage
-- local m = nn.metrics.Poisson{}
-- m:update_state(y_true, y_pred)
-- print(m:result())
mean_of_loss("Poisson", { traits = traits.loss })
--- Mean of sum(y log(y / p)).
-- @function KLDivergence
-- @usage
-- local m = nn.metrics.KLDivergence{}
-- m:update_state(y_true, y_pred)
-- print(m:result())
mean_of_loss("KLDivergence", { traits = traits.loss, aliases = { "kld" } })
--- Mean of max(1 - y p, 0) for labels of -1 and 1; labels of 0 and 1 are made such.
-- @function Hinge
-- @usage
-- local m = nn.metrics.Hinge{}
-- m:update_state(y_true, y_pred)
-- print(m:result())
mean_of_loss("Hinge")
--- Mean of max(1 - y p, 0)^2; labels as for Hinge.
-- @function SquaredHinge
-- @usage
-- local m = nn.metrics.SquaredHinge{}
-- m:update_state(y_true, y_pred)
-- print(m:result())
mean_of_loss("SquaredHinge")
--- Mean of max(neg - pos + 1, 0) with neg = max((1 - y) p) and pos = sum(y p).
-- @function CategoricalHinge
-- @usage
-- local m = nn.metrics.CategoricalHinge{}
-- m:update_state(y_true, y_pred)
-- print(m:result())
mean_of_loss("CategoricalHinge")
--- Mean of -(y log p + (1 - y) log(1 - p)).
-- @function BinaryCrossentropy
-- @tparam[opt=false] boolean from_logits whether predictions are logits
-- @tparam[opt=0] number label_smoothing
-- @usage
-- local m = nn.metrics.BinaryCrossentropy{}
-- m:update_state(labels, y_pred)
-- print(m:result())
mean_of_loss("BinaryCrossentropy", { aliases = { "bce" },
  arguments = { LOGITS, { "label_smoothing", 0 } }, config = pick("from_logits", "label_smoothing") })
--- Mean of -sum(y log p).
-- @function CategoricalCrossentropy
-- @tparam[opt=false] boolean from_logits whether predictions are logits
-- @tparam[opt=0] number label_smoothing
-- @tparam[opt=-1] integer axis
-- @usage
-- local m = nn.metrics.CategoricalCrossentropy{}
-- m:update_state(labels, y_pred)
-- print(m:result())
mean_of_loss("CategoricalCrossentropy", {
  arguments = { LOGITS, { "label_smoothing", 0 }, AXIS }, config = pick("from_logits", "label_smoothing") })
--- Mean of -log of the probability given to the class id. Rows of ignore_class count as a loss of 0, but where there
-- are sample weights not at all, as in Keras.
-- @function SparseCategoricalCrossentropy
-- @tparam[opt=false] boolean from_logits whether predictions are logits
-- @tparam[opt=-1] integer axis
-- @tparam[opt] integer ignore_class
-- @usage
-- local m = nn.metrics.SparseCategoricalCrossentropy{}
-- m:update_state(class_ids, y_pred)
-- print(m:result())
mean_of_loss("SparseCategoricalCrossentropy", { targets = "ids",
  arguments = { LOGITS, AXIS, { "ignore_class" } }, config = pick("from_logits", "ignore_class") })

local NATS_OF_A_BIT = math.log(2)

-- A function of the mean crossentropy of class ids.
local function of_crossentropy(class, change)
  mean_of_loss(class, { targets = "ids", engine = "sparse_categorical_crossentropy",
    arguments = { LOGITS, AXIS, { "ignore_class" } }, config = pick("from_logits", "ignore_class"),
    methods = { result_of = function(_, sums)
      local weight = (sums[2] or 0) - (sums[3] or 0) -- without rows of ignore_class
      return weight ~= 0 and change(sums[1] / weight) or 0.0
    end } })
end

--- e to the power of the mean crossentropy: among how many equally likely ids a model of text hesitates.
-- @function Perplexity
-- @tparam[opt=false] boolean from_logits whether predictions are logits
-- @tparam[opt=-1] integer axis
-- @tparam[opt] integer ignore_class an id whose rows do not count, such as that of padding
-- @usage
-- local m = nn.metrics.Perplexity{}
-- m:update_state(class_ids, y_pred)
-- print(m:result())
of_crossentropy("Perplexity", math.exp)
--- The mean crossentropy in bits instead of nats: how many bits a character takes if the model compresses the text.
-- @function BitsPerCharacter
-- @tparam[opt=false] boolean from_logits whether predictions are logits
-- @tparam[opt=-1] integer axis
-- @tparam[opt] integer ignore_class an id whose rows do not count, such as that of padding
-- @usage
-- local m = nn.metrics.BitsPerCharacter{}
-- m:update_state(class_ids, y_pred)
-- print(m:result())
of_crossentropy("BitsPerCharacter", function(nats) return nats / NATS_OF_A_BIT end)

--- The mean cosine of the angle between targets and predictions: 1 where they point the same way.
-- @function CosineSimilarity
-- @tparam[opt=-1] integer axis
-- @usage
-- local m = nn.metrics.CosineSimilarity{}
-- m:update_state(y_true, y_pred)
-- print(m:result())
mean_of_loss("CosineSimilarity", { arguments = { AXIS }, traits = traits.correlation,
  methods = { result_of = function(_, sums) return (sums[2] or 0) ~= 0 and -sums[1] / sums[2] or 0.0 end } })

local function mean(class, options)
  local name = names.snake_case(class)
  return define {
    class = class, arguments = options.arguments or { { "name", name }, DTYPE }, engine = options.engine or name,
    targets = options.targets, weights = options.weights, config = options.config, check = options.check,
    methods = options.methods, uses_mask = name ~= "root_mean_squared_error", traits = options.traits or traits.share,
  }
end

-- A mean that is there as a function too, named in snake case: what it is the mean of, one value for each row, or where
-- each has a weight of its own for each value.
local function mean_and_function(class, options)
  local construct, name, own = mean(class, options), names.snake_case(class), {}
  for _, entry in ipairs(options.arguments or {}) do
    if entry[1] ~= "name" and entry ~= DTYPE then own[#own + 1] = entry end
  end
  local signature = arguments.signature(name, own)
  metrics[name] = function(y_true, y_pred, given)
    return construct(signature(given)):row_values(y_true, y_pred)
  end
end

--- How often predictions equal targets, value by value.
-- @function Accuracy
-- @usage
-- local m = nn.metrics.Accuracy{}
-- m:update_state(y_true, y_pred)
-- print(m:result())
mean("Accuracy", { weights = "value" })

--- How often (y_pred > threshold) equals y_true.
-- @function BinaryAccuracy
-- @tparam[opt=0.5] number threshold
-- @usage
-- local m = nn.metrics.BinaryAccuracy{}
-- m:update_state(labels, y_pred)
-- print(m:result())
-- print(nn.metrics.binary_accuracy(labels, y_pred, { threshold = 0.3 })) -- of each value
mean_and_function("BinaryAccuracy", {
  arguments = { { "name", "binary_accuracy" }, DTYPE, { "threshold", 0.5 } }, config = pick "threshold",
  weights = "value",
  check = function(a)
    if type(a.threshold) == "number" and (a.threshold <= 0 or a.threshold >= 1) then
      blame("BinaryAccuracy: threshold: expected a number between 0 and 1, got %s", blame.got(a.threshold))
    end
  end,
})

--- How often the largest prediction stands where the one-hot label has its 1.
-- @function CategoricalAccuracy
-- @usage
-- local m = nn.metrics.CategoricalAccuracy{}
-- m:update_state(labels, y_pred)
-- print(m:result())
-- print(nn.metrics.categorical_accuracy(labels, y_pred)) -- of each sample
mean_and_function("CategoricalAccuracy", {})

--- How often the largest prediction is that of the class id.
-- @function SparseCategoricalAccuracy
-- @usage
-- local m = nn.metrics.SparseCategoricalAccuracy{}
-- m:update_state(class_ids, y_pred)
-- print(m:result())
-- print(nn.metrics.sparse_categorical_accuracy(class_ids, y_pred)) -- of each sample
mean_and_function("SparseCategoricalAccuracy", { targets = "ids" })

--- How often the class of a one-hot label is among the k largest predictions.
-- @function TopKCategoricalAccuracy
-- @tparam[opt=5] integer k
-- @usage
-- local m = nn.metrics.TopKCategoricalAccuracy{}
-- m:update_state(labels, y_pred)
-- print(m:result())
-- print(nn.metrics.top_k_categorical_accuracy(labels, y_pred, { k = 2 })) -- of each sample
mean_and_function("TopKCategoricalAccuracy", {
  arguments = { { "k", 5 }, { "name", "top_k_categorical_accuracy" }, DTYPE }, config = pick "k",
})

--- How often the class id is among the k largest predictions; with from_sorted_ids the predictions are class ids, the
-- likeliest first.
-- @function SparseTopKCategoricalAccuracy
-- @tparam[opt=5] integer k
-- @tparam[opt=false] boolean from_sorted_ids
-- @usage
-- local m = nn.metrics.SparseTopKCategoricalAccuracy{}
-- m:update_state(class_ids, y_pred)
-- print(m:result())
-- print(nn.metrics.sparse_top_k_categorical_accuracy(class_ids, y_pred, { k = 2 })) -- of each sample
mean_and_function("SparseTopKCategoricalAccuracy", {
  arguments = { { "k", 5 }, { "name", "sparse_top_k_categorical_accuracy" }, DTYPE, { "from_sorted_ids", false } },
  config = pick("k", "from_sorted_ids"), targets = "ids",
})

--- The root of the mean of (y - p)^2 over all values.
-- @function RootMeanSquaredError
-- @usage
-- local m = nn.metrics.RootMeanSquaredError{}
-- m:update_state(y_true, y_pred)
-- print(m:result())
mean("RootMeanSquaredError", {
  engine = "squared_errors", weights = "value", traits = traits.error,
  methods = { result_of = function(_, sums) return (sums[2] or 0) ~= 0 and math.sqrt(sums[1] / sums[2]) or 0.0 end },
})

--- The mean over the rows of Pearson's correlation between targets and predictions.
-- @function PearsonCorrelation
-- @tparam[opt=-1] integer axis
-- @usage
-- local m = nn.metrics.PearsonCorrelation{}
-- m:update_state(y_true, y_pred)
-- print(m:result())
-- print(nn.metrics.pearson_correlation(y_true, y_pred)) -- of each sample
mean_and_function("PearsonCorrelation", {
  arguments = { { "name", "pearson_correlation" }, DTYPE, AXIS }, traits = traits.correlation,
})

--- The mean over the rows of Lin's concordance: correlation that also counts shift and scale.
-- @function ConcordanceCorrelation
-- @tparam[opt=-1] integer axis
-- @usage
-- local m = nn.metrics.ConcordanceCorrelation{}
-- m:update_state(y_true, y_pred)
-- print(m:result())
-- print(nn.metrics.concordance_correlation(y_true, y_pred)) -- of each sample
mean_and_function("ConcordanceCorrelation", {
  arguments = { { "name", "concordance_correlation" }, DTYPE, AXIS }, traits = traits.correlation,
})

return metrics
