--- `nnrun runs [EXPERIMENT]`: the experiments, or the trials of one.
local Progress = require "nn.progress"
local format = require "nn.report.format"
local index = require "nn.index"
local listing = require "nn.cli.listing"
local trials = require "nn.cli.trials"

local command = { summary = "List the experiments, or the trials of one." }

--- Declares the words of the command.
-- @param parser of argparse
function command.configure(parser)
  parser:argument("experiment", "List the trials of this one."):args "?"
  parser:option("--reports", "The folder of all experiments."):argname("DIR"):default("reports")
  listing.configure(parser)
end

-- ---- experiments ----------------------------------------------------------------------------------------------------

local EXPERIMENTS = [[
SELECT name, count(id), sum(trials.status = 'complete'), sum(trials.status <> 'complete'),
  CASE mode WHEN 'min' THEN min(score) ELSE max(score) END, objective, experiments.status, max(finished),
  experiments.title
FROM experiments LEFT JOIN trials ON experiment = name GROUP BY name ORDER BY name]]

local EXPERIMENT_NAMES = {
  "experiment", "trials", "complete", "other", "best", "objective", "status", "finished", "title",
}

local function list_experiments(database, kind)
  local rows = database:select(EXPERIMENTS)
  for _, row in ipairs(rows) do
    row[3], row[4] = row[3] or 0, row[4] or 0
    if kind == "table" and row[5] then row[5] = format.score(row[6] or "", row[5]) end
  end
  if #rows == 0 then io.stderr:write(("no experiments in %s\n"):format(database.reports)) end
  listing.print(kind, EXPERIMENT_NAMES, rows, { "experiment", "trials" })
end

-- ---- trials of one --------------------------------------------------------------------------------------------------

--- A value within the JSON of a column, as a person writes it.
local function value_of(column, name)
  local path = ("'$.\"%s\"'"):format((name:gsub("'", "''")))
  return ("CASE json_type(%s, %s) WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' ELSE %s ->> %s END"):format(
    column, path, column, path)
end

--- Columns and rows; first what tells trials apart.
local function brief(database, experiment)
  local names, columns = { "id" }, { "id" }
  local function add(name, sql)
    names[#names + 1], columns[#columns + 1] = name, sql
  end
  for _, name in ipairs(experiment.varied) do add(name, value_of("params", name)) end
  add("seed", "seed")
  add(experiment.objective or "score", "score")
  local score = #names
  add("status", "status")
  add("time", "seconds")
  local time = #names
  add("section", "title")
  local rows = database:select(("SELECT %s FROM trials WHERE experiment = ? ORDER BY started, id"):format(
    table.concat(columns, ", ")), experiment.name)
  for _, row in ipairs(rows) do
    row[score] = row[score] and format.score(names[score], row[score])
    row[time] = row[time] and Progress.duration(row[time])
  end
  return names, rows
end

local function keys_of(database, column, experiment)
  return database:select(([[SELECT DISTINCT key FROM trials, json_each(trials.%s) WHERE experiment = ?
    ORDER BY key]]):format(column), experiment.name)
end

--- Everything that the index knows, a column each.
local function full(database, experiment)
  local names, columns = {}, {}
  local function add(name, sql)
    names[#names + 1], columns[#columns + 1] = name, sql or name
  end
  add "id"
  add "experiment"
  add("section", "title")
  for _, name in ipairs { "seed", "status", "reason", "score" } do add(name) end
  for _, part in ipairs { { "params", "param." }, { "metrics", "metric." }, { "test", "test." } } do
    local column, prefix = part[1], part[2]
    for _, row in ipairs(keys_of(database, column, experiment)) do
      add(prefix .. row[1], value_of(column, row[1]))
    end
  end
  for _, name in ipairs { "epochs", "parameters", "seconds", "peak_memory", "started", "finished" } do add(name) end
  return names, database:select(("SELECT %s FROM trials WHERE experiment = ? ORDER BY started, id"):format(
    table.concat(columns, ", ")), experiment.name)
end

-- SQLite itself writes numbers with 15 digits.
local OBJECTS = [[
SELECT json_object('id', id, 'experiment', experiment, 'section', title, 'seed', seed, 'status', status,
  'reason', reason, 'score', json(CASE WHEN score IS NULL THEN 'null' ELSE printf('%!.17g', score) END),
  'params', json(params), 'metrics', json(metrics), 'test', json(test), 'epochs', epochs, 'parameters', parameters,
  'seconds', seconds, 'peak_memory', peak_memory, 'started', started, 'finished', finished)
FROM trials WHERE experiment = ? ORDER BY started, id]]

local function print_objects(database, experiment)
  local lines = {}
  for i, row in ipairs(database:select(OBJECTS, experiment.name)) do lines[i] = row[1] end
  io.stdout:write("[", #lines > 0 and "\n" or "", table.concat(lines, ",\n"), #lines > 0 and "\n" or "", "]\n")
end

local function list_trials(database, name, kind)
  local experiment = trials.experiment(database, name)
  if kind == "json" then return print_objects(database, experiment) end
  local names, rows = (kind == "csv" and full or brief)(database, experiment)
  listing.print(kind, names, rows, { "id", experiment.objective or "score", "status" })
end

--- Runs the command.
-- @tparam table args as parsed: experiment, reports, format
-- @treturn integer exit status
function command.run(args)
  collectgarbage "generational" -- a hundred thousand rows, and soon over
  local database = index.open(args.reports)
  if args.experiment then list_trials(database, args.experiment, args.format)
  else list_experiments(database, args.format) end
  database:close()
  return 0
end

return command
