--- What the numbers in a model's history mean: which way is better, within which bounds they lie.
local metrics = require "nn.metrics"
local Outputs = require "nn.models.outputs"

local traits = {}

local LOSS, LOSS_FROM_0 = { better = "min" }, { better = "min", low = 0 }

-- Losses that fall below 0.
local SIGNED = { cosine_similarity = true, poisson = true, kl_divergence = true }

-- Shapes under which a name such as "accuracy" means one metric; those of other shapes have the same traits.
local CLASSES, IDS = { 1, 2 }, { 1 }

-- The metric that a value of `compile` stands for, and its name where the value is one.
local function metric_of(value)
  if type(value) == "string" then return metrics.resolve(value, CLASSES, IDS) end
  local metric = metrics.get(value)
  return metric, metric.arguments.name
end

-- As `metrics.resolve` names metrics without a name: "precision", then "precision_1".
local function name_of(metric, used)
  local base = metric.name
  used[base] = (used[base] or -1) + 1
  return used[base] == 0 and base or base .. "_" .. used[base]
end

local function add_metrics(known, output, prefix, used)
  local taken = {}
  for _, entry in ipairs(output.metrics) do
    local metric, name = metric_of(entry.given)
    name = name or name_of(metric, used)
    if entry.weighted and taken[name] then name = "weighted_" .. name end
    taken[name], known[prefix .. name] = true, metric.traits
  end
end

--- The traits of a model's losses and metrics by their names in the history, without "val_".
-- @tparam table model compiled, with known outputs
-- @treturn {[string]={better=,low=,high=,proportion=},...} see `Metric.traits`; empty where the model is not compiled
function traits.of(model)
  local known, used = { loss = LOSS }, {}
  if not (model.compiled and model.outputs) then return known end
  local outputs, is_signed = Outputs.of(model), false
  for _, output in ipairs(outputs) do
    local prefix, own = #outputs > 1 and output.name .. "_" or "", SIGNED[output.loss.engine] or false
    known[prefix .. "loss"], is_signed = own and LOSS or LOSS_FROM_0, is_signed or own
    add_metrics(known, output, prefix, used)
  end
  known.loss = is_signed and LOSS or LOSS_FROM_0
  return known
end

--- The traits of numbers that a script reports by names of its own, where these are names of metrics or end in "loss".
-- @tparam {string,...} names such as "val_accuracy" or "generator_loss"
-- @treturn {[string]={better=,low=,high=,proportion=},...} without "val_" and "test_"
function traits.of_names(names)
  local known = { loss = LOSS }
  for _, name in ipairs(names) do
    local base = name:gsub("^val_", ""):gsub("^test_", "")
    if base:find "loss$" then
      known[base] = LOSS
    elseif metrics.is_by_shape(base) or metrics.family.is_known(base) then
      known[base] = metrics.resolve(base, CLASSES, IDS).traits
    end
  end
  return known
end

return traits
