--- Advice (`nn.advice`): what looks like a mistake in a model, its data or its training, and how to mend it.
--
-- Advice is one line on standard error, given once for each model or set of data that it concerns:
--
--     lab.lua:14: advice: the inputs run from 0 to 255; divide them by 255 [input_range]
--
-- The word at the end is the name under which `nn.advice.silence` turns it off. An experiment also writes it into its
-- report, and says in one line what concerns several of its variants. The names:
--
-- * `output_activation`, `softmax_one_unit`, `loss_and_output`, `loss_and_labels`: output, loss and labels do not fit
-- * `learning_rate`: far from what the optimizer works with
-- * `unused_units`, `output_range`, `metric_and_output`: units without labels, targets that the output's activation
--   never gives, a metric that does not fit the output
-- * `class_weight`, `batch_size`: weights that favour the larger class, batches larger than the data
-- * `early_stopping`, `monitor_mode`: a callback that watches the training data, or takes worse for better
-- * `unequal_epochs`, `search_edge`: variants that were trained for different times, a search whose best is at the edge
-- * `target_range`: targets of a regression that the outputs do not reach in the time of training
-- * `not_finite`, `input_range`, `input_scale`: numbers in the data that are not finite, large, or on two scales
-- * `shared_rows`, `missing_class`, `sorted_targets`, `separate_scaling`: parts of the data that were not split well,
--   or scaled each on its own
-- * `overlapping_windows`, `joint_scaling`: windows of a series that were shuffled before the split, and a scaler that
--   was also fitted to what comes later
-- * `constant_feature`, `sentinel`, `leaky_feature`: features of no use, with a mark such as -999 for missing values,
--   or that give the target away
-- * `loss_not_falling`, `slow_learning`, `dead_units`, `nan_metric`, `perceptron_unfinished`: how training went
-- * `one_class`, `no_better`: predictions of one class only, or no better than an answer that needs no learning
--
-- @module nn.advice

-- A new kind of advice is: its name in `nn.advice.kinds`, which says what it is about; the function that finds it and
-- calls `advice.about(thing, name, ...)`; its name in the list above; in the tests a planted mistake and a clean twin.
-- What is about the outcome of a fit needs nothing else to get from a worker process into trial.json, onto the console
-- and into the report. Ask `advice.is_wanted(name, thing)` before work that takes time.
local blame = require "nn.support.blame"
local kinds = require "nn.advice.kinds"
local nearest = require "nn.support.nearest"
local pieces = require "nn.advice.pieces"
local symbolic = require "nn.layers.base.symbolic"

local advice = {}

-- What each name is about.
advice.names = {}
for name, kind in pairs(kinds) do advice.names[name] = kind.text end

local function check_name(name)
  if advice.names[name] then return end
  local known = {}
  for each in pairs(advice.names) do known[#known + 1] = each end
  table.sort(known)
  local near = nearest(tostring(name), known)
  blame("advice: there is none named %s%s", tostring(name),
    near and ("; did you mean %q?"):format(near) or "; there are " .. table.concat(known, ", "))
end

-- The part of a model that a thing is: of two parts that call for the same advice, each is named.
local function part_of(thing)
  return symbolic.is(thing) and thing.layer.name or nil
end

--- Turns advice off.
-- @function silence
-- @tparam[opt] string name the one to turn off; all, where none is given
-- @usage nn.advice.silence("input_range")
function advice.silence(name)
  if name then check_name(name) end
  for each in pairs(advice.names) do
    if name == nil or each == name then pieces.silence(each) end
  end
end

--- What was advised so far.
-- @function list
-- @treturn {{name=string,text=string,where=string},...} where: the script's line, such as "lab.lua:14: "
-- @usage for _, each in ipairs(nn.advice.list()) do print(each.name, each.text) end
function advice.list()
  return pieces.list()
end

--- Forgets what was said and silenced, as at the start of a script.
-- @function reset
-- @usage nn.advice.reset()
function advice.reset()
  pieces.reset()
end

--- Whether advice of that name would be given: not where it is turned off, or was given about the same thing.
-- @function is_wanted
-- @tparam string name
-- @param[opt] thing a model, or another table or tensor
-- @treturn boolean
-- @usage nn.advice.is_wanted "input_range"
function advice.is_wanted(name, thing)
  return pieces.is_wanted(name, thing)
end

--- Gives a piece of advice about a thing, unless it was given before or is turned off.
-- @function about
-- @param thing a model, or another table or tensor; nil where the script's line alone tells what is concerned
-- @tparam string name one of `advice.names`
-- @tparam string format as in string.format: what is wrong, and what to do
-- @param ... its arguments
-- @usage nn.advice.about(model, "dead_units", "%d units are always 0", 3)
function advice.about(thing, name, format, ...)
  return advice.at(nil, thing, name, format, ...)
end

--- The same, for what another line of the script is about than the one that is being executed.
-- @function at
-- @tparam ?string where such as "lab.lua:14: "; nil for the line that is being executed
-- @param thing see `about`
-- @tparam string name one of `advice.names`
-- @tparam string format see `about`
-- @param ... its arguments
-- @usage nn.advice.at("lab.lua:14: ", model, "dead_units", "%d units are always 0", 3)
function advice.at(where, thing, name, format, ...)
  check_name(name)
  if not pieces.is_wanted(name, thing) then return nil end
  local piece = { name = name, text = format:format(...), where = where or blame.here(), about = thing,
    part = part_of(thing) }
  pieces.take(piece)
  return piece
end

--- Gives a piece of advice about what the script's line does.
-- @function say
-- @tparam string name one of `advice.names`
-- @tparam string format as in string.format: what is wrong, and what to do
-- @param ... its arguments
-- @usage nn.advice.say("input_range", "the inputs run from %d to %d", 0, 255)
function advice.say(name, format, ...)
  advice.about(nil, name, format, ...)
end

return advice
