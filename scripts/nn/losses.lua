--- Losses (`nn.losses`), with Keras' names, defaults and semantics.
--
-- An object gives a number: `nn.losses.MeanSquaredError{}(y_true, y_pred, sample_weight)`; the function of the same
-- name in snake case gives the loss of each sample: `nn.losses.mean_squared_error(y_true, y_pred)`, a tensor of the
-- predictions' shape without its last axis. Shapes that do not fit are errors, never broadcast.
--
-- Every class takes `reduction` ("sum_over_batch_size", which is also called "mean"; "sum"; "mean_with_sample_weight";
-- "none": a tensor of all losses) and `name`. Those with an `axis` compute along it, counted from 1 or from the end.
local blame = require "nn.blame"
local Loss = require "nn.loss"

local define, losses = Loss.define, Loss.losses

local MEAN = "sum_over_batch_size"
local LOGITS, SMOOTHING, AXIS = { "from_logits", false }, { "label_smoothing", 0 }, { "axis", -1 }

-- ---- classes -------------------------------------------------------------------------------------------------------

--- -log of the probability given to the true class; y_true holds class ids from 0. Samples of ignore_class do not
-- count.
-- @usage nn.losses.SparseCategoricalCrossentropy{ from_logits = true, ignore_class = -1 }
define("SparseCategoricalCrossentropy", { LOGITS, { "ignore_class" }, { "reduction", MEAN }, AXIS,
  { "name", "sparse_categorical_crossentropy" } })

--- -sum(y log p) for one-hot or soft labels.
-- @usage nn.losses.CategoricalCrossentropy{ label_smoothing = 0.1 }
define("CategoricalCrossentropy", { LOGITS, SMOOTHING, AXIS })

--- -sum(alpha (1 - p)^gamma y log p): easy cases count little. alpha is a number or a list, one for each class.
-- @usage nn.losses.CategoricalFocalCrossentropy{ gamma = 2 }
define("CategoricalFocalCrossentropy", { { "alpha", 0.25 }, { "gamma", 2.0 }, LOGITS, SMOOTHING, AXIS }, {
  lists = { alpha = true },
})

--- (1 - p^q) / q for the probability p of the true class, a class id: robust against wrong labels.
-- @usage nn.losses.CategoricalGeneralizedCrossEntropy{ q = 0.7 }
define("CategoricalGeneralizedCrossEntropy", { { "q", 0.5 } }, {
  check = function(a)
    if type(a.q) ~= "number" or not (a.q > 0 and a.q < 1) then
      blame("CategoricalGeneralizedCrossEntropy: q: expected a number between 0 and 1, got %s", tostring(a.q))
    end
  end,
})

--- Mean of -(y log p + (1 - y) log(1 - p)).
-- @usage nn.losses.BinaryCrossentropy{ from_logits = true }
define("BinaryCrossentropy", { LOGITS, SMOOTHING, AXIS }, { aliases = { "bce" } })

--- Binary cross-entropy times (1 - p_t)^gamma, where p_t is the probability of the true label; with
-- apply_class_balancing also times alpha for label 1 and 1 - alpha for label 0.
-- @usage nn.losses.BinaryFocalCrossentropy{ gamma = 2 }
define("BinaryFocalCrossentropy", { { "apply_class_balancing", false }, { "alpha", 0.25 }, { "gamma", 2.0 }, LOGITS,
  SMOOTHING, AXIS })

--- Mean of (y - p)^2.
define("MeanSquaredError", {}, { aliases = { "mse" } })

--- Mean of |y - p|.
define("MeanAbsoluteError", {}, { aliases = { "mae" } })

--- Mean of 100 |y - p| / |y|.
define("MeanAbsolutePercentageError", {}, { aliases = { "mape" } })

--- Mean of (log(y + 1) - log(p + 1))^2.
define("MeanSquaredLogarithmicError", {}, { aliases = { "msle" } })

--- Mean of e^2 / 2 for errors up to delta, beyond it growing only linearly.
-- @usage nn.losses.Huber{ delta = 1.5 }
define("Huber", { { "delta", 1.0 } }, { name = "huber_loss" })

--- Mean of log(cosh(p - y)).
define("LogCosh", {}, { aliases = { "logcosh" } })

--- Minus the cosine of the angle between y and p.
-- @usage nn.losses.CosineSimilarity{ axis = 1 }
define("CosineSimilarity", { AXIS })

--- sum(y log(y / p)).
define("KLDivergence", {}, { aliases = { "kld", "kullback_leibler_divergence" } })

--- Mean of p - y log(p).
define("Poisson", {})

--- Mean of max(1 - y p, 0) for labels of -1 and 1; labels of 0 and 1 are made such.
define("Hinge", {})

--- Mean of max(1 - y p, 0)^2; labels as for Hinge.
define("SquaredHinge", {})

--- max(neg - pos + 1, 0) with neg = max((1 - y) p) and pos = sum(y p).
define("CategoricalHinge", {})

--- 1 - 2 sum(y p) / (sum(y) + sum(p)), along the axes named by axis; without them one number for the whole batch.
-- @usage nn.losses.Dice{ axis = { 2, 3, 4 } }
define("Dice", { { "reduction", MEAN }, { "name", "dice" }, { "axis" } }, { several_axes = true })

--- As Dice, with alpha weighing what was predicted wrongly and beta what was missed.
-- @usage nn.losses.Tversky{ alpha = 0.3, beta = 0.7 }
define("Tversky", { { "alpha", 0.5 }, { "beta", 0.5 }, { "reduction", MEAN }, { "name", "tversky" }, { "axis" } }, {
  several_axes = true,
})

return losses
