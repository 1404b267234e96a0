--- Learning curves straight from what `fit` returns.
-- @submodule nn.plot
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local check = require "nn.plot.check"
local curves = require "nn.plot.curves"
local text = require "nn.plot.text"

local OPTIONS = { "metric", "title", "y_label", "log_y", "validation_freq", "caption" }

local function known_metrics(history)
  local names = {}
  for name, values in pairs(history) do
    if type(name) == "string" and type(values) == "table" then names[#names + 1] = name end
  end
  table.sort(names)
  return #names > 0 and table.concat(names, ", ") or "none"
end

-- The table of lists inside a History object, or the table itself.
local function lists_of(entry, metric)
  if type(entry) ~= "table" then blame("plot.history: expected a history, got %s", type(entry)) end
  local lists = type(entry.history) == "table" and entry.history or entry
  if not lists[metric] then
    blame("plot.history: the history has no metric %q; it has: %s", tostring(metric), known_metrics(lists))
  end
  return lists[metric], lists["val_" .. metric]
end

-- Validation is measured after every freq-th epoch.
local function validation_epochs(values, epochs, freq)
  if #values ~= epochs // freq then
    blame("plot.history: %d validation values do not fit %d epochs; give validation_freq = as you gave it to fit",
      #values, epochs)
  end
  local x = {}
  for i = 1, #values do x[i] = i * freq end
  return x
end

local function add_history(series, training, validation, names, color, freq)
  if validation then
    local x = validation_epochs(validation, #training, freq)
    series[#series + 1] = { name = names.validation, x = x, y = validation, color = color }
  end
  series[#series + 1] = { name = names.training, y = training, color = color, dashed = validation ~= nil }
end

--- Draws a metric over the epochs: training dashed, validation solid, in one colour for each history.
-- @tparam table histories what `fit` returned, or its field `history`, or a list of such; in a list each may have a
--   `name`
-- @tparam[opt] table options
-- @tparam[opt="loss"] string options.metric such as "loss" or "accuracy"; "val_" is put before it for the validation
-- @tparam[opt] string options.title
-- @tparam[opt] string options.y_label the metric if left out
-- @tparam[opt=false] boolean options.log_y
-- @tparam[opt=1] integer options.validation_freq as given to `fit`
-- @tparam[opt] string options.caption
-- @treturn table a figure
-- @raise where a history lacks the metric: the message lists those it has
-- @usage lab:figure("Loss", nn.plot.history(history, { metric = "loss" }))
-- @function history
return function(histories, options)
  options = options or {}
  arguments.check(options, OPTIONS, "plot.history")
  local metric = options.metric or "loss"
  local freq = check.count(options.validation_freq, 1, "plot.history: validation_freq")
  local single = type(histories) ~= "table" or histories[1] == nil
  local series, validated = {}, false
  for i, entry in ipairs(single and { histories } or histories) do
    local training, validation = lists_of(entry, metric)
    local name = text.clean(entry.name or "run " .. i)
    local names = { training = name .. " (training)", validation = name }
    if single then names = { training = "training", validation = "validation" } end
    if not single and not validation then names.training = name end
    add_history(series, training, validation, names, i, freq)
    validated = validated or validation ~= nil
  end
  return curves {
    title = options.title, x_label = "epoch", y_label = options.y_label or metric, log_y = options.log_y,
    series = series, caption = options.caption,
    styles = not single and validated and { solid = "validation", dashed = "training" } or nil,
  }
end
