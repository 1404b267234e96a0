--- The functions between layers; `nn.activations` has their formulas.
-- @submodule nn.ops
local align = require "nn.losses.align"
local blame = require "nn.support.blame"
local functions = require "nn.activations.functions"
local base = require "nn.ops.base"

local ops = base.ops

-- Along the axes given, which are brought to the end, and back after it.
local function along(name, axis, x, compute)
  if axis == -1 then return compute(x) end
  local order, axes = align.to_end(name, axis, #base.shape_of(x))
  local back, moved = {}, ops.transpose(x, order)
  for i, each in ipairs(order) do back[each] = i end
  local shape = base.shape_of(moved)
  local rows = table.move(shape, 1, #shape - axes, 1, {})
  rows[#rows + 1] = -1
  return ops.transpose(ops.reshape(compute(ops.reshape(moved, rows)), shape), back)
end

local function define(name, alias)
  local entry = functions.by_name[name]
  ops[name] = function(x, ...)
    if x == nil then blame("%s: x is missing", name) end
    local options = base.options_of(...)
    if name == "gelu" and options[1] == nil and options.approximate == nil then options.approximate = true end
    local bound = entry.signature(options)
    local config = entry.lower(bound)
    return along(name, bound.axis or -1, base.tensor(x, name),
      function(rows) return base.run("activation", config, { rows }) end)
  end
  if alias then ops[alias] = ops[name] end
end

--- The activations of keras.ops, of each element: `relu`, `relu6`, `sigmoid`, `silu` (also `swish`), `softplus`,
-- `softsign`, `elu`, `selu`, `celu`, `gelu`, `hard_sigmoid`, `hard_silu` (also `hard_swish`), `hard_tanh`,
-- `hard_shrink`, `soft_shrink`, `leaky_relu`, `log_sigmoid`, `sparse_plus`, `sparse_sigmoid`, `squareplus`,
-- `tanh_shrink`, `threshold`, `mish`; and along an axis: `softmax`, `log_softmax`, `sparsemax`. Formulas and options
-- are those of `nn.activations`, but `gelu` is approximate unless told otherwise, as in Keras.
-- @function relu
-- @tparam tensor x
-- @param[opt] ... options in the order of `nn.activations`, or a table of names
-- @treturn tensor float32, of the same shape
-- @usage
-- local of_elements = {
--   nn.ops.relu(x), nn.ops.relu6(x), nn.ops.sigmoid(x), nn.ops.silu(x), nn.ops.softplus(x), nn.ops.softsign(x),
--   nn.ops.elu(x, 0.5), nn.ops.selu(x), nn.ops.celu(x), nn.ops.gelu(x, false), nn.ops.hard_sigmoid(x),
--   nn.ops.hard_silu(x), nn.ops.hard_tanh(x), nn.ops.hard_shrink(x, 1), nn.ops.soft_shrink(x),
--   nn.ops.leaky_relu(x, { negative_slope = 0.1 }), nn.ops.log_sigmoid(x), nn.ops.sparse_plus(x),
--   nn.ops.sparse_sigmoid(x), nn.ops.squareplus(x), nn.ops.tanh_shrink(x), nn.ops.threshold(x, 0.5, 0), nn.ops.mish(x),
-- }
-- local along_rows = { nn.ops.softmax(x), nn.ops.log_softmax(x, { axis = 1 }), nn.ops.sparsemax(x) }
for _, name in ipairs {
  "relu", "relu6", "sigmoid", "softplus", "softsign", "elu", "selu", "celu", "gelu", "hard_sigmoid", "hard_tanh",
  "hard_shrink", "soft_shrink", "leaky_relu", "log_sigmoid", "log_softmax", "softmax", "sparsemax", "sparse_plus",
  "sparse_sigmoid", "squareplus", "tanh_shrink", "threshold", "mish",
} do define(name) end
define("silu", "swish")
define("hard_silu", "hard_swish")

--- A gated linear unit: of an axis' halves, the first times the sigmoid of the second.
-- @function glu
-- @tparam tensor x
-- @tparam[opt=-1] integer axis
-- @treturn tensor float32, half as long along the axis
-- @usage nn.ops.glu(x)
base.compose { "glu", options = { { "axis", -1 } }, compute = function(x, options)
  local halves = ops.split(x, 2, options.axis)
  return ops.multiply(halves[1], ops.sigmoid(halves[2]))
end }
