--- A layer applied to each step of a sequence.
-- @submodule nn.layers
local blame = require "nn.support.blame"
local composed = require "nn.layers.base.composed"
local layer = require "nn.layers.base"

-- Layers for which a whole sequence at once is the same as step by step, as they look at the last axis alone.
local AT_ONCE = { Dense = true }

local function call(self, x)
  local inner = self.inner
  if AT_ONCE[inner.class_name] and inner.activation.axis == nil then return inner(x) end
  local ops, steps, outputs = require "nn.ops", x.shape[1], {}
  for t = 1, steps do outputs[t] = inner(x[{ {}, t }]) end
  return ops.stack(outputs, 2)
end

--- Applies a layer, or a model, to each step of (steps, ...). Its weights are the same at all steps; what belongs to a
-- batch, such as the statistics of BatchNormalization or a dropout, belongs to each step by itself.
-- @function TimeDistributed
-- @tparam layer|model layer
-- @usage TimeDistributed{ Dense{ 8 } }
composed.define {
  class = "TimeDistributed",
  passes_mask = true,
  arguments = { { "layer", layer.required } },
  check = function(a, object)
    object.inner = composed.layer_of(a.layer)
    if not layer.is(object.inner) and not require "nn.models.is_model"(object.inner) then
      blame("TimeDistributed: layer: expected a layer or a model, got %s", blame.got(a.layer))
    end
    composed.adopt(object, object.inner)
  end,
  call = call,
  methods = {
    get_config = function(self)
      return { name = self.name, trainable = self.trainable, layer = composed.plain(self.inner) }
    end,
  },
  examples = {
    { { layer.layers.Dense { 2, activation = "tanh" } }, { 3, 2 } },
    { { layer.layers.BatchNormalization {} }, { 2, 3 } },
    { { layer.layers.Conv1D { 2, 2 } }, { 3, 4, 2 } },
  },
}
