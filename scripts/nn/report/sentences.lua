--- All sentences about results, in one place, so that they can be read, tested and translated: templates with named
-- slots, by topic in nn/report/sentences/. The modules that know the numbers fill them. Words for numbers and lists
-- come from `nn.report.format`. Names of variants, scores and links come as Markdown.
-- @module nn.report.sentences
local format = require "nn.report.format"
local markdown = require "nn.report.markdown"

local sentences = {}

local TEXTS = {}
for _, topic in ipairs {
  "scores", "standing", "runs", "differences", "conclusion", "opening", "sections", "data", "charts", "closing",
  "warnings", "headings",
} do
  for name, template in pairs(require("nn.report.sentences." .. topic)) do
    assert(not TEXTS[name], name)
    TEXTS[name] = template
  end
end

-- Fills "{name}" with slots.name.
local function fill(template, slots)
  return (template:gsub("{(%w+)}", function(name)
    local value = assert(slots[name], name)
    if math.type(value) == "integer" then return format.integer(value) end
    return tostring(value)
  end))
end

--- The sentences as functions of plain values by the names of their slots, each of which must be given. Whole numbers
-- get thousands separators.
-- @usage require("nn.report.sentences").say.used_each { count = "three" }
sentences.say = setmetatable({}, { __index = function(_, name)
  local template = assert(TEXTS[name], name)
  return function(slots) return fill(template, slots or {}) end
end })

--- What a metric's name says in words, as Markdown (see `format.metric`).
-- @tparam string name
-- @tparam[opt] string other
-- @treturn string
function sentences.metric(name, other)
  return markdown.escape(format.metric(name, other))
end

--- Sentences as a paragraph; empty ones are left out.
-- @tparam string ...
-- @treturn string
function sentences.paragraph(...)
  local said = {}
  for _, text in ipairs { ... } do
    if text ~= "" then said[#said + 1] = text end
  end
  return table.concat(said, " ")
end

return sentences
