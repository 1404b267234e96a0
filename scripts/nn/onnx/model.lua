--- Models that were read from ONNX files: they compute, and tell of themselves.
-- @submodule nn.models
local arguments = require "nn.support.arguments"
local as_list = require "nn.support.list"
local blame = require "nn.support.blame"
local files = require "nn.support.files"
local graph = require "nn.onnx.graph"
local kinds = require "nn.support.kinds"
local properties = require "nn.support.properties"
local tensor = require "nn.tensor"
local value = require "nn.onnx.value"
local wire = require "nn.onnx.wire"

local Model = { __name = "nn.onnx_model" }

-- ---- reading -------------------------------------------------------------------------------------------------------

local function version_of(proto)
  for _, set in ipairs(proto.opset_import) do
    if set.domain == nil or set.domain == "" or set.domain == "ai.onnx" then return set.version or 1 end
  end
  return 1
end

local function read(text)
  local proto, message = wire.decode(text, "Model")
  if not proto then value.invalid("is no ONNX file, or is damaged: %s", message) end
  if not proto.graph then value.invalid "is no ONNX file: it holds no graph" end
  return { graph = graph.read(proto.graph), version = version_of(proto) }
end

local function layers_of(nodes)
  local layers = {}
  for i, node in ipairs(nodes) do
    layers[i] = { name = node.name ~= "" and node.name or node.outputs[1] or "", class_name = node.op_type,
      inputs = node.inputs, outputs = node.outputs }
  end
  return as_list(layers, "layers")
end

-- Operators for which the first axis may not count samples.
local IS_SEQUENTIAL = { RNN = true, LSTM = true, GRU = true, Scan = true, Loop = true }

-- Whether rows can be computed in parts: all inputs and outputs have the same open first axis.
local function has_batches(own)
  local name
  for _, list in ipairs { own.graph.inputs, own.graph.outputs } do
    for _, info in ipairs(list) do
      local first = info.shape and info.shape[1]
      if type(first) ~= "string" or first == "?" or name and name ~= first then return false end
      name = first
    end
  end
  for _, node in ipairs(own.graph.nodes) do
    if IS_SEQUENTIAL[node.op_type] and node.attributes.layout ~= 1 then return false end
  end
  return name ~= nil
end

local function names_of(list)
  local names = {}
  for i, info in ipairs(list) do names[i] = info.name end
  return as_list(names, "names")
end

--- The model in an ONNX file.
-- @tparam string path
-- @treturn table
-- @raise if the file cannot be read, or is damaged; never runs code of the file's
function Model.load(path)
  local text, message = files.read(path)
  if not text then blame("load_model: %s", message) end
  local ok, own = pcall(read, text)
  if not ok and type(own) == "table" and own.problem then blame("load_model: %s: %s", path, own.problem) end
  if not ok then error(own, 0) end
  local self = setmetatable({ own = own, name = own.graph.name, class_name = "ONNX" }, Model)
  self.layers, self.is_batched = layers_of(own.graph.nodes), has_batches(own)
  self.input_names, self.output_names = names_of(own.graph.inputs), names_of(own.graph.outputs)
  return self
end

-- ---- computing -----------------------------------------------------------------------------------------------------

local function shape_text(shape)
  local texts = {}
  for i, length in ipairs(shape or {}) do texts[i] = tostring(length) end
  return shape and "(" .. table.concat(texts, ", ") .. ")" or "of any shape"
end

-- One input as a value of the type that the graph wants.
local function input_of(info, given)
  local what = "predict: " .. info.name
  if type(given) == "number" or type(given) == "table" and not getmetatable(given) then given = tensor.tensor(given) end
  if not tensor.is_tensor(given) then blame("%s: expected a tensor, got %s", what, blame.got(given)) end
  if info.shape and #info.shape == 0 and given.size == 1 then given = given:contiguous():reshape {} end
  local fits = not info.shape or #info.shape == given.ndim
  for axis, length in ipairs(fits and info.shape or {}) do
    fits = fits and (type(length) ~= "number" or length == given.shape[axis])
  end
  if not fits then
    blame("%s: expected a tensor of shape %s, got %s", what, shape_text(info.shape), blame.got(given))
  end
  local type_name = info.type or blame("%s: is no tensor of numbers, which alone can be given", what)
  local dtype = value.held_as(type_name)
  if dtype == "uint8" then given = given:ne(0) end
  if dtype == "int32" and given.dtype == "float32" and given.size > 0 and (given - given:floor()):abs():max() > 0 then
    blame("%s: expected whole numbers (%s), got fractions", what, type_name)
  end
  return value.new(given, type_name)
end

-- The inputs in the graph's order: from one tensor, a list, or a table by their names.
local function inputs_of(self, x)
  local infos, given, values = self.own.graph.inputs, x, {}
  if tensor.is_tensor(x) or type(x) == "number" then given = { x } end
  if type(given) ~= "table" or getmetatable(given) then
    blame("predict: expected a tensor, a list of them or a table by the inputs' names, got %s", blame.got(x))
  end
  local by_name = #given == 0 and next(given) ~= nil
  if not by_name and #given ~= #infos then
    blame("predict: the model has %d input%s (%s), got %d", #infos, #infos == 1 and "" or "s",
      table.concat(self.input_names, ", "), #given)
  end
  if by_name then arguments.check(given, self.input_names, "predict") end
  for i, info in ipairs(infos) do
    local each = given[by_name and info.name or i]
    if each == nil then blame("predict: the input %s is missing", info.name) end
    values[i] = input_of(info, each)
  end
  return values
end

local function run(self, inputs)
  local ok, result = pcall(graph.run, self.own.graph, inputs, { version = self.own.version })
  if ok then return result end
  if type(result) == "table" and result.problem then blame("predict: %s", result.problem) end
  error(result, 0)
end

local function rows_of(values, first, last)
  local parts = {}
  for i, each in ipairs(values) do parts[i] = each:like(each.data[{ { first, last } }]:contiguous()) end
  return parts
end

-- Runs so many rows at a time and joins what comes out.
local function run_in_batches(self, inputs, batch_size)
  local n, parts = inputs[1].data.shape[1], {}
  for first = 1, n, batch_size do
    local outputs = run(self, rows_of(inputs, first, math.min(n, first + batch_size - 1)))
    for i, each in ipairs(outputs) do
      parts[i] = parts[i] or {}
      table.insert(parts[i], each.data)
    end
  end
  for i, list in ipairs(parts) do parts[i] = tensor.concatenate { list, axis = 1 } end
  return parts
end

local BATCH_SIZE = 32

local read_predict = arguments.options("predict", { { "batch_size", nil, kinds.whole(1) }, { "verbose", 0 } })

local function as_given(list) return #list == 1 and list[1] or list end

--- What the model gives for its inputs. Where all inputs and outputs have one open first axis, rows are computed 32 at
-- a time, or as many as batch_size says; otherwise all at once.
-- @function onnx_model:predict
-- @param x a tensor, a list of tensors, or a table of them by the inputs' names
-- @tparam[opt] table options batch_size
-- @return a tensor (float32, int32 for int64 as well, uint8 for bool); for several outputs a list of tensors
function Model:predict(x, options)
  options = read_predict(options)
  local inputs = inputs_of(self, x)
  for _, each in ipairs(inputs) do
    if self.is_batched and #each.data ~= #inputs[1].data then
      blame("predict: %s has %d rows, but %s has %d", self.input_names[1], #inputs[1].data, "another input", #each.data)
    end
  end
  local size = options.batch_size or BATCH_SIZE
  if self.is_batched and #inputs[1].data > size then return as_given(run_in_batches(self, inputs, size)) end
  local outputs = run(self, inputs)
  for i, each in ipairs(outputs) do outputs[i] = each.data:contiguous() end
  return as_given(outputs)
end

function Model:__call(x, options)
  options = options or {}
  arguments.check(options, { "training" }, "a model's call")
  if options.training then blame "a model's call: a model from an ONNX file is not trained; leave training out" end
  return self:predict(x)
end

-- ---- telling -------------------------------------------------------------------------------------------------------

local function infos_text(title, list)
  local texts = {}
  for i, info in ipairs(list) do
    texts[i] = ("  %s: %s %s"):format(info.name, info.type or "?", shape_text(info.shape))
  end
  return ("%s\n%s"):format(title, table.concat(texts, "\n"))
end

--- How many numbers the file holds as constants.
-- @function onnx_model:count_params
-- @treturn integer
function Model:count_params()
  local count = 0
  for _, each in pairs(self.own.graph.constants) do count = count + each.data.size end
  return count
end

function Model:__tostring()
  local own, lines = self.own, { ('Model: "%s" (ONNX, operators of version %d)'):format(self.name, self.own.version) }
  lines[#lines + 1] = infos_text("Inputs", own.graph.inputs)
  lines[#lines + 1] = "Operators"
  for _, each in ipairs(self.layers) do
    lines[#lines + 1] = ("  %s (%s)"):format(each.name, each.class_name)
  end
  lines[#lines + 1] = infos_text("Outputs", own.graph.outputs)
  lines[#lines + 1] = ("Constants: %d numbers"):format(self:count_params())
  return table.concat(lines, "\n")
end

--- Prints inputs, operators and outputs to standard output.
-- @function onnx_model:summary
function Model:summary() print(tostring(self)) end

local REFUSED = { "fit", "compile", "evaluate", "train_on_batch", "save", "save_weights", "load_weights", "export" }
for _, name in ipairs(REFUSED) do
  Model[name] = function()
    blame("%s: a model from an ONNX file can predict, but not be trained or saved; build it from layers for that", name)
  end
end

properties.add(Model, { methods = Model, readable = { "name", "class_name", "layers", "input_names", "output_names" },
  kind = "model", title = "a model from an ONNX file" })

return Model
