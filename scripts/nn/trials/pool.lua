--- Runs tasks in processes of their own, a few at a time. Data that is there when a worker starts is shared, not
-- copied; what a worker does to it no other sees.
local process = require "engine.process"
local json = require "nn.support.json"
local stop = require "nn.support.stop"

local pool = {}

local PATIENCE = 5        -- seconds a worker has to end after it was asked to
local HURRY = 2           -- the same where the machine takes its processor back
local CTRL_C_REACHES = 0.5 -- seconds after which a worker that Ctrl-C did not reach is told
local READ = 65536

-- ---- in the worker ------------------------------------------------------------------------------------------------

local function traceback(message)
  return type(message) == "string" and debug.traceback(message, 2) or message
end

local function work_on(work, task, fd, parent)
  process.polls_stop(false)
  process.die_with_parent(parent)
  local function send(event) process.write(fd, json.encode(event) .. "\n") end
  local ok, code = xpcall(work, traceback, task, send)
  if not ok then error(code, 0) end
  return code
end

-- ---- in the parent ------------------------------------------------------------------------------------------------

local Pool = {}
Pool.__index = Pool

--- Ends the run where the system gives no more processes or descriptors.
function Pool:fail(task, message)
  if self.options.on_kill then self.options.on_kill(task) end
  error(("cannot start another process: %s; fewer --jobs may help, or a higher limit (ulimit -n, ulimit -u)"):format(
    message), 0)
end

function Pool:start(task)
  local fd, worker_fd = process.pipe()
  if not fd then self:fail(task, worker_fd) end
  local parent = process.pid()
  local pid, message = process.fork(function() return work_on(self.options.work, task, worker_fd, parent) end)
  process.close(worker_fd)
  if not pid then
    process.close(fd)
    self:fail(task, message)
  end
  local now, timeout = process.monotonic(), self.options.timeout
  self.running[fd] = {
    task = task, pid = pid, fd = fd, parts = {}, started = now, deadline = timeout and now + timeout,
  }
  self.count = self.count + 1
  if self.options.on_start then self.options.on_start(task) end
end

--- Takes the whole lines of what has come so far.
function Pool:take_events(worker, text)
  local first, last = 1, text:find("\n", 1, true)
  while last do
    table.insert(worker.parts, text:sub(first, last - 1))
    local event = json.decode(table.concat(worker.parts))
    worker.parts = {}
    if event and self.options.on_event then self.options.on_event(worker.task, event) end
    first, last = last + 1, text:find("\n", last + 1, true)
  end
  table.insert(worker.parts, text:sub(first))
end

function Pool:finish(worker)
  process.close(worker.fd)
  local _, how, code = process.wait(worker.pid)
  self.running[worker.fd] = nil
  self.count = self.count - 1
  self.options.on_end(worker.task, {
    pid = worker.pid, how = how, code = code, timed_out = worker.timed_out or false,
    seconds = process.monotonic() - worker.started,
  })
end

--- Asks workers that are over their time to end, and ends those that do not.
function Pool:enforce(now)
  for _, worker in pairs(self.running) do
    if worker.deadline and now >= worker.deadline then
      process.kill(worker.pid, worker.asked and "KILL" or worker.asks or "TERM")
      worker.timed_out = worker.timed_out or not worker.asked and not self.stopping
      worker.asked, worker.deadline = true, now + (worker.asks == "TERM" and HURRY or PATIENCE)
    end
  end
end

--- After Ctrl-C, which workers get too, no task is begun any more. Other signals may have come to this process alone.
function Pool:notice_stop(now)
  if self.stopping or not stop.is_requested() then return end
  self.stopping = true
  local may_finish = process.stop_requests() > 0 and not self.options.is_disposable
  for _, worker in pairs(self.running) do
    worker.deadline, worker.asks = may_finish and now + CTRL_C_REACHES or now, may_finish and "INT" or "TERM"
  end
end

--- Milliseconds until something is due.
function Pool:patience(now)
  local due = now + self.options.tick
  for _, worker in pairs(self.running) do due = math.min(due, worker.deadline or due) end
  return math.max(0, math.ceil((due - now) * 1000))
end

function Pool:wait()
  local fds = {}
  for fd in pairs(self.running) do fds[#fds + 1] = fd end
  for _, fd in ipairs(assert(process.poll(fds, self:patience(process.monotonic())))) do
    local worker = self.running[fd]
    local text = process.read(fd, READ)
    if text and text ~= "" then self:take_events(worker, text) else self:finish(worker) end
  end
  local now = process.monotonic()
  self:notice_stop(now)
  self:enforce(now)
  if self.options.on_tick then self.options.on_tick() end
end

--- Starts as many tasks as may run.
-- @treturn boolean whether there may be more
function Pool:fill()
  while self.count < self.options.jobs and not stop.is_requested() do
    local task = self.next_task()
    if not task then return task == false end
    self:start(task)
  end
  return not stop.is_requested()
end

function Pool:kill_all()
  process.polls_stop(self.polled_before)
  for _, worker in pairs(self.running) do process.kill(worker.pid, "KILL") end
  for fd, worker in pairs(self.running) do
    process.wait(worker.pid)
    process.close(fd)
    if self.options.on_kill then self.options.on_kill(worker.task, worker.pid) end
  end
end

local function in_order(tasks)
  local position = 0
  return function()
    position = position + 1
    return tasks[position]
  end
end

--- Runs each task in a process of its own and returns when all have ended, or, after Ctrl-C, when those that had begun
-- have. An error in one of the functions called here ends all workers at once.
-- @tparam table|function tasks any values; or a function that gives the next one, false where there is none as yet (it
-- is asked again after a tick), nil where there is none left
-- @tparam table options
-- work: `function(task, send) -> exit code`, called in the worker; `send(event)` hands a plain table to the parent;
-- jobs: how many at a time; timeout: seconds after which a worker is ended (none);
-- on_start(task), on_event(task, event): called in the parent;
-- on_end(task, ending): ending = { pid, how = "exit" | "signal", code, timed_out, seconds };
-- on_kill(task, pid): called instead where an error ends everything; without pid where a process could not be started;
-- is_disposable: whether a stopped run does without what the tasks do, so that Ctrl-C ends them at once;
-- on_tick(): called every `tick` seconds (1) or more often
-- @usage pool.run({ 1, 2, 3 }, {
--   jobs = 2, work = function(n) return n end, on_end = function(n, ending) print(n, ending.code) end,
-- })
function pool.run(tasks, options)
  options.tick = options.tick or 1
  collectgarbage() -- else each worker frees the script's garbage itself, and so copies the memory that it shares
  local self <close> = setmetatable({
    options = options, running = {}, count = 0, next_task = type(tasks) == "function" and tasks or in_order(tasks),
  }, { __index = Pool, __close = Pool.kill_all })
  self.polled_before = process.polls_stop(true)
  while self:fill() or self.count > 0 do self:wait() end
end

return pool
