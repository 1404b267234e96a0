--- trials.csv: one line a trial, in the order planned, whatever the order in which they finished.
-- @module nn.report.csv
local csv_file = require "nn.support.csv_file"
local records_of = require "nn.report.records"
local sorted_keys = require "nn.support.sorted_keys"
local notation = require "nn.support.notation"

local csv = {}

-- A column is a title and what it shows of a trial.
local function field(name)
  return { title = name, get = function(trial) return trial[name] end }
end

-- A column of text for people, a line a cell.
local function words(name, text_of)
  return { title = name, get = function(trial)
    local text = text_of(trial)
    return text and notation.legible(tostring(text))
  end }
end

-- A column for each name that any trial has in one of its tables.
local function columns_within(records, table_name, prefix)
  local names, columns = {}, {}
  for _, id in ipairs(records.order) do
    for name in pairs(records.trials[id][table_name] or {}) do names[name] = true end
  end
  for i, name in ipairs(sorted_keys(names)) do
    columns[i] = { title = prefix .. name, get = function(trial) return (trial[table_name] or {})[name] end }
  end
  return columns
end

-- Texts have quotes where they would be taken for a number or a boolean.
local function told_apart(value)
  return type(value) == "string" and notation.text(value) or value
end

-- The parameters come from the plan: a trial that has not run has them too. One that is called as another column is
-- gets a prefix.
local function parameter_columns(records, taken)
  local params, names, columns = {}, {}, {}
  for _, section in ipairs(records.manifest.sections) do
    for _, variant in ipairs(records_of.variants_of(section)) do
      for _, id in ipairs(variant.trials) do params[id] = params[id] or variant.params end
      for name in pairs(variant.params) do names[name] = true end
    end
  end
  for i, name in ipairs(sorted_keys(names)) do
    local title = taken[name] and "param." .. name or name
    columns[i] = { title = title, get = function(trial) return told_apart(params[trial.id][name]) end }
  end
  return columns
end

local function columns_of(records)
  local sections = words("section", function(trial) return table.concat(trial.sections, "; ") end)
  local reason = words("reason", function(trial) return trial.reason end)
  local first = { field "id", sections, field "seed", field "status", reason }
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
  local names, rows = {}, {}
  for j, column in ipairs(columns_of(records)) do
    names[j] = notation.legible(column.title)
    for i, id in ipairs(records.order) do
      rows[i] = rows[i] or {}
      rows[i][j] = column.get(records.trials[id])
    end
  end
  return csv_file.text(names, rows)
end

return csv
