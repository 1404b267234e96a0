--- trials.csv: one line a trial, in the order planned, whatever the order in which they finished.
-- @module nn.report.csv
local format = require "nn.report.format"
local summary = require "nn.report.summary"

local csv = {}

local function cell(value)
  if value == nil then return "" end
  local text
  if math.type(value) == "float" then
    text = value ~= value and "nan" or ("%.9g"):format(value)
  else
    text = (type(value) == "table" and format.value(value) or tostring(value)):gsub("%s+", " ")
  end
  return text:find('[",]') and '"' .. text:gsub('"', '""') .. '"' or text
end

-- A column is a title and what it shows of a trial.
local function field(name)
  return { title = name, get = function(trial) return trial[name] end }
end

-- A column for each name that any trial has in one of its tables.
local function columns_within(records, table_name, prefix)
  local names, columns = {}, {}
  for _, id in ipairs(records.order) do
    for name in pairs(records.trials[id][table_name] or {}) do names[name] = true end
  end
  for i, name in ipairs(summary.sorted(names)) do
    columns[i] = { title = prefix .. name, get = function(trial) return (trial[table_name] or {})[name] end }
  end
  return columns
end

-- The parameters come from the plan: a trial that has not run has them too. One that is called as another column is
-- gets a prefix.
local function parameter_columns(records, taken)
  local params, names, columns = {}, {}, {}
  for _, section in ipairs(records.manifest.sections) do
    for _, variant in ipairs(section.variants or {}) do
      for _, id in ipairs(variant.trials) do params[id] = params[id] or variant.params end
      for name in pairs(variant.params) do names[name] = true end
    end
  end
  for i, name in ipairs(summary.sorted(names)) do
    local title = taken[name] and "param." .. name or name
    columns[i] = { title = title, get = function(trial) return params[trial.id][name] end }
  end
  return columns
end

local function columns_of(records)
  local sections = { title = "section", get = function(trial) return table.concat(trial.sections, "; ") end }
  local first = { field "id", sections, field "seed", field "status", field "reason" }
  local last = { field "parameters", field "seconds", field "started", field "finished" }
  local metrics, tests = columns_within(records, "metrics", ""), columns_within(records, "test", "test_")
  local taken, columns = {}, {}
  for _, list in ipairs { first, metrics, tests, last } do
    for _, column in ipairs(list) do taken[column.title] = true end
  end
  for _, list in ipairs { first, parameter_columns(records, taken), metrics, tests, last } do
    table.move(list, 1, #list, #columns + 1, columns)
  end
  return columns
end

--- The text of trials.csv.
-- @tparam Records records
-- @treturn string a header line, then a line a trial; the columns that hold times come last
function csv.text(records)
  local columns, lines = columns_of(records), {}
  for i = 0, #records.order do
    local cells = {}
    for j, column in ipairs(columns) do
      cells[j] = i == 0 and cell(column.title) or cell(column.get(records.trials[records.order[i]]))
    end
    lines[i + 1] = table.concat(cells, ",") .. "\n"
  end
  return table.concat(lines)
end

return csv
