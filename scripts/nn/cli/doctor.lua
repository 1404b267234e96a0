--- `nnrun doctor`: what works on this machine, what is missing.
local index = require "engine.index"
local lfs = require "lfs"
local kernels = require "engine.kernels"
local machine = require "engine.machine"
local process = require "engine.process"
local claim = require "nn.trials.claim"
local files = require "nn.support.files"
local locate = require "nn.datasets.locate"
local program = require "nn.support.program"

local doctor = { summary = "Versions, BLAS, threads, programs and data: what works, what is missing." }

local STDOUT = 1
local PATIENCE = 5 -- seconds for a program to tell its version

--- Declares the words of the command.
-- @param parser of argparse
function doctor.configure(parser)
  parser:option("--reports", "The folder of all experiments."):argname("DIR"):default("reports")
end

local function version_of(...)
  local said, errors = program.run({ ... }, { seconds = PATIENCE })
  return (said or ""):match "[^\n]+", errors
end

local function report(name, value, advice)
  print(("%-10s %s"):format(name, value or "missing: " .. advice))
end

-- ---- locks ----------------------------------------------------------------------------------------------------------

--- Whether a lock that this process holds keeps another one out.
local function lock_keeps_out(path)
  local fd = claim.lock(path)
  if not fd then return false end
  local pid = process.fork(function() return claim.lock(path) == false and 0 or 1 end)
  local _, how, code = process.wait(pid)
  process.close(fd)
  return how == "exit" and code == 0
end

--- Whether a mounted file system keeps locks to this computer (NFS does where it is told so).
-- @tparam string mounts the text of /proc/self/mountinfo
-- @tparam integer device number of the file system
function doctor.has_own_locks(mounts, device)
  for line in mounts:gmatch "[^\n]+" do
    local major, minor, options = line:match "^%d+ %d+ (%d+):(%d+) .* %- %S+ %S+ (%S+)$"
    major, minor = tonumber(major), tonumber(minor)
    if major and device == (minor & 0xff | major << 8 | (minor & ~0xff) << 12) then
      options = "," .. options .. ","
      return (options:find(",nolock,", 1, true) or options:find(",local_lock=flock,", 1, true)
        or options:find(",local_lock=all,", 1, true)) ~= nil
    end
  end
  return false
end

local function file_system(folder)
  if not index.is_remote(folder) then return "local" end
  local own = doctor.has_own_locks(files.read "/proc/self/mountinfo" or "", lfs.attributes(folder, "dev"))
  return "on a network file system, so the index is made in memory" .. (own and "; its locks are this computer's own "
    .. "(nolock, local_lock), so let no other one write there at the same time" or "")
end

--- What can be done in the reports folder, or above it where it is not there yet.
local function folder_state(reports)
  local folder = lfs.attributes(reports, "mode") == "directory" and reports or "."
  local path = ("%s/.doctor.%d"):format(folder, process.pid())
  local file = io.open(path, "w")
  if not file then return nil, ("%s cannot be written; --reports DIR names another folder"):format(folder) end
  file:close()
  local works = lock_keeps_out(path)
  files.remove(path)
  if not works then
    local text = "locks do not work in %s, and trials are shared out by locks; --reports DIR names another folder"
    return nil, text:format(folder)
  end
  return ("%s can be written, locks work, %s"):format(folder, file_system(folder))
end

-- ---- the rest -------------------------------------------------------------------------------------------------------

local function terminal()
  if not process.isatty(STDOUT) then return "none: one plain line for each trial" end
  local color = (os.getenv "NO_COLOR" or "") == "" and os.getenv "TERM" ~= "dumb"
  return ("%s, %s columns, %s"):format(os.getenv "TERM" or "unknown", process.terminal_width(STDOUT) or "unknown",
    color and "colours" or "no colours")
end

local function locale()
  local name = os.getenv "LC_ALL" or os.getenv "LC_NUMERIC" or os.getenv "LANG" or "C"
  return ("%s; numbers are written as %.1f in any"):format(name, 1.5)
end

--- Runs the command.
-- @treturn integer exit status: that of the list of data sets
function doctor.run(args)
  local blas = machine.blas()
  report("nnrun", machine.version() .. ", " .. _VERSION .. ", " .. machine.compiler())
  report("built with", machine.flags())
  report("processor", ("%s, %d cores"):format(machine.processor(), machine.cpu_count()))
  local levels = kernels.levels()
  report("kernels", levels[1] .. (levels[1] == "avx512" and "" or "; dense products are BLAS's"))
  report("BLAS", ("%s, %d threads"):format(blas.description, blas.threads))
  report("fork", blas.fork_safe and "safe: trials run in processes of their own", "this OpenBLAS is built with OpenMP, "
    .. "and processes forked after a matrix product hang: install libopenblas0-pthread, or set OPENBLAS_NUM_THREADS=1")
  report("gnuplot", (version_of("gnuplot", "--version")), "reports have tables but no charts; make deps installs it")
  report("curl", (version_of("curl", "--version") or ""):match "^curl %S+", "data sets cannot be downloaded")
  report("Graphviz", select(2, version_of("dot", "-V")):match "graphviz version (%S+)",
    "plot_model writes .dot files but no pictures; the package is called graphviz")
  report("git", (version_of("git", "--version")), "records of trials do not name the commit of their script")
  report("SQLite", index.version())
  local state, trouble = folder_state(args.reports)
  report("reports", state, trouble)
  report("terminal", terminal())
  report("locale", locale())
  for _, folder in ipairs(locate.folders()) do report("data", folder) end
  print "\nData sets:"
  return require("nn.cli.data").run { action = "list" }
end

return doctor
