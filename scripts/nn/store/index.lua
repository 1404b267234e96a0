--- reports/index.sqlite: an index over the folders of all trials, for `nnrun runs` and for anyone who speaks SQL.
--
-- The folders are the truth. Each time the index is opened it is brought up to date with them; one that is missing or
-- damaged is made anew. Where no file can be kept, on a network file system or in a folder that cannot be written, the
-- same tables are made in memory. `params`, `metrics` and `test` are JSON:
--
--     SELECT id, score, json_extract(params, '$.width') FROM trials WHERE experiment = 'lab' ORDER BY score DESC;
local engine = require "engine.index"
local files = require "nn.support.files"
local json = require "nn.support.json"

local VERSION = 2   -- of the tables; an index of another version is made anew
local PORTION = 1000 -- trials written at a time, so that no other process waits long

local SCHEMA = ([[
CREATE TABLE experiments (
  name TEXT PRIMARY KEY, title TEXT, status TEXT, objective TEXT, mode TEXT, created TEXT, seconds REAL,
  done INTEGER, planned INTEGER,
  traits TEXT,     -- JSON: by name what each metric is, see nn.models.traits
  varied TEXT,     -- JSON: names of the parameters that differ between its trials, those with most values first
  stamp INTEGER,   -- when experiment.json was written
  digest INTEGER   -- of the times at which its trials' records were written
);
CREATE TABLE trials (
  experiment TEXT NOT NULL, id TEXT NOT NULL, title TEXT, status TEXT, reason TEXT, seed INTEGER, score REAL,
  epochs INTEGER, parameters INTEGER, seconds REAL, peak_memory INTEGER, started TEXT, finished TEXT,
  params TEXT, metrics TEXT, test TEXT,
  stamp INTEGER,   -- when trial.json was written
  PRIMARY KEY (experiment, id)
) WITHOUT ROWID;
CREATE INDEX trials_by_id ON trials (id);
CREATE TABLE variants (experiment TEXT, variant INTEGER, position INTEGER, trial TEXT); -- as the report lists them
CREATE INDEX variants_of ON variants (experiment);
PRAGMA user_version = %d;]]):format(VERSION)

-- A number of the JSON j, NULL where there is another value in its place.
local function number(name)
  return ("CASE WHEN json_type(j, '$.%s') IN ('integer', 'real') THEN j ->> '$.%s' END"):format(name, name)
end

-- SQLite reads the JSON itself; what is none becomes a row that says so.
local PUT_TRIAL = ([[
INSERT OR REPLACE INTO trials
SELECT ?1, ?2, j ->> 'title', CASE WHEN j IS NULL THEN 'unreadable' ELSE coalesce(j ->> 'status', 'unreadable') END,
  CASE WHEN j IS NULL THEN 'trial.json is damaged' ELSE j ->> 'reason' END, {seed}, {score}, {epochs},
  {parameters}, {seconds}, {peak_memory}, j ->> 'started', j ->> 'finished',
  CASE json_type(j, '$.params') WHEN 'object' THEN j -> 'params' ELSE '{}' END,
  CASE json_type(j, '$.metrics') WHEN 'object' THEN j -> 'metrics' ELSE '{}' END, j -> 'test', ?4
FROM (SELECT CASE WHEN json_valid(?3) AND json_type(?3) = 'object' THEN ?3 END AS j)]]):gsub("{([%a._]+)}", number)

local PUT_EXPERIMENT = ([[
INSERT OR REPLACE INTO experiments
SELECT ?1, j ->> 'title', CASE WHEN ?2 IS NOT NULL THEN coalesce(j ->> 'status', 'unreadable')
    WHEN EXISTS (SELECT 1 FROM trials WHERE experiment = ?1) THEN 'no experiment.json' ELSE 'no trial yet' END,
  j ->> 'objective', j ->> 'mode', j ->> 'created',
  {seconds}, {progress.done}, {progress.planned}, j -> 'traits',
  (SELECT json_group_array(key) FROM (
    SELECT key FROM trials, json_each(trials.params) WHERE experiment = ?1 GROUP BY key
    HAVING count(DISTINCT type || ' ' || value) > 1
      OR count(*) < (SELECT count(*) FROM trials WHERE experiment = ?1 AND params <> '{}')
    ORDER BY count(DISTINCT type || ' ' || value) DESC, key)), ?3, ?4
FROM (SELECT CASE WHEN json_valid(?2) AND json_type(?2) = 'object' THEN ?2 END AS j)]]):gsub("{([%a._]+)}", number)

-- json_each takes an entry that is no object for JSON that is none.
local PUT_VARIANTS = [[
INSERT INTO variants
SELECT ?1, section.key * 1000000 + variant.key, trial.key, trial.value
FROM json_each(CASE WHEN json_valid(?2) THEN ?2 ELSE '{}' END, '$.sections') AS section,
  json_each(CASE section.type WHEN 'object' THEN section.value ELSE '{}' END, '$.variants') AS variant,
  json_each(CASE variant.type WHEN 'object' THEN variant.value ELSE '{}' END, '$.trials') AS trial
WHERE trial.type = 'text']]

-- The table `best` for a query: of each experiment the variant that the report calls best, and its mean score. One that
-- lost runs comes after all others; of equal scores the first.
local BEST = [[
WITH scored AS (
  SELECT variants.experiment, variant, avg(score) AS mean, count(score) AS done, count(*) AS planned
  FROM variants LEFT JOIN trials ON trials.experiment = variants.experiment AND trials.id = trial
  GROUP BY variants.experiment, variant HAVING count(score) > 0),
ranked AS (
  SELECT scored.*, row_number() OVER (PARTITION BY experiment ORDER BY scored.done = scored.planned DESC,
    CASE mode WHEN 'min' THEN 1 ELSE -1 END * CAST(printf('%.9e', mean) AS REAL), variant) AS place
  FROM scored JOIN experiments ON name = experiment),
best AS (SELECT experiment, variant, mean AS score FROM ranked WHERE place = 1)
]]

local Index = {}
Index.__index = Index

-- ---- bringing it up to date -----------------------------------------------------------------------------------------

local function portions(database, list, action)
  for first = 1, #list, PORTION do
    database:execute "BEGIN IMMEDIATE"
    for i = first, math.min(first + PORTION - 1, #list) do action(list[i]) end
    database:execute "COMMIT"
  end
end

--- What has to be read again and what is gone.
local function compare(known, stamps)
  local changed, gone = {}, {}
  for name, stamp in pairs(stamps) do
    if known[name] ~= stamp then changed[#changed + 1] = name end
  end
  for name in pairs(known) do
    if not stamps[name] then gone[#gone + 1] = name end
  end
  return changed, gone
end

local function stamps_known(database, sql, ...)
  local known = {}
  for name, stamp in database:prepare(sql):rows(...) do known[name] = stamp end
  return known
end

local function refresh_trials(self, database, experiment)
  local folder = ("%s/%s/trials"):format(self.reports, experiment)
  local stamps = engine.stamps(folder, "trial.json")
  local known = stamps_known(database, "SELECT id, stamp FROM trials WHERE experiment = ?", experiment)
  local changed, gone = compare(known, stamps)
  local put = database:prepare(PUT_TRIAL)
  portions(database, changed, function(id)
    put:run(experiment, id, files.read(("%s/%s/trial.json"):format(folder, id)) or "", stamps[id])
  end)
  local drop = database:prepare "DELETE FROM trials WHERE experiment = ? AND id = ?"
  portions(database, gone, function(id) drop:run(experiment, id) end)
end

--- Reads an experiment again where something in its folder changed.
local function refresh_experiment(self, database, name, stamp, known)
  local folder = self.reports .. "/" .. name
  local digest = engine.digest(folder .. "/trials", "trial.json") -- first: what changes later is seen the next time
  if known and known.stamp == stamp and known.digest == digest then return end
  refresh_trials(self, database, name)
  local manifest = files.read(folder .. "/experiment.json")
  database:prepare("DELETE FROM variants WHERE experiment = ?"):run(name)
  database:prepare(PUT_VARIANTS):run(name, manifest)
  database:prepare(PUT_EXPERIMENT):run(name, manifest, stamp, digest)
end

local function refresh(self, database)
  local folders = engine.stamps(self.reports, "trials")
  local stamps = engine.stamps(self.reports, "experiment.json")
  local known = {}
  for name, stamp, digest in database:prepare("SELECT name, stamp, digest FROM experiments"):rows() do
    known[name] = { stamp = stamp, digest = digest }
  end
  for name in pairs(folders) do refresh_experiment(self, database, name, stamps[name] or 0, known[name]) end
  local _, gone = compare(known, folders)
  for _, name in ipairs(gone) do
    database:prepare("DELETE FROM trials WHERE experiment = ?"):run(name)
    database:prepare("DELETE FROM experiments WHERE name = ?"):run(name)
    database:prepare("DELETE FROM variants WHERE experiment = ?"):run(name)
  end
end

-- ---- opening --------------------------------------------------------------------------------------------------------

local function version_of(database)
  local next_row, statement = database:prepare("PRAGMA user_version"):rows()
  local version = next_row(statement)
  next_row(statement) -- ends it: an unfinished one keeps its lock
  return version
end

local function make_tables(database)
  if version_of(database) == VERSION then return end
  database:execute "BEGIN IMMEDIATE"
  local version = version_of(database) -- another process may just have made them
  if version == 0 then database:execute(SCHEMA) end
  database:execute "COMMIT"
  if version ~= 0 and version ~= VERSION then error("an index of version " .. version, 0) end
end

local function open_at(self, path)
  local database = engine.open(path)
  local ok, message = pcall(function()
    database:execute "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL"
    make_tables(database)
    refresh(self, database)
  end)
  if not ok then
    database:close()
    error(message, 0)
  end
  self.database = database
end

function Index:remove_file()
  for _, ending in ipairs { "", "-wal", "-shm" } do os.remove(self.path .. ending) end
end

--- Opens the file, a new one where it is damaged, or tables in memory where there can be no file.
function Index:reopen(is_suspect)
  if self.database then self.database:close() end
  if not engine.is_remote(self.reports) then
    if is_suspect then self:remove_file() end
    local ok, message = pcall(open_at, self, self.path)
    if not ok and not tostring(message):find "locked" then
      self:remove_file()
      ok = pcall(open_at, self, self.path)
    end
    if ok then return end
  end
  open_at(self, ":memory:")
end

--- Rows of a query, each a list of its columns; the first column must never be NULL.
-- @tparam string sql
-- @param ... what its question marks stand for
-- @treturn {table,...}
-- @usage index.open("reports"):select("SELECT id, score FROM trials WHERE experiment = ?", "lab")
function Index:select(sql, ...)
  local function gather(...)
    local list, next_row, statement = {}, self.database:prepare(sql):rows(...)
    local row = { next_row(statement) }
    while row[1] ~= nil do
      for i, value in pairs(row) do row[i] = type(value) == "string" and json.text(value) or value end
      list[#list + 1] = row
      row = { next_row(statement) }
    end
    return list
  end
  local ok, list = pcall(gather, ...)
  if ok then return list end
  self:reopen(true) -- damage may show as late as this
  return gather(...)
end

--- Ends the use of it.
function Index:close()
  self.database:close()
end

local index = {
  BEST = BEST,
  FILE = "index.sqlite", -- its name in the folder of reports
}

--- Opens the index of a folder of reports, up to date with the trials there.
-- @tparam string reports
-- @treturn table with select(sql, ...) and close()
function index.open(reports)
  local self = setmetatable({ reports = reports, path = reports .. "/" .. index.FILE }, Index)
  self:reopen(false)
  return self
end

--- Brings the file up to date, where there can be one. Where that fails nothing is lost: opening it tries again.
-- @tparam string reports
function index.update(reports)
  if engine.is_remote(reports) then return end
  local self = setmetatable({ reports = reports, path = reports .. "/" .. index.FILE }, Index)
  if pcall(open_at, self, self.path) then self:close() end
end

return index
