--- `nnrun report EXPERIMENT`: writes a report again from the experiment's folder, without training.
local blame = require "nn.support.blame"
local check = require "nn.report.check"
local files = require "nn.support.files"
local lfs = require "lfs"
local nearest = require "nn.support.nearest"
local records = require "nn.report.records"
local report = require "nn.report"
local seals = require "nn.report.seals"

local DIFFERS = 1 -- exit status

local command = { summary = "Write an experiment's report again from its folder, without training." }

local function is_experiment(folder)
  return lfs.attributes(folder .. "/experiment.json", "mode") == "file"
end

local function experiments_in(folder)
  local names = {}
  for _, name in ipairs(files.list(folder)) do
    if is_experiment(folder .. "/" .. name) then names[#names + 1] = name end
  end
  return names
end

--- The folder of the experiment that was written last.
local function newest(reports)
  local best, latest
  for _, name in ipairs(experiments_in(reports)) do
    local folder = reports .. "/" .. name
    local written = lfs.attributes(folder .. "/experiment.json", "modification")
    if not latest or written > latest then best, latest = folder, written end
  end
  return best or blame("report: there is no experiment in %s; --reports DIR looks elsewhere", reports)
end

-- An experiment is named as in its script, or by its folder.
local function folder_of(name, reports)
  for _, folder in ipairs { reports .. "/" .. name, (name:gsub("(.)/+$", "%1")) } do
    if is_experiment(folder) then return folder end
  end
  local known = experiments_in(reports)
  if #known == 0 then blame("no experiment %s: there is none in %s; --reports DIR looks elsewhere", name, reports) end
  local near = nearest(name, known)
  blame("no experiment %s in %s; %s", name, reports,
    near and "did you mean " .. near .. "?" or "there are: " .. table.concat(known, ", "))
end

--- Declares the words of the command.
-- @param parser of argparse
function command.configure(parser)
  parser:argument("experiment", "Its name, or its folder (default: the one that was written last)."):args "?"
  parser:flag("--check", "Compute the report again and check the seals of all files: all that differs is "
    .. "named, exit status 1.")
  parser:option("--reports", "The folder of all experiments."):argname("DIR"):default("reports")
end

-- A report that is written again from files that were changed tells so.
local function write(folder)
  local path = report.write(folder)
  local changes = seals.check(folder, records.load(folder).manifest).changes
  for _, text in ipairs(changes) do io.stderr:write("nnrun: warning: ", text, "\n") end
  if #changes > 0 then report.write(folder, changes) end
  print(path)
  return 0
end

local function compare(folder)
  local differences, remarks = check.differences(folder)
  for _, text in ipairs(differences) do print(text) end
  if #differences == 0 then print(("%s/report.md: every number is as the folders say"):format(folder)) end
  for _, text in ipairs(remarks) do print(text) end
  return #differences > 0 and DIFFERS or 0
end

--- Runs the command: prints the path of the report, or what `--check` found.
-- @tparam table args as parsed: `experiment` (nil: the newest), `check`, `reports`
-- @treturn integer exit status
function command.run(args)
  local folder = args.experiment and folder_of(args.experiment, args.reports) or newest(args.reports)
  return (args.check and compare or write)(folder)
end

return command
