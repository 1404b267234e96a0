--- What all layers share: arguments, names, weights, and being called.
--
-- A layer is declared by a plain table (see layers/dense.lua) and made by its constructor: `Dense{ 50, activation =
-- "relu" }` is an object that remembers its arguments and its place in the script. It has weights as soon as its input
-- shape is known: when it is called on a symbolic tensor, or when the Sequential that holds it knows its input.
--
-- What a layer computes is told by `lower_into`, which adds nodes of the engine. The same function, with nodes whose
-- shapes are only inferred, tells output shapes and weights.
-- @submodule nn.layers
local registry = require "engine.registry"
local activations = require "nn.activations"
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local constraints = require "nn.constraints"
local Family = require "nn.support.family"
local initializers = require "nn.initializers"
local names = require "nn.support.names"
local open_axes = require "nn.layers.base.open_axes"
local regularizers = require "nn.regularizers"
local symbolic = require "nn.layers.base.symbolic"
local tensor = require "nn.tensor"

local layer = {}

-- Raises an error unless it is true or false: in Lua 0 and "no" would count as true. For models, too.
function layer.check_trainable(class, value)
  if type(value) ~= "boolean" then blame("%s: trainable: expected true or false, got %s", class, blame.got(value)) end
end

local layers, family = Family.new("layer", "layers", {
  settable = { "trainable" },
  watched = { trainable = function(self, value) layer.check_trainable(self.class_name, value) end },
  fixed = { "name", "activation", "input", "output", "weights", "input_shapes", "output_shape" },
  readable = { "activity_regularizer" },
})
layer.layers, layer.family, layer.examples = layers, family, {}
layer.argument_names = {} -- by class, as sets: what files of other programs may tell of a layer

local weights = require "nn.layers.base.weights"

local Layer = { flags = {} }
for _, methods in ipairs { require "nn.layers.base.nodes", weights.methods } do
  for name, method in pairs(methods) do Layer[name] = method end
end

-- Arguments that every layer takes after its own.
local COMMON = { { "name" }, { "trainable", true }, { "input_shape" }, { "dtype", "float32" } }

-- What the end of an argument's name says of its value: kernel_initializer, bias_constraint ...
local FAMILIES = { initializer = initializers, regularizer = regularizers, constraint = constraints }

local function family_of(name)
  return FAMILIES[name:match "_(%a+)$"]
end

--- Its arguments as plain values, for a stored model.
-- @function layer:get_config
-- @treturn table
-- @usage print(layer:get_config().units)
function Layer:get_config()
  local config = { name = self.name, trainable = self.trainable }
  for _, name in ipairs(self.own) do config[name] = Family.plain(self.arguments[name]) end
  if self.activation then config.activation = self.activation:plain() end
  return config
end

-- What it stands for in a digest (see nn.digest).
function Layer:__digest()
  return { self.class_name, self:get_config(), self.weights }
end

-- ---- calls

local function is_list_of(value, check)
  if type(value) ~= "table" or getmetatable(value) or #value == 0 then return false end
  for _, entry in ipairs(value) do
    if not check(entry) then return false end
  end
  return true
end
layer.is_list_of = is_list_of

-- The fields that are computed: those of all layers, and weights by their names.
local fields = {}
for name, field in pairs(weights.by_name) do fields[name] = field end
for name, field in pairs(weights.fields) do fields[name] = field end

-- The mask of what the layer gives, a symbolic tensor or nil: passed on by layers that keep the places of a sample.
function Layer:compute_mask(inputs)
  return self.passes_mask and inputs[1].mask or nil
end

--- Second inputs that are not written as such: a mask that came along, or one given.
-- @treturn {symbolic,...} all that the call reads
-- @treturn table what this use of the layer is: count, how many of these the call lists; second, the names of the
-- others in order; and by name its flags
local function with_options(self, list, options)
  local inputs, use = table.move(list, 1, #list, 1, {}), { count = #list, second = {} }
  local given = self.complete_options and self:complete_options(list, options) or options
  for _, name in ipairs(self.second_inputs) do
    if given[name] ~= nil then
      inputs[#inputs + 1], use.second[#use.second + 1] = given[name], name
    end
  end
  for _, name in ipairs(self.flags) do use[name] = options[name] end
  if #inputs == #list and self.reads_mask then inputs[#inputs + 1] = list[1].mask end
  return self.prepare_inputs and self:prepare_inputs(inputs, #list) or inputs, use
end

local function call_symbolic(self, list, options)
  if #list > 1 and not self.merges then
    blame("%s takes one input, got a list of %d; merge them first: nn.layers.concatenate{ a, b }", self:title(), #list)
  end
  local inputs, use = with_options(self, list, options)
  local shapes = {}
  for i, input in ipairs(inputs) do shapes[i] = input.shape end
  local outputs, call = { open_axes.build(self, shapes, use) }, { use = use }
  for i, shape in ipairs(outputs) do
    outputs[i] = symbolic.new(self, inputs, shape, call, i)
    outputs[i].read, outputs[i].options = list, options
  end
  outputs[1].mask = self:compute_mask(inputs, use)
  if not self.output then
    self.input, self.output = #list == 1 and list[1] or list, #outputs == 1 and outputs[1] or outputs
  end
  return table.unpack(outputs)
end

-- The options of a layer's call.
function layer.check_options(self, options)
  local known = table.move(self.second_inputs, 1, #self.second_inputs, 3, { "training", "mask" })
  table.move(self.flags, 1, #self.flags, #known + 1, known)
  return arguments.check(options or {}, known, self:title())
end

--- Calling a layer: on symbolic tensors it adds itself to the graph, on real ones it computes.
-- @function layer:__call
-- @param inputs a symbolic tensor or a list of them, or a tensor or a list of tensors (n, ...)
-- @tparam[opt] table options training (false): whether dropout and its like act, for real tensors; mask: a tensor (n,
-- ...), 0 for places that do not count, for layers that heed one
-- @return what it gives; a layer with several outputs gives several results
-- @usage local h = Dense{ 30 }(input)
-- local y = Dropout{ 0.5 }(x, { training = true })
function Layer.__call(self, inputs, options)
  options = layer.check_options(self, options)
  if type(inputs) == "table" and not getmetatable(inputs) then arguments.check_list(self:title(), inputs) end
  if symbolic.is(inputs) or is_list_of(inputs, symbolic.is) then
    return call_symbolic(self, symbolic.is(inputs) and { inputs } or inputs, options)
  elseif tensor.is_tensor(inputs) or is_list_of(inputs, tensor.is_tensor) then
    return require("nn.models").apply_layer(self, inputs, options)
  end
  blame("%s: expected a tensor or the output of another layer, got %s", self:title(), blame.got(inputs))
end

-- What calling a layer does, for layers that have a call of their own around it.
layer.call = Layer.__call

-- Whether a value is a layer.
layer.is = family.is

local function check_name(class, name)
  if name ~= nil and (type(name) ~= "string" or name == "" or name:find "/") then
    blame("%s: name: expected a text without /, got %s", class, blame.got(name))
  end
end

local function check_input_shape(class, shape)
  if type(shape) == "table" and not getmetatable(shape) then
    return arguments.check_list(class .. ": input_shape", shape)
  end
  blame("%s: input_shape: expected a list of whole numbers, such as { %s }, got %s", class,
    math.type(shape) == "integer" and shape or "28, 28", blame.got(shape))
end

local function check_common(class, a)
  check_name(class, a.name)
  a.input_shape = open_axes.normal(a.input_shape)
  if a.input_shape ~= nil then check_input_shape(class, a.input_shape) end
  layer.check_trainable(class, a.trainable)
  if a.dtype ~= "float32" and class ~= "InputLayer" then -- data may be of any type
    blame("%s: dtype: layers compute in float32, got %s", class, blame.got(a.dtype))
  end
end

-- Declares a kind of layer.
-- @tparam table definition class: Keras' name; aliases: further ones; engine: the engine's name; arguments: Keras'
-- signature (what ends in _initializer, _regularizer or _constraint is such an object, for the weight before that);
-- merges: whether it takes a list; passes_mask, reads_mask: what it does with masks; second_inputs: options of a call
-- that are inputs; flags: options of a call that are plain values; methods: further or other methods; check: a function
-- of the bound arguments and the layer; examples: { arguments, input shape (or a list of them) } for the tests
-- @treturn function the constructor
function layer.define(definition)
  local all, own, plain = {}, {}, {}
  for i, entry in ipairs(definition.arguments) do
    all[i], own[i] = entry, entry[1]
    if entry[1] ~= "activation" and not family_of(entry[1]) then plain[#plain + 1] = entry[1] end
  end
  table.move(COMMON, 1, #COMMON, #all + 1, all)
  local known = {}
  for _, entry in ipairs(all) do known[entry[1]] = true end
  layer.argument_names[definition.class] = known
  local methods = setmetatable({
    engine = definition.engine, own = own, plain = plain, merges = definition.merges,
    passes_mask = definition.passes_mask, reads_mask = definition.reads_mask,
    second_inputs = definition.second_inputs or {}, flags = definition.flags or {},
  }, { __index = Layer })
  for name, method in pairs(definition.methods or {}) do methods[name] = method end
  methods.__call = methods.__call or Layer.__call
  layer.examples[definition.class] = definition.examples
  return family.define {
    class = definition.class,
    aliases = definition.aliases,
    arguments = all,
    methods = methods,
    fields = fields,
    check = function(a, object)
      check_common(definition.class, a)
      object.name, object.is_named = a.name or names.unique(definition.class), a.name ~= nil
      object.trainable = a.trainable
      for _, name in ipairs(own) do
        local objects = family_of(name)
        if objects then a[name] = objects.get(a[name]) end
        if name == "activation" then object.activation = activations.get(a.activation) end
      end
      object.activity_regularizer = a.activity_regularizer
      if definition.check then definition.check(a, object) end
      if definition.engine then registry.check_layer(definition.engine, object:config(), definition.class) end
    end,
  }
end

layer.required = arguments.required
layer.methods, layer.fields = Layer, weights.fields -- for layers of one's own (extend.lua)

return layer
