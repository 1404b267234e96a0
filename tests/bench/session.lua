--- A program of the benchmark that waits for workloads: started once, asked often, so that programs can take turns
-- without paying for their start each time.
local json = require "nn.support.json"
local machine = require "engine.machine"
local networks = require "tests.bench.networks"

local session = {}

-- OpenBLAS chooses the kernels that fit the processor best, whatever the environment says.
local COMMAND = "exec env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE OPENBLAS_NUM_THREADS=%d OMP_NUM_THREADS=%d"
  .. " PYTHONDONTWRITEBYTECODE=1 %s %s %s %s threads=%d <%s 2>%s"
local OPENMP_BLAS = "/usr/lib/*/openblas-openmp/libblas.so.3"

local Session = {}
Session.__index = Session

local function succeeds(command)
  return (os.execute(command .. " >/dev/null 2>&1"))
end

local function first_line(command)
  local pipe <close> = assert(io.popen(command .. " 2>/dev/null"))
  return pipe:read "l"
end

--- One thread stays on one core.
local function pinning(threads)
  local prefix = ("taskset -c %d"):format(machine.cpu_count() - 1)
  return threads == 1 and succeeds(prefix .. " true") and prefix or ""
end

--- Peers whose own threads are OpenMP's get the BLAS that shares them, where it is installed.
local function library_path(peer, threads)
  local library = peer.openmp and threads > 1 and first_line("ls " .. OPENMP_BLAS)
  return library and "LD_LIBRARY_PATH=" .. library:match "^(.*)/" or ""
end

--- Starts a program.
-- @tparam table peer an entry of tests/bench/peers.lua
-- @tparam integer threads
-- @treturn ?table nil where what it needs is missing
-- @treturn ?string then why
function session.start(peer, threads)
  if not succeeds(peer.needs) then return nil, ("skipped: %s (package %s)"):format(peer.title, peer.package) end
  local questions, log = os.tmpname(), "build/bench/" .. peer.name .. ".log"
  assert(os.remove(questions) and succeeds("mkfifo " .. questions))
  local self = setmetatable({ peer = peer, log = log }, Session)
  self.answers = assert(io.popen(COMMAND:format(threads, threads, library_path(peer, threads),
    peer.environment or "", pinning(threads), peer.command, threads, questions, log)))
  self.questions = assert(io.open(questions, "w"))
  os.remove(questions)
  return self
end

--- A workload as the line that all programs read.
-- @tparam table workload
-- @tparam string folder of its data
-- @tparam integer seed
-- @treturn string
function session.line(workload, folder, seed)
  local layers = table.concat(workload.layers, ",")
  local line = ("task=%s data=%s layers=%s loss=%s optimizer=%s rate=%g batch=%d samples=%d epochs=%d seed=%d"):format(
    workload.task, folder, layers, workload.loss, workload.optimizer, workload.rate, workload.batch, workload.samples,
    workload.epochs, seed)
  if not layers:find "%a" then return line end -- dense layers alone
  return ("%s targets=%d scored=%d work=%d"):format(line, workload.targets or 1, workload.scored,
    networks.work(workload.layers, workload.task))
end

--- Asks for one run.
-- @tparam string line
-- @treturn table the answer: seconds, score or skip
function Session:ask(line)
  self.questions:write(line, "\n")
  self.questions:flush()
  local answer = self.answers:read "l"
  if not answer then error(("%s ended; see %s"):format(self.peer.title, self.log), 0) end
  return assert(json.decode(answer))
end

--- Ends the program.
function Session:close()
  self.questions:close()
  self.answers:close()
end

return session
