--- What fit shows while it runs: on a terminal a bar in Keras' look, elsewhere one plain line an epoch. Standard error.
local process = require "engine.process"
local batches = require "nn.models.batches"

local progress = {}

local STDERR, BAR = 2, 20

local function number(value)
  if type(value) ~= "number" then -- a metric with a tensor of values
    local parts = {}
    for i, each in ipairs(value:flatten():totable()) do parts[i] = number(each) end
    return "[" .. table.concat(parts, " ") .. "]"
  end
  if math.abs(value) > 1e-3 or value == 0 then return ("%.4f"):format(value) end
  return ("%.4e"):format(value)
end

local function values_text(logs, order)
  local parts = {}
  for _, name in ipairs(order) do
    if logs[name] then parts[#parts + 1] = name .. ": " .. number(logs[name]) end
  end
  return table.concat(parts, " - ")
end

local function bar(done, total)
  local filled = total > 0 and done * BAR // total or BAR
  return ("%d/%d %s%s"):format(done, total, ("━"):rep(filled), ("─"):rep(BAR - filled))
end

local Lines = {}
Lines.__index = Lines

function Lines:on_epoch_begin(epoch)
  self.started = process.monotonic()
  if self.live then io.stderr:write(("Epoch %d/%d\n"):format(epoch + 1, self.params.epochs)) end
end

function Lines:on_train_progress(done, total, training)
  if not self.live then return end
  local logs, order = batches.results(training)
  io.stderr:write(("\r\27[K%s %.0fs - %s"):format(bar(done, total), process.monotonic() - self.started,
    values_text(logs, order)))
end

function Lines:on_epoch_end(epoch, logs, order)
  local seconds = process.monotonic() - self.started
  if self.live then
    io.stderr:write(("\r\27[K%s %.1fs - %s\n"):format(bar(self.params.steps, self.params.steps), seconds,
      values_text(logs, order)))
  else
    io.stderr:write(("Epoch %d/%d - %.1fs - %s\n"):format(epoch + 1, self.params.epochs, seconds, values_text(logs, order)))
  end
end

--- The callbacks that show a fit.
-- @param verbose 0 or false: nothing; 1 or true or "auto": a bar on a terminal; 2: one line an epoch
-- @treturn {table,...}
function progress.for_fit(verbose)
  if verbose == 0 or verbose == false then return {} end
  local live = verbose ~= 2 and process.isatty(STDERR) and os.getenv "TERM" ~= "dumb"
  return { setmetatable({ live = live }, Lines) }
end

return progress
