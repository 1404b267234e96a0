--- Trials and experiments by the names that a user types.
local blame = require "nn.support.blame"
local files = require "nn.support.files"
local BEST = require("nn.store.index").BEST
local json = require "nn.support.json"
local nearest = require "nn.support.nearest"
local objective = require "nn.experiment.objective"
local shell = require "nn.support.shell"
local Store = require "nn.store"

local trials = {}

local NAMED_IN_ERRORS = 6
local COMPARED = 2000 -- ids that an unknown one is held against

--- How a trial is named, for the help of a command.
trials.NAMES = "A trial's id, a beginning of it, @last (the one that finished last) or @best (of the experiment with "
  .. "the last "
  .. "one: the first trial of the variant that the report calls best)."

--- Declares the options of a command that takes trials.
-- @param parser of argparse
function trials.configure(parser)
  parser:option("--reports", "The folder of all experiments."):argname("DIR"):default("reports")
  parser:option("--experiment", "Look for trials in this experiment alone."):argname "NAME"
end

-- ---- experiments ----------------------------------------------------------------------------------------------------

-- The table in a column of JSON.
local function table_in(text)
  local value = text and json.decode(text)
  return type(value) == "table" and value or {}
end

--- An experiment of the index.
-- @tparam table index
-- @tparam string name of the experiment, or its folder
-- @treturn table name, title, status, objective, its traits (see nn.models.traits; nil where they are not known),
-- varied (names of parameters)
-- @raise where there is none, with the nearest name
function trials.experiment(index, name)
  name = name:match "([^/]+)/*$" or name
  local known = {}
  local rows = index:select "SELECT name, title, status, objective, varied, traits FROM experiments ORDER BY name"
  for _, row in ipairs(rows) do
    if row[1] == name then
      return { name = row[1], title = row[2], status = row[3], objective = row[4], varied = table_in(row[5]),
        traits = objective.traits(row[4] or "", table_in(row[6])) }
    end
    known[#known + 1] = row[1]
  end
  if #known == 0 then
    blame("no experiment %s: there is none in %s; --reports DIR looks elsewhere", name, index.reports)
  end
  local near = nearest(name, known)
  return blame("no experiment %s in %s; %s", name, index.reports,
    near and "did you mean " .. near .. "?" or "there are: " .. table.concat(known, ", "))
end

-- ---- trials ---------------------------------------------------------------------------------------------------------

local function last(index, experiment)
  return index:select([[SELECT id, experiment FROM trials WHERE ?1 IS NULL OR experiment = ?1
    ORDER BY finished DESC, started DESC, id LIMIT 1]], experiment)
end

--- The first trial with a score of the variant that the report calls best, in the experiment that last had a score.
local function best(index, experiment)
  local place = index:select([[SELECT id, experiment FROM trials
    WHERE score IS NOT NULL AND (?1 IS NULL OR experiment = ?1)
    ORDER BY finished DESC, started DESC, id LIMIT 1]], experiment)[1]
  if not place then return {} end
  return index:select(BEST .. [[SELECT id, trials.experiment FROM best
    JOIN variants ON variants.experiment = best.experiment AND variants.variant = best.variant
    JOIN trials ON trials.experiment = best.experiment AND id = variants.trial
    WHERE best.experiment = ? AND trials.score IS NOT NULL ORDER BY position LIMIT 1]], place[2])
end

local SPECIAL = { ["@last"] = last, ["@best"] = best }

local function unknown(index, name, experiment)
  local where = experiment and index.reports .. "/" .. experiment or index.reports
  if name:sub(1, 1) == "@" and not SPECIAL[name] then
    blame("no trial %s; a trial is named by its id, a beginning of it, @last or @best", name)
  elseif SPECIAL[name] then
    blame("no trial %s: there is none%s in %s", name, name == "@best" and " with a score" or "", where)
  end
  local known = {}
  for i, row in ipairs(index:select([[SELECT id FROM trials WHERE ?1 IS NULL OR experiment = ?1
    ORDER BY finished DESC, id LIMIT ?2]], experiment, COMPARED)) do known[i] = row[1] end
  if #known == 0 then blame("no trial %s: there is none in %s; --reports DIR looks elsewhere", name, where) end
  local near = nearest(name, known)
  return blame("no trial %s in %s; %s", name, where,
    near and "did you mean " .. near .. "?" or ("`%s` lists them"):format(shell.nnrun("runs", "EXPERIMENT")))
end

local function ambiguous(name, found)
  local words, is_same_id = {}, true
  for i, row in ipairs(found) do
    is_same_id = is_same_id and row[1] == found[1][1]
    words[i] = i <= NAMED_IN_ERRORS and ("%s (%s)"):format(row[1], row[2]) or nil
  end
  if #found > NAMED_IN_ERRORS then words[#words + 1] = "..." end
  blame("trial %s could be any of %d: %s; %s", name, #found, table.concat(words, ", "),
    is_same_id and "--experiment NAME chooses" or "give more of its id")
end

--- Trials with an id, or, where there is none, those whose ids begin so.
local function begin_with(index, id, experiment)
  if id == "" then return {} end
  local sql = "SELECT id, experiment FROM trials WHERE %s AND (?2 IS NULL OR experiment = ?2) ORDER BY id, experiment"
  local found = index:select(sql:format "id = ?1", id, experiment)
  if #found > 0 then return found end
  return index:select(sql:format "id > ?1 AND id < ?1 || 'zz'", id, experiment)
end

--- The one trial that a user names.
-- @tparam table index
-- @tparam string name see `trials.NAMES`
-- @tparam[opt] string experiment where to look
-- @treturn table id, experiment, folder, record (what trial.json holds; nil where it cannot be read: then fault tells
-- why)
-- @raise where there is none or several
function trials.find(index, name, experiment)
  if experiment then experiment = trials.experiment(index, experiment).name end
  local found
  if SPECIAL[name] then
    found = SPECIAL[name](index, experiment)
  else
    found = begin_with(index, name:lower(), experiment)
  end
  if #found == 0 then unknown(index, name, experiment) end
  if #found > 1 then ambiguous(name, found) end
  local id, owner = found[1][1], found[1][2]
  local folder = ("%s/%s/trials/%s"):format(index.reports, owner, id)
  local record, fault = Store.decode(files.read(folder .. "/trial.json"))
  return { id = id, experiment = owner, folder = folder, record = record, fault = fault }
end

--- The same, of a trial whose record has to be read.
-- @raise where trial.json is damaged
function trials.read(index, name, experiment)
  local found = trials.find(index, name, experiment)
  if not found.record then
    blame("trial %s: %s/trial.json is damaged: %s; remove that folder and run its script again", found.id,
      found.folder, found.fault)
  end
  return found
end

return trials
