--- Advice about a fit before it begins: does the output reach the targets, do metrics and options suit the data?
local advice = require "nn.advice"
local activation = require "nn.advice.activation"
local facts = require "nn.advice.facts"
local labels = require "nn.advice.labels"
local Outputs = require "nn.models.outputs"

local fitting = {}

local LOST = 0.01        -- of the targets' variance, which no weights can explain
local USUAL_BATCH = 32   -- the default: larger than tiny data without anybody's choice

local DISTANCES = { mean_squared_error = true, mean_absolute_error = true, huber = true, log_cosh = true,
  mean_absolute_percentage_error = true }
local YES_NO = { binary_crossentropy = true, binary_focal_crossentropy = true }

-- Metrics that take predictions for probabilities, and the argument that says where they cut.
local CUTS = { BinaryAccuracy = "threshold", BinaryIoU = "threshold", F1Score = "threshold", FBetaScore = "threshold",
  Precision = "thresholds", Recall = "thresholds", TruePositives = "thresholds", TrueNegatives = "thresholds",
  FalsePositives = "thresholds", FalseNegatives = "thresholds" }
local OF_CLASSES = { BinaryAccuracy = true, CategoricalAccuracy = true, Accuracy = true }

-- ---- the range of the output ----------------------------------------------------------------------------------------

-- The share of the targets' variance that outputs from low to high leave unexplained at best, and of the targets that
-- lie outside.
local function out_of_reach(targets, low, high)
  local nearest = targets:clip(low, high)
  local off = targets - nearest
  local variance = (targets - targets:mean()):std() ^ 2
  local lost = (off * off):mean()
  return variance > 0 and lost / variance or lost > 0 and 1 or 0, off:ne(0):mean()
end

local function range_text(low, high)
  if high == math.huge then return ("%g or more"):format(low) end
  return low == -math.huge and ("%g or less"):format(high) or ("%g to %g"):format(low, high)
end

local function check_range(model, node, output, target)
  local name = activation.of(node.layer)
  local low, high = activation.range(name)
  if not low or not DISTANCES[output.loss.engine] or not advice.is_wanted("output_range", node) then return end
  local rows = facts.sample(target):astype "float32"
  local lost, share = out_of_reach(rows, low, high)
  if lost < LOST then return end
  advice.at(model.compiled_at, node, "output_range", "the output %s has %s, which gives %s, but %.0f %% of the targets "
    .. "lie outside: they run from %.4g to %.4g; leave the activation out, or scale the targets", output.name,
    activation.quoted(name), range_text(low, high), 100 * share, rows:min(), rows:max())
end

-- ---- metrics --------------------------------------------------------------------------------------------------------

local function cuts_at_half(metric)
  local argument = CUTS[metric.class_name]
  if not argument or metric.arguments.top_k then return false end
  local value = metric.arguments[argument]
  if value == nil then return argument == "thresholds" end
  return value == 0.5
end

-- Logits are cut at 0, not at 0.5.
local function check_cut(model, node, output, entry)
  local from_logits = output.loss.arguments.from_logits
  local name = activation.of(node.layer)
  if not YES_NO[output.loss.engine] or not from_logits or activation.PROBABILITY[name] then return end
  if not cuts_at_half(entry.metric) then return end
  advice.at(model.compiled_at, node, "metric_and_output", "the output %s gives logits (from_logits = true), but the "
    .. 'metric %s cuts them at 0.5, not at 0; use activation = "sigmoid", and a loss without from_logits', output.name,
    entry.name)
end

-- The share of equal numbers says nothing about numbers that are hardly ever equal.
local function check_numbers(model, node, output, entry, target)
  if not DISTANCES[output.loss.engine] or not OF_CLASSES[entry.metric.class_name] then return end
  local rows = facts.sample(target):astype "float32"
  if rows:eq(rows:round()):min() == 1 then return end
  advice.at(model.compiled_at, node, "metric_and_output", "the targets of the output %s are numbers, but the metric %s "
    .. 'counts equal classes; use "mean_absolute_error" or nn.metrics.R2Score{}', output.name, entry.name)
end

local function check_metrics(model, node, output, target)
  if not advice.is_wanted("metric_and_output", node) then return end
  for _, entry in ipairs(Outputs.metrics(output, target, #target)) do
    check_cut(model, node, output, entry)
    check_numbers(model, node, output, entry, target)
  end
end

-- ---- options --------------------------------------------------------------------------------------------------------

local function check_batch(model, samples, size)
  if size <= samples or size <= USUAL_BATCH then return end
  advice.about(model, "batch_size", "batch_size is %d, but there are %d training samples: each epoch is a single step "
    .. "of the optimizer; take a smaller batch, such as 32", size, samples)
end

--- Looks at a fit.
-- @tparam table model compiled, with known outputs
-- @tparam table training inputs, targets
-- @tparam {table,...} others parts of the data with targets that are held out
-- @tparam {table,...} outputs see nn.models.outputs
-- @tparam table options batch_size, class_weight
function fitting.check(model, training, others, outputs, options)
  for i, output in ipairs(outputs) do
    check_range(model, model.outputs[i], output, training.targets[i])
    check_metrics(model, model.outputs[i], output, training.targets[i])
  end
  labels.check(model, training, others, outputs, options.class_weight)
  check_batch(model, #training.inputs[1], options.batch_size)
end

return fitting
