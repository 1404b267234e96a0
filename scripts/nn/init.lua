--- nnrun's vocabulary: `local nn = require "nn"`. Names, arguments and meanings are Keras 3's.
--
-- The modules are its fields: `nn.layers`, `nn.models`, `nn.optimizers` (with `.schedules`), `nn.losses`, `nn.metrics`,
-- `nn.activations`, `nn.initializers`, `nn.regularizers`, `nn.constraints`, `nn.callbacks`, `nn.datasets`, `nn.utils`,
-- `nn.preprocessing`, `nn.random`, `nn.image`, `nn.plot`, `nn.advice`, `nn.space`, `nn.ops`, `nn.saving`,
-- `nn.data`, `nn.applications`. At the top are `nn.tensor`, `nn.zeros` and the others that make tensors (see
-- `nn.tensor`), `nn.Sequential` and `nn.Model` (see `nn.models`), `nn.Input` (see `nn.layers`), `nn.Experiment` (see
-- `nn.experiment`), `nn.Perceptron` (see `nn.perceptron`), and `nn.read_csv`, `nn.load`, `nn.save` and `nn.calibrate`.
-- @module nn
local shown = require "nn.support.format"
local tensor = require "nn.tensor"

local nn = {
  tensor = tensor.tensor, zeros = tensor.zeros, ones = tensor.ones, full = tensor.full, arange = tensor.arange,
  concatenate = tensor.concatenate, stack = tensor.stack, where = tensor.where, is_tensor = tensor.is_tensor,
}

-- Modules and the things at the top level that live in them, loaded when first named.
local MODULES = {
  "layers", "models", "optimizers", "losses", "metrics", "activations", "initializers", "regularizers", "constraints",
  "datasets", "utils", "random", "image", "plot", "callbacks", "preprocessing", "advice", "space", "ops", "saving",
  "data", "applications",
}
local IN_MODULES = {
  Sequential = "models", Model = "models", Input = "layers", Experiment = "experiment",
  GradientTape = "tape", compile = "tape", Variable = "variable", zip = "support.zip",
  Perceptron = "models.perceptron", read_csv = "csv", load = "tensor.files", save = "tensor.files",
  calibrate = "stats.calibrate",
}
-- Where a module lies that is not in a place of its own name.
local PLACES = { space = "search.space" }

local is_module = {}
for _, name in ipairs(MODULES) do is_module[name] = true end

--- All names that nn has, those not loaded yet too.
local function known_names()
  local known = table.move(MODULES, 1, #MODULES, 1, {})
  for key in pairs(IN_MODULES) do known[#known + 1] = key end
  for key in pairs(nn) do known[#known + 1] = key end
  return known
end

local function unknown(module, name, known)
  local reason = require "nn.support.absent".reason(module:gsub("^nn%.?", ""), name)
  local near = require "nn.support.nearest"(tostring(name), known)
  require "nn.support.blame"("%s has no %s%s", module, tostring(name),
    reason or near and ("; did you mean %s.%s?"):format(module, near) or "")
end

local REDUCTIONS = { sum = true, mean = true, var = true, std = true, min = true, max = true, argmin = true,
  argmax = true }

--- How to call a function of NumPy's that is a method of tensors here.
local function check_method(name)
  if type(name) ~= "string" or not rawget(tensor.methods, name) then return end
  require "nn.support.blame"("nn has no %s; it is a method of tensors: write x:%s", name,
    name .. (REDUCTIONS[name] and "{ axis = 2 }, or x:" .. name .. "()" or "(...)"))
end

--- Makes a module refuse names that it lacks where it does not itself.
local function refuse_unknown(title, module)
  if getmetatable(module) then return module end
  return setmetatable(module, { __index = function(_, field)
    local known = {}
    for key in pairs(module) do known[#known + 1] = key end
    unknown(title, field, known)
  end })
end

--- Makes a module refuse what its functions do not take, too.
local function strict(name, module)
  return refuse_unknown("nn." .. name, require "nn.support.arguments".limit_all(module))
end

local function sorted_names(module)
  local names = {}
  for name in pairs(module) do names[#names + 1] = name end
  table.sort(names)
  return names
end

--- "nn.layers: Activation, Add, ...".
local function text_of(title, names)
  local distinct = {}
  for _, name in ipairs(names) do distinct[name] = true end
  return title .. ": " .. table.concat(sorted_names(distinct), ", ")
end

local function is_module_within(value)
  if type(value) ~= "table" or getmetatable(value) then return false end
  for _, each in pairs(value) do
    if type(each) == "function" then return true end
  end
  return false
end

--- What a script may want of a module: all but descriptions for nnrun itself.
local function useful_names(module)
  local names = {}
  for name, value in pairs(module) do
    if type(value) ~= "table" or #value > 0 or getmetatable(value) then names[#names + 1] = name end
  end
  return names
end

--- Lets `print` show what is in a module and in modules within it, and the names of its functions.
local function make_readable(title, module)
  for _, name in ipairs(sorted_names(module)) do
    local value, full = module[name], ("%s.%s"):format(title, name)
    if type(value) == "function" then
      shown.name(value, full)
    elseif is_module_within(value) then
      make_readable(full, refuse_unknown(full, value))
    end
  end
  local meta = getmetatable(module)
  meta.__tostring = meta.__tostring or function() return text_of(title, useful_names(module)) end
  return module
end

return setmetatable(nn, {
  __names = known_names,
  __tostring = function() return text_of("nn", known_names()) end,
  __index = function(self, name)
    if is_module[name] then
      self[name] = make_readable("nn." .. name, strict(name, require("nn." .. (PLACES[name] or name))))
    elseif IN_MODULES[name] then
      local module = strict(IN_MODULES[name], require("nn." .. IN_MODULES[name]))
      self[name] = name == "Experiment" and module.new or module[name]
    else
      check_method(name)
      unknown("nn", name, known_names())
    end
    return self[name]
  end,
})
