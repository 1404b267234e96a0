--- `nnrun runs [EXPERIMENT]`: the experiments, or the trials of one.
local Progress = require "nn.trials.progress"
local format = require "nn.report.format"
local index = require "nn.store.index"
local json = require "nn.support.json"
local listing = require "nn.cli.listing"
local trials = require "nn.cli.trials"
local notation = require "nn.support.notation"

local command = { summary = "List the experiments, or the trials of one." }

--- Declares the words of the command.
-- @param parser of argparse
function command.configure(parser)
  parser:argument("experiment", "List the trials of this one."):args "?"
  parser:epilog("The column incomplete counts trials that failed, diverged, were pruned or ended otherwise without a "
    .. "result. The column best has the score of the best variant, as in the report: the mean over its seeds; of "
    .. "variants with the same score the first; one that lost runs comes after all others.")
  parser:option("--reports", "The folder of all experiments."):argname("DIR"):default("reports")
  listing.configure(parser)
end

-- ---- experiments ----------------------------------------------------------------------------------------------------

local EXPERIMENTS = index.BEST .. [[
SELECT name, count(id), sum(trials.status = 'complete'), sum(trials.status <> 'complete'),
  best.score, objective, experiments.status, max(finished), experiments.title
FROM experiments LEFT JOIN trials ON trials.experiment = name LEFT JOIN best ON best.experiment = name
GROUP BY name ORDER BY name]]

local EXPERIMENT_NAMES = {
  "experiment", "trials", "complete", "incomplete", "best", "objective", "status", "finished", "title",
}

local function list_experiments(database, kind)
  local rows = database:select(EXPERIMENTS)
  for _, row in ipairs(rows) do
    row[3], row[4] = row[3] or 0, row[4] or 0
    if kind == "table" and row[5] then
      row[5] = format.number(row[5], format.decimals({ row[5] }, trials.experiment(database, row[1]).traits))
    end
  end
  if #rows == 0 then io.stderr:write(("no experiments in %s\n"):format(database.reports)) end
  listing.print(kind, EXPERIMENT_NAMES, rows, { "experiment", "trials" })
end

-- ---- trials of one --------------------------------------------------------------------------------------------------

--- A value within the JSON of a column, as JSON or as a number. A path can hold plain names only.
local function value_of(column, name)
  if name:find "^[%w_ .-]+$" then return ("%s -> '$.\"%s\"'"):format(column, name) end
  return ("(SELECT CASE type WHEN 'text' THEN json_quote(value) WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' "
    .. "ELSE value END FROM json_each(%s) WHERE key = '%s')"):format(column, (json.foreign_text(name):gsub("'", "''")))
end

--- Reads the JSON of a column, in place. A text has quotes where it would be taken for a number or a boolean.
-- @tparam {table,...} rows
-- @tparam integer column
-- @tparam boolean for_people whether to write numbers in a few digits, as many as tell them apart
local function read_values(rows, column, for_people)
  local decoded, given = {}, {}
  for r, row in ipairs(rows) do
    local text = row[column]
    if text and decoded[text] == nil then decoded[text] = type(text) == "string" and json.decode(text) or text end
    given[r] = text and decoded[text]
  end
  local text_of = for_people and notation.namer(decoded) or notation.exact
  for r, row in ipairs(rows) do
    local value = given[r]
    if value ~= nil then row[column] = (for_people or type(value) ~= "number") and text_of(value) or value end
  end
end

--- A trial's score; where that is not finite, and so none, the metric as JSON.
local function score_of(objective)
  local metric = objective and value_of("metrics", objective) or "NULL"
  return ("coalesce(score, CASE status WHEN 'complete' THEN %s END)"):format(metric)
end

local function score_text(value, decimals)
  if type(value) == "number" then return format.number(value, decimals) end
  return notation.text(json.decode(value))
end

--- Columns and rows; first what tells trials apart.
local function brief(database, experiment)
  local names, columns = { "id" }, { "id" }
  local function add(name, sql)
    names[#names + 1], columns[#columns + 1] = name, sql
  end
  for _, name in ipairs(experiment.varied) do add(name, value_of("params", name)) end
  add("seed", "seed")
  add(experiment.objective or "score", score_of(experiment.objective))
  local score = #names
  add("status", "status")
  add("time", "seconds")
  local time = #names
  add("section", "title")
  local rows = database:select(("SELECT %s FROM trials WHERE experiment = ? ORDER BY started, id"):format(
    table.concat(columns, ", ")), experiment.name)
  local scores = {}
  for _, row in ipairs(rows) do scores[#scores + 1] = tonumber(row[score]) end
  local decimals = format.decimals(scores, experiment.traits)
  for _, row in ipairs(rows) do
    row[score] = row[score] and score_text(row[score], decimals)
    row[time] = row[time] and Progress.duration(row[time])
  end
  for i = 1, #experiment.varied do read_values(rows, i + 1, true) end
  return names, rows
end

local function keys_of(database, column, experiment)
  return database:select(([[SELECT DISTINCT key FROM trials, json_each(trials.%s) WHERE experiment = ?
    ORDER BY key]]):format(column), experiment.name)
end

--- Everything that the index knows, a column each.
local function full(database, experiment)
  local names, columns, encoded = {}, {}, {}
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
      encoded[#encoded + 1] = #names
    end
  end
  for _, name in ipairs { "epochs", "parameters", "seconds", "peak_memory", "started", "finished" } do add(name) end
  local rows = database:select(("SELECT %s FROM trials WHERE experiment = ? ORDER BY started, id"):format(
    table.concat(columns, ", ")), experiment.name)
  for _, column in ipairs(encoded) do read_values(rows, column, false) end
  return names, rows
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
  for i, row in ipairs(database:select(OBJECTS, experiment.name)) do lines[i] = json.escape_bytes(row[1]) end
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
