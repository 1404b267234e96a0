--- `model:export "m.onnx"`: a model's nodes in inference as an ONNX file.
--
-- The engine's nodes are what is written, so nested models, shared layers and functions of nn.ops need nothing of their
-- own. The axis of the samples stays open. Operators are of version 17.
-- @submodule nn.models
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local Builder = require "nn.onnx.export.builder"
local files = require "nn.support.files"
local open_axes = require "nn.layers.base.open_axes"
local registry = require "engine.registry"
local text_layers = require("nn.layers.preprocessing.text.base").classes
local value = require "nn.onnx.value"
local wire = require "nn.onnx.wire"

local OPSET, IR_VERSION = 17, 8

local tables = { layers = {}, operations = {} }
for _, kind in ipairs { "attention", "colors", "images", "layers", "normalization", "operations", "recurrent" } do
  local each = require("nn.onnx.export." .. kind)
  for name, f in pairs(each.layers) do tables.layers[name] = f end
  for name, f in pairs(each.operations) do tables.operations[name] = f end
end

-- ---- nodes ---------------------------------------------------------------------------------------------------------

-- Where a value is: a node's first output, or { node, which output }.
local function place_of(reference)
  if type(reference) == "table" then return reference[1], reference[2] end
  return reference, 1
end

-- What is written alike for any length of an axis. All else wants lengths that are known.
local TAKES_OPEN_AXES = {}
for name in ([[
  activation activity_regularization alpha_dropout batch_normalization concatenate dense dropout embedding
  gaussian_dropout gaussian_noise global_average_pooling global_max_pooling glu gru layer_normalization lstm mask
  masked_softmax merge normalization rescaling rms_normalization simple_rnn spectral_normalization unit_normalization
  abs add ceil cos divide equal exp flip floor greater greater_equal less less_equal log logical_and logical_not
  logical_or matmul max maximum mean min minimum multiply negative not_equal power reciprocal rsqrt sigmoid sign sin
  slice sqrt square stop_gradient subtract sum tanh where
]]):gmatch "%S+" do
  TAKES_OPEN_AXES[name] = true
end

local function check_open_axes(node, shapes, title)
  if open_axes.any_of(shapes) and not TAKES_OPEN_AXES[node.layer or node.operation] then
    blame("export: %s is written for known lengths only, but reads samples with an open axis; build the model with an "
      .. "Input whose lengths are known and set its weights", title)
  end
end

-- Raises an error for what computes, but is no nodes: Lua functions, and layers that read texts.
local function check_functions(model)
  for _, each in ipairs(model.all_layers or model.layers) do
    if text_layers[each.class_name] then
      blame("export: %s reads texts, which the model that is written cannot; leave it out and apply it to the data "
        .. "before", each:title())
    elseif each.class_name == "Lambda" and not rawget(each, "is_traced") then
      blame("export: %s has a Lua function that does not compute with nn.ops alone, which an ONNX file cannot hold",
        each:title())
    elseif each.all_layers or each.layers then
      check_functions(each)
    end
  end
end

-- Adds what one node of the engine stands for.
local function add_node(g, node, names, shapes)
  local title = node.what or node.layer or node.operation
  if node.keeps_state then
    blame("export: %s keeps its states from batch to batch (stateful), which an ONNX file cannot; build the model "
      .. "with stateful = false and set its weights", title)
  end
  local n = { config = node.config, params = node.params or {}, inputs = {}, shapes = {}, title = title }
  for i, reference in ipairs(node.inputs) do
    local position, output = place_of(reference)
    n.inputs[i], n.shapes[i] = names[position][output], shapes[position][output]
  end
  check_open_axes(node, n.shapes, title)
  local given, message = registry.infer(node, n.shapes, title)
  n.outputs = given or blame("export: %s: %s", title, message)
  local f = node.layer and tables.layers[node.layer] or node.operation and tables.operations[node.operation]
  g.prefix = (node.owner and node.owner.name .. "/") or ""
  local results = f and { f(g, n) } or {}
  if not results[1] then
    blame("export: %s: ONNX has no operator for %s", title,
      node.operation and "nn.ops." .. node.operation or node.layer)
  end
  return results, n.outputs
end

-- ---- inputs and outputs --------------------------------------------------------------------------------------------

local function info_of(name, shape, words)
  local dims = shape.is_whole and {} or { { dim_param = "batch" } }
  for i, length in ipairs(shape) do
    dims[#dims + 1] = length >= 0 and { dim_value = length } or { dim_param = ("%s_axis_%d"):format(words, i + 1) }
  end
  return { name = name, type = { tensor_type = { elem_type = value.codes.float32, shape = { dim = dims } } } }
end

-- Names that no two values share.
local function unique(names)
  local seen, list = {}, {}
  for i, name in ipairs(names) do
    while seen[name] do name = name .. "_" end
    seen[name], list[i] = true, name
  end
  return list
end

-- The message of a model.
-- @tparam table model
-- @treturn table
local function message_of(model)
  check_functions(model)
  local nodes, inputs, outputs = model:lower()
  local g, names, shapes, infos, results = Builder.new(), {}, {}, { {}, {} }, {}
  local all = table.move(model.output_names, 1, #model.output_names, #model.input_names + 1,
    table.move(model.input_names, 1, #model.input_names, 1, {}))
  local public = unique(all)
  for i, position in ipairs(inputs) do
    local shape = model.inputs[i].shape
    names[position], shapes[position] = { public[i] }, { shape }
    infos[1][i] = info_of(public[i], shape, public[i])
  end
  for position, node in ipairs(nodes) do
    if not names[position] then names[position], shapes[position] = add_node(g, node, names, shapes) end
  end
  g.prefix = ""
  for i, reference in ipairs(outputs) do
    local position, output = place_of(reference)
    results[i] = public[#inputs + i]
    g.nodes[#g.nodes + 1] = { op_type = "Identity", name = results[i], input = { names[position][output] },
      output = { results[i] }, attribute = {} }
    infos[2][i] = info_of(results[i], shapes[position][output], results[i])
  end
  g:prune(results)
  return { ir_version = IR_VERSION, producer_name = "nnrun", opset_import = { { domain = "", version = OPSET } },
    graph = { name = model.name, node = g.nodes, initializer = g.constants, input = infos[1], output = infos[2] } }
end

local read_options = arguments.options("export", { { "format", "onnx" }, { "verbose" } })

--- Writes the model as an ONNX file, as it predicts: other programs compute with it, and `load_model` reads it. Inputs
-- are float32 with an open first axis, whatever their numbers mean (ids too); names are those of inputs and outputs.
-- @function model:export
-- @tparam string path ends in .onnx
-- @tparam[opt] table options format ("onnx", the only one)
-- @raise if the path ends otherwise or cannot be written, or if the model has a layer that ONNX cannot express: one
-- that reads texts, keeps states, or calls a Lua function that does not compute with nn.ops
-- @usage
-- model:export "model.onnx"
-- print(nn.models.load_model("model.onnx"):predict(x))
return function(model, path, options)
  options = read_options(options)
  if type(path) ~= "string" or not path:lower():find "%.onnx$" then
    blame("export: expected a path such as \"model.onnx\", got %s", blame.got(path))
  elseif options.format ~= "onnx" then
    blame("export: format: expected \"onnx\", got %s", blame.got(options.format))
  end
  model:require_built "export"
  local ok, message = files.write(path, wire.encode(message_of(model), "Model"))
  if not ok then blame("export: %s", message) end
end
