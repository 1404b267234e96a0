--- `nnrun export EXPERIMENT --to tensorboard|csv`: the learning curves of all trials, for other programs.
local blame = require "nn.support.blame"
local csv_file = require "nn.support.csv_file"
local event_file = require "nn.report.event_file"
local experiments = require "nn.cli.experiments"
local files = require "nn.support.files"
local naming = require "nn.report.naming"
local markdown = require "nn.report.markdown"
local records_of = require "nn.report.records"

local command = { summary = "Write the learning curves of all trials for other programs." }

local CANNOT_WRITE = 4 -- exit status

--- Declares the words of the command.
-- @param parser of argparse
function command.configure(parser)
  parser:argument("experiment", "Its name, or its folder (default: the one that was written last)."):args "?"
  parser:option("--to", "tensorboard: a folder for each trial with event files; csv: one table of all epochs.")
    :choices({ "tensorboard", "csv" }):count(1)
  parser:option("--out", "Where to write (default: tensorboard/ or curves.csv in the experiment's folder).")
    :argname "PATH"
  parser:option("--reports", "The folder of all experiments."):argname("DIR"):default("reports")
end

local function write(path, text)
  local folder = path:match "^(.*)/[^/]*$"
  local done, message = folder == nil or files.make_folder(folder), nil
  if done then done, message = files.write(path, text) end
  if not done then blame.fatal(CANNOT_WRITE, "cannot write %s: %s", path, message or folder) end
end

-- The columns of a history, the epoch first.
local function columns_of(history)
  local names = {}
  for name in pairs(history) do
    if name ~= "epoch" then names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

-- ---- one table ------------------------------------------------------------------------------------

local function write_table(records, names, path)
  local known, columns, rows = {}, { "trial", "variant", "seed", "epoch" }, {}
  for _, id in ipairs(records.order) do
    for _, name in ipairs(columns_of(records:history(id))) do
      if not known[name] then
        columns[#columns + 1] = name
        known[name] = #columns
      end
    end
  end
  for _, id in ipairs(records.order) do
    local history = records:history(id)
    for i, epoch in ipairs(history.epoch or {}) do
      local row = { id, names[id], records.trials[id].seed, epoch }
      for name, column in pairs(known) do row[column] = (history[name] or {})[i] end
      rows[#rows + 1] = row
    end
  end
  write(path, csv_file.text(columns, rows))
end

-- ---- TensorBoard ----------------------------------------------------------------------------------------------------

-- "2026-11-30T18:08:20Z" as seconds since 1970; now where a trial does not say when it began.
local function seconds_of(started)
  local year, month, day, hour, minute, second = (started or ""):match "^(%d+)-(%d+)-(%d+)T(%d+):(%d+):(%d+)Z$"
  if not year then return os.time() end
  local here = os.time { year = year, month = month, day = day, hour = hour, min = minute, sec = second, isdst = false }
  local now = os.time()
  return here + os.difftime(now, os.time(os.date("!*t", now)))
end

-- Training and validation are runs of their own with the same tags, as Keras' callback writes them: so TensorBoard
-- draws them in one chart.
local function write_events(records, id, folder)
  local history, began = records:history(id), seconds_of(records.trials[id].started)
  local runs, seconds = { train = {}, validation = {} }, 0
  for i, epoch in ipairs(history.epoch or {}) do
    local of_run = { train = {}, validation = {} }
    seconds = seconds + ((history.seconds or {})[i] or 0)
    for _, name in ipairs(columns_of(history)) do
      local run = name:find "^val_" and "validation" or "train"
      of_run[run]["epoch_" .. name:gsub("^val_", "")] = history[name][i]
    end
    for run, values in pairs(of_run) do
      if next(values) then table.insert(runs[run], { step = epoch // 1 | 0, seconds = seconds, values = values }) end
    end
  end
  for run, events in pairs(runs) do
    local name = ("%s/%s/%s/events.out.tfevents.%d.nnrun"):format(folder, id, run, began)
    if #events > 0 then write(name, event_file.text(began, events)) end
  end
end

--- Runs the command: writes, and prints the path.
-- @tparam table arguments as parsed: `experiment`, `to`, `out`, `reports`
-- @treturn integer exit status
function command.run(arguments)
  local folder = experiments.folder(arguments.experiment, arguments.reports)
  local records = records_of.load(folder)
  local path = arguments.out or folder .. (arguments.to == "csv" and "/curves.csv" or "/tensorboard")
  if arguments.to == "csv" then
    local names = {}
    for id, name in pairs(select(2, naming.names(records))) do names[id] = markdown.plain(name) end
    write_table(records, names, path)
  else
    for _, id in ipairs(records.order) do write_events(records, id, path) end
  end
  print(path)
  return 0
end

return command
