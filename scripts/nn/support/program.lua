--- Runs other programs: without a shell, without input, and in a process group of its own each, which Ctrl-C at the
-- terminal does not reach and which ends with this process. What a program prints is kept up to a limit.
local lfs = require "lfs"
local process = require "engine.process"

local program = {}

local NOT_FOUND = 127 -- exit status
local READ, LIMIT = 65536, 1 << 20 -- bytes: read at a time; kept of what it prints
local TICK, SHORT_TICK = 100, 5 -- milliseconds between two looks whether it has ended

-- ---- starting -------------------------------------------------------------------------------------------------------

--- What comes through a pipe, up to a limit.
-- @treturn ?table nil and a message where there can be no pipe
-- @treturn ?integer the end for the program
local function new_stream(limit)
  local fd, program_end = process.pipe()
  if not fd then return nil, program_end end
  return { fd = fd, limit = limit, size = 0, parts = {} }, program_end
end

--- In the new process.
local function become(words, options, output, errors, parent)
  process.redirect(errors, 2)
  process.redirect(output, 1)
  process.redirect(assert(process.open_for_append "/dev/null"), 0)
  process.new_group()
  process.die_with_parent(parent)
  if options.folder then assert(lfs.chdir(options.folder)) end
  process.become(words, options.environment or {})
  return NOT_FOUND
end

local Run = {}
Run.__index = Run

--- @treturn boolean whether it could be started
-- @treturn ?string why not
function Run:start(words, options)
  local output, output_end = new_stream(options.limit or LIMIT)
  if not output then return false, output_end end
  self.output = output
  local errors, errors_end = new_stream(LIMIT)
  self.errors = errors
  local parent = process.pid()
  local pid, message = nil, errors_end
  if errors then
    pid, message = process.fork(function() return become(words, options, output_end, errors_end, parent) end)
    process.close(errors_end)
  end
  process.close(output_end)
  self.pid, self.is_running = pid, pid ~= nil
  return self.is_running, message
end

-- ---- running --------------------------------------------------------------------------------------------------------

local function close(stream)
  if stream and stream.fd then process.close(stream.fd) end
  if stream then stream.fd = nil end
end

local function read(stream)
  local text = process.read(stream.fd, READ) or ""
  stream.size = stream.size + #text
  if stream.size <= stream.limit then table.insert(stream.parts, text) end
  if text == "" then close(stream) end
end

--- Whether the program has ended; what it began may go on.
-- @tparam[opt=false] boolean waits until it has
function Run:has_ended(waits)
  if not self.is_running then return true end
  local pid, how, code = process.wait(self.pid, not waits)
  if pid == false then return false end
  self.is_running, self.how, self.code = false, how, code
  return true
end

--- Waits a little for what the program prints, and reads it.
-- @treturn boolean whether there was anything
function Run:listen()
  local streams, fds = {}, {}
  for _, stream in ipairs { self.output, self.errors } do
    if stream.fd then streams[stream.fd], fds[#fds + 1] = stream, stream.fd end
  end
  local ready = process.poll(fds, #fds > 0 and TICK or SHORT_TICK) or {}
  for _, fd in ipairs(ready) do read(streams[fd]) end
  return #ready > 0
end

--- Reads until there is nothing left to read or to wait for, or no reason to wait longer.
function Run:follow(deadline, on_tick)
  while self.output.fd or self.errors.fd or not self:has_ended() do
    local has_news = self:listen()
    self.is_late = process.monotonic() > deadline
    self.is_too_long = self.output.size > self.output.limit
    if self.is_late or self.is_too_long or not has_news and self:has_ended() then return end
    if on_tick then on_tick() end
  end
end

--- Ends it, with all that it has begun, unless all of that has ended.
function Run:finish()
  local is_open = self.output and self.output.fd or self.errors and self.errors.fd
  if self.is_running or self.pid and is_open then process.kill(-self.pid, "KILL") end
  close(self.output)
  close(self.errors)
  self:has_ended(true)
end
Run.__close = Run.finish

-- ---- for callers ----------------------------------------------------------------------------------------------------

--- Why it failed, in words; nil where it did not.
function Run:problem(seconds)
  local said = table.concat(self.errors.parts)
  if self.is_late then return ("it did not end within %g seconds"):format(seconds) end
  if self.is_too_long then return ("it printed more than %d bytes"):format(self.output.limit) end
  if self.how == "signal" then return ("it crashed (signal %d)"):format(self.code) end
  if self.code == 0 then return nil end
  return said:find "%S" and said or ("it ended with status %d and said nothing"):format(self.code)
end

--- Runs a program to its end.
-- @tparam {string,...} words its name and its arguments
-- @tparam[opt] table options folder: where it runs; environment: variables; seconds: after so many it is ended (it
-- may take its time); limit: after so many bytes of output it is ended (a million); on_tick: a function called again
-- and again meanwhile
-- @treturn ?string what it printed; nil where it did not end with status 0
-- @treturn string what it printed on standard error; where it failed without a word, why
-- @treturn ?string "missing" where it is not installed, "late" where its time was over
function program.run(words, options)
  options = options or {}
  local run <close> = setmetatable({}, Run)
  local is_started, message = run:start(words, options)
  if not is_started then return nil, "it cannot be started: " .. message end
  run:follow(options.seconds and process.monotonic() + options.seconds or math.huge, options.on_tick)
  run:finish()
  local problem = run:problem(options.seconds)
  if not problem then return table.concat(run.output.parts), table.concat(run.errors.parts) end
  local is_missing = run.code == NOT_FOUND and run.errors.size == 0
  return nil, problem, is_missing and "missing" or run.is_late and "late" or nil
end

return program
