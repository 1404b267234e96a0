-- A sweep whose workers and parents are killed again and again: what is left must be what an undisturbed sweep gives.
local process = require "engine.process"
local files = require "nn.support.files"
local json = require "nn.support.json"
local fakes = require "tests.support.experiment_fakes"
local runs = require "tests.support.runs"

local kills = {}

local function sweep_of(trials)
  local widths = {}
  for i = 1, trials do widths[i] = i end
  return runs.LAB:gsub("epochs = %d+", "epochs = 30")
    .. ('lab:sweep("Width", { width = { %s } })\n'):format(table.concat(widths, ", "))
end

-- The trials that are published, with the times at which they were finished.
local function published(reports)
  local times = {}
  for _, id in ipairs(files.list(reports .. "/lab/trials")) do
    local record = json.decode(files.read(("%s/lab/trials/%s/trial.json"):format(reports, id)) or "")
    if type(record) == "table" and record.status == "complete" then times[id] = record.finished .. record.seconds end
  end
  return times
end

local function count_lost(before, after)
  local lost = 0
  for id, time in pairs(before) do
    if after[id] ~= time then lost = lost + 1 end
  end
  return lost
end

-- Kills a worker, or the whole run, after a random while; true where the run has ended before.
local function strike(pid, folder, reports, random)
  process.poll({}, random(5, 150))
  local _, how = process.wait(pid, true)
  if how then return true end
  local workers = runs.workers(reports)
  if #workers > 0 and random() < 0.4 then
    process.kill(workers[random(#workers)], "KILL")
    return false
  end
  runs.kill(pid, folder, random() < 0.5)
  return true
end

--- Runs a sweep while it is killed, then to its end, and an undisturbed one.
-- @tparam integer trials
-- @tparam integer strikes how often to kill
-- @tparam integer seed of when and whom
-- @treturn table strikes: as many as hit a run; lost: finished trials that were gone or trained twice; equal: whether
-- the tables and the trained bits are the same
function kills.run(trials, strikes, seed)
  local folder, script = fakes.folder(), sweep_of(trials)
  local random = require("tests.support.dice")(seed)
  local options = "-q --checkpoint 0"
  assert(runs.run(folder, script, options, "--reports whole") == 0, files.read(folder .. "/err"))
  local hits, lost, pid = 0, 0, nil
  local reports = folder .. "/killed"
  while hits < strikes do
    local before = published(reports)
    pid = pid or runs.start(folder, script, options, "--reports killed")
    local ended = strike(pid, folder, reports, random)
    hits = hits + 1
    lost = lost + count_lost(before, published(reports))
    if ended then pid = nil end
    local left = trials - #files.list(reports .. "/lab/trials")
    if left == 0 then break end
  end
  if pid then runs.wait(pid) end
  local before = published(reports)
  local status = runs.run(folder, script, options, "--reports killed")
  lost = lost + count_lost(before, published(reports))
  local same = runs.table(reports) == runs.table(folder .. "/whole")
  local whole, killed = runs.results(folder .. "/whole"), runs.results(reports)
  for id, result in pairs(whole) do
    same = same and killed[id] and killed[id].weights == result.weights and killed[id].history == result.history
  end
  return { strikes = hits, lost = lost, equal = same and status == 0, trials = trials }
end

return kills
