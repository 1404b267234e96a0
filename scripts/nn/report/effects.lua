--- The effects and interactions of a factorial ablation.
-- @module nn.report.effects
local ablation = require "nn.search.ablation"
local differences = require "nn.report.differences"
local markdown = require "nn.report.markdown"
local sentences = require "nn.report.sentences"
local stats = require "nn.stats"

local effects = {}

local say = sentences.say

local function effect_name(records, effect)
  local parts = {}
  for i, change in ipairs(effect.changes) do
    parts[i] = markdown.code(records:settings({ [change.name] = change.value }, { change.name }))
  end
  return table.concat(parts, " with ")
end

-- A copy without what a JSON reader adds.
local function plain(value)
  if type(value) ~= "table" then return value end
  local copy = {}
  for key, each in pairs(value) do copy[key] = plain(each) end
  return copy
end

local function table_of(records, section, list)
  local names, variants, varied = {}, {}, plain(section.varied)
  for i, each in ipairs(varied) do names[i] = each.name end
  for i, item in ipairs(list) do variants[i] = { params = item.variant.params, scores = {} } end
  for k, seed in ipairs(records.manifest.seeds) do
    for i, item in ipairs(list) do variants[i].scores[k] = item.scores[seed] end
  end
  local metric, rows, has_intervals = records.manifest.objective, {}, false
  local score = ablation.lookup(names, variants)
  for _, effect in ipairs(ablation.effects(varied, #records.manifest.seeds, score)) do
    local values = effect.values
    local low, high = differences.t_interval(values)
    has_intervals = has_intervals or low ~= nil
    rows[#rows + 1] = {
      effect_name(records, effect), #effect.changes == 1 and "effect" or "interaction",
      #values > 0 and records:signed(metric, stats.mean(values)) or "-",
      differences.interval_text(records, low, high),
    }
  end
  local columns = {
    { title = "change", left = true }, { title = "", left = true }, { title = sentences.metric(metric) },
  }
  if has_intervals then columns[4] = { title = "95 % interval" } end
  return markdown.table(columns, rows), has_intervals
end

--- Adds the effects and interactions of a factorial ablation.
function effects.write(page, records, section, list)
  if not (section.ablation and section.ablation.factorial) then return end
  local text, has_intervals = table_of(records, section, list)
  page:add(sentences.paragraph(say.effects(), has_intervals and say.effects_intervals() or ""), text)
end

return effects
