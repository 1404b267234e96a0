--- `nnrun check SCRIPT.lua`: runs a script without training: every variant is built and tried for a moment.
--
-- Sweeps give results of this trial run, so that a script that chooses by them goes on; which variant it finds best is
-- then chance, and later sections may be about others than in the real run.
local process = require "engine.process"
local Progress = require "nn.trials.progress"
local blame = require "nn.support.blame"
local files = require "nn.support.files"
local format = require "nn.report.format"
local listing = require "nn.cli.listing"
local dry_run = require "nn.trials.dry_run"
local rerun = require "nn.cli.rerun"
local run = require "nn.cli.run"
local session = require "nn.experiment.session"
local Store = require "nn.store"
local stop = require "nn.support.stop"

local command = {
  summary = "Build every variant of a script's experiments without training.",
  takes_script = true, -- words after -- are the script's own
}

local PROBLEM, USAGE_ERROR = 1, 2 -- exit statuses

--- Declares the words of the command.
-- @param parser of argparse
function command.configure(parser)
  parser:argument("script", "A Lua script.")
  parser:argument("settings", "NAME=VALUE: another default for a parameter."):args "*"
  parser:option("-j --jobs", "Estimate for so many trials at the same time (default: the cores).", nil,
    run.count "--jobs")
  parser:option("--seeds", "Each variant with the seeds 1 .. N.", nil, run.count("--seeds", run.MOST_SEEDS))
  parser:option("--reports", "Folder of the reports, where finished trials may be."):default "reports"
  listing.configure(parser)
end

--- A line a variant: its seeds differ in nothing that is told here.
local function variants_of(rows)
  local list, known = {}, {}
  for _, row in ipairs(rows) do
    local label = row.variant:gsub(" seed %-?%d+$", "")
    local key = table.concat({ row.experiment, tostring(row.section), label }, "\0")
    local variant = known[key]
    if not variant then
      variant = { row = row, label = label, trials = 0 }
      known[key], list[#list + 1] = variant, variant
    end
    variant.trials = variant.trials + 1
    variant.problem = variant.problem or row.problem
  end
  return list
end

local function print_variants(kind, variants)
  local names = { "section", "variant", "trials", "parameters", "memory", "epoch", "trial", "problem" }
  local rows = {}
  local for_people = kind == "table" or kind == "md"
  for i, variant in ipairs(variants) do
    local row = variant.row
    local memory, epoch, seconds = row.memory, row.epoch, row.seconds
    if for_people and memory then
      memory, epoch, seconds = format.memory(memory), Progress.duration(epoch), Progress.duration(seconds)
    end
    rows[i] = { row.section or "Trial", variant.label, variant.trials, row.parameters, memory, epoch, seconds,
      variant.problem }
    if for_people then rows[i][8] = variant.problem or "" end
  end
  listing.print(kind, names, rows, { "variant", "problem" })
end

-- What is not trained again.
local FINISHED = { complete = true, diverged = true, pruned = true }

--- Trials that the real run would train.
local function to_train(rows, reports)
  local list, seen = {}, {}
  for _, row in ipairs(rows) do
    local record = Store.decode(files.read(("%s/%s/trials/%s/trial.json"):format(reports, row.experiment, row.id)))
    if not seen[row.id] and not (record and FINISHED[record.status]) then list[#list + 1] = row end
    seen[row.id] = true
  end
  return list
end

local function count(rows)
  local distinct, total = {}, 0
  for _, row in ipairs(rows) do
    if not distinct[row.id] then total = total + 1 end
    distinct[row.id] = true
  end
  return total
end

local function largest_memory(rows)
  local most = 0
  for _, row in ipairs(rows) do most = math.max(most, row.memory or 0) end
  return most
end

--- The line that sums up, on standard error: standard output is the table's.
local function sum_up(trials, args)
  local rows = trials.rows
  local jobs = args.jobs
  local missing, total = to_train(rows, args.reports), count(rows)
  local there = total - #missing
  if total > 0 and there == total then
    io.stderr:write(("nothing to train: %s\n"):format(total == 1 and "the only trial is there already"
      or ("all %s are there already"):format(format.count(total, "trial"))))
    return
  end
  io.stderr:write(("%s%s; about %s with %s; up to %s for each beside the data, %s in all so far\n"):format(
    format.count(total, "trial"), there > 0 and (", %d of them there already"):format(there) or "",
    format.duration(dry_run.total(missing, jobs)), format.count(jobs, "job"), format.memory(largest_memory(rows)),
    format.memory(process.peak_memory())))
  if trials.is_guess and #missing > 0 then
    io.stderr:write("the script chooses by results: what comes after a choice may take more or less time\n")
  end
end

--- Says why the script did not come to its end. An error of its own behind the first trial may come from results that
-- this trial run made up: the real run may get past it.
-- @raise any other error
local function explain(problem, is_own, trials)
  if not problem then return end
  if not is_own or #trials.rows == 0 then error(problem, 0) end
  io.stderr:write(("note: the script ended by an error of its own: %s\n"):format(problem),
    "The results here are those of a fraction of a second; where the script depends on them, the real run may go on. "
      .. "What comes after that line was not checked.\n")
end

--- Runs the command.
-- @tparam table args as parsed: script, settings, arguments, jobs, seeds, reports, format
-- @treturn integer exit status: 0 nothing found, 1 a variant would not run
function command.run(args)
  local folder <close> = rerun.temporary_folder()
  args.jobs = args.jobs or run.default_jobs()
  local trials = dry_run.new(args.reports, args.jobs)
  local problem, is_own = rerun.run({ script = args.script, path = args.script, arguments = args.arguments,
    settings = args.settings }, {
    reports = folder.path, quiet = true, seeds = args.seeds, is_dry_run = true,
    train = function(lab, plans) return trials:run(lab, plans) end,
  })
  stop.check()
  if #session.experiments == 0 and not problem then
    blame.fatal(USAGE_ERROR, "check: %s declares no experiment", args.script)
  end
  if #trials.rows > 0 or not problem then
    print_variants(args.format, variants_of(trials.rows))
    sum_up(trials, args)
  end
  explain(problem, is_own, trials)
  for _, row in ipairs(trials.rows) do
    if row.problem then return PROBLEM end
  end
  return 0
end

return command
