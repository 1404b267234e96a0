--- What all layers share: arguments, names, weights, and being called.
--
-- A layer is declared by a plain table (see layers/dense.lua) and made by its constructor: `Dense{ 50, activation = "relu" }`
-- is an object that remembers its arguments and its place in the script. It has weights as soon as its input shape is
-- known: when it is called on a symbolic tensor, or when the Sequential that holds it knows its input.
local graph = require "engine.graph"
local activations = require "nn.activations"
local align = require "nn.align"
local arguments = require "nn.arguments"
local blame = require "nn.blame"
local Family = require "nn.family"
local initializers = require "nn.initializers"
local names = require "nn.names"
local symbolic = require "nn.symbolic"
local tensor = require "nn.tensor"

local layer = {}

local layers, family = Family.new("layer")
layer.layers, layer.family, layer.examples = layers, family, {}

local Layer = {}

-- Arguments that every layer takes after its own.
local COMMON = { { "name" }, { "trainable", true }, { "input_shape" } }

--- The engine's arguments: the layer's own but for initializers, and the activation's unless it is a node of its own.
function Layer:config(without_activation)
  local config = {}
  for _, name in ipairs(self.own) do
    if name ~= "activation" and not self.initializers[name] then config[name] = self.arguments[name] end
  end
  if self.activation and not without_activation then
    for name, value in pairs(self.activation.config) do config[name] = value end
  end
  return config
end

--- Gives the layer its weights, once the shapes of its inputs (without the samples' axis) are known.
-- @tparam {{integer,...},...} input_shapes
-- @treturn {integer,...} the shape of its output
function Layer:build(input_shapes)
  local shape, params = graph.infer(self.engine, self:config(), input_shapes, self.name)
  if not shape then blame.at(self.where, "%s: %s", self:title(), params) end
  if not self.weights then
    self.weights, self.weight_names = {}, {}
    for i, param in ipairs(params) do
      local initializer = initializers.get(self.arguments[param.name .. "_initializer"])
      self.weights[i], self.weight_names[i] = initializer(param.shape), param.name
      if not align.same(self.weights[i].shape, param.shape) then
        blame.at(self.where, "%s: the initializer of %s gave shape %s instead of %s", self:title(), param.name,
          align.text(self.weights[i].shape), align.text(param.shape))
      end
    end
    self.input_shapes = input_shapes
  else
    for i, param in ipairs(params) do
      if not align.same(self.weights[i].shape, param.shape) then
        blame.at(self.where, "%s: its %s has shape %s and does not fit inputs of %s", self:title(), param.name,
          align.text(self.weights[i].shape), align.text(input_shapes[1]))
      end
    end
  end
  self.output_shape = shape
  return shape
end

--- How the layer is called in messages: "layer 2 (dense)" in a Sequential, "layer dense_1" elsewhere.
function Layer:title()
  return self.position and ("layer %d (%s)"):format(self.position, self.name) or "layer " .. self.name
end

--- Adds the engine's nodes for one use of the layer; an activation is a node of its own where softmax and the like look
-- at whole rows and where a loss may have to look behind it.
-- @tparam function emit adds a node, returns its position
-- @tparam {integer,...} inputs positions of the nodes it reads
-- @tparam boolean is_output whether this use is an output of the model
function Layer:lower(emit, inputs, is_output)
  local separate = self.activation and self.activation.name ~= "linear" and self.engine ~= "activation"
    and (is_output or self.activation.by_row)
  local node = emit {
    layer = self.engine, config = self:config(separate), inputs = inputs, params = self.weights,
    trainable = self.trainable, what = self:title(),
  }
  if not separate then return node end
  return emit { layer = "activation", config = self.activation.config, inputs = { node }, what = self:title() }
end

--- The weights as copies, in Keras' order.
-- @treturn tensor ... as many results as the layer has weights
-- @usage local kernel, bias = layer:get_weights()
function Layer:get_weights()
  if not self.weights then
    blame("%s has no weights yet: its input shape is not known; give the model an input_shape", self:title())
  end
  local copies = {}
  for i, weight in ipairs(self.weights) do copies[i] = weight:copy() end
  return table.unpack(copies)
end

--- Replaces the weights by others of the same shapes.
-- @tparam {tensor,...} values in the order of get_weights
function Layer:set_weights(values)
  if not self.weights then
    blame("%s has no weights yet: its input shape is not known; give the model an input_shape", self:title())
  elseif type(values) ~= "table" or tensor.is_tensor(values) or #values ~= #self.weights then
    blame("%s: set_weights: expected a list of %d tensors", self:title(), #self.weights)
  end
  for i, weight in ipairs(self.weights) do
    local value = align.floats(values[i])
    if not align.same(value.shape, weight.shape) then
      blame("%s: set_weights: %s has shape %s, got %s", self:title(), self.weight_names[i], align.text(weight.shape),
        align.text(value.shape))
    end
    weight[{}] = value
  end
end

--- How many numbers its weights hold.
function Layer:count_params()
  local count = 0
  for _, weight in ipairs(self.weights or {}) do count = count + weight.size end
  return count
end

--- Its arguments as plain values, for a stored model.
function Layer:get_config()
  local config = { name = self.name, trainable = self.trainable }
  for _, name in ipairs(self.own) do config[name] = Family.plain(self.arguments[name]) end
  if self.activation then config.activation = self.activation:plain() end
  return config
end

local function is_list_of(value, check)
  if type(value) ~= "table" or getmetatable(value) or #value == 0 then return false end
  for _, entry in ipairs(value) do
    if not check(entry) then return false end
  end
  return true
end

--- Calling a layer: on symbolic tensors it adds itself to the graph, on real ones it computes.
-- @param inputs a symbolic tensor or a list of them, or a tensor or a list of tensors (n, ...)
-- @tparam[opt] table options training (false): whether dropout and its like act, for real tensors
function Layer.__call(self, inputs, options)
  if symbolic.is(inputs) or is_list_of(inputs, symbolic.is) then
    local list = symbolic.is(inputs) and { inputs } or inputs
    local shapes = {}
    for i, input in ipairs(list) do shapes[i] = input.shape end
    return symbolic.new(self, list, self:build(shapes))
  elseif tensor.is_tensor(inputs) or is_list_of(inputs, tensor.is_tensor) then
    return require("nn.models").apply_layer(self, inputs, options)
  end
  blame("%s: expected a tensor or the output of another layer, got %s", self:title(), tostring(inputs))
end

--- Whether a value is a layer.
layer.is = family.is

local function check_name(class, name)
  if name ~= nil and (type(name) ~= "string" or name == "" or name:find "/") then
    blame("%s: name: expected a text without /, got %s", class, tostring(name))
  end
end

--- Declares a kind of layer.
-- @tparam table definition class: Keras' name; engine: the engine's name; arguments: Keras' signature; initializers: the
-- arguments that are initializers; methods: further or other methods; examples: { arguments, input shape } for the tests
-- @treturn function the constructor
function layer.define(definition)
  local all, own, initializing = {}, {}, {}
  for i, entry in ipairs(definition.arguments) do all[i], own[i] = entry, entry[1] end
  table.move(COMMON, 1, #COMMON, #all + 1, all)
  for _, name in ipairs(definition.initializers or {}) do initializing[name] = true end
  local methods = setmetatable({ engine = definition.engine, own = own, initializers = initializing }, { __index = Layer })
  for name, method in pairs(definition.methods or {}) do methods[name] = method end
  methods.__call = methods.__call or Layer.__call
  layer.examples[definition.class] = definition.examples
  return family.define {
    class = definition.class,
    arguments = all,
    methods = methods,
    check = function(a, object)
      check_name(definition.class, a.name)
      object.name, object.trainable = a.name or names.unique(definition.class), a.trainable
      for name in pairs(initializing) do a[name] = initializers.get(a[name]) end
      for _, name in ipairs(own) do
        if name == "activation" then object.activation = activations.get(a.activation) end
      end
      if definition.check then definition.check(a, object) end
      graph.check_layer(definition.engine, object:config(), definition.class)
    end,
  }
end

layer.required = arguments.required

return layer
