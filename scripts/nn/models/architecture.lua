--- A model's architecture as a plain table, and models from such tables: `model:to_json()`,
-- `nn.models.model_from_json`.
--
-- A Sequential is the list of its layers. A functional model is its layers and a list of calls: each names a layer and
-- the results it reads as { call, output } counted from 1, so that the calls in order build the graph again.
-- @submodule nn.models
local blame = require "nn.support.blame"
local digest = require "nn.support.digest"
local json = require "nn.support.json"
local layer = require "nn.layers.base"
local saving = require "nn.saving"
local symbolic = require "nn.layers.base.symbolic"

local architecture = {}

-- A layer's, or model's, class and arguments.
local function layer_entry(each)
  return { class_name = each.class_name, config = each:get_config(), registered_name = saving.registered_name(each) }
end
architecture.entry = layer_entry

local function sequential_config(model)
  local layers = {}
  if model.inputs then layers[1] = layer_entry(model.inputs[1].layer) end
  for _, each in ipairs(model.layers) do layers[#layers + 1] = layer_entry(each) end
  return { name = model.name, trainable = model.trainable, layers = layers }
end

--- The calls that make the graph, and where each symbolic tensor comes from.
local function calls_of(model)
  local calls, number = {}, {}
  local function reference(symbol) return symbol and number[symbol.call] and { number[symbol.call], symbol.index } end
  local function references(symbols)
    local list = {}
    for i, symbol in ipairs(symbols) do list[i] = reference(symbol) end
    return list
  end
  local is_input = {}
  for _, input in ipairs(model.inputs) do is_input[input] = true end
  for _, node in ipairs(model.order) do
    if not node.layer.is_hidden and not number[node.call] then
      local call = { inputs = {} }
      if is_input[node] then
        call.shape, call.name = node.layer.data_shape or node.shape, node.layer.name
      else
        call.layer, call.inputs = node.layer.name, references(node.read)
        for name, value in pairs(node.options or {}) do
          if symbolic.is(value) then
            call[name] = reference(value)
          elseif name ~= "training" then
            call.flags = call.flags or {}
            call.flags[name] = value
          end
        end
      end
      calls[#calls + 1] = call
      number[node.call] = #calls
    end
  end
  return calls, references
end

local function functional_config(model)
  local calls, references = calls_of(model)
  local layers, is_input = {}, {}
  for _, input in ipairs(model.inputs) do is_input[input.layer] = true end
  for _, each in ipairs(model.all_layers) do
    if not is_input[each] then layers[#layers + 1] = layer_entry(each) end
  end
  local config = { name = model.name, trainable = model.trainable, layers = layers, calls = calls,
    inputs = references(model.inputs), outputs = references(model.outputs), input_names = model.input_names }
  if model.gives_names then config.output_names = model.output_names end
  return config
end

--- The architecture as a plain table.
-- @function model:get_config
-- @treturn table
-- @usage local config = model:get_config()
function architecture.config(model)
  return model.class_name == "Sequential" and sequential_config(model) or functional_config(model)
end

--- The architecture as JSON text: the same model gives the same text. In place of a function stands the hash of what it
-- computes: a model that has one is not made again from the text.
-- @function model:to_json
-- @treturn string
-- @treturn string
-- @usage local same = nn.models.model_from_json(model:to_json())
function architecture.to_json(model)
  return json.encode(digest.stored(layer_entry(model)))
end

-- ---- models from tables

local from_entry

local function wants(value, kind, what)
  if type(value) ~= kind then blame("the architecture's %s is not a %s", what, kind) end
  return value
end

local function layers_from(list)
  local made = {}
  for i, entry in ipairs(wants(list, "table", "layers")) do made[i] = from_entry(entry) end
  return made
end

local function sequential_from(config)
  local definition = layers_from(config.layers)
  definition.name = config.name
  local model = require("nn.models.sequential").new(definition)
  model.trainable = config.trainable ~= false
  return model
end

--- The symbolic tensor that a reference names.
local function find(results, reference)
  local call = type(reference) == "table" and results[reference[1]]
  local symbol = call and call[reference[2]]
  return symbol or blame "the architecture refers to a call that is not there"
end

local function find_all(results, references)
  local list = {}
  for i, reference in ipairs(wants(references, "table", "references")) do list[i] = find(results, reference) end
  return list
end

local function run_call(call, by_name, results)
  wants(call, "table", "call")
  if call.shape then return { layer.layers.Input { shape = call.shape, name = call.name } } end
  local called = by_name[call.layer]
    or blame("the architecture calls the layer %s, which is not there", tostring(call.layer))
  local inputs = find_all(results, call.inputs)
  local options = { mask = call.mask and find(results, call.mask) }
  for _, name in ipairs(called.second_inputs or {}) do options[name] = call[name] and find(results, call[name]) end
  for name, value in pairs(call.flags or {}) do options[name] = value end
  local given = { called(#inputs == 1 and inputs[1] or inputs, options) }
  return symbolic.is(given[1]) and given or given[1]
end

local function named(symbols, names)
  if not names then return symbols end
  local by_name = {}
  for i, symbol in ipairs(symbols) do by_name[names[i]] = symbol end
  return by_name
end

local function functional_from(config)
  local by_name, results = {}, {}
  for _, each in ipairs(layers_from(config.layers)) do by_name[each.name] = each end
  for i, call in ipairs(wants(config.calls, "table", "calls")) do results[i] = run_call(call, by_name, results) end
  local model = require("nn.models.functional").new { inputs = find_all(results, config.inputs), name = config.name,
    outputs = named(find_all(results, config.outputs), config.output_names), trainable = config.trainable }
  model.input_names = config.input_names or model.input_names
  return model
end

-- A layer or model from { class_name =, config = }.
function from_entry(entry)
  wants(entry, "table", "entry")
  local config = wants(entry.config, "table", "config")
  if entry.class_name == "Sequential" then return sequential_from(config) end
  if entry.class_name == "Functional" then return functional_from(config) end
  local is_own = entry.registered_name or not layer.family.is_known(entry.class_name)
  if is_own then
    local class = saving.find_class(entry.registered_name or entry.class_name, "layer")
    return class(require("nn.support.stored").restore(config))
  end
  return layer.family.get({ class_name = wants(entry.class_name, "string", "class_name"), config = config }, "layer")
end

-- What `deserialize` of nn.layers does: a layer or model from what `serialize` gave.
architecture.from_entry = from_entry

-- A model of the same architecture, with weights of its own, from what `config` gave.
-- @tparam table entry { class_name =, config = }; the class may be one of the script's
function architecture.from_config(entry)
  local name = type(entry) == "table" and entry.class_name
  if type(name) ~= "string" or layer.family.is_known(name) then blame "this is not the architecture of a model" end
  return from_entry(entry)
end

--- A model of the architecture that `to_json` wrote, with new weights.
-- @function model_from_json
-- @tparam string text
-- @usage local twin = nn.models.model_from_json(model:to_json())
function architecture.model_from_json(text)
  if type(text) ~= "string" then blame("model_from_json: expected a text, got %s", blame.got(text)) end
  local entry, message = json.decode_plain(text)
  if entry == nil then blame("model_from_json: %s", message or "nothing there") end
  local ok, result = pcall(architecture.from_config, entry)
  if ok then return result end
  blame("model_from_json: %s", (tostring(result):gsub("^[^\n]-:%d+: ", "")))
end

-- The classes of the script's own that a model is made of.
local function classes_in(model, list)
  for _, each in ipairs(model.all_layers or model.layers) do
    list[#list + 1] = rawget(each, "class")
    if each.all_layers or each.layers then classes_in(each, list) end
  end
  return list
end

--- A model of the same architecture with new weights.
-- @function clone_model
-- @tparam table model
-- @usage local twin = nn.models.clone_model(model)
function architecture.clone_model(model)
  if type(model) ~= "table" or not model.layers then
    blame("clone_model: expected a model, got %s", blame.got(model))
  end
  return saving.with(classes_in(model, {}), model.from_config, model, model:get_config())
end

return architecture
