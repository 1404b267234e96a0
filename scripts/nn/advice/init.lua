--- Advice (`nn.advice`): what looks like a mistake in a model, its data or its training, and how to mend it.
--
-- Advice is one line on standard error, given once in a run of a script:
--
--     lab.lua:14: advice: the inputs run from 0 to 255; divide them by 255 [input_range]
--
-- The word at the end is the name under which `nn.advice.silence` turns it off. The names:
--
-- * `output_activation`, `softmax_one_unit`, `loss_and_output`, `loss_and_labels`: output, loss and labels do not fit
-- * `learning_rate`: far from what the optimizer works with
-- * `target_range`: targets of a regression that the outputs do not reach in the time of training
-- * `not_finite`, `input_range`, `input_scale`: numbers in the data that are not finite, large, or on two scales
-- * `shared_rows`, `missing_class`: rows in two parts of the data, a class that one part lacks
-- * `loss_not_falling`, `dead_units`, `perceptron_unfinished`: what training led to
--
-- @module nn.advice
local blame = require "nn.blame"
local nearest = require "nn.nearest"
local pieces = require "nn.advice.pieces"

local advice = {}

-- What each name is about.
advice.names = {
  output_activation = "the activation of the output does not fit the loss",
  softmax_one_unit = "softmax over one unit is always 1",
  loss_and_output = "the loss does not fit the output",
  loss_and_labels = "the loss does not fit the labels",
  learning_rate = "a learning rate that the optimizer hardly works with",
  not_finite = "data that are not a number, or infinite",
  input_range = "inputs far outside -10 to 10",
  target_range = "targets far from what the outputs reach in the time of training",
  input_scale = "training and other inputs on different scales",
  shared_rows = "rows that are in the training and the validation data",
  missing_class = "a class that the validation data, or the training data, lack",
  loss_not_falling = "training that did not bring the loss down",
  dead_units = "relu units that are 0 for every sample",
  perceptron_unfinished = "a perceptron that did not come to rest",
}

local function check_name(name)
  if advice.names[name] then return end
  local known = {}
  for each in pairs(advice.names) do known[#known + 1] = each end
  table.sort(known)
  local near = nearest(tostring(name), known)
  blame("advice: there is none named %s%s", tostring(name),
    near and ("; did you mean %q?"):format(near) or "; there are " .. table.concat(known, ", "))
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
-- @treturn {{name=string,text=string},...}
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

--- Whether advice of that name would be given: false once it was, or where it is turned off.
-- @function is_wanted
-- @tparam string name
-- @treturn boolean
-- @usage nn.advice.is_wanted "input_range"
function advice.is_wanted(name)
  return pieces.is_wanted(name)
end

--- Gives a piece of advice, unless it was given before or is turned off.
-- @function say
-- @tparam string name one of `advice.names`
-- @tparam string format as in string.format: what is wrong, and what to do
-- @param ... its arguments
-- @usage nn.advice.say("input_range", "the inputs run from %d to %d", 0, 255)
function advice.say(name, format, ...)
  check_name(name)
  if not pieces.is_wanted(name) then return end
  pieces.take { name = name, text = format:format(...), where = blame.here() }
end

return advice
