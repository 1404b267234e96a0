--- Weights of a network from the .h5 file that Keras 1 or 2 wrote for it.
--
-- Such a file lists its layers, and of each layer its weights, in an order. Layers are found by their names. Where a
-- network leaves names to Keras, these are numbered by what was built before (conv2d_95), so the order of the numbers
-- counts. The file may have more layers, such as a top; a layer that it lacks is an error.
local blame = require "nn.support.blame"
local hdf5 = require "nn.keras.hdf5"

local h5_weights = {}

-- Keras 3 has no names with "/", as fire2/squeeze1x1 is one.
local function plain(name) return (name:gsub("/", "_")) end

-- "conv2d_95" -> "conv2d", 95
local function split(name)
  local base, number = name:match "^(.-)_(%d+)$"
  return base or name, tonumber(number or 0)
end

-- The weights of a file by layer: lists of tensors by name, and the names of layers that have some.
local function read_layers(path)
  local root, message = hdf5.read(path)
  if not root then blame("load_weights: %s", message) end
  local group = root:texts "layer_names" and root or root:at "model_weights"
  if not hdf5.is_group(group) or not group:texts "layer_names" then
    blame("load_weights: %s: it has no layer_names, so it is no file of weights of Keras", path)
  end
  local layers, names = {}, {}
  for _, name in ipairs(group:texts "layer_names") do
    local of_layer, values = group:at(name), {}
    for i, weight in ipairs(hdf5.is_group(of_layer) and of_layer:texts "weight_names" or {}) do
      values[i] = of_layer:at(weight) or blame("load_weights: %s: it lists %s and has it not", path, weight)
    end
    if #values > 0 then
      layers[plain(name)] = values
      names[#names + 1] = plain(name)
    end
  end
  return layers, names
end

-- Names by what they have before their number, each list in the order of the numbers.
local function by_base(names)
  local lists = {}
  for _, name in ipairs(names) do
    local base = split(name)
    lists[base] = lists[base] or {}
    table.insert(lists[base], name)
  end
  for _, list in pairs(lists) do
    table.sort(list, function(a, b) return select(2, split(a)) < select(2, split(b)) end)
  end
  return lists
end

-- For each name of the model the one in the file: itself, or where that is not there, the one at the same place among
-- as many of the same beginning.
local function matching(own, stored, layers)
  local found, mine, theirs = {}, by_base(own), by_base(stored)
  for base, list in pairs(mine) do
    local others, is_missing = theirs[base] or {}, false
    for _, name in ipairs(list) do is_missing = is_missing or not layers[name] end
    for i, name in ipairs(list) do
      found[name] = not is_missing and name or #others == #list and others[i] or nil
    end
  end
  return found
end

--- Gives a model the weights of a file.
-- @tparam table model
-- @tparam string path
function h5_weights.load(model, path)
  local layers, stored = read_layers(path)
  local own = {}
  for _, layer in ipairs(model.layers) do
    if layer.weights and #layer.weights > 0 then own[#own + 1] = layer.name end
  end
  local names = matching(own, stored, layers)
  for _, name in ipairs(own) do
    local layer, values = model:get_layer(name), layers[names[name]]
    if not values then blame("load_weights: %s has no layer %s; is it a file of %s?", path, name, model.name) end
    if #values ~= #layer.weights then
      blame("load_weights: %s: %s has %d weights, the model's has %d", path, name, #values, #layer.weights)
    end
    layer:set_weights(values)
  end
end

return h5_weights
