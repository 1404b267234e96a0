--- Advice about two parts of the data: they should have one scale and the same classes, and no rows in common.
local classes = require "nn.advice.classes"
local facts = require "nn.advice.facts"
local once = require "nn.advice.once"
local part = require "nn.advice.part"
local is_probe = require "nn.advice.probe"
local rows = require "nn.advice.rows"
local scale = require "nn.advice.scale"
local series = require "nn.advice.series"

local pair = {}

local FEWEST = 20 -- rows that a model predicts, from which something can be said about them
local HALF = 0.5 -- of the rows given to evaluate; where more are training rows, that is on purpose
local SPLIT = "shuffle before splitting, or use nn.utils.train_test_split"
local SCALED = {
  standard = "each feature has exactly the mean 0 and the standard deviation 1",
  range = "all features have exactly the same lowest and the same highest value",
}
local WHY = {
  training = "so that they cannot tell how well the model does on new data",
  validation = "by which variants are chosen",
}

-- @treturn boolean whether both parts have the same rows in the same order
local function find_shared(profile, one, other, say)
  local shared, total = rows.shared(profile, other.inputs), #other.inputs[1]
  if rows.are_same(profile, other.inputs) then
    say("shared_rows", other.inputs[1], "the %s data are the %s data: the same %d rows", other.name, one.name, total)
    return true
  end
  if not shared then return false end
  say("shared_rows", other.inputs[1], "%d of %d %s rows are in the %s data too, %s; split before augmenting, and drop "
    .. "duplicates", shared, total, other.name, one.name, WHY[one.name])
  return false
end

-- @treturn boolean whether there are any
local function find_separate_scales(profile, other, say)
  local is_separate = false
  for i, t in ipairs(not rows.are_mostly_shared(profile.rows, other.inputs) and other.inputs or {}) do
    local scaler = scale.separate_scaler(profile.scales[i], t)
    if scaler then
      say("separate_scaling", t, "the %s inputs were scaled on their own: %s; fit the scaler to the training data "
        .. "alone, and transform the %s data with it", other.name, SCALED[scaler], other.name)
      is_separate = true
    end
  end
  return is_separate
end

-- @treturn boolean whether windows overlap
local function find_overlap(training, other, say)
  for i, t in ipairs(other.inputs) do
    local count = series.overlap(training.inputs[i], t)
    if count then
      say("overlapping_windows", t, "%d of %d %s windows overlap with training windows, one step later, %s; split the "
        .. "series by time first, and cut each part into windows", count, #t, other.name, WHY.training)
      return true
    end
  end
  return false
end

-- @treturn boolean whether there is one
local function find_joint_scale(profiles, training, other, say)
  for i, t in ipairs(other.inputs) do
    if profiles[i].has_order and series.is_scaled_with(training.inputs[i], t) then
      say("joint_scaling", t, "the scaler of the inputs was also fitted to the %s data, which come later and are not "
        .. "known in training; fit it to the training data alone", other.name)
      return true
    end
  end
  return false
end

-- Whole numbers of 32 bits are ids, which have no scale.
local function find_scale(profiles, inputs, what, say)
  for i, t in ipairs(inputs) do
    local fault = t.dtype ~= "int32" and scale.fault(profiles[i], t, what)
    if fault then say("input_scale", t, "%s", fault) end
  end
end

-- @treturn boolean whether there is one
local function find_missing_class(counts, target, what, loss, may_lack, say)
  local counted = classes.count(target, loss)
  if not counts or not counted then return false end
  local unseen, missing = classes.missing(counted, counts), not may_lack and classes.missing(counts, counted) or nil
  if not (unseen or missing) then return false end
  say("missing_class", target, "class %d is in the %s data but not in the %s data; %s with stratify", unseen or missing,
    unseen and what or "training", unseen and "training" or what, SPLIT)
  return true
end

-- @treturn boolean whether they are
local function find_order(target, held, what, say)
  if not classes.are_sorted(target, held) then return false end
  local a, b = facts.columns(target), facts.columns(held)
  say("sorted_targets", held, "the targets are sorted: those of training run from %.4g to %.4g, those of %s from %.4g "
    .. "to %.4g; %s", a.low:min(), a.high:max(), what, b.low:min(), b.high:max(), SPLIT)
  return true
end

--- What a model keeps of the data it was fitted to, to judge others by.
-- @tparam table training inputs, targets
-- @tparam {string,...} losses of the outputs
-- @treturn table
function pair.profile(training, losses)
  return once.find(once.things({ "profile" }, training.inputs, training.targets, losses), function()
    local kept = { scales = {}, rows = rows.profile(training.inputs), counts = {} }
    for i, t in ipairs(training.inputs) do kept.scales[i] = scale.profile(t) end
    for i, loss in ipairs(losses) do kept.counts[i] = classes.count(training.targets[i], loss) or false end
    return kept
  end)
end

--- Compares a part with the training data.
-- @tparam table training inputs, targets
-- @tparam table other the same, and its name
-- @tparam {string,...} losses of the outputs
function pair.check(training, other, losses)
  local things = once.things({ "pair", other.name }, training.inputs, training.targets, other.inputs, other.targets,
    losses)
  once.give(things, function(say)
    local profile = pair.profile(training, losses)
    local is_told = find_shared(profile.rows, training, other, say) or find_separate_scales(profile, other, say)
      or find_overlap(training, other, say) or find_joint_scale(profile.scales, training, other, say)
    for i, loss in ipairs(losses) do
      local is_other = find_missing_class(profile.counts[i], other.targets[i], other.name, loss, false, say)
        or part.NUMBERS[loss] and find_order(training.targets[i], other.targets[i], other.name, say)
      is_told = is_told or is_other -- which makes the inputs differ too
    end
    if not is_told then find_scale(profile.scales, other.inputs, other.name, say) end
  end)
end

--- Compares the test data with those by which variants are chosen.
-- @tparam table validation inputs, name
-- @tparam table test likewise
function pair.check_choice(validation, test)
  once.give(once.things({ "choice" }, validation.inputs, test.inputs), function(say)
    find_shared(rows.profile(validation.inputs), validation, test, say)
  end)
end

--- Compares what a model is evaluated on, or predicts, with what it was fitted to. Points of a grid are no data.
-- @tparam table profile of the training data
-- @tparam table used inputs; targets, nil where they are not known
-- @tparam {string,...} losses of the outputs
function pair.check_use(profile, used, losses)
  local inputs, targets = used.inputs, used.targets
  if not targets and #inputs[1] < FEWEST then return end
  once.give(once.things({ profile, targets and "evaluate" or "predict" }, inputs, targets or {}), function(say)
    local is_data = targets or not is_probe(profile.scales[1], inputs[1])
    if is_data and not find_separate_scales(profile, used, say) then find_scale(profile.scales, inputs, "test", say) end
    local shared, total = targets and rows.shared(profile.rows, inputs), #inputs[1]
    if shared and shared <= HALF * total then
      say("shared_rows", inputs[1], "%d of %d test rows are in the training data too, %s; split before augmenting, and "
        .. "drop duplicates", shared, total, WHY.training)
    end
    for i, target in ipairs(targets or {}) do
      find_missing_class(profile.counts[i], target, "test", losses[i], true, say)
    end
  end)
end

return pair
