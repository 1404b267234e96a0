--- `nnrun SCRIPT.lua [NAME=VALUE ...] [-- ARGS]`: runs a script and finishes the experiments it declared.
local argparse = require "argparse"
local machine = require "engine.machine"
local process = require "engine.process"
local blame = require "nn.support.blame"
local digest = require "nn.support.digest"
local files = require "nn.support.files"
local index = require "nn.store.index"
local notation = require "nn.support.notation"
local notice = require "nn.support.notice"
local session = require "nn.experiment.session"
local shell = require "nn.support.shell"
local shown = require "nn.support.format"
local stop = require "nn.support.stop"
local syntax = require "nn.cli.syntax"
local with_globals = require "nn.cli.globals"

local run = {}

local FAILED_TRIAL, USAGE_ERROR = 1, 2
local STDERR = 2

-- ---- the command line -----------------------------------------------------------------------------------------------

--- A function that reads the value of an option.
local function reader(option, expected, read)
  return function(text)
    local value = read(tonumber(text))
    if value then return value end
    return nil, ("%s: expected %s, got '%s'"):format(option, expected, text)
  end
end

--- Reads a whole number from 1.
-- @tparam string option for the message
-- @tparam[opt] integer most the largest that makes sense
function run.count(option, most)
  local expected = "a whole number from 1" .. (most and (" to %d"):format(most) or "")
  return reader(option, expected, function(value)
    value = math.tointeger(value)
    return value and value >= 1 and value <= (most or value) and value
  end)
end

--- So many seeds a variant may have: a list of them all is made before the first trial.
run.MOST_SEEDS = 10000

local function seconds(option)
  return reader(option, "seconds, more than 0", function(value) return value and value > 0 and value end)
end

local function no_less_than_0(option)
  return reader(option, "seconds, 0 or more", function(value) return value and value >= 0 and value end)
end

local DESCRIPTION = [[
Runs a script. Results go to reports/NAME. Finished trials are not trained again.
NAME=VALUE replaces a default in an experiment's params, such as epochs=1; what a sweep varies or sets by `with` stays.
A run with another default has a report of its own: reports/NAME@epochs=1.
Words after -- are the script's own (its table `arg`). What `build` and callbacks print while a trial is trained is in
the trial's log: reports/NAME/trials/ID/log.txt.]]

local EPILOG = [[
Exit status: 0 all well; 1 finished, but a trial failed; 2 wrong usage or an error in the script; 3 data missing or not
what its checksum says; 4 the reports or standard output cannot be written; 75 stopped by SIGTERM or SIGUSR1, to be
started again; 130 stopped by Ctrl-C; 141 standard output was a pipe and its reader has ended.
Ctrl-C stops the script and its trials and writes the report; a second Ctrl-C stops without. SIGTERM ends the run within
five seconds, whatever it does. Everything finished so far is kept, and trials go on from their last checkpoints.]]

local function new_parser()
  local parser = argparse("nnrun", DESCRIPTION, EPILOG)
  parser:argument("script", "A Lua script.")
  parser:argument("settings", "NAME=VALUE: another default for a parameter."):args "*"
  parser:option("-j --jobs", "Trials trained at the same time (default: the cores).", nil, run.count "--jobs")
  parser:option("--seeds", "Train each variant with the seeds 1 .. N.", nil, run.count("--seeds", run.MOST_SEEDS))
  parser:option("--reports", "Folder of the reports.", "reports")
  parser:option("--trial-timeout", "Seconds after which a trial is ended.", nil, seconds "--trial-timeout")
  parser:option("--checkpoint", "Seconds between two checkpoints of a trial, within epochs too (default: after an "
    .. "epoch where that costs little, and after a minute; 0: after every epoch).", nil, no_less_than_0 "--checkpoint")
  parser:option("--max-failures", "End the run after so many trials that fail.", nil, run.count "--max-failures")
  parser:flag("--fresh", "Train finished trials again.")
  parser:flag("--fail-fast", "End the run after the first trial that fails.")
  parser:flag("-q --quiet", "Show nothing but warnings, the answer and the report's path.")
  parser:flag("-v --verbose", "Show every epoch.")
  parser:flag("--no-color", "No colours.")
  parser:flag("--trace", "Show where in nnrun an error came from.")
  return parser
end

--- The words before "--" and those after it, which are the script's own.
function run.split_words(words)
  local before, after = {}, {}
  local list = before
  for _, word in ipairs(words) do
    if word == "--" and list == before then list = after else list[#list + 1] = word end
  end
  return before, after
end

local function check_settings(settings)
  for _, setting in ipairs(settings) do
    if not setting:match "^[%a_][%w_]*=" then
      blame.fatal(USAGE_ERROR, "%s: expected NAME=VALUE, such as epochs=1; words for the script itself come after --",
        setting)
    end
  end
end

--- Parses the command line of a run and runs it.
-- @tparam {string,...} words
-- @tparam function parse function(parser, words) -> arguments
-- @treturn integer exit status
function run.main(words, parse)
  local own, rest = run.split_words(words)
  local args = parse(new_parser(), own)
  check_settings(args.settings)
  args.arguments, args.command = rest, { shell.program, table.unpack(words) }
  return run.run(args)
end

-- ---- the script -----------------------------------------------------------------------------------------------------

-- What ends a script by os.exit, so that its experiments are closed.
local Exit = { __tostring = function(self) return ("the script ended by os.exit(%d)"):format(self.status) end }

--- Lets os.exit end the script, not the program; that of a worker still ends at once.
local function take_exit()
  local owner, leave = process.pid(), os.exit
  function os.exit(code, ...) -- luacheck: ignore
    if process.pid() ~= owner then leave(code, ...) end
    local status = code == nil and 0 or code == false and 1 or math.tointeger(code) or 0
    error(setmetatable({ status = status }, Exit), 0)
  end
end

--- The exit status that a script asked for by os.exit; nil where it raised something else.
function run.exit_status(problem)
  return getmetatable(problem) == Exit and problem.status or nil
end

--- `print` of a script that is only checked: standard output is the table's.
local function print_aside(...)
  io.stderr:write(shown.line(...), "\n")
end

--- An environment of the script's own, in which a name nobody knows is an error.
local function new_environment(script, arguments)
  return with_globals {
    arg = table.move(arguments, 1, #arguments, 1, { [0] = script }),
    print = session.options.is_dry_run and print_aside or shown.print,
  }
end

--- How many trials are trained at the same time unless the user says so.
function run.default_jobs()
  return math.tointeger(tonumber(os.getenv "SLURM_CPUS_PER_TASK")) or machine.cpu_count()
end

local function options_of(args)
  local terminal = process.isatty(STDERR) and os.getenv "TERM" ~= "dumb"
  local no_color = args.no_color or (os.getenv "NO_COLOR" or "") ~= ""
  return {
    script = args.script, arguments = args.arguments, command = args.command,
    settings = args.settings, reports = args.reports,
    jobs = args.jobs or run.default_jobs(), seeds = args.seeds, fresh = args.fresh or false,
    fail_fast = args.fail_fast or false, max_failures = args.max_failures, checkpoint = args.checkpoint,
    trial_timeout = args.trial_timeout, quiet = args.quiet or false,
    verbose = args.verbose or false, terminal = terminal, color = terminal and not no_color,
  }
end

--- Ends all experiments; the first thing that goes wrong is returned. The first signal does not keep it from that.
-- @param problem what the script raised; nil where it ran to its end
local function close_all(problem)
  process.polls_stop(true)
  local status = stop.is_requested() and "interrupted" or problem and "error" or "complete"
  local text, failure = status == "error" and blame.text(problem) or nil, nil
  for _, lab in ipairs(session.experiments) do
    local ok, message = pcall(lab.close, lab, status, text)
    if not ok then failure = failure or message end
  end
  if #session.experiments > 0 then index.update(session.options.reports) end
  return failure
end

local function count_failures()
  local failures = 0
  for _, lab in ipairs(session.experiments) do failures = failures + lab.failures end
  return failures
end

local function say(format, ...)
  io.stdout:flush()
  io.stderr:write("nnrun: ", notation.lines(format:format(...)), "\n")
end

local function say_interrupted(command)
  local done = 0
  for _, lab in ipairs(session.experiments) do
    for _ in pairs(lab.trained) do done = done + 1 end -- one that several sections share counts once
  end
  say("%s; finished trials are kept (%d so far); to go on: %s", stop.reason(), done, shell.line(command))
end

--- The exit status that a script's end, or what it raised, stands for; says what has to be said.
local function conclude(problem, args)
  if stop.is_requested() then
    if stop.is_told() then say_interrupted(args.command) end
    return stop.status()
  elseif problem then
    say("%s", blame.text(problem))
    return blame.is_fatal(problem) and problem.status or USAGE_ERROR
  end
  local failures = count_failures()
  if failures == 0 then return 0 end
  say("%d %s without a result; see the report", failures, failures == 1 and "trial ended" or "trials ended")
  return FAILED_TRIAL
end

--- Makes sure that somebody has read the NAME=VALUE of the command line.
local function check_read(args)
  if #args.settings == 0 or #session.experiments > 0 then return end
  blame.fatal(USAGE_ERROR, "%s: nobody reads it, as %s declares no experiment; words for the script itself come after "
    .. "--", args.settings[1], args.script)
end

--- A script as a function, with an environment of its own.
-- @tparam string path of the file to load
-- @tparam string script what it is called in messages and in `arg[0]`
-- @tparam {string,...} arguments its table `arg`
-- @raise (status 2) where it is no Lua
function run.load(path, script, arguments)
  local text, problem = files.read(path)
  if not text then blame.fatal(USAGE_ERROR, "cannot open %s", problem) end
  take_exit()
  digest.note_modules()
  text = text:gsub("^#[^\n]*", "") -- "#!/usr/bin/env nnrun"
  local chunk, message = load(text, "@" .. script, "t", new_environment(script, arguments))
  if not chunk then blame.fatal(USAGE_ERROR, "%s", syntax.explain(message, text)) end
  return chunk
end

--- Runs a script.
-- @tparam table args script; settings ({ "epochs=1" }); arguments (the script's `arg`); command (all words, for the
-- record); jobs, seeds, fresh, reports, trial_timeout, fail_fast, max_failures, checkpoint, quiet, verbose, no_color,
-- trace
-- @treturn integer exit status
function run.run(args)
  session.start(options_of(args))
  notice.is_wanted = session.options.terminal and not session.options.quiet
  local chunk = run.load(args.script, args.script, args.arguments)
  local function explain(problem)
    if blame.is_fatal(problem) or run.exit_status(problem) then return problem end
    return args.trace and debug.traceback(blame.text(problem), 2) or blame.text(problem)
  end
  local ok, problem = xpcall(chunk, explain, table.unpack(args.arguments))
  process.stop_breaking()
  if ok then ok, problem = pcall(check_read, args) end
  local asked = not ok and run.exit_status(problem)
  if asked == 0 then ok = true end
  local closing = close_all(not ok and problem or nil)
  if asked and not closing and process.stop_requests() == 0 then return asked end
  return conclude(not ok and problem or closing, args)
end

return run
