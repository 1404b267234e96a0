--- Cross-entropies without a reduction, and what else keras.ops has beside tensors' arithmetic.
-- @submodule nn.ops
local base = require "nn.ops.base"

local ops = base.ops
local PAIR = { "target", "output" }
local EPSILON = 1e-7 -- probabilities are kept so far from 0 and 1, as in Keras

local function within(probabilities) return ops.clip(probabilities, EPSILON, 1 - EPSILON) end

-- The logarithms of the probabilities of classes.
local function log_probabilities(output, options)
  if options.from_logits then return ops.log_softmax(output, { axis = options.axis }) end
  return ops.log(within(ops.divide(output, ops.sum(output, { axis = options.axis, keepdims = true }))))
end

local function categorical(target, output, options)
  return ops.negative(ops.sum(ops.multiply(target, log_probabilities(output, options)), options.axis))
end

--- -(target log(output) + (1 - target) log(1 - output)), of each element.
-- @function binary_crossentropy
-- @tparam tensor target 0 to 1
-- @tparam tensor output probabilities
-- @tparam[opt=false] boolean from_logits output is what sigmoid makes probabilities of
-- @treturn tensor float32, of the same shape
-- @usage nn.ops.binary_crossentropy({ 1, 0 }, { 2, -1 }, true)
base.compose { "binary_crossentropy", operands = PAIR, options = { { "from_logits", false } },
  compute = function(target, output, options)
    if options.from_logits then
      local tail = ops.log1p(ops.exp(ops.negative(ops.abs(output))))
      return ops.add(ops.subtract(ops.maximum(output, 0), ops.multiply(output, target)), tail)
    end
    local p = within(output)
    local if_one, if_zero = ops.log(p), ops.log(ops.subtract(1, p))
    return ops.negative(ops.add(ops.multiply(target, if_one), ops.multiply(ops.subtract(1, target), if_zero)))
  end }

--- -sum(target log(output)) along an axis; outputs are divided by their sum before.
-- @function categorical_crossentropy
-- @tparam tensor target probabilities, such as `one_hot` gives
-- @tparam tensor output probabilities
-- @tparam[opt=false] boolean from_logits output is what softmax makes probabilities of
-- @tparam[opt=-1] integer axis
-- @treturn tensor float32, without the axis
-- @usage nn.ops.categorical_crossentropy(labels, y_pred)
base.compose { "categorical_crossentropy", operands = PAIR, options = { { "from_logits", false }, { "axis", -1 } },
  compute = categorical }

--- The same with class ids, which count from 0, as targets.
-- @function sparse_categorical_crossentropy
-- @tparam tensor target class ids, of output's shape without the axis
-- @tparam tensor output probabilities
-- @tparam[opt=false] boolean from_logits output is what softmax makes probabilities of
-- @tparam[opt=-1] integer axis
-- @treturn tensor float32, of target's shape
-- @usage nn.ops.sparse_categorical_crossentropy(class_ids, y_pred)
base.compose { "sparse_categorical_crossentropy", operands = PAIR,
  options = { { "from_logits", false }, { "axis", -1 } }, compute = function(target, output, options)
    local shape = base.shape_of(output)
    local classes = shape[base.axis("sparse_categorical_crossentropy", options.axis, #shape)]
    return categorical(ops.one_hot(target, classes, options.axis), output, options)
  end }
