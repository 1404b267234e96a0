--- Models from `.h5` and `.keras` files.
local blame = require "nn.support.blame"
local compile = require "nn.keras.compile"
local config = require "nn.keras.config"
local files = require "nn.support.files"
local hdf5 = require "nn.keras.hdf5"
local optimizer = require "nn.keras.optimizer"
local weights = require "nn.keras.weights"
local zip = require "engine.zip"

local load = {}

local function read_h5(path, bytes)
  local root, message = hdf5.read(path, bytes)
  return root or blame("%s", message)
end

-- The layers' arguments are checked where they are made. What slips through in a damaged config, such as a list in
-- place of a number, ends as an error of Lua's own, which tells a user nothing.
-- With --trace, where that was is told. Errors of a script's own classes, which name its line, stay as they are.
local function explain(problem)
  local text = tostring(problem)
  if not (text:find "^%[?scripts/nn/" or text:find "^attempt to ") then return problem end
  return "its config is damaged: a value is not of the kind that Keras writes"
    .. (blame.shows_trace and "\n" .. debug.traceback(text, 2) or "")
end

local function read_config(entry, version)
  local ok, model = xpcall(config.read, explain, entry, version)
  if not ok then error(model, 0) end
  return model
end

-- Gives layers in a .keras file the words that they learned, which lie in files of their own.
local function put_vocabularies(entry, entries, path)
  local layers = type(entry.config) == "table" and entry.config.layers
  if type(layers) ~= "table" then return end
  for i, key in ipairs(weights.keys_of(layers)) do
    local each, place = layers[i], path .. "layers/" .. key
    local text = entries["assets/" .. place .. "/vocabulary.txt"]
    if text and type(each.config) == "table" and each.config.vocabulary == nil then
      local words = {}
      for word in (text .. "\n"):gmatch "(.-)\r?\n" do
        words[#words + 1] = each.class_name == "IntegerLookup" and tonumber(word) or word
      end
      each.config.vocabulary = words
    end
    put_vocabularies(each, entries, place .. "/")
  end
end

-- Gives a model of one's own its weights, as soon as the shape of its inputs is known.
local function build(model, entry)
  local shape = type(entry.build_config) == "table" and entry.build_config.input_shape
  if not model.outputs and type(shape) == "table" then model:build(table.move(shape, 2, #shape, 1, {})) end
end

local function finish(entry, version, root, path, settings)
  local model = read_config(entry, version)
  if not (type(model) == "table" and model.layers) then
    blame("%s: it holds no Sequential or functional model, but a %s", path, tostring(entry.class_name))
  end
  build(model, entry)
  if model.outputs then weights.load(model, root, {}) end
  if compile.apply(model, settings, path) and not optimizer.load(model, weights.with_slashes(root)) then
    io.stderr:write(("warning: load_model: %s: the state of its optimizer is not as nnrun's %s has it: training begins "
      .. "with a new one\n"):format(path, model.optimizer.class_name))
  end
  return model
end

local function from_h5(path, is_compiled)
  local root = read_h5(path)
  local text = root:texts "model_config"
  if not text then
    blame("it holds weights alone: make the model in the script, and call model:load_weights(path)")
  end
  local settings = root:texts "training_config"
  return finish(config.decode(table.concat(text), "model_config"), root.attributes.keras_version, root, path,
    is_compiled and settings and config.decode(table.concat(settings), "training_config"))
end

local function from_keras(path, is_compiled)
  local bytes, message = files.read(path)
  if not bytes then blame("%s", message) end
  local entries, problem = zip.read(bytes)
  if not entries then blame("%s", problem) end
  for _, name in ipairs { "config.json", "model.weights.h5" } do
    if not entries[name] then blame("it has no %s: it is no file of Keras", name) end
  end
  local entry = config.decode(entries["config.json"], "config.json")
  put_vocabularies(entry, entries, "")
  local metadata = entries["metadata.json"] and config.decode(entries["metadata.json"], "metadata.json") or {}
  return finish(entry, metadata.keras_version, read_h5(path, entries["model.weights.h5"]), path,
    is_compiled and entry.compile_config)
end

--- A model from a file.
-- @tparam string path ends in .keras, .h5 or .hdf5
-- @tparam boolean is_compiled whether with the settings for training
function load.model(path, is_compiled)
  return (path:lower():find "%.keras$" and from_keras or from_h5)(path, is_compiled)
end

--- Weights into a model.
-- @tparam table model
-- @tparam string path ends in .h5, .hdf5 or .keras
-- @tparam table options by_name, skip_mismatch
function load.weights(model, path, options)
  local bytes
  if path:lower():find "%.keras$" then
    local entries, message = zip.read(files.read(path) or "")
    bytes = entries and entries["model.weights.h5"] or blame("%s", message or "it has no weights")
  end
  weights.load(model, read_h5(path, bytes), options)
end

return load
