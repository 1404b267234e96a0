--- What a run shows while it runs, on standard error.
--
-- On a terminal: finished trials scroll by as plain lines, and below them one line for each that is running is redrawn
-- in place. Elsewhere: one plain line for each finished trial (`verbose`: for each epoch too). `quiet`: warnings only.
local process = require "engine.process"
local fates = require "nn.trials.fates"
local format = require "nn.report.format"
local notation = require "nn.support.notation"

local Progress = {}
Progress.__index = Progress

local STDERR = 2
local REDRAW = 0.2 -- seconds
local COLORS = { complete = 32, reused = 36, diverged = 33, pruned = 33, failed = 31, crashed = 31, timeout = 31,
  ["out of memory"] = 31, interrupted = 33, warning = 33, title = 1 }

--- @tparam table options quiet, verbose, terminal (whether lines can be redrawn), color
function Progress.new(options)
  return setmetatable({ options = options, running = {}, drawn = 0, last_drawn = 0, warned = {} }, Progress)
end

-- ---- words ----------------------------------------------------------------------------------------------------------

local function number_text(x)
  local size = math.abs(x)
  if x == math.floor(x) and size < 1e6 and math.type(x) == "integer" then return tostring(x) end
  return x ~= x and "nan" or (size >= 0.001 and size < 100 and "%.4f" or "%.4g"):format(x)
end

local function duration(seconds)
  if seconds < 0.995 then return ("%.0f ms"):format(1000 * seconds) end
  if seconds < 9.95 and math.type(seconds) == "float" then return ("%.1f s"):format(seconds) end
  local whole = math.floor(seconds + 0.5)
  if whole < 60 then return ("%d s"):format(whole) end
  if whole < 3600 then return ("%d:%02d min"):format(whole // 60, whole % 60) end
  return ("%d:%02d h"):format(whole // 3600, whole % 3600 // 60)
end

local function by_itself(_, value)
  return notation.text(value)
end

--- "complete", or where trials differ "2 complete, 1 failed".
-- @tparam {[string]=integer} counts
function Progress.count_text(counts)
  local states, words = {}, {}
  for state in pairs(counts) do states[#states + 1] = state end
  if #states == 1 then return states[1] end
  table.sort(states, function(a, b)
    if counts[a] ~= counts[b] then return counts[a] > counts[b] end
    return a < b
  end)
  for i, state in ipairs(states) do words[i] = ("%d %s"):format(counts[state], state) end
  return table.concat(words, ", ")
end

--- "width=100 depth=3": the parameters that a variant sets, in the order in which the sweep names them; or "defaults".
-- @tparam table params
-- @tparam {string,...} names
-- @tparam[opt=notation.text] function value_text function(name, value), see `notation.namers`
function Progress.label(params, names, value_text)
  local words = { #names == 0 and "defaults" or nil }
  for i, name in ipairs(names) do
    words[i] = notation.legible(name) .. "=" .. (value_text or by_itself)(name, params[name])
  end
  return table.concat(words, " ")
end

function Progress:paint(text, kind)
  if not self.options.color then return text end
  return ("\27[%dm%s\27[0m"):format(COLORS[kind] or 0, text)
end

-- ---- lines that stay, lines that are redrawn ------------------------------------------------------------------------

function Progress:erase()
  if self.drawn > 0 then io.stderr:write(("\27[%dA\27[J"):format(self.drawn)) end
  self.drawn = 0
end

--- Prints a line above those that are redrawn.
function Progress:print(line)
  self:erase()
  io.stderr:write(line, "\n")
end

--- Prints a line unless the user wants quiet.
function Progress:say(line)
  if not self.options.quiet then self:print(line) end
end

--- Prints a warning; the same one only once.
function Progress:warn(text)
  text = notation.legible(text)
  if self.warned[text] then return end
  self.warned[text] = true
  self:print(self:paint("warning:", "warning") .. " " .. text)
end

-- A value of the objective; all of a section have as many decimals as the first calls for.
function Progress:score_text(score)
  local section = self.section
  section.decimals = section.decimals or format.decimals({ score }, section.traits)
  return ("%s %s"):format(notation.legible(section.objective), format.number(score, section.decimals))
end

local function share(worker)
  local epochs = worker.plan.epochs
  return epochs and math.min(1, (worker.epoch + worker.part) / epochs) or 0
end

function Progress:live_line(worker, now)
  local part = share(worker)
  local words = {
    "  " .. worker.plan.label,
    ("epoch %d/%s"):format(math.min(worker.epoch + 1, worker.plan.epochs), worker.plan.epochs),
    ("%3d%%"):format(math.floor(100 * part)),
  }
  if worker.loss then words[#words + 1] = "loss " .. number_text(worker.loss) end
  if worker.score then words[#words + 1] = self:score_text(worker.score) end
  if part > 0.02 then
    words[#words + 1] = duration(math.ceil((now - worker.started) * (1 - part) / part)) .. " left"
  end
  return table.concat(words, "  ")
end

function Progress:total_line()
  local section = self.section
  return ("%s: %d of %d trials done%s, %s"):format(section.title, section.done, section.total,
    section.bad > 0 and (", %d without a result"):format(section.bad) or "",
    duration(process.monotonic() - section.started))
end

--- Redraws the lines of the running trials, a few times a second at most.
function Progress:tick()
  local now = process.monotonic()
  if not self.options.terminal or self.options.quiet or now - self.last_drawn < REDRAW then return end
  self:erase()
  self.last_drawn = now
  local width = (process.terminal_width(STDERR) or 80) - 1
  local lines = {}
  for _, worker in ipairs(self.running) do lines[#lines + 1] = self:live_line(worker, now):sub(1, width) end
  lines[#lines + 1] = self:total_line():sub(1, width)
  io.stderr:write(table.concat(lines, "\n"), "\n")
  self.drawn = #lines
end

-- ---- what happens ---------------------------------------------------------------------------------------------------

--- A sweep or single trial begins.
-- @tparam table section title, objective, total (trials)
function Progress:begin(section)
  section.done, section.bad, section.started = 0, 0, process.monotonic()
  section.failures = {}
  section.title = notation.legible(section.title)
  self.section, self.last_drawn = section, 0
  self:say(self:paint(section.title, "title"))
end

local function find(running, plan)
  for position, worker in ipairs(running) do
    if worker.plan == plan then return worker, position end
  end
end

--- A trial begins to train, for the first time or again.
-- @tparam table plan label, epochs
function Progress:started(plan)
  local _, position = find(self.running, plan)
  self.running[position or #self.running + 1] = { plan = plan, epoch = 0, part = 0, started = process.monotonic() }
end

--- A trial's process has died, and another one will take over.
function Progress:again(plan)
  self:say(("  %s  its process was killed; it is tried again"):format(plan.label))
end

--- A trial goes on where an earlier attempt ended.
-- @tparam table plan
-- @tparam integer epoch the last one that is done
function Progress:resumed(plan, epoch)
  self:say(("  %s  resumed %s"):format(plan.label, epoch > 0 and "after epoch " .. epoch or "within its first epoch"))
end

--- Nothing is left to train but what other processes train.
-- @tparam integer count of such trials
function Progress:waiting(count)
  if self.section.is_waiting then return end
  self.section.is_waiting = true
  self:say(("  waiting for %d %s that another nnrun trains"):format(count, count == 1 and "trial" or "trials"))
end

--- A trial tells how far it is.
-- @tparam table plan as given to `started`
-- @tparam table event epoch (finished ones), part (of the next), logs, is_epoch (whether one has just ended)
function Progress:heard(plan, event)
  local worker = find(self.running, plan)
  worker.epoch, worker.part = event.epoch, event.part
  worker.loss = event.logs.loss or worker.loss
  worker.score = event.logs[self.section.objective] or worker.score
  if event.is_epoch and self.options.verbose then
    local words = {}
    for name, value in pairs(event.logs) do words[#words + 1] = notation.legible(name) .. " " .. number_text(value) end
    table.sort(words)
    self:say(("  %s  epoch %d/%d  %s"):format(plan.label, event.epoch, plan.epochs, table.concat(words, "  ")))
  end
end

--- Notes how a trial ended without a result. The first of those that ended alike is shown at once, the others in one
-- line when the section ends.
-- @treturn boolean whether it is to be shown now
function Progress:note_failure(status, reason)
  local failures, key = self.section.failures, status .. ": " .. reason
  local failure = failures[key]
  if not failure then
    failure = { status = status, reason = reason, count = 0 }
    failures[key], failures[#failures + 1] = failure, failure
  end
  failure.count = failure.count + 1
  return failure.count == 1 or self.options.verbose or status == "interrupted"
end

-- Says what several trials ended with.
function Progress:gather_failures()
  for _, each in ipairs(self.section and self.section.failures or {}) do
    if each.count > 1 then self:say("  " .. fates.gathered(each.count, each.status, each.reason)) end
  end
  if self.section then self.section.failures = {} end
end

--- A trial has ended, or was there already.
-- @tparam table plan as given to `started`
-- @tparam table trial status, reason, score, seconds, reused
function Progress:finished(plan, trial)
  local section = self.section
  local _, position = find(self.running, plan)
  if position then table.remove(self.running, position) end
  if trial.status ~= "interrupted" then section.done = section.done + 1 end
  local words = { "  " .. plan.label }
  if trial.status == "complete" then
    local score = (trial.metrics or {})[section.objective] or trial.score
    words[2] = score and self:score_text(score) or "complete"
  else
    section.bad = section.bad + 1
    local reason = notation.legible((trial.reason or ""):match "[^\n]*")
    words[2] = self:paint(trial.status, trial.status) .. (reason ~= "" and ": " .. reason or "")
    if not self:note_failure(trial.status, reason) then return end
  end
  words[3] = trial.reused and self:paint("reused", "reused") or duration(trial.seconds or 0)
  words[4] = ("(%d/%d)"):format(section.done, section.total)
  self:say(table.concat(words, "  "))
end

--- A sweep has ended: its table, columns aligned at the right.
-- @tparam {string,...} head names of columns
-- @tparam {{string,...},...} rows
function Progress:table(head, rows)
  local widths = {}
  for _, row in ipairs { head, table.unpack(rows) } do
    for i, cell in ipairs(row) do widths[i] = math.max(widths[i] or 0, utf8.len(cell) or #cell) end
  end
  for _, row in ipairs { head, table.unpack(rows) } do
    local cells = {}
    for i, cell in ipairs(row) do cells[i] = (" "):rep(widths[i] - (utf8.len(cell) or #cell)) .. cell end
    self:say("  " .. table.concat(cells, "  "))
  end
end

--- Nothing runs any more: what was redrawn goes.
function Progress:close()
  self:erase()
  self:gather_failures()
  self.running = {}
end

Progress.duration = duration

return Progress
