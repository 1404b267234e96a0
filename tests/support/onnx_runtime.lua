-- Models computed by onnxruntime-web, which `make onnx` installs into build/onnx.
local files = require "nn.support.files"
local json = require "nn.support.json"
local lfs = require "lfs"
local program = require "nn.support.program"
local value = require "nn.onnx.value"

local runtime = {}

local PACKAGE = lfs.currentdir() .. "/build/onnx/node_modules/onnxruntime-web"

-- Why nothing can be computed; nil if it can.
function runtime.missing()
  if not files.read(PACKAGE .. "/package.json") then return "onnxruntime-web is not installed: make onnx" end
  if not program.run({ "node", "--version" }) then return "node is not installed" end
end

-- Computes all cases in one process. A case has model (path), inputs ({ name, tensor, type } in order); it gets outputs
-- (tensors), or problem.
function runtime.run(cases, folder)
  local list = {}
  for i, case in ipairs(cases) do
    local inputs = {}
    for k, input in ipairs(case.inputs) do
      local path = ("%s/input_%d_%d"):format(folder, i, k)
      local type = input.type or "float32"
      assert(files.write(path, value.write("", input.tensor, type).raw_data))
      inputs[k] = { name = input.name, type = type, dims = json.list(input.tensor.shape), path = path }
    end
    list[i] = { model = case.model, inputs = json.list(inputs), output = ("%s/output_%d_"):format(folder, i) }
  end
  assert(files.write(folder .. "/list.json", json.encode(json.list(list))))
  local script = lfs.currentdir() .. "/tests/support/onnx_runtime.mjs"
  -- Each model runs once: compiling the runtime a second time, for speed, would take most of the time.
  local said, message = program.run { "node", "--no-wasm-tier-up", "--no-wasm-dynamic-tiering", script, PACKAGE,
    folder .. "/list.json" }
  local answers = json.decode((assert(said, message)):match "[^\n]+\n*$")
  for i, answer in ipairs(answers) do
    local case = cases[i]
    case.problem = answer.problem
    case.outputs, case.names = {}, {}
    for k, output in ipairs(answer.outputs or {}) do
      local text = assert(files.read(("%s/output_%d_%d"):format(folder, i, k)))
      case.outputs[k] = value.read { data_type = value.codes[output.type], dims = output.dims, raw_data = text,
        external_data = {} }.data
      case.names[k] = output.name
    end
  end
end

return runtime
