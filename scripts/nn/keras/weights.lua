--- Weights of a model from Keras' files, in both layouts.
--
-- Up to Keras 2 a group has the attribute layer_names, a group for each layer, and that one weight_names. Since Keras 3
-- the groups are layers/dense/vars/0: of the class, numbered within a model, whatever the layer's name is.
local align = require "nn.losses.align"
local blame = require "nn.support.blame"
local hdf5 = require "nn.keras.hdf5"
local is_model = require "nn.models.is_model"
local keras_names = require "nn.keras.names"
local learned = require "nn.experiment.learned"
local names = require "nn.support.names"
local old_weights = require "nn.keras.old_weights"
local parts = require "nn.keras.parts"
local tensor = require "nn.tensor"

local weights = {}

-- What Keras calls a layer's weights, in its order: of a model first all that are trained.
local function weights_of(layer)
  local list, rest = {}, {}
  local map = is_model(layer) and layer:trainable_layers()
  for _, weight in ipairs(layer:named_weights()) do
    local is_trained = not map or map[weight.layer] and not weight.is_state
    local to = is_trained and list or rest
    to[#to + 1] = weight
  end
  return table.move(rest, 1, #rest, #list + 1, list)
end

local function assign(layer, values, options, own)
  own = own or weights_of(layer)
  if #own ~= #values then
    if options.skip_mismatch then return end
    blame("the layer %s has %d weights, and the file has %d for it", layer.name, #own, #values)
  end
  for i, weight in ipairs(own) do
    if not tensor.is_tensor(values[i]) or not align.same(values[i].shape, weight.tensor.shape) then
      if options.skip_mismatch then return end
      blame("the layer %s: %s: expected shape %s, the file has %s", layer.name, weight.name,
        align.text(weight.tensor.shape), tensor.is_tensor(values[i]) and align.text(values[i].shape) or "no numbers")
    end
  end
  for i, weight in ipairs(own) do
    weight.tensor[{}] = align.floats(values[i])
    learned.note { weight.tensor }
  end
end

-- ---- up to Keras 2 --------------------------------------------------------------------------------------------------

-- { name =, values = } of each layer in the file that has weights.
local function layers_in(group)
  local list = {}
  for _, name in ipairs(group:texts "layer_names" or {}) do
    local each, values = group:at(name), {}
    if not hdf5.is_group(each) then blame("it has no group for its layer %s", name) end
    for i, weight in ipairs(each:texts "weight_names" or {}) do
      values[i] = each:at(weight)
      if not tensor.is_tensor(values[i]) then blame("it has no weight %s of its layer %s", weight, name) end
    end
    if #values > 0 then list[#list + 1] = { name = name:gsub("/", "_"), values = values } end
  end
  return list
end

local function layers_with_weights(model)
  local list, by_name = {}, {}
  for _, layer in ipairs(model.layers) do
    if #layer:named_weights() > 0 then list[#list + 1] = layer end
    by_name[layer.name] = layer
  end
  return list, by_name
end

local function has_all(in_file, by_name)
  for _, each in ipairs(in_file) do
    if not by_name[each.name] then return false end
  end
  return true
end

local function load_legacy(model, group, options, backend, version)
  local in_file = layers_in(group)
  local layers, by_name = layers_with_weights(model)
  local is_named = options.by_name or has_all(in_file, by_name)
  if not options.by_name and #in_file ~= #layers then
    blame("it has weights of %d layers, the model has %d layers with weights; by_name = true loads those of the same "
      .. "names", #in_file, #layers)
  end
  local about = { is_theano = backend == "theano", is_1 = tostring(version or 1):find "^1" ~= nil,
    weights_of = weights_of }
  for i, each in ipairs(in_file) do
    local layer = is_named and by_name[each.name] or not is_named and layers[i]
    if layer then
      assign(layer, old_weights(layer, each.values, about), options)
    end
  end
end

-- ---- Keras 3 --------------------------------------------------------------------------------------------------------

-- Keys of objects in a list: their class, numbered from the second one on.
local function keys_of(list)
  local keys, count = {}, {}
  for i, each in ipairs(list) do
    if type(each) ~= "table" or type(each.class_name) ~= "string" then blame "one of its layers has no class_name" end
    local name = names.snake_case(keras_names.in_python[each.class_name] or each.class_name)
    keys[i] = count[name] and name .. "_" .. count[name] or name
    count[name] = (count[name] or 0) + 1
  end
  return keys
end
weights.keys_of = keys_of

-- Groups within a layer's, in the order of its weights.
local PARTS = { "cell", "cells", "forward_layer", "backward_layer", "layer", "query_dense", "key_dense", "value_dense",
  "output_dense", "_query_dense", "_key_dense", "_value_dense", "_output_dense", "token_embedding",
  "position_embedding" }

local function append_vars(group, list)
  local vars, i = group.items.vars, 0
  while hdf5.is_group(vars) and vars.items[tostring(i)] do
    list[#list + 1], i = vars.items[tostring(i)], i + 1
  end
  for _, name in ipairs(PARTS) do
    local part = group.items[name]
    if hdf5.is_group(part) then append_vars(part, list) end
  end
  return list
end

local function cell_values(layer, group, list)
  local keys = keys_of(layer.cell.cells)
  for _, key in ipairs(keys) do
    local part = group:at("cell/cells/" .. key)
    if part then append_vars(part, list) end
  end
  return list
end

local load_layer, load_model

-- A layer or model of one's own.
local function load_own(object, group, options)
  assign(object, append_vars({ items = { vars = group.items.vars } }, {}), options, parts.own_weights(object))
  for _, each in ipairs(parts.of(object, keys_of)) do
    local part = group:at(each.path) or group:at(each.other)
    if hdf5.is_group(part) then
      load_layer(each.layer, part, options)
    elseif #each.layer:named_weights() > 0 and not options.skip_mismatch then
      blame("it has no weights of %s/%s: fields have to be called as in Python", object.name, each.path)
    end
  end
end

function load_layer(layer, group, options)
  if parts.is_own(layer) then return load_own(layer, group, options) end
  local inner = layer.class_name == "TimeDistributed" and layer.inner
  if is_model(layer) then return load_model(layer, group, options) end
  if inner and is_model(inner) then return load_model(inner, group.items.layer, options) end
  local has_cells = layer.class_name == "RNN" and layer.cell.cells
  local values = has_cells and cell_values(layer, group, {}) or append_vars(group, {})
  if layer.class_name == "SpectralNormalization" then values[1], values[2] = values[2], values[1] end -- kernel, vector
  assign(layer, values, options)
end

function load_model(model, group, options)
  local order = weights.order[model] or model.layers
  local groups = group and (group.items.layers or group.items._layer_checkpoint_dependencies)
  for i, key in ipairs(keys_of(order)) do
    local layer = order[i]
    if #layer:named_weights() > 0 then
      local part = groups and (groups.items[key] or groups.items[layer.name])
      if part then
        load_layer(layer, part, options)
      elseif not options.skip_mismatch then
        blame("it has no weights of the layer %s, which Keras calls layers/%s", layer.name, key)
      end
    end
  end
end

-- The layers of models in the order of the file that they came from.
weights.order = setmetatable({}, { __mode = "k" })

--- Windows' names of groups, "layers\dense", as those of others.
function weights.with_slashes(root)
  local result, has_any = hdf5.group(), false
  for _, name in ipairs(root.names) do
    if name:find("\\", 1, true) then
      has_any = true
      local to = result:make((name:gsub("\\", "/")))
      for _, each in ipairs(root.items[name].names) do to:add(each, root.items[name].items[each]) end
    elseif not result.items[name] then
      result:add(name, root.items[name])
    end
  end
  result.attributes = root.attributes
  return has_any and result or root
end

--- Sets a model's weights.
-- @tparam table model
-- @tparam table root what hdf5.read gives, of weights or of a whole model
-- @tparam table options by_name, skip_mismatch
-- @raise what does not fit
function weights.load(model, root, options)
  local group = hdf5.is_group(root.items.model_weights) and root.items.model_weights or root
  if group:texts "layer_names" then
    local function attribute(name) return group.attributes[name] or root.attributes[name] end
    return load_legacy(model, group, options, attribute "backend", attribute "keras_version")
  end
  root = weights.with_slashes(root)
  if parts.is_own(model) then return load_layer(model, root, options) end
  local is_needed = #model:named_weights() > 0
  if is_needed and not (root.items.layers or root.items._layer_checkpoint_dependencies) then
    blame "it holds no weights of Keras: neither the attribute layer_names nor a group layers"
  end
  load_model(model, root, options)
end

return weights
