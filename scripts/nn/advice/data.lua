--- Advice about data: of a fit, of an experiment, and of what a model is evaluated on.
local pair = require "nn.advice.pair"
local part = require "nn.advice.part"

local data = {}

-- By model what its last training data were like.
local trained_on = setmetatable({}, { __mode = "k" })

local function losses_of(outputs)
  local names = {}
  for i, output in ipairs(outputs) do names[i] = output.loss.engine end
  return names
end

local function named(self, name) return { name = name, inputs = self.inputs, targets = self.targets } end

--- Looks at the data of a fit.
-- @tparam table model
-- @tparam table training inputs, targets
-- @tparam ?table held_out the validation data, likewise
-- @tparam {table,...} outputs see nn.models.outputs
function data.check(model, training, held_out, outputs)
  local losses = losses_of(outputs)
  training = named(training, "training")
  part.check_finite(training)
  part.check_inputs(model, training.inputs)
  part.check_targets(training, losses)
  trained_on[model] = pair.profile(training, losses)
  if not held_out then return end
  part.check_finite(named(held_out, "validation"))
  pair.check(training, named(held_out, "validation"), losses)
end

--- Looks at what a model that was fitted is evaluated on or predicts.
-- @tparam table model
-- @tparam {tensor,...} inputs
-- @tparam ?{tensor,...} targets of evaluate
-- @tparam ?{table,...} outputs likewise, see nn.models.outputs
function data.of_use(model, inputs, targets, outputs)
  local used = { name = "test", inputs = inputs, targets = targets }
  part.check_finite(used)
  if trained_on[model] then pair.check_use(trained_on[model], used, losses_of(outputs or {})) end
end

-- The parts of an experiment's data with tensors whose elements lie in order, so that what is found is remembered.
local function parts_of(lab)
  local parts = {}
  for _, name in ipairs { "train", "validation", "test" } do
    local self = lab[name]
    if self and not self.in_order then
      self.in_order = { name = name == "train" and "training" or name, inputs = {}, targets = {} }
      for i, t in ipairs(self.inputs) do self.in_order.inputs[i] = t:contiguous() end
      for i, t in ipairs(self.targets) do self.in_order.targets[i] = t:contiguous() end
    end
    parts[name] = self and self.in_order
  end
  return parts
end

--- Looks at the data of an experiment, where all its trials come from.
-- @tparam table model one of its models
-- @tparam table lab the experiment: train, validation, test
function data.of_experiment(model, lab)
  local is_model = type(model) == "table" and model.compiled and model.outputs and model.order
  if not is_model or lab.train.is_stream then return end
  if #model.inputs ~= #lab.train.inputs or #model.outputs ~= #lab.train.targets then return end
  local parts, outputs = parts_of(lab), require("nn.models.outputs").of(model)
  data.check(model, parts.train, parts.validation, outputs)
  if not parts.test then return end
  part.check_finite(parts.test)
  pair.check(parts.train, parts.test, losses_of(outputs))
  if parts.validation then pair.check_choice(parts.validation, parts.test) end
end

return data
