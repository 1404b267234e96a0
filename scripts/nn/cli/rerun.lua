--- Running a script for something else than its reports: a copy of it, with results in a folder that goes away.
local blame = require "nn.support.blame"
local files = require "nn.support.files"
local run = require "nn.cli.run"
local session = require "nn.experiment.session"
local Store = require "nn.store"

local rerun = {}

local STOP = {} -- what ends a script that has done what was wanted

--- A new folder that is removed when its variable goes out of scope.
-- @treturn table path
-- @usage local folder <close> = rerun.temporary_folder()
function rerun.temporary_folder()
  local path = os.tmpname()
  os.remove(path)
  assert(files.make_folder(path))
  return setmetatable({ path = path }, { __close = function() files.remove(path) end })
end

--- The script that a trial came from; of a record without a copy, the one that the experiment names.
-- @tparam table record what trial.json holds
-- @tparam string folder of the experiment
-- @treturn table script (its path then), path (of the copy), arguments (its own, after --), settings (NAME=VALUE)
-- @raise where there is no copy of it
function rerun.script_of(record, folder)
  local source = type(record.source) == "table" and record.source or {}
  local manifest = Store.manifest(folder) or {}
  local script = source.script or manifest.script
  local path = source.copy and folder .. "/" .. source.copy or script
  if not path or not files.read(path) then
    blame("the script of trial %s is not there: %s", tostring(record.id), path or "its record names none")
  end
  return { script = script, path = path, arguments = source.arguments or {}, settings = source.settings }
end

--- Ends the script that is running.
function rerun.stop()
  error(STOP, 0)
end

--- Whether the error that is being handled was raised by the script itself, with `error`, `assert` or an operation on
-- a nil, and not by nnrun.
local function is_own()
  local level = 3 -- the function that failed: above this one and the message handler
  local about = debug.getinfo(level, "Sf")
  while about and (about.func == error or about.func == assert) do
    level = level + 1
    about = debug.getinfo(level, "Sf")
  end
  return about ~= nil and about.what ~= "C" and not about.source:find "^[=@]scripts/nn/"
end

--- Runs a script, to its end or until `rerun.stop()`.
-- @tparam table copy script, path, arguments, settings
-- @tparam table options of the session
-- @return what the script raised, nil where it did not
-- @treturn boolean whether that was an error of its own, not one of nnrun
function rerun.run(copy, options)
  options.script, options.settings = copy.script, copy.settings
  session.start(options)
  local chunk = run.load(copy.path, copy.script, copy.arguments)
  local own = false
  local ok, problem = xpcall(chunk, function(message)
    own = is_own()
    local is_kept = message == STOP or blame.is_fatal(message) or run.exit_status(message)
    return is_kept and message or blame.text(message)
  end, table.unpack(copy.arguments))
  if ok or problem == STOP or run.exit_status(problem) then return nil, false end
  return problem, own
end

return rerun
