--- A callback that times batches, epochs and validation. It ends the fit when the time is up.
local process = require "engine.process"

local Probe = {}
Probe.__index = Probe

Probe.DONE = {} -- the error by which it ends a fit

--- @tparam[opt] number seconds of training before the fit is ended; without it memory is not measured
-- @treturn Probe after the fit: `setup` (seconds), `memory` (bytes), `epochs` done, `epoch` (seconds of one), `trained`
-- (seconds), `validation` (seconds)
function Probe.new(seconds)
  -- Until training begins nothing is collected: a collection would copy all that is shared with the script's process.
  if seconds then collectgarbage "stop" end
  return setmetatable({ began = process.monotonic(), bytes = collectgarbage "count", seconds = seconds, epochs = 0,
    validation = 0, epoch = 0 }, Probe)
end

function Probe:on_train_begin()
  self.setup = process.monotonic() - self.began
  if self.seconds then
    collectgarbage "restart"
    self.memory = math.floor(1024 * (collectgarbage "count" - self.bytes))
  end
  self.started = process.monotonic()
end

function Probe:end_in_time(now)
  if self.seconds and now - self.started > self.seconds then error(Probe.DONE, 0) end
end

function Probe:on_epoch_begin()
  self.epoch_began = process.monotonic()
end

--- Estimates the epoch's time from the batches so far. The first ones do not count: they warm up the caches.
function Probe:on_train_progress(done, total)
  if self.epochs > 0 then return end
  local now = process.monotonic()
  if not self.first then
    self.first = { at = now, batch = done }
    return
  end
  if done == self.first.batch then return end
  self.epoch = (now - self.first.at) / (done - self.first.batch) * (total or done) -- at least, if nobody knows
  if total and done < total then self:end_in_time(now) end
end

function Probe:on_test_begin()
  self.test_began = process.monotonic()
end

function Probe:on_test_end()
  self.validation = process.monotonic() - self.test_began
end

function Probe:on_epoch_end()
  local now = process.monotonic()
  self.epochs = self.epochs + 1
  self.trained = now - self.started
  if self.epochs > 1 then
    self.epoch = (now - self.first_end) / (self.epochs - 1)
  else
    self.first_end, self.epoch = now, now - self.epoch_began
  end
  self:end_in_time(now)
end

return Probe
