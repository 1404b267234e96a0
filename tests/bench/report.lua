--- The benchmark's tables and chart.
local files = require "nn.support.files"
local nn = require "nn"
local numbers = require "tests.bench.numbers"
local kernels = require "engine.kernels"
local machine = require "engine.machine"

local report = {}

local REFERENCE, FLOOR = "nnrun", "floor"

local function digits(value)
  return (value < 999.5 and "%.3g" or "%.0f"):format(value)
end

local function time_of(workload, run)
  return digits(numbers.in_unit(workload, (numbers.spread(run.seconds))))
end

--- "0.227 (2.1 x, 2.0-2.2)"
local function compared(workload, run, reference)
  local middle, low, high = numbers.spread(numbers.ratios(run.seconds, reference.seconds))
  return ("%s (**%.2f x**, %.2f-%.2f)"):format(time_of(workload, run), middle, low, high)
end

--- "0.105 (96 %, 94-97)"
local function fraction(workload, run, reference)
  local middle, low, high = numbers.spread(numbers.ratios(run.seconds, reference.seconds))
  return ("%s (**%.0f %%**, %.0f-%.0f)"):format(time_of(workload, run), middle * 100, low * 100, high * 100)
end

local function cell(workload, name, runs)
  local run = runs[name]
  if not run or #run.seconds == 0 then return run and run.skip or "" end
  if name == REFERENCE or not runs[REFERENCE] then return time_of(workload, run) end
  return (name == FLOOR and fraction or compared)(workload, run, runs[REFERENCE])
end

local function score_cell(workload, name, runs)
  local run = runs[name]
  if not run or #run.scores == 0 then return "" end
  local same, mean = numbers.same_score(run.scores, runs[REFERENCE].scores, workload.tolerance)
  return ("%.4f%s"):format(mean, same and "" or " **differs**")
end

local function markdown_table(header, rows)
  local lines = { "| " .. table.concat(header, " | ") .. " |", "| --- " .. ("| ---: "):rep(#header - 1) .. "|" }
  for _, row in ipairs(rows) do lines[#lines + 1] = "| " .. table.concat(row, " | ") .. " |" end
  return table.concat(lines, "\n")
end

--- A row for each workload, a column for each program; content(workload, name, runs) -> text.
local function grid(outcome, names, first, content)
  local header, rows = { first }, {}
  for i, name in ipairs(names) do header[i + 1] = outcome.titles[name] end
  for _, entry in ipairs(outcome.entries) do
    local row = { ("%s (%s)"):format(entry.workload.title, entry.workload.unit) }
    for i, name in ipairs(names) do row[i + 1] = content(entry.workload, name, entry.runs) end
    rows[#rows + 1] = row
  end
  return markdown_table(header, rows)
end

--- What was measured, as a table of times in Markdown.
-- @tparam table outcome entries = { { workload =, runs = { [name] = { seconds =, scores =, skip = } } } }; titles by
-- name; names in order
function report.times(outcome)
  return grid(outcome, outcome.names, "workload", cell)
end

--- The scores on the test set: accuracy, for housing the mean squared error.
function report.scores(outcome)
  local names = {}
  for _, name in ipairs(outcome.names) do
    if name ~= FLOOR then names[#names + 1] = name end
  end
  local trained = { titles = outcome.titles, entries = {} }
  for _, entry in ipairs(outcome.entries) do
    if entry.workload.task == "train" then trained.entries[#trained.entries + 1] = entry end
  end
  return grid(trained, names, "score on the test set", score_cell)
end

--- A program's times as multiples of nnrun's, one a workload; NaN where it did not run. Also how many did.
local function multiples(outcome, name)
  local values, count = {}, 0
  for i, entry in ipairs(outcome.entries) do
    local run, reference = entry.runs[name], entry.runs[REFERENCE]
    local ran = run and #run.seconds > 0
    values[i] = ran and (numbers.spread(numbers.ratios(run.seconds, reference.seconds))) or 0 / 0
    count = count + (ran and 1 or 0)
  end
  return values, count
end

--- Bars for each workload; nil where there is nothing to draw.
local function chart(outcome)
  local series, names = {}, {}
  for i, entry in ipairs(outcome.entries) do names[i] = entry.workload.name end
  for _, name in ipairs(outcome.names) do
    local values, count = multiples(outcome, name)
    if name ~= REFERENCE and count > 0 then series[#series + 1] = { name = outcome.titles[name], values = values } end
  end
  return series[1] and nn.plot.bars { title = "Time, as a multiple of nnrun's", y_label = "times nnrun's",
    names = names, series = series }
end

local function counted(count, what)
  return ("%d %s%s"):format(count, what, count == 1 and "" or "s")
end

local FLOOR_NOTE = {
  dense = "the matrix products alone through OpenBLAS, and one pass over the optimizer's memory",
  images = "as many multiplications as the network needs, in large matrix products through OpenBLAS",
}
FLOOR_NOTE.sequences = FLOOR_NOTE.images

local PYTORCH_NOTE = "PyTorch: as most users run it. At its best: pictures with channels last, one call of the "
  .. "optimizer for all parameters, and an allocator that keeps the memory of large tensors."

--- The file's name without its ending.
local function name_of(outcome)
  local kind = outcome.kind or "dense"
  return ("%s-%d"):format(kind == "dense" and "threads" or kind, outcome.threads)
end

local function text_of(outcome, picture)
  local kind = outcome.kind or "dense"
  local parts = {
    ("# Benchmark, %s"):format(counted(outcome.threads, "thread")),
    ("%s, %s. nnrun %s, %s kernels; %s. Median of %s, the programs taking turns."):format(machine.processor(),
      counted(machine.cpu_count(), "core"), machine.version(), kernels.levels()[1], machine.blas().description,
      counted(outcome.runs, "run")),
    report.times(outcome),
    "In parentheses: the time divided by nnrun's in the same round, median and range. For the floor ("
      .. FLOOR_NOTE[kind] .. ") it is nnrun's fraction of the floor's speed; above 100 % where zeros in the input are "
      .. "made use of, or nnrun's kernels are faster than BLAS's.",
    kind == "dense" and "" or PYTORCH_NOTE,
    picture, report.scores(outcome),
    "Mean over the runs' seeds; accuracy, for housing the mean squared error. \"Differs\": by more than two standard "
      .. "errors and the workload's tolerance.",
  }
  if outcome.lab then parts[#parts + 1] = outcome.lab end
  for _, remark in ipairs(outcome.remarks) do parts[#parts + 1] = remark end
  return (table.concat(parts, "\n\n"):gsub("\n\n\n+", "\n\n")) .. "\n"
end

--- Writes threads-N.md for the dense networks, images-N.md or sequences-N.md, and its chart.
-- @tparam table outcome as for times; also kind ("dense" by default), threads, runs, lab (a sentence or nil), remarks
-- (sentences)
-- @tparam string folder
-- @treturn string path of the Markdown
function report.write(outcome, folder)
  local name = name_of(outcome)
  assert(files.make_folder(folder))
  local figure = chart(outcome)
  local picture = figure and figure:write(folder .. "/charts", name).markdown or ""
  local path = ("%s/%s.md"):format(folder, name)
  assert(files.write(path, text_of(outcome, picture)))
  return path
end

return report
