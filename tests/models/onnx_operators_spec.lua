-- Operators of ONNX against ONNX Runtime (`make onnx`): for each a node with its attributes and some numbers.
local files = require "nn.support.files"
local nn = require "nn"
local runtime = require "tests.support.onnx_runtime"
local value = require "nn.onnx.value"
local wire = require "nn.onnx.wire"

local function info(name, type, shape)
  local dims = {}
  for i, length in ipairs(shape or {}) do dims[i] = { dim_value = length } end
  return { name = name, type = { tensor_type = { elem_type = value.codes[type], shape = shape and { dim = dims } } } }
end

local function attributes_of(given)
  local list = {}
  for name, each in pairs(given) do
    local entry = { name = name }
    if value.is(each) then entry.type, entry.t = 4, value.write("", each.data, each.type)
    elseif type(each) == "string" then entry.type, entry.s = 3, each
    elseif math.type(each) == "integer" then entry.type, entry.i = 2, each
    elseif type(each) == "number" then entry.type, entry.f = 1, each
    elseif each.node then entry.type, entry.g = 5, each
    elseif type(each[1]) == "string" then entry.type, entry.strings = 8, each
    elseif math.type(each[1]) == "float" then
      entry.type, entry.floats = 6, ("<" .. ("f"):rep(#each)):pack(table.unpack(each))
    else entry.type, entry.ints = 7, each end
    list[#list + 1] = entry
  end
  return list
end

-- One model for each version of the operators, with a node for each case.
local models = {}

local function model_of(version)
  models[version] = models[version] or { inputs = {}, cases = {}, message = { ir_version = 8,
    opset_import = { { domain = "", version = version } },
    graph = { name = "cases", node = {}, input = {}, output = {} } } }
  return models[version]
end

-- inputs: values, or false where one is left out; outputs: types
local function case(op_type, inputs, attributes, outputs, version)
  local model, names, results = model_of(version or 17), {}, {}
  local graph, line = model.message.graph, debug.getinfo(2, "l").currentline
  for i, each in ipairs(inputs) do
    names[i] = each and "x" .. #graph.input or ""
    if each then
      table.insert(graph.input, info(names[i], each.type))
      table.insert(model.inputs, { name = names[i], tensor = each.data, type = each.type })
    end
  end
  for i, each in ipairs(outputs or { "float32" }) do
    results[i] = "y" .. #graph.output
    table.insert(graph.output, info(results[i], each))
    table.insert(model.cases, ("line %d, %s, output %d"):format(line, op_type, i))
  end
  table.insert(graph.node, { op_type = op_type, name = ("line_%d_%d"):format(line, #graph.node), input = names,
    output = results, attribute = attributes_of(attributes or {}) })
end

-- ---- numbers -------------------------------------------------------------------------------------------------------

local seed = 0

local function f(...)
  seed = seed + 1
  return value.new(nn.random.uniform { shape = { ... }, minval = -2, maxval = 2, seed = seed }, "float32")
end

local function positive(...) return value.new(f(...).data:abs() + 0.1, "float32") end
local function i64(list, shape) return value.of_list(list, "int64", shape) end
local function i32(list, shape) return value.of_list(list, "int32", shape) end
local function bools(list, shape) return value.of_list(list, "bool", shape) end
local function floats(list, shape) return value.of_list(list, "float32", shape) end

-- ---- cases ---------------------------------------------------------------------------------------------------------

for _, name in ipairs { "Abs", "Neg", "Ceil", "Floor", "Round", "Exp", "Sin", "Cos", "Tan", "Atan", "Sinh", "Cosh",
  "Asinh", "Erf", "Reciprocal", "Sign", "Sigmoid", "Tanh", "Relu", "Selu", "Softplus", "Softsign", "HardSwish", "Elu",
  "Celu", "LeakyRelu", "ThresholdedRelu", "HardSigmoid", "Shrink", "Identity" } do
  case(name, { f(2, 3) })
end
for _, name in ipairs { "Sqrt", "Log", "Acosh" } do case(name, { value.new(positive(2, 3).data + 1, "float32") }) end
for _, name in ipairs { "Asin", "Acos", "Atanh" } do case(name, { value.new(f(2, 3).data / 3, "float32") }) end
case("Round", { floats { 0.5, 1.5, 2.5, -0.5, -1.5 } })
case("Elu", { f(4) }, { alpha = 0.5 })
case("Selu", { f(4) }, { alpha = 0.5, gamma = 2.0 })
case("Celu", { f(4) }, { alpha = 2.0 })
case("Shrink", { f(9) }, { lambd = 1.0, bias = 0.25 })
case("Abs", { i32 { -3, 0, 2 } }, {}, { "int32" })
case("Neg", { i64 { -3, 0, 2 } }, {}, { "int64" })
case("Sign", { i64 { -3, 0, 2 } }, {}, { "int64" })
for _, name in ipairs { "Add", "Sub", "Mul", "Div" } do
  case(name, { f(2, 3), positive(3) })
  case(name, { i64 { -7, 7, 5 }, i64 { 2, -2, 3 } }, {}, { "int64" })
end
case("Pow", { positive(2, 3), f(3) })
case("Pow", { i32 { 2, -3, 4 }, i32 { 3, 2, 1 } }, {}, { "int32" })
case("Pow", { positive(3), i64 { 1, 2, 3 } })
case("Mod", { i64 { -7, 7, -5, 5 }, i64 { 3, -3, -3, 3 } }, {}, { "int64" })
case("Mod", { i64 { -7, 7, -5, 5 }, i64 { 3, -3, -3, 3 } }, { fmod = 1 }, { "int64" })
case("Mod", { floats { -7.5, 7.5, -5.25 }, floats { 2, -2, -2 } }, { fmod = 1 })
for _, name in ipairs { "Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual" } do
  case(name, { floats { 1, 2, 3 }, floats { 2, 2, 2 } }, {}, { "bool" })
  case(name, { i64 { 1, 2, 3 }, i64 { 2 } }, {}, { "bool" })
end
for _, name in ipairs { "And", "Or", "Xor" } do
  case(name, { bools({ 1, 0, 1, 0 }, { 2, 2 }), bools { 1, 0 } }, {}, { "bool" })
end
case("Not", { bools { 1, 0 } }, {}, { "bool" })
case("IsNaN", { floats { 1, 0 / 0, 1 / 0 } }, {}, { "bool" })
case("IsInf", { floats { 1, -1 / 0, 1 / 0 } }, { detect_negative = 0 }, { "bool" })
case("IsInf", { floats { 1, -1 / 0, 1 / 0 } }, { detect_positive = 0 }, { "bool" })
for _, name in ipairs { "Max", "Min", "Sum", "Mean" } do case(name, { f(2, 3), f(3), f(2, 1) }) end
case("Max", { i64 { 1, 5 }, i64 { 3, 2 } }, {}, { "int64" })
case("Clip", { f(5), value.scalar(-0.5, "float32"), value.scalar(0.5, "float32") })
case("Clip", { f(5), false, value.scalar(0.5, "float32") })
case("Clip", { i64 { 1, 5, 9 }, value.scalar(2, "int64"), value.scalar(6, "int64") }, {}, { "int64" })
case("Clip", { f(5) }, { min = -0.5, max = 0.5 }, nil, 10)
case("PRelu", { f(2, 3, 2), f(3, 1) })
case("Where", { bools { 1, 0, 1 }, f(2, 3), f(3) })
case("Where", { bools { 1, 0, 1 }, i64 { 1, 2, 3 }, i64 { 7 } }, {}, { "int64" })
case("Cast", { floats { -1.7, 1.7, 0 } }, { to = 7 }, { "int64" })
case("Cast", { floats { -1.7, 1.7, 0 } }, { to = 9 }, { "bool" })
case("Cast", { i64 { 3, -4 } }, { to = 1 })
case("Cast", { bools { 1, 0 } }, { to = 6 }, { "int32" })
case("CastLike", { floats { 1.5, 2.5 }, i64 { 1 } }, {}, { "int64" })
-- reductions
for _, name in ipairs { "ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2",
  "ReduceLogSumExp", "ReduceSumSquare" } do
  local later = name == "ReduceSum"
  case(name, later and { f(2, 3, 2), i64 { 1 } } or { f(2, 3, 2) }, later and {} or { axes = { 1 } })
  case(name, later and { f(2, 3, 2), i64 { -1, 0 } } or { f(2, 3, 2) },
    { axes = not later and { -1, 0 } or nil, keepdims = 0 })
  case(name, { f(2, 3, 2) })
  case(name, { f(2, 3), i64 { 1 } }, { keepdims = 0 }, nil, 18)
  case(name, { f(2, 3), i64({}, { 0 }) }, { noop_with_empty_axes = 1 }, nil, 18)
end
case("ReduceLogSum", { positive(2, 3) }, { axes = { 1 } })
case("ReduceSum", { i64({ 1, 2, 3, 4 }, { 2, 2 }), i64 { 0 } }, {}, { "int64" })
case("ReduceMax", { i32({ 1, 2, 3, 4 }, { 2, 2 }) }, { axes = { 0 } }, { "int32" })
for _, name in ipairs { "ArgMax", "ArgMin" } do
  local x = floats({ 1, 3, 3, 2, 0, 0 }, { 2, 3 })
  case(name, { x }, { axis = 1 }, { "int64" })
  case(name, { x }, { axis = -1, keepdims = 0, select_last_index = 1 }, { "int64" })
end
for reverse = 0, 1 do
  for exclusive = 0, 1 do
    case("CumSum", { f(2, 4), value.scalar(1, "int64") }, { reverse = reverse, exclusive = exclusive })
  end
end
-- shapes
case("Reshape", { f(2, 3, 4), i64 { 0, -1 } })
case("Reshape", { f(0, 3), i64 { 3, 0 } }, { allowzero = 1 })
case("Flatten", { f(2, 3, 4) }, { axis = 2 })
case("Flatten", { f(2, 3, 4) }, { axis = 0 })
case("Squeeze", { f(1, 3, 1), i64 { 0 } })
case("Squeeze", { f(1, 3, 1) })
case("Squeeze", { f(1, 3, 1) }, { axes = { 2 } }, nil, 11)
case("Unsqueeze", { f(3, 4), i64 { 0, -1 } })
case("Transpose", { f(2, 3, 4) })
case("Transpose", { f(2, 3, 4) }, { perm = { 1, 0, 2 } })
case("Shape", { f(2, 3, 4) }, { start = -2 }, { "int64" })
case("Shape", { f(2, 3, 4) }, { start = 1, ["end"] = 2 }, { "int64" })
case("Size", { f(2, 3, 4) }, {}, { "int64" })
case("Expand", { f(3, 1), i64 { 2, 1, 4 } })
case("Tile", { f(2, 3), i64 { 2, 1 } })
case("Concat", { f(2, 3), f(2, 1) }, { axis = -1 })
case("Concat", { i64 { 1 }, i64 { 2, 3 } }, { axis = 0 }, { "int64" })
case("Split", { f(5, 2), i64 { 2, 3 } }, { axis = 0 }, { "float32", "float32" })
case("Split", { f(5, 2) }, { num_outputs = 2 }, { "float32", "float32" }, 18)
case("Split", { f(4, 2) }, { axis = 0, split = { 1, 3 } }, { "float32", "float32" }, 11)
for _, mode in ipairs { "DCR", "CRD" } do case("DepthToSpace", { f(1, 8, 2, 3) }, { blocksize = 2, mode = mode }) end
case("SpaceToDepth", { f(1, 2, 4, 6) }, { blocksize = 2 })
-- indexing
case("Gather", { f(3, 4), i64({ 0, -1, 2, 1 }, { 2, 2 }) }, { axis = 1 })
case("Gather", { f(3, 4), value.scalar(1, "int64") })
case("GatherElements", { f(3, 3), i64({ 1, 2, 0, -1 }, { 2, 2 }) }, { axis = 1 })
case("GatherND", { f(2, 3, 4), i64({ 0, 1, 1, 2 }, { 2, 2 }) })
case("GatherND", { f(2, 3, 4), i64({ 1, 0 }, { 2, 1 }) }, { batch_dims = 1 })
case("ScatterND", { f(4, 2), i64({ 1, 3 }, { 2, 1 }), f(2, 2) })
for _, how in ipairs { "add", "mul" } do
  case("ScatterND", { f(4), i64({ 1, 1, 0 }, { 3, 1 }), f(3) }, { reduction = how })
  case("ScatterElements", { f(2, 3), i64({ 0, 0, 2 }, { 1, 3 }), f(1, 3) }, { axis = 1, reduction = how })
end
for _, how in ipairs { "max", "min" } do
  case("ScatterElements", { f(2, 3), i64({ 0, 0, 2 }, { 1, 3 }), f(1, 3) }, { axis = 1, reduction = how }, nil, 18)
  case("ScatterND", { f(4), i64({ 1, 1, 0 }, { 3, 1 }), f(3) }, { reduction = how }, nil, 18)
end
case("ScatterElements", { f(3, 3), i64({ 1, 0, 2, 0, 2, 1 }, { 2, 3 }), f(2, 3) })
case("Slice", { f(4, 5), i64 { 1, -1 }, i64 { 4, -100 }, i64 { 0, 1 }, i64 { 2, -2 } })
case("Slice", { f(4, 5), i64 { 3 }, i64 { 1 }, i64 { 1 } })
case("Slice", { f(4, 5) }, { starts = { 1 }, ends = { 1000 }, axes = { -1 } }, nil, 9)
for _, mode in ipairs { "constant", "edge", "reflect" } do
  case("Pad", { f(3, 4), i64 { 1, 2, 0, 1 }, value.scalar(1.5, "float32") }, { mode = mode })
end
case("Pad", { f(3, 4), i64 { 0, -1, 1, 0 } })
case("Pad", { f(3, 4), i64 { 1, 2 }, false, i64 { 1 } }, {}, nil, 18)
case("Pad", { f(3, 4), i64 { 1, 2, 4, 5 } }, { mode = "wrap" }, nil, 19)
case("Pad", { f(3, 4) }, { pads = { 0, 1, 1, 0 }, value = 2.5 }, nil, 10)
-- making
case("ConstantOfShape", { i64 { 2, 3 } }, { value = i64 { 7 } }, { "int64" })
case("ConstantOfShape", { i64 { 2, 0 } })
case("Range", { value.scalar(1, "int64"), value.scalar(10, "int64"), value.scalar(4, "int64") }, {}, { "int64" })
case("Range", { value.scalar(3, "float32"), value.scalar(-2.5, "float32"), value.scalar(-2, "float32") })
case("EyeLike", { f(3, 4) }, { k = 1 })
case("OneHot", { i64({ 1, -1, 5, 2 }, { 2, 2 }), value.scalar(4, "int64"), floats { 0.5, 2 } }, { axis = 1 })
-- selection
case("NonZero", { floats({ 1, 0, 0, 2 }, { 2, 2 }) }, {}, { "int64" })
case("TopK", { f(3, 5), i64 { 2 } }, { axis = 1, largest = 0 }, { "float32", "int64" })
case("TopK", { f(3, 5), i64 { 3 } }, { axis = 0 }, { "float32", "int64" })
case("Compress", { f(3, 4), bools { 0, 1, 1 } }, { axis = 0 })
case("Compress", { f(3, 4), bools { 0, 1, 0, 0, 1 } })
case("Unique", { floats { 2, 1, 1, 3, 4, 3 } }, { sorted = 0 }, { "float32", "int64", "int64", "int64" })
case("Unique", { floats({ 1, 0, 1, 0, 2, 3 }, { 3, 2 }) }, { axis = 0 }, { "float32", "int64", "int64", "int64" })
for upper = 0, 1 do
  case("Trilu", { f(2, 3, 4), value.scalar(1, "int64") }, { upper = upper })
  case("Trilu", { f(3, 3) }, { upper = upper })
end
case("ReverseSequence", { f(4, 3, 2), i64 { 1, 4, 2 } })
case("ReverseSequence", { f(3, 4), i64 { 1, 4, 2 } }, { batch_axis = 0, time_axis = 1 })
-- products
case("MatMul", { f(2, 3, 4), f(4, 5) })
case("MatMul", { f(4), f(2, 4, 3) })
case("MatMul", { f(3), f(3) })
case("Gemm", { f(4, 3), f(5, 4), f(5) }, { transA = 1, transB = 1, alpha = 0.5, beta = 0.25 })
case("Gemm", { f(3, 4), f(4, 2) })
case("Einsum", { f(2, 3, 4), f(2, 4, 5) }, { equation = "bij, bjk -> bik" })
case("Einsum", { f(3, 4) }, { equation = "ij->ji" })
case("Einsum", { f(2, 3, 3) }, { equation = "...ii->...i" })
case("Einsum", { f(4), f(4) }, { equation = "i,i" })
case("Einsum", { f(2, 3, 4), f(4, 2) }, { equation = "...ij,jk" })
case("Det", { f(2, 3, 3) })
-- images
for _, auto in ipairs { "SAME_UPPER", "SAME_LOWER", "VALID" } do
  case("Conv", { f(1, 2, 5, 6), f(3, 2, 3, 2) }, { auto_pad = auto, strides = { 2, 2 } })
  case("MaxPool", { f(1, 2, 5, 6) }, { auto_pad = auto, kernel_shape = { 3, 2 }, strides = { 2, 2 } })
  case("AveragePool", { f(1, 2, 5, 6) }, { auto_pad = auto, kernel_shape = { 3, 2 }, strides = { 2, 2 } })
end
case("Conv", { f(2, 4, 6), f(6, 2, 3), f(6) }, { group = 2, pads = { 1, 2 }, dilations = { 2 } })
case("Conv", { f(1, 1, 7, 7), f(1, 1, 3, 3) }, { strides = { 2, 2 }, dilations = { 2, 2 }, pads = { 1, 1, 1, 1 } })
case("Conv", { f(1, 2, 4, 4, 4), f(2, 2, 2, 2, 2) })
case("ConvTranspose", { f(1, 2, 3, 3), f(2, 3, 3, 3), f(3) }, { strides = { 2, 2 }, pads = { 1, 0, 0, 1 } })
case("ConvTranspose", { f(1, 2, 3, 3), f(2, 1, 2, 2) }, { group = 2, strides = { 3, 2 }, output_padding = { 1, 1 } })
case("ConvTranspose", { f(1, 2, 4), f(2, 2, 3) }, { dilations = { 2 } })
case("ConvTranspose", { f(1, 2, 4), f(2, 2, 3) }, { dilations = { 2 }, strides = { 2 }, pads = { 2, 1 } })
case("ConvTranspose", { f(1, 1, 3, 3), f(1, 2, 3, 3) }, { strides = { 2, 2 }, output_shape = { 6, 6 } })
case("ConvTranspose", { f(1, 1, 3, 3), f(1, 2, 3, 3) }, { strides = { 2, 2 }, auto_pad = "SAME_UPPER" })
case("ConvTranspose", { f(1, 1, 3, 3), f(1, 2, 3, 3) }, { strides = { 2, 2 }, auto_pad = "SAME_LOWER" })
for _, name in ipairs { "MaxPool", "AveragePool" } do
  case(name, { f(1, 2, 5, 5) }, { kernel_shape = { 2, 2 }, strides = { 2, 2 }, ceil_mode = 1 })
  case(name, { f(1, 2, 6, 6) }, { kernel_shape = { 3, 3 }, strides = { 2, 2 }, pads = { 1, 1, 1, 1 }, ceil_mode = 1 })
  case(name, { f(1, 2, 7) }, { kernel_shape = { 3 }, pads = { 1, 0 } })
  case(name, { f(1, 1, 4, 4, 4) }, { kernel_shape = { 2, 2, 2 } })
end
case("MaxPool", { f(1, 1, 6, 6) }, { kernel_shape = { 2, 2 }, dilations = { 2, 2 } }, { "float32", "int64" })
case("MaxPool", { f(2, 2, 4, 4) }, { kernel_shape = { 2, 2 }, strides = { 2, 2 } }, { "float32", "int64" })
case("MaxPool", { f(1, 1, 4, 4) }, { kernel_shape = { 2, 2 }, strides = { 2, 2 }, storage_order = 1 },
  { "float32", "int64" })
case("AveragePool", { f(1, 2, 5, 5) }, { kernel_shape = { 3, 3 }, pads = { 1, 1, 1, 1 }, count_include_pad = 1 })
case("AveragePool", { f(1, 1, 5, 5) }, { kernel_shape = { 2, 2 }, dilations = { 2, 2 } }, nil, 19)
case("LpPool", { f(1, 2, 5, 5) }, { kernel_shape = { 2, 2 }, p = 3 })
case("GlobalAveragePool", { f(2, 3, 4, 5) })
case("GlobalMaxPool", { f(2, 3, 4) })
case("GlobalLpPool", { f(2, 3, 4, 5) })
case("MaxUnpool", { floats({ 5, 6, 7, 8 }, { 1, 1, 2, 2 }), i64({ 5, 7, 13, 15 }, { 1, 1, 2, 2 }) },
  { kernel_shape = { 2, 2 }, strides = { 2, 2 } })
case("MaxUnpool", { floats({ 1, 2, 3, 4 }, { 1, 1, 2, 2 }), i64({ 5, 7, 13, 15 }, { 1, 1, 2, 2 }),
  i64 { 1, 1, 5, 5 } }, { kernel_shape = { 2, 2 }, strides = { 2, 2 } })
case("RoiAlign", { f(1, 2, 6, 6), floats({ 0, 0, 4, 5 }, { 1, 4 }), i64 { 0 } },
  { output_height = 2, output_width = 2, sampling_ratio = 2, mode = "max" })
-- normalizations
case("GroupNormalization", { f(2, 4, 3), f(2), f(2) }, { num_groups = 2 }, nil, 18)
case("GroupNormalization", { f(2, 4, 3), f(4), f(4) }, { num_groups = 2 }, nil, 21)
case("BatchNormalization", { f(2, 3, 4), f(3), f(3), f(3), positive(3) }, { epsilon = 0.01 })
case("InstanceNormalization", { f(2, 3, 4, 5), f(3), f(3) })
case("LayerNormalization", { f(2, 3, 4), f(3, 4), f(3, 4) }, { axis = 1 }, { "float32", "float32", "float32" })
case("LayerNormalization", { f(2, 3, 4), f(4) })
case("LRN", { f(1, 6, 2, 2) }, { size = 3, alpha = 0.2, beta = 0.5, bias = 2.0 })
case("LRN", { f(1, 6, 2, 2) }, { size = 5 })
case("LpNormalization", { f(3, 4) }, { axis = 0, p = 1 })
case("LpNormalization", { f(3, 4) })
case("MeanVarianceNormalization", { f(2, 3, 4, 5) })
for _, name in ipairs { "Softmax", "LogSoftmax", "Hardmax" } do
  case(name, { f(2, 3, 4) })
  case(name, { f(2, 3, 4) }, { axis = 1 })
  case(name, { f(2, 3, 4) }, { axis = 1 }, nil, 11)
  case(name, { f(2, 3, 4) }, {}, nil, 11)
end
case("Dropout", { f(3, 4) }, {}, { "float32", "bool" })
-- losses
for _, how in ipairs { "none", "sum", "mean" } do
  case("SoftmaxCrossEntropyLoss", { f(3, 5, 2), i64({ 0, 1, 2, 4, 3, 1 }, { 3, 2 }), positive(5) }, { reduction = how },
    { "float32", "float32" })
  case("NegativeLogLikelihoodLoss", { f(3, 5), i64 { 0, 1, 2 } }, { reduction = how })
  case("NegativeLogLikelihoodLoss", { f(3, 5), i64 { 0, 1, 2 }, positive(5) }, { reduction = how, ignore_index = 1 })
end
-- recurrent
for _, direction in ipairs { "forward", "reverse", "bidirectional" } do
  local d = direction == "bidirectional" and 2 or 1
  local lengths = value.of_list({ 4, 2, 3 }, "int32")
  local three = { "float32", "float32", "float32" }
  case("RNN", { f(4, 3, 2), f(d, 5, 2), f(d, 5, 5), f(d, 10), lengths, f(d, 3, 5) },
    { hidden_size = 5, direction = direction }, { "float32", "float32" })
  for before = 0, 1 do
    case("GRU", { f(4, 3, 2), f(d, 15, 2), f(d, 15, 5), f(d, 30), lengths, f(d, 3, 5) },
      { hidden_size = 5, direction = direction, linear_before_reset = before }, { "float32", "float32" })
  end
  case("LSTM", { f(4, 3, 2), f(d, 20, 2), f(d, 20, 5), f(d, 40), lengths, f(d, 3, 5), f(d, 3, 5), f(d, 15) },
    { hidden_size = 5, direction = direction }, three)
  case("LSTM", { f(4, 3, 2), f(d, 20, 2), f(d, 20, 5) }, { hidden_size = 5, direction = direction, clip = 0.5 }, three)
end
case("LSTM", { f(4, 3, 2), f(1, 20, 2), f(1, 20, 5) }, { hidden_size = 5, input_forget = 1 }, { "float32" })
case("RNN", { f(4, 3, 2), f(1, 5, 2), f(1, 5, 5) }, { hidden_size = 5, activations = { "Relu" } }, { "float32" })
case("LSTM", { f(4, 3, 2), f(1, 20, 2), f(1, 20, 5) }, { hidden_size = 5,
  activations = { "HardSigmoid", "Softsign", "LeakyRelu" }, activation_alpha = { 0.3, 0.0, 0.1 },
  activation_beta = { 0.4, 0.0, 0.0 } }, { "float32" })
-- other sizes
for _, mode in ipairs { "nearest", "linear", "cubic" } do
  for _, where in ipairs { "half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel" } do
    case("Resize", { f(1, 1, 4, 5), false, floats { 1, 1, 1.5, 0.6 } },
      { mode = mode, coordinate_transformation_mode = where })
    case("Resize", { f(1, 1, 4, 5), false, false, i64 { 1, 1, 7, 3 } },
      { mode = mode, coordinate_transformation_mode = where })
  end
end
for _, how in ipairs { "floor", "ceil", "round_prefer_ceil", "round_prefer_floor" } do
  case("Resize", { f(1, 1, 4, 4), false, false, i64 { 1, 1, 8, 8 } }, { mode = "nearest", nearest_mode = how })
end
case("Resize", { f(1, 1, 4, 5), false, false, i64 { 1, 1, 7, 3 } },
  { mode = "cubic", cubic_coeff_a = -0.5, exclude_outside = 1 })
case("Resize", { f(1, 1, 4, 5), floats { 0, 0, 0.4, 0.6, 1, 1, 0.6, 1.2 }, false, i64 { 1, 1, 3, 3 } },
  { mode = "linear", coordinate_transformation_mode = "tf_crop_and_resize", extrapolation_value = 9.0 })
case("Resize", { f(1, 1, 6, 6), false, floats { 1, 1, 0.5, 0.6 } }, { mode = "linear", antialias = 1 }, nil, 18)
case("Resize", { f(1, 1, 6, 6), false, floats { 1, 1, 0.5, 0.6 } }, { mode = "cubic", antialias = 1 }, nil, 18)
case("Resize", { f(1, 1, 4, 6), false, false, i64 { 7, 7 } },
  { axes = { 2, 3 }, keep_aspect_ratio_policy = "not_larger" }, nil, 18)
case("Resize", { f(1, 1, 2, 2), floats { 1, 1, 2, 2 } }, { mode = "nearest" }, nil, 10)
case("Upsample", { f(1, 1, 2, 2), floats { 1, 1, 2, 3 } }, { mode = "nearest" }, nil, 9)
case("Upsample", { f(1, 1, 2, 2), floats { 1, 1, 2, 3 } }, { mode = "linear" }, nil, 9)
for _, mode in ipairs { "bilinear", "nearest", "bicubic" } do
  for _, around in ipairs { "zeros", "border", "reflection" } do
    for corners = 0, 1 do
      case("GridSample", { f(2, 2, 4, 5), value.new(f(2, 3, 3, 2).data * 0.7, "float32") },
        { mode = mode, padding_mode = around, align_corners = corners }, nil, 16)
    end
  end
end
case("DFT", { f(1, 6, 1) })
case("DFT", { f(2, 6, 2) }, { inverse = 1 })
case("DFT", { f(1, 6, 3, 1), i64({ 8 }, {}) }, { onesided = 1 })
case("STFT", { f(1, 16, 1), i64({ 4 }, {}), positive(8) })
case("STFT", { f(2, 16, 1), i64({ 3 }, {}), false, i64({ 6 }, {}) }, { onesided = 0 })
case("MelWeightMatrix", { i64({ 8 }, {}), i64({ 16 }, {}), i64({ 8192 }, {}), floats({ 0 }, {}), floats({ 4096 }, {}) })
local boxes = floats({ 0, 0, 1, 1, 0, 0.1, 1, 1.1, 0, -0.1, 1, 0.9, 0, 10, 1, 11, 0, 10.1, 1, 11.1, 0, 100, 1, 101 },
  { 1, 6, 4 })
case("NonMaxSuppression", { boxes, floats({ 0.9, 0.75, 0.6, 0.95, 0.5, 0.3 }, { 1, 1, 6 }), i64 { 3 }, floats { 0.5 },
  floats { 0.4 } }, {}, { "int64" })
for _, how in ipairs { "half_pixel", "output_half_pixel" } do
  case("RoiAlign", { f(1, 2, 6, 6), floats({ 0, 0, 4, 5, 1.5, 2, 5, 5 }, { 2, 4 }), i64 { 0, 0 } },
    { output_height = 2, output_width = 3, sampling_ratio = 2, coordinate_transformation_mode = how })
end
case("Col2Im", { f(1, 4, 9), i64 { 4, 4 }, i64 { 2, 2 } }, {}, nil, 18)
case("Col2Im", { f(1, 8, 9), i64 { 5, 5 }, i64 { 2, 2 } }, { strides = { 2, 2 }, pads = { 0, 1, 1, 0 } }, nil, 18)
for corners = 0, 1 do
  case("AffineGrid", { f(2, 2, 3), i64 { 2, 1, 3, 4 } }, { align_corners = corners }, nil, 20)
  case("AffineGrid", { f(1, 3, 4), i64 { 1, 1, 2, 3, 4 } }, { align_corners = corners }, nil, 20)
end
case("Gelu", { f(5) }, {}, nil, 20)
case("Gelu", { f(5) }, { approximate = "tanh" }, nil, 20)
case("CenterCropPad", { f(5, 4), i64 { 3, 7 } }, {}, nil, 18)
case("HannWindow", { value.scalar(7, "int64") }, {}, { "float32" })
case("HammingWindow", { value.scalar(7, "int64") }, { periodic = 0 }, { "float32" })
case("BlackmanWindow", { value.scalar(7, "int64") }, {}, { "float32" })

-- ---- graphs within nodes -------------------------------------------------------------------------------------------

local function graph_of(nodes, inputs, outputs)
  local graph = { name = "inner", node = {}, input = {}, output = {} }
  for i, each in ipairs(nodes) do
    graph.node[i] = { op_type = each[1], input = each[2], output = each[3], attribute = {} }
  end
  for i, each in ipairs(inputs) do graph.input[i] = info(table.unpack(each)) end
  for i, each in ipairs(outputs) do graph.output[i] = info(table.unpack(each)) end
  return graph
end

local function doubled(name)
  return graph_of({ { "Constant", {}, { name .. "c" } }, { "Add", { name .. "c", name .. "c" }, { name } } }, {},
    { { name, "float32" } })
end

for choice = 0, 1 do
  local first, second = doubled("a" .. choice), doubled("b" .. choice)
  first.node[1].attribute = attributes_of { value = floats { 1, 2 } }
  second.node[1].attribute = attributes_of { value = floats { 3 } }
  case("If", { bools({ choice }, {}) }, { then_branch = first, else_branch = second })
end
case("Loop", { i64({ 4 }, {}), bools({ 1 }, {}), f(2) }, { body = graph_of({
  { "Identity", { "goes_on" }, { "goes_on_out" } }, { "Add", { "state", "state" }, { "state_out" } },
  { "Identity", { "state_out" }, { "each" } } },
  { { "step", "int64", {} }, { "goes_on", "bool", {} }, { "state", "float32", { 2 } } },
  { { "goes_on_out", "bool", {} }, { "state_out", "float32", { 2 } }, { "each", "float32", { 2 } } }) },
  { "float32", "float32" })
for back = 0, 1 do
  case("Scan", { f(2), f(3, 2) }, { num_scan_inputs = 1, scan_input_directions = { back },
    scan_output_directions = { 1 - back }, body = graph_of({
      { "Add", { "sum", "next" }, { "sum_out" } }, { "Identity", { "sum_out" }, { "scanned" } } },
      { { "sum", "float32", { 2 } }, { "next", "float32", { 2 } } },
      { { "sum_out", "float32", { 2 } }, { "scanned", "float32", { 2 } } }) }, { "float32", "float32" })
end

-- ---- the test ------------------------------------------------------------------------------------------------------

local function difference(got, want)
  local shape, wanted = table.concat(got.shape, "x"), table.concat(want.shape, "x")
  if shape ~= wanted then return ("shape %s, not %s"):format(shape, wanted) end
  if got.size == 0 then return nil end
  local a, b = got:reshape { -1 }:totable(), want:reshape { -1 }:totable()
  for i, number in ipairs(b) do
    local same = a[i] == number or a[i] ~= a[i] and number ~= number
    if not same and math.abs(a[i] - number) > 1e-5 * math.max(1, math.abs(number)) then
      return ("number %d is %s, not %s"):format(i, a[i], number)
    end
  end
end

-- What is wrong with a model's results.
local function faults_of(model)
  if model.problem then return { "ONNX Runtime: " .. model.problem } end
  local given, faults = {}, {}
  for i, input in ipairs(model.inputs) do given[i] = input.tensor end
  local results = nn.models.load_model(model.model):predict(given)
  if nn.is_tensor(results) then results = { results } end
  for i, want in ipairs(model.outputs) do
    local fault = difference(results[i], want)
    if fault then faults[#faults + 1] = ("%s: %s"):format(model.cases[i], fault) end
  end
  return faults
end

describe("operators of ONNX", function()
  local folder, list = os.tmpname(), {}
  os.remove(folder)

  it("give what ONNX Runtime gives", function()
    local missing = runtime.missing()
    if missing then return pending(missing) end
    assert(files.make_folder(folder))
    for version, model in pairs(models) do
      model.model = ("%s/%d.onnx"):format(folder, version)
      assert(files.write(model.model, wire.encode(model.message, "Model")))
      list[#list + 1] = model
    end
    runtime.run(list, folder)
    for _, model in ipairs(list) do assert.are.equal("", table.concat(faults_of(model), "\n")) end
  end)

  teardown(function() files.remove(folder) end)
end)
