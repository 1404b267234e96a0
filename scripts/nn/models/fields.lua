--- The fields of a model that are computed when they are read: `model.weights`, `model.losses`, `model.output_shape`.
-- @submodule nn.models
local as_list = require "nn.support.list"
local inner_layers = require("nn.models.lowering").inner_layers
local penalties = require("nn.layers.base.weights").penalties

local fields = {}

-- The weights that a function of them and the trained layers chooses.
local function weights_where(self, is_chosen)
  local list, trained, seen = {}, self:trainable_layers(), {}
  local function add(t, layer, is_state)
    if not seen[t] and is_chosen(trained[layer] and not is_state) then list[#list + 1] = t end
    seen[t] = true
  end
  for _, layer in ipairs(self.outputs and self.all_layers or {}) do
    if inner_layers(layer) then -- weights of several owners
      for _, weight in ipairs(layer:named_weights()) do add(weight.tensor, weight.layer, weight.is_state) end
    else
      for i, weight in ipairs(layer.weights or {}) do add(weight, layer, layer.weight_is_state[i]) end
    end
  end
  return as_list(list, "weights")
end

--- Its weights themselves, not copies, in the order of the layers: `weights` has all, `trainable_weights` those that
-- training changes, `non_trainable_weights` the others (also called `variables`, `trainable_variables` and
-- `non_trainable_variables`). Empty before the input's shape is known.
-- @function model.weights
-- @treturn {tensor,...}
-- @usage print(#model.weights, #model.trainable_weights, #model.non_trainable_weights)
function fields.weights(self) return weights_where(self, function() return true end) end
function fields.trainable_weights(self) return weights_where(self, function(trained) return trained end) end
function fields.non_trainable_weights(self) return weights_where(self, function(trained) return not trained end) end
for _, name in ipairs { "weights", "trainable_weights", "non_trainable_weights" } do
  fields[name:gsub("weights", "variables")] = fields[name]
end

-- Whether it has its weights.
function fields.built(self) return self.outputs ~= nil end

-- The loss as compile was given it: a name, an object, or a table of them.
function fields.loss(self) return self.compiled and self.compiled.loss end

--- What is added to the loss, a number for each: the regularizers of its layers' weights, and what `add_loss` was given
-- in the last call of the model on tensors.
-- @function model.losses
-- @treturn {number,...} within a tape tensors, whose gradient can be taken
-- @usage print(#model.losses)
function fields.losses(self)
  local list, added = self.outputs and penalties(self) or {}, self.added_losses or {}
  return table.move(added, 1, #added, #list + 1, list)
end

local function shape_of(symbols)
  local shapes = {}
  for i, symbol in ipairs(symbols or {}) do shapes[i] = table.move(symbol.shape, 1, #symbol.shape, 1, {}) end
  return #shapes > 1 and shapes or shapes[1]
end

--- The shapes of a sample: what goes in, and in `output_shape` what comes out; for several a list. nil before they are
-- known.
-- @function model.input_shape
-- @treturn {integer,...}
-- @usage print(model.input_shape[1], model.output_shape[1])
function fields.input_shape(self) return shape_of(self.inputs) end
function fields.output_shape(self) return shape_of(self.outputs) end

return fields
