--- `nnrun report EXPERIMENT`: writes a report again from the experiment's folder, without training.
local check = require "nn.report.check"
local experiments = require "nn.cli.experiments"
local records = require "nn.report.records"
local report = require "nn.report"
local seals = require "nn.report.seals"

local DIFFERS = 1 -- exit status

local command = { summary = "Write an experiment's report again from its folder, without training." }

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
  local folder = experiments.folder(args.experiment, args.reports)
  return (args.check and compare or write)(folder)
end

return command
