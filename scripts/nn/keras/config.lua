--- Layers and models from the configs that Keras writes, of all its generations.
--
-- An argument keeps its name; names.lua has what was called otherwise. What a layer here does not know, such as its
-- dtype policy, is passed over.
local blame = require "nn.support.blame"
local constraints = require "nn.constraints"
local initializers = require "nn.initializers"
local json_reader = require "dkjson"
local layer = require "nn.layers.base"
local names = require "nn.keras.names"
local regularizers = require "nn.regularizers"
local saving = require "nn.saving"
require "nn.layers" -- all of them

local config = {}

local NULL = setmetatable({}, { __tostring = function() return "null" end })

-- Tables without null; in lists, which are shapes then, it is -1.
local function clean(value, depth)
  if type(value) ~= "table" then return value end
  if depth > 100 then blame "its config is nested too deep" end
  local copy, is_list = {}, #value > 0
  for key, each in pairs(value) do
    if each ~= NULL then
      copy[key] = clean(each, depth + 1)
    elseif is_list or key == "merge_mode" then -- the one argument whose null is not its default
      copy[key] = is_list and -1 or "none"
    end
  end
  return copy
end

--- A config from JSON text.
-- @tparam string text
-- @tparam string what it is, for messages
function config.decode(text, what)
  local value = type(text) == "string" and json_reader.decode(text, 1, NULL, nil)
  if type(value) ~= "table" or value == NULL then blame("its %s is damaged: no JSON object", what) end
  return clean(value, 0)
end

-- ---- values of arguments --------------------------------------------------------------------------------------------

local from_entry -- of a layer or a model

local FAMILIES = { initializer = initializers, regularizer = regularizers, constraint = constraints }

-- An initializer, regularizer or constraint; nil if nnrun has none such: predictions do not depend on it.
local function rule(value, family)
  if type(value) == "table" then
    local class = value.class_name or value.name
    if type(class) ~= "string" then return nil end
    local given = {}
    for key, each in pairs(value.config or value) do
      if key ~= "dtype" and key ~= "name" and key ~= "class_name" then given[key] = each end
    end
    if given.distribution == "normal" then given.distribution = "truncated_normal" end
    value = { class_name = names.classes[class] or class, config = given }
  end
  local ok, object = pcall(family.get, value)
  return ok and object or nil
end

-- Whether the file that is read is of Keras 1 or 2.
local is_old = false

local function activation_of(value)
  if is_old and value == "hard_sigmoid" then return "hard_sigmoid_keras2" end
  if type(value) ~= "table" then return value end
  local name = value.class_name == "function" and (value.config or value.registered_name) or value.class_name
  if type(name) ~= "string" then blame "one of its activations has no name" end
  if layer.family.is_known(name) and type(value.config) == "table" then return from_entry(value) end
  return saving.find(name) or name:gsub("^.*>", "")
end

local function from_one(value)
  if type(value) == "table" then
    for i, axis in ipairs(value) do value[i] = from_one(axis) end
    return #value == 1 and value[1] or value
  end
  return type(value) == "number" and value >= 0 and math.tointeger(value) + 1 or value
end

-- nnrun's value of an argument.
local function convert(name, value)
  local family = FAMILIES[name:match "%a+$"]
  if family then return rule(value, family) end
  if name:find "activation$" then return activation_of(value) end
  if names.axes[name] then return from_one(value) end
  if names.values[name] then return names.values[name][value] or value end
  if type(value) == "table" and value.class_name and value.config then return from_entry(value) end
  if type(value) == "table" and type(value[1]) == "table" and value[1].class_name then
    local list = {}
    for i, each in ipairs(value) do list[i] = from_entry(each) end
    return list
  end
  return value
end

-- A name of a layer, which has no slash here.
function config.name_of(name) return type(name) == "string" and name:gsub("/", "_") or nil end

local function input_shape(given)
  local batch = given.batch_input_shape or given.batch_shape
  if type(batch) == "table" then return table.move(batch, 2, #batch, 1, {}) end
  if type(given.input_shape) == "table" then return given.input_shape end
  if given.input_dim and given.input_length then return { given.input_length, given.input_dim } end
  return given.input_dim and { given.input_dim } or nil
end

-- Kernel sizes that Keras 1 had in several arguments.
local function join_sizes(given)
  if given.nb_row then given.kernel_size = { given.nb_row, given.nb_col } end
  if given.kernel_dim1 then given.kernel_size = { given.kernel_dim1, given.kernel_dim2, given.kernel_dim3 } end
end

local function arguments_of(class, given)
  local known, result = layer.argument_names[class], {}
  join_sizes(given)
  local has_defaults = given.implementation or given.inner_init
  for key, value in pairs(has_defaults and names.old_defaults[class] or {}) do result[key] = value end
  for key, value in pairs(given) do
    local name = known[key] and key or known[names.arguments[key] or ""] and names.arguments[key]
    if name then result[name] = convert(name, value) end
  end
  for _, name in ipairs(names.refused) do
    if given[name] == true then blame("%s: %s is set, which nnrun does not have", class, name) end
  end
  result.name, result.dtype = config.name_of(given.name), nil
  result.trainable = given.trainable ~= false
  local shape = input_shape(given)
  if class == "InputLayer" then
    return { shape = shape or {}, name = result.name }
  elseif class ~= "Embedding" or given.batch_input_shape then
    result.input_shape = shape
  elseif given.input_length then
    result.input_shape = { given.input_length }
  end
  return result
end

-- ---- layers ---------------------------------------------------------------------------------------------------------

local function own_layer(class, given)
  local arguments = {}
  for key, value in pairs(given) do
    if key ~= "dtype" and key ~= "batch_input_shape" then arguments[key] = convert(key, value) end
  end
  arguments.name = config.name_of(given.name)
  return class(arguments)
end

local function lambda(given)
  local own = saving.find(given.name or "Lambda") or saving.find "Lambda"
  local f = own or type(given["function"]) == "string" and saving.find(given["function"])
  if type(f) == "function" then return layer.layers.Lambda { f, name = config.name_of(given.name) } end
  if f then return own_layer(f, { name = given.name }) end
  blame("the layer %s is a Lambda with code in Python, which is not run: write it in Lua and give load_model "
    .. "custom_objects = { %s = function(x) return ... end }", tostring(given.name), tostring(given.name or "Lambda"))
end

local function plain_name(entry)
  local name = entry.class_name
  if type(name) ~= "string" then blame "one of its layers has no class_name" end
  return name:match "[^>]*$"
end

local MERGES = { sum = "Add", concat = "Concatenate", mul = "Multiply", ave = "Average", max = "Maximum", dot = "Dot" }

function from_entry(entry)
  if type(entry) ~= "table" then blame "one of its layers is not an object" end
  local class, given = plain_name(entry), type(entry.config) == "table" and entry.config or {}
  local own = saving.find(entry.registered_name or class) or saving.find(class)
  if own and class ~= "Lambda" then return own_layer(own, given) end
  local cudnn = class:find "^CuDNN"
  class = names.classes[class] or class
  if class == "Sequential" or class == "Functional" then
    return require("nn.keras.architecture")[class](given, from_entry)
  elseif class == "Lambda" then
    return lambda(given)
  elseif class == "Merge" then
    class = MERGES[given.mode] or blame("the layer %s merges by %s, which is not here", tostring(given.name),
      tostring(given.mode))
    given = { name = given.name, axis = given.concat_axis }
  end
  if not layer.argument_names[class] then
    blame("there is no layer %s: give load_model custom_objects = { %s = Class }, a class that "
      .. "nn.layers.Layer:extend made", class, class)
  end
  if cudnn then given.reset_after, given.recurrent_activation = class == "GRU" or nil, "sigmoid" end
  return layer.layers[class](arguments_of(class, given))
end

--- A layer or model from { class_name =, config = }, as Keras writes it.
-- @tparam table entry
-- @tparam ?string version of Keras, such as "2.15.0"; Keras 1 did not write it at first
function config.read(entry, version)
  local before = is_old
  local _ <close> = setmetatable({}, { __close = function() is_old = before end })
  is_old = (tonumber(tostring(version):match "^%d+") or 1) < 3
  return from_entry(entry)
end

return config
