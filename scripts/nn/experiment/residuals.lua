--- What a regression gets wrong on the test data: predicted against true, residuals, the rows it misses by most.
local json = require "nn.support.json"
local plot = require "nn.plot"
local reporting = require "nn.experiment.reporting"
local tensor = require "nn.tensor"

local residuals = {}

local WORST = 10       -- rows listed
local MOST_OUTPUTS = 4 -- of each its charts; more are counted
local MOST_INPUTS = 8  -- columns listed with a row

-- The rows with the largest residuals, the largest first.
local function worst_rows(truth, predicted)
  local rows = {}
  for i, value in ipairs(truth) do
    if predicted[i] == predicted[i] then rows[#rows + 1] = { row = i, truth = value, predicted = predicted[i] } end
  end
  table.sort(rows, function(a, b)
    local x, y = math.abs(a.truth - a.predicted), math.abs(b.truth - b.predicted)
    if x ~= y then return x > y end
    return a.row < b.row
  end)
  return table.move(rows, 1, math.min(#rows, WORST), 1, json.list {})
end

-- The inputs of a row, where they are a few numbers.
local function add_inputs(lab, rows)
  local x = lab.test.inputs[1]
  if #lab.test.inputs > 1 or x.ndim ~= 2 or x.shape[2] > MOST_INPUTS then return end
  for _, each in ipairs(rows) do each.inputs = x[each.row]:totable() end
end

local function draw(lab, entry, name, truth, predicted, title)
  local function take(markdown) table.insert(entry.figures, markdown) end
  local shown = plot.predictions { truth, predicted, title = title }
  reporting.draw(lab, shown, "predictions" .. name, take)
  reporting.draw(lab, plot.predictions { truth, predicted, residuals = true, title = title }, "residuals" .. name, take)
end

-- One column of targets beside what was predicted of it.
local function add_column(lab, entry, name, truth, predicted)
  local rows = worst_rows(truth, predicted)
  if #rows == 0 then return end
  add_inputs(lab, rows)
  table.insert(entry.residuals, { output = name, worst = rows })
  draw(lab, entry, name and "-" .. name or "", truth, predicted, name and "output " .. name)
end

local function columns_of(t) return t:astype("float32"):reshape { #t, -1 } end

--- Adds what there is to say about numbers that were predicted; nothing where predictions and targets do not stand side
-- by side.
-- @tparam table lab the experiment
-- @tparam table entry the section of the manifest: gets `residuals`, a list with `output` (its number where there are
-- several) and `worst`, a list of { row =, inputs =, truth =, predicted = }; `outputs`, how many there are; and figures
-- @param predictions a tensor, or a list of tensors
function residuals.add(lab, entry, predictions)
  local list = tensor.is_tensor(predictions) and { predictions } or predictions
  local columns = {}
  for i, target in ipairs(lab.test.targets) do
    if not list[i] or list[i].size ~= target.size then return end
    local truth, predicted = columns_of(target), columns_of(list[i])
    for k = 1, truth.shape[2] do columns[#columns + 1] = { truth[{ {}, k }], predicted[{ {}, k }] } end
    if #columns > MOST_OUTPUTS * MOST_OUTPUTS then break end -- pictures and the like
  end
  entry.residuals, entry.outputs = json.list {}, #columns
  if #columns > MOST_OUTPUTS * MOST_OUTPUTS then return end
  for k = 1, math.min(#columns, MOST_OUTPUTS) do
    add_column(lab, entry, #columns > 1 and tostring(k) or nil, columns[k][1]:totable(), columns[k][2]:totable())
  end
end

return residuals
