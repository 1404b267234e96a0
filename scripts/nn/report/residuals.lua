--- What a regression gets wrong: the rows that it misses by most.
-- @module nn.report.residuals
local format = require "nn.report.format"
local markdown = require "nn.report.markdown"
local sentences = require "nn.report.sentences"

local residuals = {}

local say = sentences.say

-- The largest number decides about the decimals: what is near 0 is as exact as the others.
local function largest(rows)
  local most = 0
  for _, each in ipairs(rows) do most = math.max(most, math.abs(each.truth), math.abs(each.predicted)) end
  return most
end

local function worst_table(rows)
  local decimals = format.decimals { largest(rows) }
  local function number(value) return format.number(value, decimals) end
  local columns, cells = { { title = "test row" } }, {}
  for k in ipairs((rows[1] or {}).inputs or {}) do columns[#columns + 1] = { title = "input " .. k } end
  table.move({ { title = "true" }, { title = "predicted" }, { title = "residual" } }, 1, 3, #columns + 1, columns)
  for i, each in ipairs(rows) do
    cells[i] = { format.integer(each.row) }
    for _, value in ipairs(each.inputs or {}) do table.insert(cells[i], format.significant(value, 4)) end
    table.move({ number(each.truth), number(each.predicted), number(each.truth - each.predicted) }, 1, 3,
      #cells[i] + 1, cells[i])
  end
  return markdown.table(columns, cells)
end

--- The worst rows of each output.
-- @tparam table section a conclusion
-- @treturn string ... Markdown; nothing where it is no regression
function residuals.blocks(section)
  local list, blocks = type(section.residuals) == "table" and section.residuals or {}, {}
  for _, each in ipairs(list) do
    local name = each.output and say.of_output { output = each.output } or ""
    blocks[#blocks + 1] = say.worst_rows { count = format.word(#each.worst), output = name }
    blocks[#blocks + 1] = worst_table(each.worst)
  end
  if (section.outputs or 0) > #list then
    blocks[#blocks + 1] = #list > 0 and say.first_outputs { shown = format.word(#list), all = section.outputs }
      or say.many_outputs { all = section.outputs }
  end
  return table.unpack(blocks)
end

return residuals
