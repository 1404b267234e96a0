--- Sequential and functional models from the configs that Keras writes.
local blame = require "nn.support.blame"
local config = require "nn.keras.config"
local symbolic = require "nn.layers.base.symbolic"
local weights = require "nn.keras.weights"

local architecture = {}

local function list_of(value, what)
  if type(value) ~= "table" then blame("its list of %s is damaged", what) end
  return value
end

--- A stack of layers. Keras 1 and 2 give the list of layers alone.
-- @tparam table given
-- @tparam function from_entry makes a layer or model
function architecture.Sequential(given, from_entry)
  local definition = {}
  for i, entry in ipairs(list_of(given.layers or given, "layers")) do definition[i] = from_entry(entry) end
  definition.name, definition.trainable = config.name_of(given.name), given.trainable ~= false
  return require("nn.models.sequential").new(definition)
end

-- ---- functional models ----------------------------------------------------------------------------------------------

local IS_TENSOR = "__keras_tensor__"

-- { layer, call from 0, output from 0 } of a tensor, in the words of either generation; nil for another value.
local function reference(value)
  if type(value) ~= "table" then return nil end
  if value.class_name == IS_TENSOR then value = type(value.config) == "table" and value.config.keras_history end
  local is_one = type(value) == "table" and type(value[1]) == "string" and math.type(value[2]) == "integer"
    and math.type(value[3]) == "integer"
  return is_one and value or nil
end

-- All references within an argument of a call, in order.
local function references(value, list)
  local one = reference(value)
  if one then
    list[#list + 1] = one
  elseif type(value) == "table" then
    for _, each in ipairs(value) do references(each, list) end
  end
  return list
end

-- A call as { inputs = references, options = by name }.
local function call_of(node)
  if type(node) ~= "table" then blame "one of its calls is damaged" end
  if node.args then return { inputs = references(node.args, {}), options = node.kwargs or {} } end
  local call = { inputs = references(node, {}), options = {} }
  for _, each in ipairs(type(node[1]) == "table" and node or { node }) do
    if type(each[4]) == "table" then call.options = each[4] end
  end
  return call
end

-- Options that are further inputs of a layer here.
local INPUTS = { "query", "value", "key", "initial_state" }

local function find(results, ref)
  local calls = results[config.name_of(ref[1])]
  local call = calls and calls[ref[2] + 1]
  return call and call[ref[3] + 1]
end

-- The symbolic tensors of references; nil if one is not there yet.
local function find_all(results, refs)
  local list = {}
  for i, ref in ipairs(refs) do
    list[i] = find(results, ref)
    if not list[i] then return nil end
  end
  return list
end

-- Calls a layer; nil if what it reads is not there yet.
local function run(made, node, results)
  local call, options = call_of(node), {}
  local refs = table.move(call.inputs, 1, #call.inputs, 1, {})
  for _, name in ipairs(INPUTS) do references(call.options[name], refs) end
  local inputs = find_all(results, refs)
  if not inputs then return nil end
  for _, name in ipairs(made.second_inputs or {}) do
    local refs_of_option = references(call.options[name], {})
    if #refs_of_option > 0 then
      options[name] = find(results, refs_of_option[1])
      if not options[name] then return nil end
    end
  end
  for _, name in ipairs(made.flags or {}) do
    if type(call.options[name]) == "boolean" then options[name] = call.options[name] end
  end
  return { made(#inputs == 1 and inputs[1] or inputs, options) }
end

-- Calls whatever can be called, until nothing is left.
local function run_all(entries, by_name, results)
  local left, done
  repeat
    left, done = 0, 0
    for _, entry in ipairs(entries) do
      local name = config.name_of(entry.name or entry.config.name)
      local nodes, calls = entry.inbound_nodes, results[name]
      while nodes and #calls < #nodes do
        local call = run(by_name[name], nodes[#calls + 1], results)
        if not call then break end
        calls[#calls + 1], done = call, done + 1
      end
      left = left + (nodes and math.max(#nodes - #calls, 0) or 0)
    end
  until left == 0 or done == 0
  if left > 0 then blame "its layers read what no layer gives" end
end

local function ends(value, results, what)
  local refs = references(value, {})
  if #refs == 0 and type(value) == "table" then -- by name
    local keys = require "nn.support.sorted_keys"(value)
    for _, key in ipairs(keys) do references(value[key], refs) end
  end
  local list = find_all(results, refs)
  if not list or #list == 0 then blame("its %s are not there", what) end
  return list
end

--- A model between inputs and outputs.
function architecture.Functional(given, from_entry)
  local by_name, results = {}, {}
  local entries = list_of(given.layers, "layers")
  for _, entry in ipairs(entries) do
    if type(entry) ~= "table" or type(entry.config) ~= "table" then blame "one of its layers is damaged" end
    local name = config.name_of(entry.name or entry.config.name)
    if not name then blame "one of its layers has no name" end
    entry.config.name = entry.config.name or name
    by_name[name], results[name] = from_entry(entry), {}
    if entry.class_name == "InputLayer" then
      local input = by_name[name]
      input.output = symbolic.new(input, {}, input:build {})
      results[name][1], entry.inbound_nodes = { input.output }, nil
    end
  end
  run_all(entries, by_name, results)
  local model = require("nn.models.functional").new { inputs = ends(given.input_layers, results, "inputs"),
    outputs = ends(given.output_layers, results, "outputs"), name = config.name_of(given.name),
    trainable = given.trainable ~= false }
  local order = {}
  for i, entry in ipairs(entries) do order[i] = by_name[config.name_of(entry.name or entry.config.name)] end
  weights.order[model] = order
  return model
end

return architecture
