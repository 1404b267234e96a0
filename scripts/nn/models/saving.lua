--- Models and weights to and from files: one .safetensors file, which any reader of that format opens.
--
-- A model's file holds its weights by name, the optimizer's state under "optimizer/", and in its metadata, as JSON, the
-- architecture, the settings of compile, and what training needs to go on as if it had not stopped.
-- @submodule nn.models
local align = require "nn.align"
local architecture = require "nn.models.architecture"
local blame = require "nn.blame"
local compile = require "nn.models.compile"
local json = require "nn.json"
local optimizer_state = require "nn.models.optimizer_state"
local safetensors = require "nn.safetensors"

local saving = {}

local FORMAT = "nnrun model 1"

local function weights_by_name(model)
  local tensors = {}
  for _, weight in ipairs(model:named_weights()) do tensors[weight.name] = weight.tensor end
  return tensors
end

--- Writes all weights, each under its name, such as "dense_1/kernel".
-- @function model:save_weights
-- @tparam string path ends in .safetensors
-- @usage model:save_weights "weights.safetensors"
function saving.save_weights(model, path)
  local ok, message = safetensors.write(path, weights_by_name(model), { format = "nnrun weights 1" })
  if not ok then blame("save_weights: %s", message) end
end

local function names_of_weights(tensors)
  local list = {}
  for name in pairs(tensors) do
    if not name:find "^optimizer/" then list[#list + 1] = name end
  end
  return list
end

--- Sorts names by their layers' numbers: dense/kernel, dense_2/kernel, dense_10/kernel.
local function sort_by_number(list)
  local key = {}
  for _, name in ipairs(list) do
    key[name] = name:gsub("([^/]+)/", function(layer)
      local base, number = layer:match "^(.-)_(%d+)$"
      return ("%s_%09d/"):format(base or layer, number or 0)
    end)
  end
  table.sort(list, function(a, b) return key[a] < key[b] end)
  return list
end

local function without_numbers(name) return (name:gsub("_%d+/", "/")) end

local function few(list)
  local most = 6
  if #list <= most then return table.concat(list, ", ") end
  return ("%s, ... (%d in all)"):format(table.concat(list, ", ", 1, most), #list)
end

--- Under which name the file has each weight. Layers that were given no name are numbered through all models of a
-- script, so where the names are others, those in the same order are meant.
local function stored_names(weights, tensors)
  local own, found, is_missing = {}, {}, false
  for i, weight in ipairs(weights) do
    own[i], found[weight.name] = weight.name, weight.name
    is_missing = is_missing or not tensors[weight.name]
  end
  local stored, in_order = sort_by_number(names_of_weights(tensors)), {}
  if not is_missing or #stored ~= #own then return found end
  for i, name in ipairs(sort_by_number(own)) do
    if without_numbers(name) ~= without_numbers(stored[i]) then return found end
    in_order[name] = stored[i]
  end
  return in_order
end

--- The tensors of a file for each weight of the model, in order.
-- @treturn {tensor,...}
-- @treturn {[string]=string} what each weight is called there
local function values_for(model, tensors, path, what)
  local values, weights = {}, model:named_weights()
  local name_in_file = stored_names(weights, tensors)
  for i, weight in ipairs(weights) do
    local value = tensors[name_in_file[weight.name]]
    if not value then
      blame("%s: %s has no %s; it has %s", what, path, weight.name, few(sort_by_number(names_of_weights(tensors))))
    elseif not align.same(value.shape, weight.tensor.shape) then
      blame("%s: %s: %s has shape %s, the model's has %s", what, path, weight.name, align.text(value.shape),
        align.text(weight.tensor.shape))
    end
    values[i] = value
  end
  return values, name_in_file
end

--- Reads all weights from a file that save_weights or save wrote for the same architecture. Layers are told apart by
-- their names; those that were given none may be numbered otherwise, as those of a model that is built again.
-- @function model:load_weights
-- @tparam string path
-- @usage model:load_weights "weights.safetensors"
function saving.load_weights(model, path)
  local tensors, message = safetensors.read(path)
  if not tensors then blame("load_weights: %s", message) end
  model:set_weights((values_for(model, tensors, path, "load_weights")))
end

local function settings_of(model)
  if type(model.optimizer.learning_rate) == "function" then
    blame "save: the learning rate is a function, which cannot be stored; give a schedule of nn.optimizers.schedules"
  end
  return compile.config(model)
end

--- Writes the model: architecture, weights, and if it is compiled its settings and the optimizer's state.
-- @function model:save
-- @tparam string path ends in .safetensors
-- @usage model:save("model.safetensors")
function saving.save(model, path)
  local tensors = weights_by_name(model)
  local metadata = { format = FORMAT, model = architecture.to_json(model) }
  if model.compiled then
    metadata.compile = json.encode(settings_of(model))
    metadata.training = json.encode(optimizer_state.describe(model))
    for name, slot in pairs(optimizer_state.tensors(model)) do tensors[name] = slot end
  end
  local ok, message = safetensors.write(path, tensors, metadata)
  if not ok then blame("save: %s", message) end
end

local function decode(metadata, name)
  if metadata[name] == nil then return nil end
  local value, message = json.decode_plain(metadata[name])
  if type(value) ~= "table" then blame("its %s is damaged: %s", name, message or "no object") end
  return value
end

local function build(path)
  local tensors, metadata = safetensors.read(path)
  if not tensors then blame("%s", metadata) end
  if metadata.format ~= FORMAT then
    blame("it holds no model that nnrun saved (weights alone are read by model:load_weights)")
  end
  local model = architecture.from_config(decode(metadata, "model"))
  local values, name_in_file = values_for(model, tensors, path, "load_model")
  model:set_weights(values)
  local settings = decode(metadata, "compile")
  if settings then
    model:compile(settings)
    optimizer_state.restore(model, decode(metadata, "training") or {}, tensors, name_in_file)
  end
  return model
end

--- A model from the file that `model:save` wrote, compiled if that one was; training goes on with the same bits as if
-- it had not stopped.
-- @function load_model
-- @tparam string path
-- @treturn table model
-- @usage local model = nn.models.load_model "model.safetensors"
function saving.load_model(path)
  if type(path) ~= "string" then blame("load_model: expected a path, got %s", blame.got(path)) end
  local ok, result = pcall(build, path)
  if ok then return result end
  local message = tostring(result):gsub("^[^\n]-:%d+: ", "")
  if message:sub(1, #path) == path then blame("load_model: %s", message) end
  blame("load_model: %s: %s", path, message)
end

return saving
