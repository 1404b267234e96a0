--- Models and weights to and from files: one .safetensors file, which any reader of that format opens.
--
-- A model's file holds its weights by name, the optimizer's state under "optimizer/", and in its metadata, as JSON, the
-- architecture, the settings of compile, and what training needs to go on as if it had not stopped.
-- @submodule nn.models
local lfs = require "lfs"
local align = require "nn.losses.align"
local architecture = require "nn.models.architecture"
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local classes = require "nn.saving"
local compile = require "nn.models.compile"
local functions = require "nn.support.functions"
local json = require "nn.support.json"
local losses = require "nn.losses"
local metrics = require "nn.metrics"
local optimizer_state = require "nn.models.optimizer_state"
local safetensors = require "nn.tensor.safetensors"
local stored = require "nn.support.stored"

local saving = {}

local FORMAT = "nnrun model 1"

local function weights_by_name(model)
  local tensors = {}
  for _, weight in ipairs(model:named_weights()) do tensors[weight.name] = weight.tensor end
  return tensors
end

-- The endings of the files that each function knows.
local ENDINGS = {
  save = { ".safetensors", ".keras" }, save_weights = { ".safetensors", ".weights.h5" },
  load_weights = { ".safetensors", ".h5", ".hdf5", ".keras" },
  load_model = { ".safetensors", ".keras", ".h5", ".hdf5", ".onnx" },
}

local OVERWRITE = { { "overwrite", true } }
local read_save, read_save_weights = arguments.options("save", OVERWRITE), arguments.options("save_weights", OVERWRITE)
local read_load_weights = arguments.options("load_weights", { { "skip_mismatch", false }, { "by_name", false },
  { "names" } })
local read_load_model = arguments.options("load_model", { { "compile", true }, { "custom_objects" } })

-- Whether a path is one of Keras' files.
local function is_keras(path)
  local ending = path:lower():match "%.(%w+)$"
  return ending == "h5" or ending == "hdf5" or ending == "keras"
end

local function check_path(path, what)
  if type(path) ~= "string" then
    blame("%s: expected a path such as \"model.safetensors\", got %s", what, blame.got(path))
  end
  for _, ending in ipairs(ENDINGS[what]) do
    if path:sub(-#ending):lower() == ending then return end
  end
  blame("%s: %s: the name of the file has to end in %s", what, path,
    table.concat(ENDINGS[what], ", "):gsub(", ([^ ]+)$", " or %1"))
end

--- Raises an error where a file is not to be written, or cannot be.
local function check_place(path, options, what)
  check_path(path, what)
  local folder = path:match "^(.*[^/])/+[^/]*$"
  if not options.overwrite and lfs.attributes(path, "mode") then
    blame("%s: %s is there already, and overwrite is false", what, path)
  elseif folder and lfs.attributes(folder, "mode") ~= "directory" then
    blame("%s: %s: there is no folder %s; make it first", what, path, folder)
  end
end

-- Writes a file for Keras 3.
-- @tparam string kind "model" or "weights"
local function write_keras(what, kind, model, path)
  local ok, done, message = pcall(require("nn.keras.save")[kind], model, path)
  if not ok then blame("%s: %s: %s", what, path, (tostring(done):gsub("^[^\n]-:%d+: ", ""))) end
  if not done then blame("%s: %s", what, message) end
end

--- Writes all weights, each under its name, such as "dense_1/kernel".
-- @function model:save_weights
-- @tparam string path ends in .safetensors; or in .weights.h5 (save_weights) or .keras (save), for Keras 3
-- @tparam[opt] table options overwrite (true): false refuses to replace a file
-- @usage model:save_weights "weights.safetensors"
function saving.save_weights(model, path, options)
  check_place(path, read_save_weights(options), "save_weights")
  if is_keras(path) then return write_keras("save_weights", "weights", model, path) end
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
  local in_file, in_order = sort_by_number(names_of_weights(tensors)), {}
  if not is_missing or #in_file ~= #own then return found end
  for i, name in ipairs(sort_by_number(own)) do
    if without_numbers(name) ~= without_numbers(in_file[i]) then return found end
    in_order[name] = in_file[i]
  end
  return in_order
end

-- The tensors of a file for each weight of the model, in order; and the names that the file has for the weights. With
-- skip_mismatch a weight that the file lacks, or has in another shape, keeps its value.
local function values_for(model, tensors, path, what, skip_mismatch)
  local values, weights = {}, model:named_weights()
  local name_in_file = stored_names(weights, tensors)
  for i, weight in ipairs(weights) do
    local value = tensors[name_in_file[weight.name]]
    local fits = value and align.same(value.shape, weight.tensor.shape)
    if not fits and skip_mismatch then
      value = weight.tensor
    elseif not value then
      blame("%s: %s has no %s; it has %s", what, path, weight.name, few(sort_by_number(names_of_weights(tensors))))
    elseif not fits then
      blame("%s: %s: %s has shape %s, the model's has %s", what, path, weight.name, align.text(value.shape),
        align.text(weight.tensor.shape))
    end
    values[i] = value
  end
  return values, name_in_file
end

-- Calls a function that reads a file; its errors name the file.
local function read_file(what, path, f, ...)
  local ok, result = pcall(f, ...)
  if ok then return result end
  local message = tostring(result):gsub("^[^\n]-:%d+: ", "")
  if message:sub(1, #path) == path then blame("%s: %s", what, message) end
  blame("%s: %s: %s", what, path, message)
end

-- The tensors of a file under the names that the model has for its weights.
local function renamed(model, tensors, names, path)
  if type(names) ~= "function" and (type(names) ~= "table" or getmetatable(names)) then
    blame("load_weights: names: expected a table or a function from names to names, got %s", blame.got(names))
  end
  local result = {}
  for _, weight in ipairs(model:named_weights()) do
    local entry = weight.name
    if type(names) == "function" then entry = names(entry) else entry = names[entry] end
    if entry == nil then entry = weight.name end
    local name, axes = entry, nil
    if type(entry) == "table" then name, axes = entry[1], entry[2] end
    local value = type(name) == "string" and tensors[name]
    if not value then
      blame("load_weights: names: %s has no %s, which should become %s", path, tostring(name), weight.name)
    end
    result[weight.name] = axes and value:transpose(axes):contiguous() or value
  end
  return result
end

local function load_keras_weights(...) require("nn.keras.load").weights(...) end
local function build_keras(...) return require("nn.keras.load").model(...) end

--- Reads all weights from a file that save_weights or save wrote for the same architecture. Layers are told apart by
-- their names; those that were given none may be numbered otherwise, as those of a model that is built again.
-- @function model:load_weights
-- @tparam string path
-- @tparam[opt] table options skip_mismatch (false): true leaves weights as they are that the file lacks, or has in
-- another shape; by_name (false): of a file of Keras 1 or 2 (.h5), true takes those of layers that the model has too
-- names (.safetensors): what the file calls the model's weights, such as those of PyTorch: a table or a function from a
-- name here, "dense/kernel", to the name there, or to { name, axes } to put its axes in another order: PyTorch's Linear
-- has { "fc.weight", { 2, 1 } }, its Conv2d { "conv.weight", { 3, 4, 2, 1 } }. Those without an entry keep their names
-- Also reads .h5, .weights.h5 and .keras files of Keras.
-- @usage model:load_weights "weights.safetensors"
function saving.load_weights(model, path, options)
  options = read_load_weights(options)
  check_path(path, "load_weights")
  if is_keras(path) and options.names ~= nil then blame "load_weights: names is for .safetensors files" end
  if is_keras(path) then return read_file("load_weights", path, load_keras_weights, model, path, options) end
  local tensors, message = safetensors.read(path)
  if not tensors then blame("load_weights: %s", message) end
  if options.names ~= nil then tensors = renamed(model, tensors, options.names, path) end
  model:set_weights((values_for(model, tensors, path, "load_weights", options.skip_mismatch)))
end

-- A model whose file could not be loaded is not written.
local function refuse(f)
  blame("save: the model holds a Lua function without a name (%s), which no file can hold: write it as local function "
    .. "my_name(...), or save_weights, and load_weights into the same model built by the script",
    functions.where(f):sub(1, -3))
end

local function warn(f)
  io.stderr:write(("%swarning: save: compile was given a function without a name (%s), which no file holds: load_model "
    .. "will want compile = false. Write it as local function my_name(...), and give load_model custom_objects = "
    .. "{ my_name }\n"):format(blame.here(), functions.where(f):sub(1, -3)))
end

--- Writes the model: architecture, weights, and if it is compiled its settings and the optimizer's state.
-- @function model:save
-- @tparam string path ends in .safetensors; or in .weights.h5 (save_weights) or .keras (save), for Keras 3
-- @tparam[opt] table options overwrite (true): false refuses to replace a file
-- Of functions of the script, such as a loss or an activation, the file has the names, and load_model finds the
-- functions in custom_objects. A loss, metric or schedule without a name gives a warning
-- @raise where the model has another function without a name, as a Lambda may have
-- @usage model:save("model.safetensors")
function saving.save(model, path, options)
  check_place(path, read_save(options), "save")
  if is_keras(path) then return write_keras("save", "model", model, path) end
  local tensors = weights_by_name(model)
  local metadata = { format = FORMAT, model = json.encode(stored.plain(architecture.entry(model), refuse)) }
  if model.compiled then
    metadata.compile = json.encode(stored.plain(compile.config(model), warn))
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

-- Objects in place of the entries that stand for losses or metrics.
-- @tparam function get of their module
local function objects_of(value, get)
  if type(value) ~= "table" then return value end
  if value.class_name then return get(value) end
  local list = {}
  for key, each in pairs(value) do list[key] = objects_of(each, get) end
  return list
end

local function read_settings(metadata)
  local settings = stored.restore(decode(metadata, "compile"))
  if settings then
    settings.loss = objects_of(settings.loss, losses.get)
    settings.metrics = objects_of(settings.metrics, metrics.get)
    settings.weighted_metrics = objects_of(settings.weighted_metrics, metrics.get)
  end
  return settings
end

local function build(path, is_compiled)
  local tensors, metadata = safetensors.read(path)
  if not tensors then blame("%s", metadata) end
  if metadata.format ~= FORMAT then
    blame("it holds no model that nnrun saved (weights alone are read by model:load_weights)")
  end
  local model = architecture.from_config(stored.restore(decode(metadata, "model")))
  local values, name_in_file = values_for(model, tensors, path, "load_model")
  model:set_weights(values)
  local settings = is_compiled and read_settings(metadata)
  if settings then
    model:compile(settings)
    optimizer_state.restore(model, decode(metadata, "training") or {}, tensors, name_in_file)
  end
  return model
end

--- A model from the file that `model:save` wrote, compiled if that one was; training goes on with the same bits as if
-- it had not stopped.
--
-- From an `.onnx` file comes a model that predicts (also called as `model(x)`), tells its layers and prints itself, but
-- is not trained: the graph is computed node by node. Its inputs are given as a tensor, a list, or a table by name;
-- int64 is held in 32 bits, and a number that does not fit is an error.
-- @function load_model
--
-- From Keras' `.keras` and `.h5` files, of Keras 1 to 3, come models that can be trained on; where the settings of
-- compile are not all here, a warning says so. Code in Python is never run: a Lambda, or a layer of one's own, is given
-- in Lua
-- by custom_objects = { its_name = class or function }.
-- @tparam string path ends in .safetensors, .keras, .h5 or .onnx
-- @tparam[opt] table options compile (true): false leaves the model as it is before compile; custom_objects: a list of
-- classes and functions of one's own that the model has, such as { MyLayer, my_loss }, or a table of them by name,
-- unless they are known by nn.saving.register
-- @treturn table model
-- @usage local model = nn.models.load_model "model.safetensors"
function saving.load_model(path, options)
  if type(path) == "string" and path:lower():find "%.onnx$" then return require("nn.onnx.model").load(path) end
  check_path(path, "load_model")
  options = read_load_model(options)
  return read_file("load_model", path, classes.with, options.custom_objects, is_keras(path) and build_keras or build,
    path, options.compile)
end

return saving
