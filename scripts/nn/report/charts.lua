--- The charts of a section: learning curves, and the score against what was varied.
-- @module nn.report.charts
local format = require "nn.report.format"
local notation = require "nn.support.notation"
local plot = require "nn.plot"
local scales = require "nn.report.scales"
local sentences = require "nn.report.sentences"
local stats = require "nn.stats"
local summary = require "nn.report.summary"

local charts = {}

local say = sentences.say

local MOST_CURVES = 6 -- two lines each; more are hard to follow
local MOST_BANDS = 3 -- variants; the bands of more hide each other and the lines
local MOST_DOTS = 30
local FEWEST_DOTS = 3 -- fewer that have no intervals say less than the table beside them

-- One column of the histories of several seeds, epoch by epoch as far as all of them ran: the means, and the lowest and
-- highest values.
local function over_seeds(histories, name)
  local means, low, high = {}, {}, {}
  local length = #(histories[1][name] or {})
  for _, history in ipairs(histories) do length = math.min(length, #(history[name] or {})) end
  for epoch = 1, length do
    local values = {}
    for i, history in ipairs(histories) do values[i] = history[name][epoch] end
    means[epoch] = stats.mean(values)
    low[epoch], high[epoch] = math.min(table.unpack(values)), math.max(table.unpack(values))
  end
  return means, low, high
end

local function add_series(series, histories, column, options)
  local y, low, high = over_seeds(histories, column)
  if #y == 0 then return end
  local banded = options.banded and not options.dashed and #histories > 1
  series[#series + 1] = {
    name = options.name, y = y, low = banded and low or nil, high = banded and high or nil,
    dashed = options.dashed, color = options.color,
  }
end

-- The variants to draw: all, or the best ones of many, each with its colour and histories.
local function drawn_variants(records, list)
  local color, kept = {}, {}
  for i, item in ipairs(list) do color[item] = i end
  for rank, item in ipairs(summary.rank(list, records.manifest.mode)) do
    if rank <= MOST_CURVES then kept[#kept + 1] = item end
  end
  table.sort(kept, function(a, b) return color[a] < color[b] end)
  for i, item in ipairs(kept) do
    local histories = {}
    for k, trial in ipairs(item.done) do histories[k] = records:history(trial.id) end
    kept[i] = { name = item.label, color = #list > MOST_CURVES and i or color[item], histories = histories }
  end
  return kept
end

local function curves_caption(records, list, drawn, metric)
  local is_part, has_bands = #drawn < #summary.rank(list, records.manifest.mode), #drawn <= MOST_BANDS
  return say.curves { Metric = format.sentence(format.metric(metric, "")),
    variants = is_part and say.curves_best { shown = #drawn, all = #list } or "",
    seeds = #records.manifest.seeds > 1 and say[has_bands and "curves_bands" or "curves_means"]() or "" }
end

-- Training dashed, validation solid, one colour a variant. Without validation, training is solid.
local function curves(records, list, drawn, metric)
  local series, banded = {}, #drawn <= MOST_BANDS
  for _, item in ipairs(drawn) do
    add_series(series, item.histories, "val_" .. metric, { name = item.name, color = item.color, banded = banded })
  end
  local validated = #series > 0
  for _, item in ipairs(drawn) do
    add_series(series, item.histories, metric,
      { name = item.name, color = item.color, banded = banded, dashed = validated })
  end
  if #series == 0 then return nil end
  local values = {}
  for _, each in ipairs(series) do table.move(each.y, 1, #each.y, #values + 1, values) end
  return plot.curves {
    x_label = "epoch", y_label = format.metric(metric, ""), series = series, log_y = scales.is_spread(values),
    styles = validated and { solid = "validation", dashed = "training" } or nil,
    caption = curves_caption(records, list, drawn, metric),
  }
end

local function score_caption(list, text)
  for _, item in ipairs(list) do
    local over = item.score and item.score.over
    if over then return say.score_bars { text = text, over = over } end
  end
  return say.score_alone { text = text }
end

-- The score against one parameter, in the order of the script or, of numbers, of their size.
local function factor(records, section, list, name)
  local scale = scales.of((summary.values(list, name)), (section.spaces or {})[name])
  local points, means = {}, {}
  for _, item in ipairs(list) do
    local x, score = item.variant.params[name], item.score
    if score then
      points[#points + 1] = {
        x = scale == "names" and notation.key(x) or x, label = records:value(name, x),
        y = score.mean, low = score.low, high = score.high, value = x,
      }
      means[#means + 1] = score.mean
    end
  end
  if scale == "names" then points = scales.sorted(points, "value") end
  for _, point in ipairs(points) do point.value = nil end
  local metric = format.metric(records.manifest.objective)
  return plot.factor {
    x_label = name, y_label = metric, points = points, categories = scale == "names",
    log_x = scale == "log", log_y = scales.is_spread(means),
    caption = score_caption(list, say.score_by { Metric = format.sentence(metric), name = name }),
  }
end

local function names_of(records, name, values)
  local names = {}
  for i, value in ipairs(values) do names[i] = records:value(name, value) end
  return names
end

local function positions(values)
  local position = {}
  for i, value in ipairs(values) do position[notation.key(value)] = i end
  return position
end

local function heatmap(records, list, across, down)
  local columns, rows = scales.sorted((summary.values(list, across))), scales.sorted((summary.values(list, down)))
  local column_at, row_at, matrix = positions(columns), positions(rows), {}
  for i = 1, #rows do
    matrix[i] = {}
    for j = 1, #columns do matrix[i][j] = 0 / 0 end
  end
  for _, item in ipairs(list) do
    local params = item.variant.params
    local row = matrix[row_at[notation.key(params[down])]]
    row[column_at[notation.key(params[across])]] = item.score and item.score.mean or 0 / 0
  end
  local metric = records.manifest.objective
  return plot.heatmap {
    title = format.sentence(format.metric(metric)), x_label = across, y_label = down, matrix = matrix,
    decimals = records:traits(metric).high == 1 and records:decimals(metric) or nil,
    x_names = names_of(records, across, columns), y_names = names_of(records, down, rows),
    caption = say.heatmap { Metric = format.sentence(format.metric(metric)), across = across, down = down },
  }
end

local function dots(records, ranked)
  local points = {}
  for i = 1, math.min(#ranked, MOST_DOTS) do
    local item = ranked[i]
    points[i] = { label = item.label, x = item.score.mean, low = item.score.low, high = item.score.high }
  end
  local metric = format.metric(records.manifest.objective)
  return plot.dots {
    x_label = metric, points = points,
    caption = score_caption(ranked, say.score_dots { Metric = format.sentence(metric) }),
  }
end

-- The chart that shows the score against what was varied; nil where nothing was, or too little is known.
local function by_parameter(records, section, list, names)
  local ranked, varying, combinations = summary.rank(list, records.manifest.mode), {}, 1
  for _, name in ipairs(names) do
    local _, count = summary.values(list, name)
    if count > 1 then varying[#varying + 1], combinations = name, combinations * count end
  end
  if #ranked < 2 or #varying == 0 or #ranked < FEWEST_DOTS and not ranked[1].score.low then return nil end
  if #varying == 1 then return factor(records, section, list, varying[1]) end
  if #varying == 2 and combinations == #list then return heatmap(records, list, varying[1], varying[2]) end
  return dots(records, ranked)
end

local function has_several_epochs(drawn)
  for _, item in ipairs(drawn) do
    for _, history in ipairs(item.histories) do
      if #(history.epoch or {}) > 1 then return true end
    end
  end
  return false
end

--- Draws the charts of a section: those that show something which its table does not.
-- @tparam Records records
-- @tparam table section from the manifest
-- @tparam {table,...} list its variants, from `summary.of`
-- @tparam {string,...} names of the parameters that vary
-- @tparam string stem what the names of the chart's files begin with
-- @treturn {string,...} Markdown
function charts.of(records, section, list, names, stem)
  local folder, drawn, texts = (records.drawn_in or records.folder) .. "/charts", drawn_variants(records, list), {}
  local function write(figure, name)
    if not figure then return end
    local written = figure:write(folder, stem .. "-" .. name)
    texts[#texts + 1] = written.markdown
    table.move(written.files, 1, #written.files, #records.drawn + 1, records.drawn)
  end
  local metric = records.manifest.objective:gsub("^val_", "")
  write(by_parameter(records, section, list, names), "score")
  local slug = plot.slug(metric)
  write(curves(records, list, drawn, metric), slug == "score" and "score_curves" or slug)
  if metric ~= "loss" and has_several_epochs(drawn) then write(curves(records, list, drawn, "loss"), "loss") end
  return texts
end

return charts
