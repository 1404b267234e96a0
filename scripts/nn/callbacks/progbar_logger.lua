--- How training goes.
-- @submodule nn.callbacks

local process = require "engine.process"
local base = require "nn.callbacks.base"

local STDERR, BAR = 2, 20
local REDRAW = 0.05 -- seconds

-- ---- words ----------------------------------------------------------------------------------------------------------

local function number(value)
  if type(value) ~= "number" then -- a metric with a tensor of values
    local parts = {}
    for i, each in ipairs(value:flatten():totable()) do parts[i] = number(each) end
    return "[" .. table.concat(parts, " ") .. "]"
  end
  if value ~= value then return "nan" end -- which printf gives a sign
  if math.abs(value) > 1e-3 or value == 0 then return ("%.4f"):format(value) end
  return ("%.4e"):format(value)
end

local function values_text(logs, order)
  local parts = {}
  for _, name in ipairs(order) do
    if logs[name] then parts[#parts + 1] = (" - %s: %s"):format(name, number(logs[name])) end
  end
  return table.concat(parts)
end

local function duration(seconds)
  local whole = math.floor(seconds)
  if whole >= 3600 then return ("%d:%02d:%02d"):format(whole // 3600, whole % 3600 // 60, whole % 60) end
  if whole >= 60 then return ("%d:%02d"):format(whole // 60, whole % 60) end
  return ("%ds"):format(whole)
end

local function pace(seconds, steps)
  local each = steps > 0 and seconds / steps or 0
  if each >= 1 then return ("%.0fs/step"):format(each) end
  if each >= 1e-3 then return ("%.0fms/step"):format(each * 1e3) end
  return ("%.0fus/step"):format(each * 1e6)
end

-- The total is nil in the first epoch over a dataset that does not know it.
local function bar(done, total)
  if not total then return ("%7d/Unknown"):format(done) end
  local filled = total > 0 and done * BAR // total or BAR
  return ("%" .. #tostring(total) .. "d/%d %s%s"):format(done, total, ("━"):rep(filled), ("─"):rep(BAR - filled))
end

-- A line that is drawn again and again must not wrap.
local function cut(line)
  local last = utf8.offset(line, process.terminal_width(STDERR) or 80)
  return last and line:sub(1, last - 1) or line
end

-- ---- moments --------------------------------------------------------------------------------------------------------

local methods = {}

function methods:on_train_begin()
  local verbose = self.params and self.params.verbose or 0
  self.silent = verbose == 0
  self.live = not self.silent and verbose ~= 2 and process.isatty(STDERR) and os.getenv "TERM" ~= "dumb"
end

function methods:on_epoch_begin(epoch)
  self.started, self.drawn = process.monotonic(), 0
  if self.live then base.say("Epoch %d/%d", epoch + 1, self.params.epochs) end
end

function methods:on_train_progress(done, total, logs, order)
  local now = process.monotonic()
  self.steps = done
  if not self.live or done == 0 or now - self.drawn < REDRAW then return end
  self.drawn = now
  local seconds = now - self.started
  local left = total and duration(seconds / done * (total - done)) or duration(seconds)
  local line = ("%s %s %s%s"):format(bar(done, total), left, pace(seconds, done), values_text(logs, order))
  io.stderr:write("\r\27[K", cut(line))
end

function methods:on_epoch_end(epoch, logs, order)
  if self.silent then return end
  local seconds, steps = process.monotonic() - self.started, self.params.steps or self.steps or 0
  if self.live then io.stderr:write("\r\27[K") end
  base.say("%s %s %s%s", self.live and bar(steps, steps) or ("Epoch %d/%d -"):format(epoch + 1, self.params.epochs),
    self.live and duration(seconds) or ("%.1fs -"):format(seconds), pace(seconds, steps), values_text(logs, order))
end

--- Shows how training goes, on standard error: with verbose 1 a bar in Keras' look on a terminal, otherwise one line an
-- epoch. `fit` adds one unless verbose is 0.
-- @function ProgbarLogger
-- @usage model:fit(x, y, { callbacks = { nn.callbacks.ProgbarLogger{} } })
return base.define { class = "ProgbarLogger", arguments = {}, methods = methods }
