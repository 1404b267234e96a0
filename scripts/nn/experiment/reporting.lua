--- When an experiment's report is written, and by which process.
--
-- Until a run has something to add, it writes nothing into the folder: a script that ends with an error before it has
-- trained anything leaves the report of an earlier run as it is.
local process = require "engine.process"
local blame = require "nn.support.blame"
local gnuplot = require "nn.plot.gnuplot"
local manifest = require "nn.experiment.manifest"
local pool = require "nn.trials.pool"
local report = require "nn.report"
local sealing = require "nn.store.sealing"
local session = require "nn.experiment.session"
local stop = require "nn.support.stop"

local reporting = {}

--- From now on the run writes: a trial was trained, or the script is through. Draws the charts that waited for this.
-- @tparam table lab
function reporting.begin(lab)
  if lab.has_begun then return end
  lab.has_begun = true
  lab.store:open()
  for _, draw in ipairs(lab.charts_to_draw) do draw() end
  lab.charts_to_draw = {}
end

--- Draws a chart into the folder: now, or when the run begins to write.
-- @tparam table lab
-- @tparam table figure
-- @tparam string name of its files
-- @tparam function take function(markdown) is called with what shows it
function reporting.draw(lab, figure, name, take)
  local function draw()
    local written = figure:write(lab.store.charts, name)
    sealing.files(lab.folder, written.files or {}) -- a figure of the script's own may not tell them
    take(written.markdown)
  end
  if lab.has_begun then return draw() end
  table.insert(lab.charts_to_draw, draw)
end

local PATIENCE = 10 -- times what the last report took: how long until the next
-- While trials run, which a report keeps from being begun: seconds, and times what the last one took.
local RUNNING_SECONDS, RUNNING_PATIENCE = 10, 50
local LEAD_TICK = 50 -- milliseconds between two attempts to become the one that writes the report

--- Writes experiment.json and the report, unless another process on the same folder does that.
-- @tparam table lab
-- @tparam function writer function(folder)
local function write(lab, writer)
  if not lab.has_begun or not lab.store:leads() then return end
  manifest.write(lab)
  local began = process.monotonic()
  writer(lab.folder)
  lab.report_ended = process.monotonic()
  lab.report_seconds = lab.report_ended - began
end

local function heard(_, event)
  if event.trouble then gnuplot.trouble = event.trouble end
  if not event.message or stop.is_requested() then return end
  if event.status then blame.fatal(event.status, "%s", event.message) end
  error(event.message, 0)
end

--- Writes the report in a process of its own: reading all trials and drawing their charts takes memory, which a long
-- sweep should not keep.
local function write_aside(folder)
  pool.run({ folder }, {
    jobs = 1, is_disposable = true, on_event = heard, on_end = function() end,
    work = function(_, send)
      local ok, problem = pcall(report.write, folder)
      send { trouble = gnuplot.trouble }
      if ok then return 0 end
      send(blame.is_fatal(problem) and { message = problem.message, status = problem.status }
        or { message = blame.text(problem) })
      return 1
    end,
  })
end

--- Writes experiment.json, and the report as it stands now, unless that is so new that drawing its charts would take
-- more time than training.
-- @tparam table lab
function reporting.refresh(lab)
  lab.is_reported = false
  local is_due = process.monotonic() - lab.report_ended > PATIENCE * lab.report_seconds
  if is_due and not session.options.is_dry_run then write(lab, write_aside) else manifest.write(lab) end
end

--- While trials run: the report, if the last one is old enough.
-- @tparam table lab
function reporting.progress(lab)
  lab.is_reported = false
  local since = process.monotonic() - math.max(lab.report_ended, lab.began)
  if since > math.max(RUNNING_SECONDS, RUNNING_PATIENCE * lab.report_seconds) then write(lab, write_aside) end
end

--- Now, and here.
-- @tparam table lab
function reporting.write(lab) write(lab, report.write) end

--- Waits until no other process leads, so that what is written last knows all trials. Not after the wish to stop.
function reporting.await_lead(lab)
  if stop.is_requested() or lab.store:leads() then return end
  lab.progress:say("waiting for another nnrun that writes the report of " .. lab.name)
  while not stop.is_requested() and not lab.store:leads() do process.poll({}, LEAD_TICK) end
end

return reporting
