--- `nnrun show TRIAL`: everything about one trial.
local csv_file = require "nn.support.csv_file"
local facts = require "nn.cli.facts"
local files = require "nn.support.files"
local format = require "nn.report.format"
local index = require "nn.store.index"
local json = require "nn.support.json"
local listing = require "nn.cli.listing"
local trials = require "nn.cli.trials"
local notation = require "nn.support.notation"

local command = { summary = "Show everything about one trial." }

local TITLES = {
  trial = "Trial", params = "Parameters", metrics = "Metrics", test = "On the test data", fit = "Training",
  model = "Model", compile = "Compiled with", data = "Data",
  reads = "What callbacks read", source = "Source", environment = "Ran on",
}

--- Declares the words of the command.
-- @param parser of argparse
function command.configure(parser)
  parser:argument("trial", trials.NAMES)
  trials.configure(parser)
  listing.configure(parser)
end

--- Rows of history.csv.
-- @treturn {string,...} names of the columns
-- @treturn {table,...} rows of numbers
local function history_of(folder)
  local names, rows = csv_file.read(files.read(folder .. "/history.csv") or "")
  for _, row in ipairs(rows) do
    for i, cell in ipairs(row) do row[i] = csv_file.number(cell) or cell end
  end
  return names, rows
end

local function heading(kind, title)
  io.stdout:write(kind == "md" and ("\n## %s\n\n"):format(title) or ("\n%s\n"):format(title))
end

--- A fact's value as people read it.
local function text_of(fact)
  if fact.part == "params" then return notation.exact(fact.value) end
  return fact.name == "peak_memory" and type(fact.value) == "number" and format.memory(fact.value) or fact.value
end

--- One small table for each part.
local function print_parts(kind, found, list)
  if kind == "md" then io.stdout:write("# Trial ", found.id, "\n") end
  local part, rows
  local function flush()
    if not part then return end
    if part ~= "trial" or kind == "md" then heading(kind, TITLES[part]) end
    listing.print(kind, { "name", "value" }, rows, { "name" })
  end
  for _, fact in ipairs(list) do
    if fact.part ~= part then
      flush()
      part, rows = fact.part, {}
    end
    rows[#rows + 1] = { fact.name, text_of(fact) }
  end
  flush()
  local names, epochs = history_of(found.folder)
  if #epochs > 0 then
    heading(kind, "Epochs")
    listing.print(kind, names, epochs, { "epoch" })
  end
  heading(kind, "Files")
  listing.print(kind, { "file" }, found.files)
end

local function print_rows(list)
  local rows = {}
  for i, fact in ipairs(list) do rows[i] = { fact.part, fact.name, fact.value } end
  listing.print("csv", { "part", "name", "value" }, rows)
end

local function print_object(found)
  local names, rows = history_of(found.folder)
  local history = json.object {}
  for i, name in ipairs(names) do
    history[name] = json.list {}
    for k, row in ipairs(rows) do history[name][k] = row[i] end
  end
  found.record.history, found.record.folder = history, found.folder
  io.stdout:write(json.encode(found.record, true), "\n")
end

--- Runs the command.
-- @tparam table args as parsed: trial, reports, experiment, format
-- @treturn integer exit status
function command.run(args)
  local database = index.open(args.reports)
  local found = trials.read(database, args.trial, args.experiment)
  database:close()
  found.files = {}
  for i, name in ipairs(files.list(found.folder)) do found.files[i] = { found.folder .. "/" .. name } end
  if args.format == "json" then
    print_object(found)
  elseif args.format == "csv" then
    print_rows(facts.of(found.record))
  else
    print_parts(args.format, found, facts.of(found.record))
  end
  return 0
end

return command
