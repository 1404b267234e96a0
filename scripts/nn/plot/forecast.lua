--- Forecasts beside the truth.
-- @submodule nn.plot
local arguments = require "nn.support.arguments"
local check = require "nn.plot.check"
local curves = require "nn.plot.curves"

local signature = arguments.signature("plot.forecast", {
  { "truth", arguments.required }, { "forecasts", arguments.required }, { "first", 1 }, { "title" },
  { "x_label", "step" }, { "y_label" }, { "caption" },
})

--- Draws forecasts of a series beside what came.
-- @tparam table spec
-- @tparam {number,...} spec.truth also as the first positional argument: a list or a tensor with one axis
-- @tparam {table,...} spec.forecasts also as the second: each `{ name =, values =, from = }`, where `from` is the
-- position in the truth that the first value is a forecast of (1 if left out)
-- @tparam[opt=1] integer spec.first what the axis calls the first position of the truth
-- @tparam[opt] string spec.title
-- @tparam[opt="step"] string spec.x_label such as "day"
-- @tparam[opt] string spec.y_label with its unit
-- @tparam[opt] string spec.caption
-- @treturn table a figure
-- @raise if a list is empty or holds something else than numbers
-- @usage nn.plot.forecast{ { 3, 4, 6, 5 }, { { name = "yesterday", values = { 3, 4, 6 }, from = 2 } } }
-- @function forecast
return function(spec)
  spec = signature(spec)
  local function line(name, values, from)
    local y, x = check.numbers(values, "plot.forecast: " .. name), {}
    for i = 1, #y do x[i] = spec.first + from + i - 2 end
    return { name = name, x = x, y = y }
  end
  local series = { line("truth", spec.truth, 1) }
  for i, each in ipairs(check.list(spec.forecasts, "plot.forecast: forecasts")) do
    local what = ("plot.forecast: forecasts[%d]"):format(i)
    arguments.check(each, { "name", "values", "from" }, what)
    series[i + 1] = line(each.name or "forecast " .. i, each.values, check.count(each.from, 1, what .. ".from"))
  end
  return curves { series = series, title = spec.title, x_label = spec.x_label, y_label = spec.y_label,
    caption = spec.caption }
end
