--- Whether a report still says what the folders say: everything is computed again and compared line by line.
-- @module nn.report.check
local files = require "nn.files"
local records_of = require "nn.report.records"
local report = require "nn.report"

local check = {}

local SAME = 1e-6 -- numbers are written with nine digits

local function lines_of(text)
  local lines = {}
  for line in (text:gsub("\n$", "") .. "\n"):gmatch("(.-)\r?\n") do lines[#lines + 1] = line end
  return lines
end

-- The first line in which a file differs from what it should be; nil where none does.
local function first_difference(path, expected)
  local text = files.read(path)
  if not text then return ("%s is missing"):format(path) end
  if text == expected then return nil end
  local has, wants = lines_of(text), lines_of(expected)
  for i = 1, math.max(#has, #wants) do
    if has[i] ~= wants[i] then
      return ("%s:%d: differs from what the folders say\n  there is:  %s\n  should be: %s"):format(path, i,
        has[i] or "(nothing)", wants[i] or "(nothing)")
    end
  end
  return ("%s: line ends differ"):format(path)
end

local function same(a, b)
  if type(a) ~= "number" or a ~= a then return b == nil or b ~= b end
  return a == b or type(b) == "number" and math.abs(a - b) <= SAME * math.max(1e-3, math.abs(a), math.abs(b))
end

-- The first metric of a trial that its history does not have at the epoch that counts.
local function trial_difference(records, trial)
  local epoch, history = trial.scored_epoch, records:history(trial.id)
  local path = ("%s/trials/%s/"):format(records.folder, trial.id)
  if epoch and trial.metrics and next(trial.metrics) and #(history.epoch or {}) == 0 then
    return ("%shistory.csv: has no epochs, trial.json has the metrics of epoch %s"):format(path, epoch)
  end
  for name, column in pairs(epoch and trial.metrics and history or {}) do
    if name ~= "epoch" and name ~= "seconds" and not same(trial.metrics[name], column[epoch]) then
      return ("%shistory.csv:%d: %s is %s, trial.json says %s"):format(path, epoch + 1, name, column[epoch],
        trial.metrics[name])
    end
  end
  local score = trial.metrics and trial.metrics[records.manifest.objective]
  if trial.status == "complete" and score and trial.score and not same(score, trial.score) then
    return ("%strial.json: the score is %s, its %s is %s"):format(path, trial.score, records.manifest.objective, score)
  end
end

local function chart_difference(folder, drawn)
  local names = files.list(drawn .. "/charts")
  table.sort(names)
  for _, name in ipairs(names) do
    if name:find "%.csv$" then
      local difference = first_difference(("%s/charts/%s"):format(folder, name),
        files.read(("%s/charts/%s"):format(drawn, name)) or "")
      if difference then return difference end
    end
  end
end

local function difference(records, scratch)
  for _, id in ipairs(records.order) do
    local found = records.trials[id].has_folder and trial_difference(records, records.trials[id])
    if found then return found end
  end
  local page, trials = report.render(records)
  return first_difference(records.folder .. "/trials.csv", trials)
    or first_difference(records.folder .. "/report.md", page) or chart_difference(records.folder, scratch)
end

--- Computes a report again from its folders.
-- @tparam string folder such as "reports/lab"
-- @treturn ?string the first thing that differs, with file and line; nil where nothing does
-- @raise where there is no experiment
-- @usage print(require("nn.report.check").difference("reports/mnist_lab") or "all as it should be")
function check.difference(folder)
  local records = records_of.load(folder)
  local scratch = os.tmpname()
  os.remove(scratch)
  assert(files.make_folder(scratch .. "/charts"))
  records.drawn_in = scratch
  local ok, found = pcall(difference, records, scratch)
  files.remove(scratch)
  if not ok then error(found, 0) end
  return found
end

return check
