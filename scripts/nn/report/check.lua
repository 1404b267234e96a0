--- Whether a report still says what the folders say, and whether these are as nnrun left them: everything is computed
-- again and compared line by line, and the seals of all files are checked.
-- @module nn.report.check
local files = require "nn.support.files"
local page_of = require "nn.report.page"
local Ledger = require "nn.store.ledger"
local records_of = require "nn.report.records"
local report = require "nn.report"
local seal = require "nn.store.seal"
local seals = require "nn.report.seals"

local check = {}

local SAME = 1e-6 -- numbers are written with nine digits

local function lines_of(text)
  local lines = {}
  for line in (text:gsub("\n$", "") .. "\n"):gmatch("(.-)\r?\n") do lines[#lines + 1] = line end
  return lines
end

local MOST_LINES = 10 -- shown of those that differ in a file

-- The lines in which a text differs from what it should be. Below a line that is missing or was added all differ: then
-- the first one is told alone.
local function add_lines(list, path, has, wants)
  local shown, left = 0, 0
  for i = 1, math.max(#has, #wants) do
    if has[i] ~= wants[i] and shown < (#has == #wants and MOST_LINES or 1) then
      list[#list + 1] = ("%s:%d: differs from what the folders say\n  there is:  %s\n  should be: %s"):format(path, i,
        has[i] or "(nothing)", wants[i] or "(nothing)")
      shown = shown + 1
    elseif has[i] ~= wants[i] then
      left = left + 1
    end
  end
  if shown == 0 then list[#list + 1] = ("%s: line ends differ"):format(path) end
  if left > 0 and #has == #wants then list[#list + 1] = ("%s: %d more lines differ"):format(path, left) end
end

-- Adds the lines in which a file differs from what it should be.
local function compare_text(list, path, expected)
  local text = files.read(path)
  if not text then
    list[#list + 1] = ("%s is missing"):format(path)
  elseif text ~= expected then
    add_lines(list, path, lines_of(text), lines_of(expected))
  end
end

local function same(a, b)
  if type(a) ~= "number" or a ~= a then return b == nil or b ~= b end
  return a == b or type(b) == "number" and math.abs(a - b) <= SAME * math.max(1e-3, math.abs(a), math.abs(b))
end

-- Adds the metrics of a trial that its history does not have at the epoch that counts.
local function compare_trial(list, records, trial)
  local epoch, history, metrics = trial.scored_epoch, records:history(trial.id), trial.metrics or {}
  local path = ("%s/trials/%s/"):format(records.folder, trial.id)
  local function add(...) list[#list + 1] = path .. (...):format(select(2, ...)) end
  if epoch and next(metrics) and #(history.epoch or {}) == 0 then
    add("history.csv: has no epochs, trial.json has the metrics of epoch %s", epoch)
    return
  end
  local names = {}
  for name in pairs(epoch and trial.metrics and history or {}) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    local is_metric = name ~= "epoch" and name ~= "seconds"
    if is_metric and not same(metrics[name], history[name][epoch]) then
      add("history.csv:%d: %s is %s, trial.json says %s", epoch + 1, name, history[name][epoch], metrics[name])
    end
  end
  local score = metrics[records.manifest.objective]
  if trial.status == "complete" and score and trial.score and not same(score, trial.score) then
    add("trial.json: the score is %s, its %s is %s", trial.score, records.manifest.objective, score)
  end
end

-- Adds the charts that are neither as they were drawn nor as they would be drawn now. Of numbers the lines are told.
local function compare_charts(list, folder, drawn, changed)
  local paths, is_known = {}, {}
  local function note(path)
    if not is_known[path] then paths[#paths + 1], is_known[path] = path, true end
  end
  for path in pairs(changed) do note(path) end
  for _, name in ipairs(files.list(drawn .. "/charts")) do
    if name:find "%.csv$" then note("charts/" .. name) end
  end
  table.sort(paths)
  for _, path in ipairs(paths) do
    local now, again = files.read(folder .. "/" .. path), files.read(drawn .. "/" .. path)
    if again and now and path:find "%.csv$" then
      compare_text(list, folder .. "/" .. path, again)
    elseif now ~= again or now == nil then
      list[#list + 1] = ("%s/%s: %s"):format(folder, path, changed[path] or "is missing")
    end
  end
end

-- Whether the page is as it was written, but while trials were still running: after a kill there may be newer ones.
local function is_older(records)
  local last = Ledger.new(records.folder):refresh():find("file", "report.md")
  return records.manifest.status == "running" and (last or {}).seal == seal.file(records.folder .. "/report.md")
end

local function compare_report(list, records, sealed)
  if report.tells_of_changes(records.folder) then records.changed = sealed.changes end
  local page, trials = report.render(records)
  local of_report = {}
  compare_text(of_report, records.folder .. "/trials.csv", trials)
  compare_text(of_report, records.folder .. "/report.md", page)
  if #of_report > 0 and is_older(records) then
    table.insert(sealed.remarks, ("%s/report.md is older than some trials, as the run was killed; "
      .. "`nnrun report` writes it again"):format(records.folder))
    return
  end
  local page_path = records.folder .. "/report.html"
  local is_whole = #of_report > 0 or files.read(page_path) == page_of.html(page, records.folder)
  if not is_whole then of_report[1] = ("%s differs from report.md and its charts"):format(page_path) end
  table.move(of_report, 1, #of_report, #list + 1, list)
  compare_charts(list, records.folder, records.drawn_in, sealed.charts)
end

local function compare(records)
  local list = {}
  for _, id in ipairs(records.order) do
    if records.trials[id].has_folder then compare_trial(list, records, records.trials[id]) end
  end
  local sealed = seals.check(records.folder, records.manifest)
  compare_report(list, records, sealed)
  table.move(sealed.faults, 1, #sealed.faults, #list + 1, list)
  return list, sealed.remarks
end

--- Computes a report again from its folders and checks the seals of all files.
-- @tparam string folder such as "reports/lab"
-- @treturn {string,...} all that differs, each with its file; empty where nothing does
-- @treturn {string,...} what else there is to say, such as that a trial was made by a version without seals
-- @raise where there is no experiment
-- @usage for _, text in ipairs(require("nn.report.check").differences("reports/mnist_lab")) do print(text) end
function check.differences(folder)
  local records = records_of.load(folder)
  local scratch = os.tmpname()
  os.remove(scratch)
  assert(files.make_folder(scratch .. "/charts"))
  records.drawn_in = scratch
  local ok, list, remarks = pcall(compare, records)
  files.remove(scratch)
  if not ok then error(list, 0) end
  return list, remarks
end

--- The same as one text.
-- @tparam string folder such as "reports/lab"
-- @treturn ?string what differs, one below the other; nil where nothing does
-- @raise where there is no experiment
-- @usage print(require("nn.report.check").difference("reports/mnist_lab") or "all as it should be")
function check.difference(folder)
  local list = check.differences(folder)
  return #list > 0 and table.concat(list, "\n") or nil
end

return check
