--- Models (`nn.models`, and at the top `nn.Sequential`, `nn.Model`).
-- @module nn.models
local align = require "nn.losses.align"
local architecture = require "nn.models.architecture"
local blame = require "nn.support.blame"
local extend = require "nn.models.extend"
local functional = require "nn.models.functional"
local layer = require "nn.layers.base"
local on_batch = require "nn.models.on_batch"
local saving = require "nn.models.saving"
local Sequential = require "nn.models.sequential"
local tensor = require "nn.tensor"

local models = {
  Sequential = Sequential.new,
  Model = setmetatable({ extend = extend }, { __call = function(_, ...) return functional.new(...) end,
    __tostring = function() return "<class Model>" end }),
  load_model = saving.load_model,
  model_from_json = architecture.model_from_json,
  clone_model = architecture.clone_model,
}

-- ---- layers on tensors ----------------------------------------------------------------------------------------------

-- By layer its models of that layer alone, by the shapes they are for.
local kept = setmetatable({}, { __mode = "k" })

-- What a model of one layer depends on; nil where it also depends on what the layer has learned from data.
local function key_of(applied, data, count, options)
  if applied.adapt then return nil end
  local list = { tostring(count) }
  for _, x in ipairs(data) do list[#list + 1] = table.concat(x.shape, ",", 2) end
  for _, name in ipairs(applied.second_inputs) do list[#list + 1] = options[name] ~= nil and name or "" end
  for _, name in ipairs(applied.flags) do list[#list + 1] = tostring(options[name]) end
  return table.concat(list, ";")
end

-- A model of one layer.
-- @tparam {tensor,...} data the inputs, then the options that are inputs
-- @tparam integer count how many of the data are inputs
local function model_of(applied, data, count, options)
  local symbols, list, given, position = {}, {}, {}, count
  for i, x in ipairs(data) do
    symbols[i] = layer.layers.Input { shape = table.move(x.shape, 2, x.ndim, 1, {}), name = "input " .. i }
    if i <= count then list[i] = symbols[i] end
  end
  for _, name in ipairs(applied.second_inputs) do
    if options[name] ~= nil then
      position = position + 1
      given[name] = symbols[position]
    end
  end
  for _, name in ipairs(applied.flags) do given[name] = options[name] end
  local is_first = applied.output == nil
  local outputs = { applied(#list == 1 and list[1] or list, given) }
  if is_first then applied.input, applied.output = nil, nil end -- no part of a user's model
  return functional.new { inputs = symbols, outputs = outputs, name = applied.name }
end

-- Raises an error for inputs without places, such as sequences without steps, and for ones of different samples.
local function check_data(applied, data, count, options)
  local names = {}
  for i = 1, count do names[i] = count == 1 and "x" or ("x[%d]"):format(i) end
  for _, name in ipairs(applied.second_inputs) do
    if options[name] ~= nil then names[#names + 1] = name end
  end
  for i, x in ipairs(data) do
    for axis = 2, x.ndim do
      if x.shape[axis] == 0 then
        blame("%s: %s of shape %s is empty: its axis %d has length 0", applied:title(), names[i], align.text(x.shape),
          axis)
      end
    end
    if #x ~= #data[1] then
      blame("%s: %s has %d samples, but %s has %d", applied:title(), names[i], #x, names[1], #data[1])
    end
  end
end

--- What a layer gives for real tensors: that of a model of the layer alone, which is kept for the next call.
-- @function apply_layer
-- @tparam table applied the layer
-- @param inputs a tensor or a list of them
-- @tparam table options as of a layer's call
-- @return what the layer gives; a layer with several outputs gives several results
-- @usage nn.models.apply_layer(Dropout{ 0.5 }, x, { training = true }) -- what Dropout{ 0.5 }(x, ...) does
function models.apply_layer(applied, inputs, options)
  options = layer.check_options(applied, options)
  local data = tensor.is_tensor(inputs) and { inputs } or table.move(inputs, 1, #inputs, 1, {})
  local count = #data
  for _, name in ipairs(applied.second_inputs) do
    local value = options[name]
    data[#data + 1] = value ~= nil and (tensor.is_tensor(value) and value or tensor.tensor(value)) or nil
  end
  check_data(applied, data, count, options)
  local key = key_of(applied, data, count, options)
  kept[applied] = kept[applied] or {}
  local model = key and kept[applied][key] or model_of(applied, data, count, options)
  if key then kept[applied][key] = model end
  local result = on_batch.apply(model, data, { training = options.training })
  if #model.outputs == 1 then return result end
  return table.unpack(result)
end

return models
