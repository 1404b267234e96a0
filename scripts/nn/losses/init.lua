--- Losses (`nn.losses`), with Keras' names, defaults and semantics.
--
-- An object gives a number: `nn.losses.MeanSquaredError{}(y_true, y_pred, sample_weight)`; the function of the same
-- name in snake case gives the loss of each sample: `nn.losses.mean_squared_error(y_true, y_pred)`, a tensor of the
-- predictions' shape without its last axis. Shapes that do not fit are errors, never broadcast.
--
-- Functions and objects take y_true and y_pred, tensors (n, ...) of one shape (class ids: without the last axis), and
-- objects a sample_weight besides: a number or a tensor whose axes are the first of the losses'.
--
-- Every class takes `reduction` ("sum_over_batch_size", which is also called "mean"; "sum"; "mean_with_sample_weight";
-- "none": a tensor of all losses) and `name`. Those with an `axis` compute along it, counted from 1 or from the end.
-- @module nn.losses
local blame = require "nn.support.blame"
local Loss = require "nn.losses.base"

local define, losses = Loss.define, Loss.losses

local MEAN = "sum_over_batch_size"
local LOGITS, SMOOTHING, AXIS = { "from_logits", false }, { "label_smoothing", 0 }, { "axis", -1 }

-- ---- classes -------------------------------------------------------------------------------------------------------

--- -log of the probability given to the true class; y_true holds class ids from 0. Samples of ignore_class do not
-- count.
-- @function SparseCategoricalCrossentropy
-- @tparam[opt=false] boolean from_logits whether predictions are logits, not probabilities
-- @tparam[opt] integer ignore_class
-- @tparam[opt=-1] integer axis of the classes
-- @usage
-- nn.losses.SparseCategoricalCrossentropy{ from_logits = true, ignore_class = -1 }(class_ids, y_pred)
-- nn.losses.sparse_categorical_crossentropy(class_ids, y_pred)
define("SparseCategoricalCrossentropy", { LOGITS, { "ignore_class" }, { "reduction", MEAN }, AXIS,
  { "name", "sparse_categorical_crossentropy" } })

--- -sum(y log p) for one-hot or soft labels.
-- @function CategoricalCrossentropy
-- @tparam[opt=false] boolean from_logits whether predictions are logits, not probabilities
-- @tparam[opt=0] number label_smoothing from 0 to 1
-- @tparam[opt=-1] integer axis of the classes
-- @usage
-- nn.losses.CategoricalCrossentropy{ label_smoothing = 0.1 }(labels, y_pred)
-- nn.losses.categorical_crossentropy(labels, y_pred)
define("CategoricalCrossentropy", { LOGITS, SMOOTHING, AXIS })

--- -sum(alpha (1 - p)^gamma y log p): easy cases count little. alpha is a number or a list, one for each class.
-- @function CategoricalFocalCrossentropy
-- @tparam[opt=0.25] number|{number,...} alpha
-- @tparam[opt=2] number gamma
-- @tparam[opt=false] boolean from_logits whether predictions are logits, not probabilities
-- @tparam[opt=0] number label_smoothing from 0 to 1
-- @tparam[opt=-1] integer axis of the classes
-- @usage
-- nn.losses.CategoricalFocalCrossentropy{ gamma = 2 }(labels, y_pred)
-- nn.losses.categorical_focal_crossentropy(labels, y_pred)
define("CategoricalFocalCrossentropy", { { "alpha", 0.25 }, { "gamma", 2.0 }, LOGITS, SMOOTHING, AXIS }, {
  lists = { alpha = true },
})

--- (1 - p^q) / q for the probability p of the true class, a class id: robust against wrong labels.
-- @function CategoricalGeneralizedCrossEntropy
-- @tparam[opt=0.5] number q between 0 and 1
-- @usage
-- nn.losses.CategoricalGeneralizedCrossEntropy{ q = 0.7 }(class_ids, y_pred)
-- nn.losses.categorical_generalized_cross_entropy(class_ids, y_pred)
define("CategoricalGeneralizedCrossEntropy", { { "q", 0.5 } }, {
  check = function(a)
    if type(a.q) ~= "number" or not (a.q > 0 and a.q < 1) then
      blame("CategoricalGeneralizedCrossEntropy: q: expected a number between 0 and 1, got %s", blame.got(a.q))
    end
  end,
})

--- Mean of -(y log p + (1 - y) log(1 - p)).
-- @function BinaryCrossentropy
-- @tparam[opt=false] boolean from_logits whether predictions are logits, not probabilities
-- @tparam[opt=0] number label_smoothing from 0 to 1
-- @tparam[opt=-1] integer axis of the classes
-- @usage
-- nn.losses.BinaryCrossentropy{ from_logits = true }(labels, y_pred)
-- nn.losses.binary_crossentropy(labels, y_pred)
define("BinaryCrossentropy", { LOGITS, SMOOTHING, AXIS }, { aliases = { "bce" } })

--- Binary cross-entropy times (1 - p_t)^gamma, where p_t is the probability of the true label; with
-- apply_class_balancing also times alpha for label 1 and 1 - alpha for label 0.
-- @function BinaryFocalCrossentropy
-- @tparam[opt=false] boolean apply_class_balancing
-- @tparam[opt=0.25] number alpha
-- @tparam[opt=2] number gamma
-- @tparam[opt=false] boolean from_logits whether predictions are logits, not probabilities
-- @tparam[opt=0] number label_smoothing from 0 to 1
-- @tparam[opt=-1] integer axis of the classes
-- @usage
-- nn.losses.BinaryFocalCrossentropy{ gamma = 2 }(labels, y_pred)
-- nn.losses.binary_focal_crossentropy(labels, y_pred)
define("BinaryFocalCrossentropy", { { "apply_class_balancing", false }, { "alpha", 0.25 }, { "gamma", 2.0 }, LOGITS,
  SMOOTHING, AXIS })

--- Mean of (y - p)^2.
-- @function MeanSquaredError
-- @usage
-- nn.losses.MeanSquaredError{}(y_true, y_pred)
-- nn.losses.mean_squared_error(y_true, y_pred)
define("MeanSquaredError", {}, { aliases = { "mse" } })

--- Mean of |y - p|.
-- @function MeanAbsoluteError
-- @usage
-- nn.losses.MeanAbsoluteError{}(y_true, y_pred)
-- nn.losses.mean_absolute_error(y_true, y_pred)
define("MeanAbsoluteError", {}, { aliases = { "mae" } })

--- Mean of 100 |y - p| / |y|.
-- @function MeanAbsolutePercentageError
-- @usage
-- nn.losses.MeanAbsolutePercentageError{}(y_true, y_pred)
-- nn.losses.mean_absolute_percentage_error(y_true, y_pred)
define("MeanAbsolutePercentageError", {}, { aliases = { "mape" } })

--- Mean of (log(y + 1) - log(p + 1))^2.
-- @function MeanSquaredLogarithmicError
-- @usage
-- nn.losses.MeanSquaredLogarithmicError{}(y_true, y_pred)
-- nn.losses.mean_squared_logarithmic_error(y_true, y_pred)
define("MeanSquaredLogarithmicError", {}, { aliases = { "msle" } })

--- Mean of e^2 / 2 for errors up to delta, beyond it growing only linearly.
-- @function Huber
-- @tparam[opt=1] number delta
-- @usage
-- nn.losses.Huber{ delta = 1.5 }(y_true, y_pred)
-- nn.losses.huber(y_true, y_pred)
define("Huber", { { "delta", 1.0 } }, { name = "huber_loss" })

--- Mean of log(cosh(p - y)).
-- @function LogCosh
-- @usage
-- nn.losses.LogCosh{}(y_true, y_pred)
-- nn.losses.log_cosh(y_true, y_pred)
define("LogCosh", {}, { aliases = { "logcosh" } })

--- Minus the cosine of the angle between y and p.
-- @function CosineSimilarity
-- @tparam[opt=-1] integer axis
-- @usage
-- nn.losses.CosineSimilarity{ axis = 1 }(y_true, y_pred)
-- nn.losses.cosine_similarity(y_true, y_pred)
define("CosineSimilarity", { AXIS })

--- sum(y log(y / p)).
-- @function KLDivergence
-- @usage
-- nn.losses.KLDivergence{}(y_true, y_pred)
-- nn.losses.kl_divergence(y_true, y_pred)
define("KLDivergence", {}, { aliases = { "kld", "kullback_leibler_divergence" } })

--- Mean of p - y log(p).
-- @function Poisson
-- @usage
-- nn.losses.Poisson{}(y_true, y_pred)
-- nn.losses.poisson(y_true, y_pred)
define("Poisson", {})

--- Mean of max(1 - y p, 0) for labels of -1 and 1; labels of 0 and 1 are made such.
-- @function Hinge
-- @usage
-- nn.losses.Hinge{}(y_true, y_pred)
-- nn.losses.hinge(y_true, y_pred)
define("Hinge", {})

--- Mean of max(1 - y p, 0)^2; labels as for Hinge.
-- @function SquaredHinge
-- @usage
-- nn.losses.SquaredHinge{}(y_true, y_pred)
-- nn.losses.squared_hinge(y_true, y_pred)
define("SquaredHinge", {})

--- max(neg - pos + 1, 0) with neg = max((1 - y) p) and pos = sum(y p).
-- @function CategoricalHinge
-- @usage
-- nn.losses.CategoricalHinge{}(y_true, y_pred)
-- nn.losses.categorical_hinge(y_true, y_pred)
define("CategoricalHinge", {})

--- 1 - 2 sum(y p) / (sum(y) + sum(p)), along the axes named by axis; without them one number for the whole batch.
-- @function Dice
-- @tparam[opt] integer|{integer,...} axis (all)
-- @usage
-- nn.losses.Dice{ axis = { 1, 2 } }(y_true, y_pred)
-- nn.losses.dice(y_true, y_pred)
define("Dice", { { "reduction", MEAN }, { "name", "dice" }, { "axis" } }, { several_axes = true })

--- As Dice, with alpha weighing what was predicted wrongly and beta what was missed (Keras up to 3.15 has the two the
-- other way round).
-- @function Tversky
-- @tparam[opt=0.5] number alpha
-- @tparam[opt=0.5] number beta
-- @tparam[opt] integer|{integer,...} axis (all)
-- @usage
-- nn.losses.Tversky{ alpha = 0.3, beta = 0.7 }(y_true, y_pred)
-- nn.losses.tversky(y_true, y_pred)
define("Tversky", { { "alpha", 0.5 }, { "beta", 0.5 }, { "reduction", MEAN }, { "name", "tversky" }, { "axis" } }, {
  several_axes = true,
})

--- Circle loss (Sun et al. 2020) of embeddings of length 1: samples of one label are drawn together, others driven
-- apart. y_true holds a label for each sample; a sample without another of its label, or of another one, does not
-- count.
-- @function Circle
-- @tparam[opt=80] number gamma the scale
-- @tparam[opt=0.4] number margin from 0 to 1: how far from perfect is good enough
-- @tparam[opt=true] boolean remove_diagonal whether a sample is no pair with itself
-- @usage
-- nn.losses.Circle{ gamma = 64 }(class_ids, nn.utils.normalize(y_pred))
-- nn.losses.circle(class_ids, nn.utils.normalize(y_pred))
define("Circle", { { "gamma", 80.0 }, { "margin", 0.4 }, { "remove_diagonal", true } })

require "nn.losses.own"
require "nn.losses.ctc"

return losses
