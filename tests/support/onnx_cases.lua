-- Cases of the ONNX standard as its authors store them: NAME/model.onnx, and in NAME/test_data_set_0 input_0.pb,
-- output_0.pb ...
local files = require "nn.support.files"
local nn = require "nn"
local value = require "nn.onnx.value"
local wire = require "nn.onnx.wire"

local cases = {}

local function read(path)
  local text = files.read(path)
  return text and value.read(assert(wire.decode(text, "Tensor")))
end

local function all(folder, what)
  local list = {}
  while true do
    local each = read(("%s/%s_%d.pb"):format(folder, what, #list))
    if not each then return list end
    list[#list + 1] = each
  end
end

-- What is wrong with one number, nil if nothing is: fractions within 1e-5, whole numbers exactly.
local function is_near(a, b, is_exact)
  if a ~= a or b ~= b then return a ~= a and b ~= b end
  return a == b or not is_exact and math.abs(a - b) <= 1e-5 + 1e-4 * math.abs(b)
end

local function difference(got, expected)
  local shape = table.concat(got.shape, "x")
  if shape ~= table.concat(expected.data.shape, "x") then
    return ("shape %s, expected %s"):format(shape, table.concat(expected.data.shape, "x"))
  end
  if got.size == 0 then return nil end
  local a, b = got:reshape { -1 }:totable(), expected:list()
  for i, number in ipairs(b) do
    if not is_near(a[i], number, not expected:is_float()) then
      return ("number %d is %s, expected %s"):format(i, a[i], number)
    end
  end
end

-- The folders of all cases.
function cases.list(root)
  local list = {}
  for _, kind in ipairs { "node", "pytorch-converted" } do
    for _, name in ipairs(files.list(root .. "/" .. kind)) do
      list[#list + 1] = ("%s/%s/%s"):format(root, kind, name)
    end
  end
  return list
end

-- Runs a case; what is wrong, nil if nothing is.
function cases.fault(folder)
  local inputs, outputs = all(folder .. "/test_data_set_0", "input"), all(folder .. "/test_data_set_0", "output")
  local ok, problem = pcall(function()
    local model, given = nn.models.load_model(folder .. "/model.onnx"), {}
    for i, each in ipairs(inputs) do given[i] = each.data end
    local results = model:predict(given)
    if nn.is_tensor(results) then results = { results } end
    for i, expected in ipairs(outputs) do
      local fault = difference(results[i], expected)
      if fault then error(("output %d: %s"):format(i, fault), 0) end
    end
  end)
  return not ok and tostring(problem) or nil
end

return cases
