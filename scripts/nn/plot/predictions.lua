--- What a regression predicts: against what is true, or what it misses by.
-- @submodule nn.plot
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local check = require "nn.plot.check"
local figure = require "nn.plot.figure"
local frame = require "nn.plot.frame"

local MOST = 2000 -- points

local signature = arguments.signature("plot.predictions", {
  { "y_true", arguments.required }, { "y_pred", arguments.required }, { "residuals", false }, { "title" },
    { "caption" },
})

-- Points at equal distances in the order given, those that are not finite left out.
local function read_points(spec)
  local truth = check.numbers(spec.y_true, "plot.predictions: y_true")
  local predicted = check.numbers(spec.y_pred, "plot.predictions: y_pred")
  if #truth ~= #predicted then
    blame("plot.predictions: y_true has %d numbers, y_pred has %d", #truth, #predicted)
  end
  local list, count = {}, math.min(#truth, MOST)
  for i = 1, count do
    local k = 1 + (i - 1) * #truth // count
    local x, y = truth[k], predicted[k]
    if spec.residuals then x, y = predicted[k], truth[k] - predicted[k] end
    if check.finite(x) and check.finite(y) then list[#list + 1] = { x, y } end
  end
  return list, count < #truth
end

local function scales_of(list, residuals)
  local x, y = {}, residuals and { 0 } or {}
  for i, point in ipairs(list) do x[i], y[#y + 1] = point[1], point[2] end
  local x_low, x_high = check.range(x, false, "plot.predictions: x")
  local y_low, y_high = check.range(y, false, "plot.predictions: y")
  local x_label, y_label = residuals and "predicted" or "true", residuals and "residual" or "predicted"
  return { label = x_label, low = x_low, high = x_high }, { label = y_label, low = y_low, high = y_high }
end

local CAPTIONS = {
  [false] = "Predicted against true values. On the line both are equal",
  [true] = "Residuals (true minus predicted) against predictions. A good model has them evenly around 0",
}

--- Draws predictions against true values with the line where both are equal, or their residuals.
-- @tparam table spec
-- @tparam {number,...} spec.y_true also as the first positional argument; a list or a tensor
-- @tparam {number,...} spec.y_pred also as the second
-- @tparam[opt=false] boolean spec.residuals true minus predicted, against what is predicted
-- @tparam[opt] string spec.title
-- @tparam[opt] string spec.caption
-- @treturn table a figure
-- @raise where the lists differ in length, are empty, or hold something else than numbers
-- @usage
-- nn.plot.predictions{ { 1, 2, 3 }, { 1.1, 1.9, 3.2 } }
-- nn.plot.predictions{ { 1, 2, 3 }, { 1.1, 1.9, 3.2 }, residuals = true }
-- @function predictions
return function(spec)
  spec = signature(spec)
  local list, is_part = read_points(spec)
  local x, y = scales_of(list, spec.residuals)
  local points = "data using 1:2 with points pointtype 7 pointsize 0.4 linecolor rgb " .. frame.color(1)
  local line = (spec.residuals and "0" or "x") .. " with lines linewidth 1.5 linecolor rgb '#4D4D4D'"
  local caption = CAPTIONS[spec.residuals] .. (is_part and ("; %d of the points are drawn."):format(#list) or ".")
  return figure.chart {
    frame = frame.new { title = spec.title, x = x, y = y }, plots = #list > 0 and { points, line } or {}, rows = list,
    columns = { x.label, y.label }, alt = spec.title or caption:match "^[^.]+", caption = spec.caption or caption,
  }
end
