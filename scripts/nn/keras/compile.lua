--- What a model of Keras' was compiled with.
local config = require "nn.keras.config"
local losses = require "nn.losses"
local metrics = require "nn.metrics"
local names = require "nn.keras.names"
local optimizers = require "nn.optimizers"
local saving = require "nn.saving"

local compile = {}

-- A loss, metric or optimizer: the name of a function, or { class_name =, config = }.
local function object_of(value, module)
  if type(value) ~= "table" or not value.class_name then return value end
  local class, given = tostring(value.class_name):match "[^>]*$", {}
  if saving.find(class) then return saving.find(class) end
  local of = type(value.config) == "table" and value.config or {}
  if class == "function" then return saving.find(value.config) or value.config end
  if type(of.fn) == "string" then return saving.find(of.fn) or of.fn end
  for key, each in pairs(of) do
    given[names.arguments[key] == "learning_rate" and "learning_rate" or key] = type(each) == "table"
      and each.class_name and object_of(each, require "nn.optimizers.schedules") or each
  end
  given.dtype, given.fn = nil, nil
  return compile.make(module, class, given)
end

--- An object of a class, without the arguments that nnrun does not know.
function compile.make(module, class, given)
  class = names.classes[class] or class
  for _ = 1, 40 do
    local ok, result = pcall(module[class], given)
    if ok then return result end
    local key = tostring(result):match "unknown argument ([%w_]+)"
    if not key or given[key] == nil then error(result, 0) end
    given[key] = nil
  end
end

local function objects_of(value, module)
  if type(value) ~= "table" or value.class_name then return object_of(value, module) end
  if #value == 1 and type(value[1]) == "table" and not value[1].class_name then value = value[1] end
  local list = {}
  for key, each in pairs(value) do list[key] = objects_of(each, module) end
  return list
end

local function read(given)
  local optimizer = given.optimizer_config or given.optimizer
  return { optimizer = object_of(optimizer, optimizers), loss = objects_of(given.loss, losses),
    metrics = objects_of(given.metrics, metrics), weighted_metrics = objects_of(given.weighted_metrics, metrics),
    loss_weights = given.loss_weights }
end

--- Compiles a model as its file says; where that cannot be, it says so and leaves the model uncompiled.
-- @tparam table model
-- @tparam ?table given compile_config of Keras 3, or training_config
-- @tparam string path
-- @treturn boolean whether it is compiled now
function compile.apply(model, given, path)
  if type(given) ~= "table" or not given.loss then return false end
  local ok, message = pcall(function() model:compile(read(given)) end)
  if not ok then
    io.stderr:write(("warning: load_model: %s: its settings for training are not all here (%s): compile the model "
      .. "before fit\n"):format(path, (tostring(message):gsub("^[^\n]-:%d+: ", ""))))
  end
  return ok
end

compile.decode = config.decode

return compile
