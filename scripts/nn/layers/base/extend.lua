--- Layers of one's own: `nn.layers.Layer:extend{ name =, build =, call = }` gives a class that is used as the built-in
-- ones.
--
-- A call on symbolic tensors is traced (nn.ops.trace): what `call` does with nn.ops and with other layers becomes nodes
-- of the graph, which train at the speed of built-in layers. A call on tensors runs `call` itself.
-- @submodule nn.layers
local added = require "nn.layers.base.added"
local align = require "nn.losses.align"
local arguments = require "nn.support.arguments"
local as_list = require "nn.support.list"
local blame = require "nn.support.blame"
local constraints = require "nn.constraints"
local initializers = require "nn.initializers"
local layer = require "nn.layers.base"
local is_model = require "nn.models.is_model"
local lowering = require "nn.models.lowering"
local names = require "nn.support.names"
local nearest = require "nn.support.nearest"
local regularizers = require "nn.regularizers"
local symbolic = require "nn.layers.base.symbolic"
local tensor = require "nn.tensor"
local trace = require "nn.ops.trace"
local variables = require "nn.tape.variables"
local weight_memory = require "nn.layers.base.weight_memory"

local Custom = {} -- what all such layers can do

local function is_in(list, name)
  for _, each in ipairs(list) do
    if each == name then return true end
  end
  return false
end

-- ---- weights -------------------------------------------------------------------------------------------------------

local read_weight = arguments.options("add_weight", {
  { "shape", {} }, { "initializer", "glorot_uniform" }, { "name" }, { "trainable", true }, { "regularizer" },
  { "constraint" }, { "dtype", "float32" },
})

--- Makes a weight of the layer; to be called in `build`.
-- @function custom:add_weight
-- @tparam table options shape ({}: one number), initializer ("glorot_uniform"), name, trainable (true), regularizer,
-- constraint
-- @treturn tensor the weight, a variable
-- @usage
-- local Scale = nn.layers.Layer:extend{ name = "Scale",
--   build = function(self, shape) self.w = self:add_weight{ shape = { shape[#shape] }, initializer = "ones" } end,
--   call = function(self, x) return x * self.w end }
-- local y = Scale{}(nn.ones{ 2, 3 })
function Custom:add_weight(options)
  local given = read_weight(options)
  if type(given.shape) == "number" then given.shape = { given.shape } end
  local initializer, regularizer = initializers.get(given.initializer), regularizers.get(given.regularizer)
  local constraint = constraints.get(given.constraint)
  local value, own = weight_memory.new(align.floats(initializer(given.shape))), self.own_weights
  if not align.same(value.shape, given.shape) then
    blame("add_weight: the initializer gave shape %s instead of %s", align.text(value.shape), align.text(given.shape))
  end
  local index = #own.weights + 1
  own.weights[index], own.is_state[index] = value, not given.trainable
  own.names[index] = given.name or index == 1 and "weight" or "weight_" .. index - 1
  own.regularizers[index] = regularizer and regularizer:config()
  own.constraints[index] = constraint and constraint:config(#given.shape)
  local rules = { regularizer = regularizer, constraint = constraint }
  return variables.register(value, { owner = self, index = index, rules = rules })
end

local function new_weights() return { weights = {}, names = {}, is_state = {}, regularizers = {}, constraints = {} } end

-- Puts the layer's own weights, and after them those of the layers in it, where the library looks for a layer's.
local function gather_weights(self)
  self.weights, self.weight_names, self.weight_is_state = as_list({}, "weights"), {}, {}
  for i, weight in ipairs(self:named_weights()) do
    self.weights[i], self.weight_names[i], self.weight_is_state[i] = weight.tensor, weight.name, weight.is_state
  end
end

-- All weights, each with the layer that owns it.
function Custom:named_weights()
  local list, own = {}, self.own_weights
  for i, weight in ipairs(own.weights) do
    list[i] = { name = own.names[i], tensor = weight, layer = self, is_state = own.is_state[i] }
  end
  for _, inner in ipairs(self.all_layers) do
    for _, weight in ipairs(inner.weights and inner:named_weights() or {}) do
      list[#list + 1] = { name = inner.name .. "/" .. weight.name, tensor = weight.tensor, layer = weight.layer,
        is_state = weight.is_state }
    end
  end
  return list
end

-- ---- building and calling ------------------------------------------------------------------------------------------

-- What a script's functions are given of several shapes or inputs: one alone, or the list.
local function one_or_list(list) return #list == 1 and list[1] or list end

-- Calls the script's `build` once.
local function ensure_weights(self, shapes)
  if self.is_ready then return end
  if self.definition.build then self.definition.build(self, one_or_list(shapes)) end
  self.is_ready = true
end

-- What `call` gave as a list; it must be `check`ed tensors, symbolic or real.
local function results_of(self, is_right, what, ...)
  local list = select("#", ...) == 1 and layer.is_list_of((...), is_right) and (...) or { ... }
  if #list == 0 then
    blame.at(self.where, "%s: its call returned nothing; it is to return %s", self:title(), what)
  end
  for i, each in ipairs(list) do
    if not is_right(each) then
      blame.at(self.where, "%s: its call is to return %s, got %s", self:title(), what, blame.got(list[i]))
    end
  end
  return list
end

-- A layer with weights that was called for the first time here must belong to this one: nothing else would hold its
-- weights, and each trace would make others.
local function check_parts(self, order)
  for _, node in ipairs(order) do
    local inner = node.layer
    if layer.is(inner) and inner.output == node and not self.is_part[inner] and #(inner.weights or {}) > 0 then
      blame.at(self.where, "%s: its call uses the layer %s, whose weights would belong to no layer: make it in build "
        .. "and assign it, or the finished list of layers, to a field of self", self:title(), inner.name)
    end
  end
end

-- The graph of one call.
-- @tparam {{integer,...},...} shapes of the inputs
-- @tparam table options of the call
-- @tparam[opt] table use of the layer (base/init.lua); only nnrun's own layers look at it
-- @treturn table inputs, outputs: symbolic tensors; order
local function traced(self, shapes, options, use)
  local inputs = {}
  for i, shape in ipairs(shapes) do inputs[i] = symbolic.new({ name = "input", is_hidden = true }, {}, shape) end
  local given_numbers
  local outputs = results_of(self, symbolic.is, "a symbolic tensor",
    trace.call(function(...)
      local results = table.pack(self.definition.call(...))
      given_numbers = trace.current_added()
      return table.unpack(results, 1, results.n)
    end, self.own_weights.weights, self, one_or_list(inputs), options, use))
  local given = {}
  for _, input in ipairs(inputs) do given[input] = true end
  local ends = table.move(given_numbers, 1, #given_numbers, #outputs + 1, table.move(outputs, 1, #outputs, 1, {}))
  local order = symbolic.order(ends, given)
  check_parts(self, order)
  return { inputs = inputs, outputs = outputs, order = order }
end

-- Gives the layer its weights, once the shapes of its inputs are known.
function Custom:build(shapes, use)
  ensure_weights(self, shapes)
  local graph, outputs = traced(self, shapes, {}, use), {}
  gather_weights(self)
  for i, output in ipairs(graph.outputs) do outputs[i] = output.shape end
  self.output_shape, self.input_shapes = one_or_list(outputs), shapes
  return table.unpack(outputs)
end

function Custom:lower_into(emit, inputs, shapes, is_output, training, use)
  local graph, position, list = traced(self, shapes, { training = training }, use), {}, {}
  for i, input in ipairs(graph.inputs) do position[input] = inputs[i] end
  lowering.lower_order(emit, position, graph.order, is_output and lowering.calls_of(graph.outputs) or {}, training)
  for i, output in ipairs(graph.outputs) do list[i] = position[output] end
  return table.unpack(list)
end

-- What `add_loss` and `add_metric` take: one number. `fields` mark its node in a graph.
local function number_of(self, what, value)
  if not symbolic.is(value) and not tensor.is_tensor(value) then
    blame("%s: %s: expected a tensor that was computed in call, got %s", self:title(), what, blame.got(value))
  end
  return what == "add_loss" and require("nn.ops").sum(value) or require("nn.ops").mean(value)
end

--- Adds a number to the loss of the model; to be called in `call`. Of a tensor the sum is taken.
-- @function custom:add_loss
-- @tparam tensor value computed with nn.ops
-- @usage
-- local Sparse = nn.layers.Layer:extend{ name = "Sparse",
--   call = function(self, x)
--     self:add_loss(1e-3 * nn.ops.sum(nn.ops.abs(x)))
--     return x
--   end }
-- local y = Sparse{}(nn.ones{ 2, 3 })
function Custom:add_loss(value)
  local number = number_of(self, "add_loss", value)
  if symbolic.is(number) then
    rawset(self, "adds_losses", true)
    return trace.add(number, "is_penalty", true)
  end
  table.insert(self.added_losses, number)
  added.loss(number)
end

local read_metric = arguments.options("add_metric", { { "name", arguments.required } })

--- Shows a number beside the metrics of the model, averaged over the samples; to be called in `call`. Of a tensor the
-- mean is taken.
-- @function custom:add_metric
-- @tparam tensor value computed with nn.ops
-- @tparam table options name
-- @usage
-- local Watched = nn.layers.Layer:extend{ name = "Watched",
--   call = function(self, x)
--     self:add_metric(nn.ops.mean(x), { name = "activity" })
--     return x
--   end }
-- local y = Watched{}(nn.ones{ 2, 3 })
function Custom:add_metric(value, options)
  local name, number = read_metric(options).name, number_of(self, "add_metric", value)
  if symbolic.is(number) then return trace.add(number, "metric_name", name) end
  added.metric(name, number)
end

-- Runs `call` on tensors.
local function call_on_tensors(self, given, options)
  rawset(self, "added_losses", {})
  local list, shapes = tensor.is_tensor(given) and { given } or given, {}
  for i, x in ipairs(list) do shapes[i] = table.move(x.shape, 2, x.ndim, 1, {}) end
  if not self.weights then self:build(shapes) end
  local results = table.pack(self.definition.call(self, given, options))
  results_of(self, tensor.is_tensor, "a tensor", table.unpack(results, 1, results.n))
  return table.unpack(results, 1, results.n)
end

function Custom:__call(inputs, options)
  if tensor.is_tensor(inputs) or layer.is_list_of(inputs, tensor.is_tensor) then
    return call_on_tensors(self, inputs, layer.check_options(self, options))
  end
  return layer.call(self, inputs, options)
end

-- ---- classes -------------------------------------------------------------------------------------------------------

-- What the constructor was given, for a stored model; with what the script's get_config adds.
function Custom:get_config()
  local config = self.definition.get_config and self.definition.get_config(self) or {}
  for name, value in pairs(self.given) do
    if config[name] == nil then config[name] = require("nn.support.stored").config(value) end
  end
  config.name, config.trainable = self.name, self.trainable
  return config
end

-- What it stands for in a digest.
function Custom:__digest()
  local d = self.definition
  return { self.class_name, self:get_config(), self.weights, d.build or false, d.call, d.init or false }
end

-- Layers, models and lists of them that are assigned to fields belong to the layer.
local function adopt(self, value)
  local is_part = layer.is(value) or is_model(value)
  if is_part and not self.is_part[value] then
    self.is_part[value] = true
    self.all_layers[#self.all_layers + 1] = value
  elseif not is_part and layer.is_list_of(value, function(each) return layer.is(each) or is_model(each) end) then
    for _, each in ipairs(value) do adopt(self, each) end
  end
end

local COMMON = { name = true, trainable = true, input_shape = true, dtype = true }

local function new_object(class, meta, given)
  given = given == nil and {} or given
  if type(given) ~= "table" or getmetatable(given) then given = { given } end
  local object = setmetatable({}, meta)
  local own = { class = class, class_name = class.registered_name or class.class_name, where = blame.here(),
    definition = class.definition, arguments = { input_shape = given.input_shape }, given = {}, own = {}, plain = {},
    second_inputs = {}, merges = true, all_layers = {}, is_part = {}, own_weights = new_weights(),
    name = given.name or names.unique(class.class_name), is_named = given.name ~= nil,
    trainable = given.trainable ~= false, passes_mask = class.definition.supports_masking }
  own.weight_names, own.weight_is_state = own.own_weights.names, own.own_weights.is_state
  own.weight_regularizers, own.weight_constraints = own.own_weights.regularizers, own.own_weights.constraints
  for name, value in pairs(own) do rawset(object, name, value) end
  for name, value in pairs(given) do
    if not COMMON[name] then
      object.given[name] = value
      object[name] = value
    end
  end
  if class.definition.init then class.definition.init(object) end
  return object
end

local KNOWN = { "name", "init", "build", "call", "get_config", "supports_masking" }

-- Raises an error where a definition of a class is none.
-- @tparam string what "Layer:extend", for messages
-- @tparam {string,...} known the fields that have a meaning
-- @tparam table definition
local function check_definition(what, known, definition)
  if type(definition) ~= "table" or getmetatable(definition) then
    blame("%s: expected a table with name and call, got %s", what, blame.got(definition))
  elseif type(definition.name) ~= "string" then
    blame("%s: name: expected the name of the class, got %s", what, blame.got(definition.name))
  elseif type(definition.call) ~= "function" then
    blame("%s: %s: call: expected a function(self, x, options), got %s", what, definition.name,
      blame.got(definition.call))
  end
  for name in pairs(definition) do
    local near = not is_in(known, name) and nearest(tostring(name), known)
    if near then
      blame("%s: %s: did you mean %s by %s? A method needs a name that is less like it", what, definition.name,
        near, tostring(name))
    end
  end
end

--- A class of layers from Lua functions. Its objects are made as built-in layers are, `MyLayer{ units = 3 }`, and what
-- they are given becomes fields of `self`. A layer or model that is assigned to a field belongs to the layer, with its
-- weights. Further functions of the definition become methods.
-- @function Layer.extend
-- @tparam table class name: its name; call: function(self, x, options), which gives a tensor or several, made
-- with nn.ops and with layers; build (optional): function(self, shape), shape that of a sample, where `self:add_weight`
-- makes weights; init (optional): function(self), called by the constructor; get_config (optional): function(self) that
-- gives further fields to store; supports_masking (false): whether a mask goes on to the next layer
-- @treturn table the class
-- @usage
-- local Linear = nn.layers.Layer:extend{ name = "Linear",
--   build = function(self, shape)
--     self.w = self:add_weight{ shape = { shape[#shape], self.units }, name = "w" }
--     self.b = self:add_weight{ shape = { self.units }, initializer = "zeros", name = "b" }
--   end,
--   call = function(self, x) return nn.ops.matmul(x, self.w) + self.b end }
-- local model = nn.Sequential{ nn.Input{ shape = { 4 } }, Linear{ units = 3 } }
local function extend(_, definition)
  check_definition("Layer:extend", KNOWN, definition)
  local methods = setmetatable({}, { __index = function(_, name)
    return Custom[name] or layer.methods[name]
  end })
  for name, value in pairs(definition) do
    if not is_in(KNOWN, name) then methods[name] = value end
  end
  local class = { class_name = definition.name, definition = definition }
  local meta = { __name = definition.name, family = layer.layers, __call = Custom.__call, __digest = Custom.__digest }
  function meta.__index(self, name)
    local field = layer.fields[name]
    if field then return field(self) end
    return methods[name]
  end
  function meta.__newindex(self, name, value)
    adopt(self, value)
    rawset(self, name, value)
  end
  function meta.__tostring(self) return ("<%s %s>"):format(definition.name, self.name) end
  return setmetatable(class, { __call = function(_, given) return new_object(class, meta, given) end, is_class = true,
    __tostring = function() return "<class " .. definition.name .. ">" end })
end

rawset(layer.layers, "Layer", setmetatable({ extend = extend }, { __tostring = function() return "<class Layer>" end }))

-- For layers of nnrun's own that are made of others (composed.lua), their methods and what an object begins with; and
-- for models of one's own.
return { methods = Custom, adopt = adopt, new_weights = new_weights, check_definition = check_definition }
