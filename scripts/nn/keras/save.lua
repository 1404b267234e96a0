--- Files that Keras 3 opens: `.keras`, a zip of config.json, metadata.json and model.weights.h5, and `.weights.h5`.
local blame = require "nn.support.blame"
local compile = require "nn.models.compile"
local files = require "nn.support.files"
local hdf5 = require "nn.keras.hdf5"
local is_model = require "nn.models.is_model"
local json = require "nn.support.json"
local layer = require "nn.layers.base"
local names = require "nn.keras.names"
local optimizer = require "nn.keras.optimizer"
local parts = require "nn.keras.parts"
local symbolic = require "nn.layers.base.symbolic"
local weights = require "nn.keras.weights"
local zip = require "engine.zip"

local save = {}

local VERSION = "3.8.0" -- of Keras, whose layout this is
local NULL = json.encoded "null"

-- ---- weights --------------------------------------------------------------------------------------------------------

local function put_vars(group, tensors, first, last, name)
  local vars = group:make "vars"
  vars.attributes.name = name
  for i = first, last do vars:add(tostring(i - first), tensors[i].tensor) end
end

local HAS_CELL = { LSTM = true, GRU = true, SimpleRNN = true, ConvLSTM1D = true, ConvLSTM2D = true, ConvLSTM3D = true }
local HEADS = {
  MultiHeadAttention = { "query_dense", "key_dense", "value_dense", "output_dense" },
  GroupQueryAttention = { "_query_dense", "_key_dense", "_value_dense", "_output_dense" },
}

local put_layer, put_layers

-- The groups of one layer: Keras has its weights where the object within it that owns them is.
function put_layer(each, group)
  local own, heads = each:named_weights(), HEADS[each.class_name]
  if parts.is_own(each) then
    local weights_alone = parts.own_weights(each)
    put_vars(group, weights_alone, 1, #weights_alone, each.name)
    for _, part in ipairs(parts.of(each, weights.keys_of)) do
      put_layer(part.layer, group:make(parts.path(each, part)))
    end
    return
  end
  put_vars(group, own, 1, 0, each.name) -- every object has this group, also one without weights of its own
  if is_model(each) then
    put_layers(each, group)
  elseif HAS_CELL[each.class_name] then
    put_vars(group:make "cell", own, 1, #own, each.name)
  elseif each.class_name == "Bidirectional" then
    put_layer(each.forward_layer, group:make "forward_layer")
    put_layer(each.backward_layer, group:make "backward_layer")
  elseif each.class_name == "TimeDistributed" then
    put_layer(each.inner, group:make "layer")
  elseif each.class_name == "SpectralNormalization" then
    put_vars(group, own, 2, 2, each.name)
    put_vars(group:make "layer", table.move(own, 3, #own, 2, { own[1] }), 1, #own - 1, each.inner.name)
  elseif each.class_name == "RNN" then
    local cells, first = each.cell.cells or { each.cell }, 1
    for i, key in ipairs(weights.keys_of(cells)) do
      local count = #cells[i].weights
      put_vars(group:make(each.cell.cells and "cell/cells/" .. key or "cell"), own, first, first + count - 1, key)
      first = first + count
    end
  elseif heads then
    local count = #own // #heads
    for i, name in ipairs(heads) do put_vars(group:make(name), own, (i - 1) * count + 1, i * count, name) end
  else
    put_vars(group, own, 1, #own, each.name)
  end
end

function put_layers(model, group)
  local order = model.layers -- as config.json lists them
  for i, key in ipairs(weights.keys_of(order)) do
    put_layer(order[i], group:make("layers/" .. key))
  end
end

local function weights_file(model)
  local root = hdf5.group()
  put_layer(model, root)
  optimizer.put(model, root)
  return hdf5.bytes(root)
end

-- ---- config ---------------------------------------------------------------------------------------------------------

local function to_zero(axis)
  if type(axis) == "table" then
    local list = {}
    for i, each in ipairs(axis) do list[i] = to_zero(each) end
    return list
  end
  return axis and axis > 0 and axis - 1 or axis
end

local MODULES = { initializer = "keras.initializers", regularizer = "keras.regularizers",
  constraint = "keras.constraints" }

local function batch_shape(shape)
  local list = { NULL }
  for i, length in ipairs(shape) do list[i + 1] = length == -1 and NULL or length end
  return json.list(list)
end

local entry_of

local function is_entry(value) return type(value) == "table" and value.class_name and value.config end

local function plain(name, value)
  if type(value) == "function" then blame "Keras cannot read functions of Lua: save it as .safetensors" end
  if name:find "activation$" and type(value) == "table" and value.options then
    blame "Keras has no options of activations: save it as .safetensors"
  end
  if value == "hard_sigmoid_keras2" then blame "Keras 3 has no hard_sigmoid_keras2: save it as .safetensors" end
  if name == "merge_mode" and value == "none" then return NULL end
  if names.axes[name] then return to_zero(value) end
  if type(value) ~= "table" then return value end
  if is_entry(value) then
    local module = MODULES[name:match "%a+$"] or "keras.layers"
    return { module = module, class_name = value.class_name, registered_name = NULL,
      config = plain("", next(value.config) and value.config or json.object {}) }
  end
  local copy = setmetatable({}, getmetatable(value))
  for key, each in pairs(value) do copy[key] = plain(tostring(key), each) end
  return copy
end

local function sequential(model)
  local list = {}
  if model.inputs then list[1] = entry_of(model.inputs[1].layer) end
  for _, each in ipairs(model.layers) do list[#list + 1] = entry_of(each) end
  return { name = model.name, trainable = model.trainable, dtype = "float32", layers = json.list(list) }
end

-- A tensor of the graph: which call of which layer gave it.
local function tensor_of(symbol, place)
  local at = place[symbol.call or symbol] or blame("%s has results of an operation that Keras has no layer for",
    symbol.layer.name)
  return { class_name = "__keras_tensor__", config = { shape = batch_shape(symbol.shape), dtype = "float32",
    keras_history = json.list { at[1], at[2], (symbol.index or 1) - 1 } } }
end

local function inbound_node(node, place)
  local args, kwargs = {}, json.object {}
  for i, each in ipairs(node.read) do args[i] = tensor_of(each, place) end
  if node.layer.state_count and #args > 1 then
    kwargs.initial_state = json.list(table.move(args, 2, #args, 1, {}))
    args = { args[1] }
  elseif #args > 1 and not HEADS[node.layer.class_name] then
    args = { json.list(args) }
  end
  for name, value in pairs(node.options or {}) do
    if symbolic.is(value) then kwargs[name] = tensor_of(value, place)
    elseif type(value) == "boolean" then kwargs[name] = value end
  end
  return { args = json.list(args), kwargs = kwargs }
end

local function functional(model)
  local place, entries, by_layer = {}, {}, {}
  for _, node in ipairs(model.order) do
    local key = node.call or node
    if not node.layer.is_hidden and not place[key] then
      local entry = by_layer[node.layer]
      if not entry then
        entry = entry_of(node.layer)
        entry.name, entry.inbound_nodes, by_layer[node.layer] = node.layer.name, json.list {}, entry
        entries[#entries + 1] = entry
      end
      local is_input = node.layer.class_name == "InputLayer"
      place[key] = { node.layer.name, #entry.inbound_nodes }
      if not is_input then entry.inbound_nodes[#entry.inbound_nodes + 1] = inbound_node(node, place) end
    end
  end
  local function ends(symbols)
    local list = {}
    for i, symbol in ipairs(symbols) do list[i] = tensor_of(symbol, place).config.keras_history end
    return json.list(list)
  end
  return { name = model.name, trainable = model.trainable, layers = json.list(entries),
    input_layers = ends(model.inputs), output_layers = ends(model.outputs) }
end

-- { module =, class_name =, config = } of a layer or model.
function entry_of(each)
  local entry = { module = "keras.layers", class_name = each.class_name, registered_name = NULL }
  if is_model(each) then
    entry.module = each.class_name == "Functional" and "keras.src.models.functional" or "keras"
    entry.config = each.class_name == "Sequential" and sequential(each) or functional(each)
    return entry
  end
  if each.class_name == "Operation" or rawget(each, "class") or not layer.argument_names[each.class_name] then
    blame("the layer %s (%s) is none of Keras': save the model as .safetensors", each.name, each.class_name)
  end
  if each.class_name == "InputLayer" then
    entry.config = { name = each.name, dtype = "float32", batch_shape = batch_shape(each.output_shape
      or each.arguments.shape) }
    return entry
  end
  entry.config = plain("", each:get_config())
  entry.config.dtype = "float32"
  local shapes = each.input_shapes
  if shapes and #shapes == 1 then entry.build_config = { input_shape = batch_shape(shapes[1]) } end
  return entry
end

-- ---- settings for training ------------------------------------------------------------------------------------------

local function setting(value, module)
  if is_entry(value) then
    return { module = "keras." .. module, class_name = value.class_name, registered_name = NULL,
      config = plain("", value.config) }
  end
  if type(value) ~= "table" then return type(value) ~= "function" and value or error "a function" end
  local list = {}
  for key, each in pairs(value) do list[key] = setting(each, module) end
  return list
end

-- nil for a model that was not compiled, or with what Keras does not have.
local function settings_of(model)
  if not model.compiled then return nil end
  local ok, result = pcall(function()
    local given = compile.config(model)
    local loss = given.loss and #given.loss == 1 and given.loss[1] or given.loss
    return { optimizer = setting(given.optimizer, "optimizers"), loss = setting(loss, "losses"),
      metrics = given.metrics and setting(given.metrics, "metrics") }
  end)
  return ok and result or nil
end

--- Writes a model.
-- @tparam table model
-- @tparam string path ends in .keras
-- @treturn ?boolean true; nil and a message where that cannot be
function save.model(model, path)
  model:require_built "save"
  local entry = entry_of(model)
  entry.compile_config = settings_of(model)
  if #model.inputs == 1 then entry.build_config = { input_shape = batch_shape(model.inputs[1].shape) } end
  return files.write(path, zip.make {
    { "metadata.json", json.encode { keras_version = VERSION, date_saved = os.date "!%Y-%m-%d@%H:%M:%S" } },
    { "config.json", json.encode(entry) }, { "model.weights.h5", weights_file(model) },
  })
end

--- Writes a model's weights.
-- @tparam table model
-- @tparam string path ends in .weights.h5
-- @treturn ?boolean true; nil and a message where that cannot be
function save.weights(model, path)
  model:require_built "save_weights"
  return files.write(path, weights_file(model))
end

return save
