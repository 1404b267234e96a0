--- How experiments are declared that have a training loop of their own, `train = function(params, data, report)`.
local blame = require "nn.support.blame"
local Dataset = require "nn.data".Dataset
local tensor = require "nn.tensor"

local own_loop = {}

local PARTS = { "train", "validation", "test" }

-- What `fit` is told, for which a loop has no use.
local OF_FIT = { "build", "callbacks", "class_weight", "sample_weight" }

local function has_parts(data)
  return type(data) == "table" and getmetatable(data) == nil and data[1] == nil
end

-- The parts of what was given as data: { x, y }, one tensor, a dataset, or a table of parts.
local function parts_of(data)
  if data == nil then return {} end
  if tensor.is_tensor(data) then return { train = { data } } end
  if Dataset.is(data) or not has_parts(data) then return { train = data } end
  local parts = {}
  for name, part in pairs(data) do
    if name ~= "train" and name ~= "validation" and name ~= "test" then
      blame("Experiment: data: expected { x, y }, or train, validation and test by name, got %s", tostring(name))
    end
    parts[name] = tensor.is_tensor(part) and { part } or part
  end
  return parts
end

--- Sorts what a script has declared: a function in `train` becomes `loop`, and `data` the training data.
-- @tparam table given what nn.Experiment was given
-- @treturn table the same
function own_loop.declare(given)
  if type(given.train) ~= "function" then
    if given.data ~= nil or given.evaluate ~= nil then
      blame("Experiment: %s goes with train = function(params, data, report); otherwise say train = { x, y }",
        given.data ~= nil and "data" or "evaluate")
    end
    return given
  end
  for _, name in ipairs(OF_FIT) do
    if given[name] ~= nil then
      blame("Experiment: %s has no effect beside train = function(params, data, report): do in that function what it "
        .. "should do", name)
    end
  end
  if given.evaluate ~= nil and type(given.evaluate) ~= "function" then
    blame("Experiment: evaluate: expected a function(model, test, params), got %s", blame.got(given.evaluate))
  end
  local parts = parts_of(given.data)
  given.loop, given.train = given.train, nil
  for _, name in ipairs(PARTS) do
    if parts[name] ~= nil and given[name] ~= nil then
      blame("Experiment: %s is given twice, within data and beside it", name)
    end
    if parts[name] ~= nil then given[name] = parts[name] end
  end
  return given
end

return own_loop
