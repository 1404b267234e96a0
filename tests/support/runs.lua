-- Real runs of nnrun on a small real model, to be killed, repeated and compared.
local lfs = require "lfs"
local process = require "engine.process"
local csv_file = require "nn.support.csv_file"
local files = require "nn.support.files"
local fakes = require "tests.support.experiment_fakes"

local runs = {}

runs.PROGRAM = os.getenv "NNRUN" or "./nnrun"
if runs.PROGRAM:sub(1, 1) ~= "/" then runs.PROGRAM = lfs.currentdir() .. "/" .. runs.PROGRAM end

-- `act` names a callback; what it does depends on the script's table `acts`.
runs.LAB = [[
local nn = require "nn"
local process = require "engine.process"
nn.utils.set_random_seed(1)
local x = nn.random.normal{ shape = { 300, 6 } }
local y = (x[{ {}, 1 }] * x[{ {}, 2 }]):gt(0)
local acts = { none = {} }
local function callbacks(p) return acts[p.act] end
local lab = nn.Experiment{
  name = "lab", train = { x, y }, validation = { x, y }, objective = "val_accuracy", callbacks = callbacks,
  params = { width = 4, epochs = 6, batch_size = 10, rate = 0.01, optimizer = "Adam", act = "none" },
  build = function(p)
    local model = nn.Sequential{
      nn.layers.Dense{ p.width, activation = "relu", input_shape = { 6 } }, nn.layers.Dropout{ 0.2 },
      nn.layers.Dense{ 2, activation = "softmax" },
    }
    model:compile{ optimizer = nn.optimizers[p.optimizer]{ learning_rate = p.rate },
      loss = "sparse_categorical_crossentropy", metrics = { "accuracy" } }
    return model
  end,
}
]]

--- Begins to run a script; the process's id. Its output goes to `out` and `err` in the folder.
function runs.start(folder, script, ...)
  fakes.write(folder .. "/lab.lua", script)
  files.remove(folder .. "/pid")
  io.stdout:flush()
  io.stderr:flush()
  local words = table.concat({ ... }, " ")
  local pid = assert(process.fork())
  if pid > 0 then return pid end
  process.new_group()
  local _, how, code = os.execute(("cd '%s' && echo $$ >pid && exec '%s' lab.lua %s >>out 2>>err </dev/null"):format(
    folder, runs.PROGRAM, words))
  process.exit_now(how == "exit" and code or 99)
end

--- Waits for the end of a run: its exit status.
function runs.wait(pid)
  return select(3, process.wait(pid))
end

function runs.run(folder, script, ...)
  files.remove(folder .. "/out")
  files.remove(folder .. "/err")
  return runs.wait(runs.start(folder, script, ...))
end

--- The id of the nnrun that was started last in a folder.
function runs.pid(folder)
  return fakes.wait_for(function() return tonumber((files.read(folder .. "/pid"))) end)
end

--- The processes that work on trials, as their leases say.
function runs.workers(reports)
  local pids = {}
  for _, name in ipairs(files.list(reports .. "/lab/working")) do
    local pid
    local text = name:find "%.lease$" and files.read(reports .. "/lab/working/" .. name) or ""
    for each in text:gmatch '"pid":(%d+)' do pid = tonumber(each) end
    if pid and fakes.is_alive(pid) then pids[#pids + 1] = pid end
  end
  return pids
end

--- trials.csv without the columns of time, which come last.
function runs.table(reports)
  local names, rows = csv_file.read(assert(files.read(reports .. "/lab/trials.csv")))
  local first_of_time
  for i, name in ipairs(names) do first_of_time = first_of_time or name == "seconds" and i end
  local lines = { table.concat(names, ",", 1, first_of_time - 1) }
  for i, row in ipairs(rows) do lines[i + 1] = table.concat(row, ",", 1, first_of_time - 1) end
  return table.concat(lines, "\n")
end

--- The same, its rows in alphabetical order.
function runs.sorted_table(reports)
  local rows = {}
  for row in runs.table(reports):gmatch "[^\n]+" do rows[#rows + 1] = row end
  table.sort(rows)
  return table.concat(rows, "\n")
end

--- The bytes of all trained weights, by trial; and history.csv without its last column, seconds.
function runs.results(reports)
  local all = {}
  local trials = reports .. "/lab/trials/"
  for _, id in ipairs(files.list(trials)) do
    local history = files.read(trials .. id .. "/history.csv"):gsub(",[^,\n]*\n", "\n")
    all[id] = { weights = files.read(trials .. id .. "/weights.safetensors"), history = history }
  end
  return all
end

--- Kills a run: nnrun alone, whose workers have to notice; or `all` that belongs to it, at once.
function runs.kill(pid, folder, all)
  if all then process.kill(-pid, "KILL") else process.kill(runs.pid(folder), "KILL") end
  process.wait(pid)
end

--- A control group below this process's own, for the processes of a test.
-- @tparam integer bytes of memory that all of them together may have
-- @treturn ?string its folder; nil where none can be made here
-- @treturn function which removes it
function runs.memory_group(bytes)
  local groups = files.read "/proc/self/cgroup" or ""
  local version1, version2 = groups:match "%d+:memory:([^\n]*)", groups:match "0::([^\n]*)"
  local above = version1 and "/sys/fs/cgroup/memory" .. version1 or "/sys/fs/cgroup" .. (version2 or "")
  local folder = ("%s/nnrun_test_%d"):format(above, process.pid())
  local function remove() lfs.rmdir(folder) end
  if not lfs.mkdir(folder) then return nil, remove end
  local limit = io.open(folder .. (version1 and "/memory.limit_in_bytes" or "/memory.max"), "r+")
  if limit and limit:write(bytes) and limit:close() then return folder, remove end
  remove()
  return nil, remove
end

return runs
