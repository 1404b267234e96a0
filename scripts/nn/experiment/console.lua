--- What an experiment shows on the terminal beside its progress: the table of a section, and the answer at the end.
local answer = require "nn.report.answer"
local format = require "nn.report.format"
local json = require "nn.support.json"
local markdown = require "nn.report.markdown"
local notation = require "nn.support.notation"
local objective = require "nn.experiment.objective"
local Progress = require "nn.trials.progress"
local records = require "nn.report.records"
local summary = require "nn.report.summary"
local sweep = require "nn.experiment.sweep"

local console = {}

-- ---- the table of a section -----------------------------------------------------------------------------------------

-- A variant in numbers: mean, sd, whether no run was lost, seconds, what became of its trials.
local function line_of(variant, position)
  local mean, deviation, count = objective.summary(variant.trials)
  local line = { variant = variant, position = position, mean = mean, deviation = deviation, seconds = 0, states = {},
    is_whole = count == #variant.trials }
  for _, each in ipairs(variant.trials) do
    line.seconds = line.seconds + (each.seconds or 0)
    line.states[each.status] = (line.states[each.status] or 0) + 1
  end
  return line
end

-- As the report sorts what a search found: best first, then those that lost runs, then those without a score.
local function sort_by_score(lines, mode)
  table.sort(lines, function(a, b)
    if a.is_whole ~= b.is_whole then return a.is_whole end
    if a.mean and b.mean and a.mean ~= b.mean then return objective.better(mode, a.mean, b.mean) end
    if (a.mean == nil) ~= (b.mean == nil) then return a.mean ~= nil end
    return a.position < b.position
  end)
end

local function lines_of(lab, section, variants)
  local lines, means = {}, {}
  for i, variant in ipairs(variants) do
    lines[i] = line_of(variant, i)
    means[#means + 1] = lines[i].mean
  end
  if section.method and section.method ~= "grid" and not section.ablation then sort_by_score(lines, lab.mode) end
  return lines, format.decimals(means, objective.traits(lab.objective, lab.manifest.traits))
end

--- Shows the variants of a section: those of a grid as the script has them, those that a search found best first.
-- @tparam table lab the experiment
-- @tparam table section names (of what it varied), method
-- @tparam table result from `sweep.run`
function console.show_section(lab, section, result)
  local head = {}
  for i, name in ipairs(section.names) do head[i] = notation.legible(name) end
  local time = #lab.seeds > 1 and "total time" or "time" -- where the report has the mean over the seeds
  for _, name in ipairs { lab.objective, "sd", time, "status" } do head[#head + 1] = notation.legible(name) end
  local lines, decimals = lines_of(lab, section, result.variants)
  local rows, value_text = {}, sweep.value_text(result.variants)
  for i, line in ipairs(lines) do
    local row = {}
    for k, name in ipairs(section.names) do row[k] = value_text(name, line.variant.params[name]) end
    table.move({ format.number(line.mean, decimals), format.number(line.deviation, decimals),
      Progress.duration(line.seconds), Progress.count_text(line.states) }, 1, 4, #row + 1, row)
    rows[i] = row
  end
  lab.progress:table(head, rows)
end

-- ---- the answer -----------------------------------------------------------------------------------------------------

--- Prints the answer on standard output in a line or two: the best variant, its score and test result; how the next one
-- stands to it.
-- @tparam table lab the experiment, concluded
function console.show_answer(lab)
  lab.progress:close()
  local known = records.of(lab.folder, assert(json.decode(json.encode(lab.manifest))))
  for _, text in ipairs { answer.of(known, summary.all(known)) } do
    if text ~= "" then print(markdown.plain(text)) end
  end
end

return console
