--- What all layers share: arguments, names, weights, and being called.
--
-- A layer is declared by a plain table (see layers/dense.lua) and made by its constructor: `Dense{ 50, activation =
-- "relu" }` is an object that remembers its arguments and its place in the script. It has weights as soon as its input
-- shape is known: when it is called on a symbolic tensor, or when the Sequential that holds it knows its input.
--
-- What a layer computes is told by `lower_into`, which adds nodes of the engine. The same function, with nodes whose
-- shapes are only inferred, tells output shapes and weights.
local graph = require "engine.graph"
local activations = require "nn.activations"
local align = require "nn.align"
local arguments = require "nn.arguments"
local blame = require "nn.blame"
local constraints = require "nn.constraints"
local Family = require "nn.family"
local initializers = require "nn.initializers"
local names = require "nn.names"
local regularizers = require "nn.regularizers"
local symbolic = require "nn.symbolic"
local tensor = require "nn.tensor"

local layer = {}

local layers, family = Family.new("layer")
layer.layers, layer.family, layer.examples = layers, family, {}

local Layer = {}

-- Arguments that every layer takes after its own.
local COMMON = { { "name" }, { "trainable", true }, { "input_shape" }, { "dtype", "float32" } }

-- What the end of an argument's name says of its value: kernel_initializer, bias_constraint ...
local FAMILIES = { initializer = initializers, regularizer = regularizers, constraint = constraints }

local function family_of(name)
  return FAMILIES[name:match "_(%a+)$"]
end

-- ---- nodes of the engine

--- The engine's arguments: the layer's own plain ones.
function Layer:config()
  local config = {}
  for _, name in ipairs(self.own) do
    if name ~= "activation" and not family_of(name) then config[name] = self.arguments[name] end
  end
  return config
end

--- Adds the node that holds the layer's weights.
-- @tparam function emit
-- @tparam {integer,...} inputs
-- @tparam[opt] table config the engine's arguments
function Layer:emit(emit, inputs, config)
  return emit {
    layer = self.engine, config = config or self:config(), inputs = inputs, params = self.weights, owner = self,
    regularizers = self.weight_regularizers, constraints = self.weight_constraints, what = self:title(),
  }
end

--- Adds a node without weights.
function Layer:emit_plain(emit, engine, config, inputs)
  return emit { layer = engine, config = config, inputs = inputs, what = self:title() }
end

--- The nodes before the activation; for layers that are more than one node.
-- @tparam function emit adds a node, returns its position
-- @tparam {integer,...} inputs positions of the nodes it reads
-- @tparam {{integer,...},...} shapes of what they give
-- @tparam[opt] table fused the activation's arguments, where the layer's own node is to apply it
-- @treturn integer the position of the result
function Layer:nodes(emit, inputs, _, fused)
  local config = self:config()
  for name, value in pairs(fused or {}) do config[name] = value end
  return self:emit(emit, inputs, config)
end

--- The order that brings axes to the end, nil where they are there already.
local function order_with_last(axes, ndim)
  local first, in_place, is_chosen, order = ndim - #axes, true, {}, {}
  for i, axis in ipairs(axes) do
    in_place, is_chosen[axis] = in_place and axis == first + i, true
  end
  if in_place then return nil end
  for axis = 1, ndim do
    if not is_chosen[axis] then order[#order + 1] = axis end
  end
  return table.move(axes, 1, #axes, #order + 1, order)
end

--- Brings axes to the end where they are not.
-- @tparam {integer,...} axes of a sample, from 1, ascending
-- @tparam {integer,...} shape of the input
-- @treturn integer the position of the result
function Layer:to_last(emit, input, axes, shape)
  local order = order_with_last(axes, #shape)
  return order and self:emit_plain(emit, "permute", { dims = order }, { input }) or input
end

--- Nodes over the last axes: brings other axes to the end, and the result back.
-- @tparam function body adds the nodes: (position of the input) -> position of the result
function Layer:over_last(emit, input, axes, shape, body)
  local order, back = order_with_last(axes, #shape), {}
  local result = body(self:to_last(emit, input, axes, shape))
  for i, axis in ipairs(order or {}) do back[axis] = i end
  return order and self:emit_plain(emit, "permute", { dims = back }, { result }) or result
end

--- The axes that an argument means, as places in a sample from 1, ascending.
-- @param axis a position where 1 counts the samples and -1 is the last, or a list of them
function Layer:sample_axes(axis, ndim, name)
  local axes = {}
  for i, each in ipairs(type(axis) == "table" and axis or { axis }) do
    local place = math.type(each) == "integer" and (each < 0 and each + ndim + 1 or each - 1)
    if each == 1 then
      blame.at(self.where, "%s: %s: axis 1 counts the samples; expected one from 2 to %d", self:title(), name or "axis",
        ndim + 1)
    elseif not place or place < 1 or place > ndim then
      blame.at(self.where, "%s: %s: there is no axis %s: with the samples' axis there are %d", self:title(),
        name or "axis", tostring(each), ndim + 1)
    end
    axes[i] = place
  end
  table.sort(axes)
  return axes
end

--- Adds the engine's nodes for one use of the layer. An activation is a node of its own where softmax and the like look
-- at whole rows and where a loss may have to look behind it.
-- @tparam function emit adds a node, returns its position
-- @tparam {integer,...} inputs positions of the nodes it reads
-- @tparam {{integer,...},...} shapes of what they give
-- @tparam boolean is_output whether this use is an output of the model
-- @treturn integer the position of the result
function Layer:lower_into(emit, inputs, shapes, is_output)
  local activation = self.activation
  local separate = activation and activation.name ~= "linear" and (is_output or activation.by_row)
  local node = self:nodes(emit, inputs, shapes, activation and not separate and activation.config or nil)
  if separate then node = self:emit_plain(emit, "activation", activation.config, { node }) end
  local penalty = self.activity_regularizer
  if penalty then node = self:emit_plain(emit, "activity_regularization", penalty:config(), { node }) end
  return node
end

-- ---- weights

local function check_shapes(self, params, input_shapes)
  for i, param in ipairs(params) do
    if not align.same(self.weights[i].shape, param.shape) then
      blame.at(self.where, "%s: its %s has shape %s and does not fit inputs of %s", self:title(), param.name,
        align.text(self.weights[i].shape), align.text(input_shapes[1]))
    end
  end
end

--- The value a weight begins with.
function Layer:initial(param)
  local initializer = self.arguments[param.name .. "_initializer"]
  return initializer and initializer(param.shape) or tensor.zeros(param.shape)
end

local function make_weights(self, params)
  self.weights, self.weight_names, self.weight_is_state = {}, {}, {}
  self.weight_regularizers, self.weight_constraints = {}, {}
  for i, param in ipairs(params) do
    local value = align.floats(self:initial(param)):copy()
    if not align.same(value.shape, param.shape) then
      blame.at(self.where, "%s: the initializer of %s gave shape %s instead of %s", self:title(), param.name,
        align.text(value.shape), align.text(param.shape))
    end
    self.weights[i], self.weight_names[i], self.weight_is_state[i] = value, param.name, param.is_state
    local regularizer = self.arguments[param.name .. "_regularizer"]
    local constraint = self.arguments[param.name .. "_constraint"]
    self.weight_regularizers[i] = regularizer and regularizer:config()
    self.weight_constraints[i] = constraint and constraint:config(#param.shape)
  end
end

--- Gives the layer its weights, once the shapes of its inputs (without the samples' axis) are known.
-- @tparam {{integer,...},...} input_shapes
-- @treturn {integer,...} the shape of its output
function Layer:build(input_shapes)
  local shapes = table.move(input_shapes, 1, #input_shapes, 1, {})
  local inputs = {}
  for i in ipairs(input_shapes) do inputs[i] = i end
  local function emit(node)
    local read = {}
    for i, position in ipairs(node.inputs) do read[i] = shapes[position] end
    local shape, params = graph.infer(node.layer, node.config, read, self:title())
    if not shape then blame.at(self.where, "%s: %s", self:title(), params) end
    if node.owner and self.weights then
      check_shapes(self, params, input_shapes)
    elseif node.owner then
      make_weights(self, params)
    end
    shapes[#shapes + 1] = shape
    return #shapes
  end
  self.output_shape = shapes[self:lower_into(emit, inputs, input_shapes, false)]
  self.input_shapes, self.weights = input_shapes, self.weights or {}
  return self.output_shape
end

--- How the layer is called in messages: "layer 2 (dense)" in a Sequential, "layer dense_1" elsewhere.
function Layer:title()
  return self.position and ("layer %d (%s)"):format(self.position, self.name) or "layer " .. self.name
end

local function require_weights(self)
  if not self.weights then
    blame("%s has no weights yet: its input shape is not known; give the model an input_shape", self:title())
  end
end

--- The weights as copies, in Keras' order.
-- @treturn tensor ... as many results as the layer has weights
-- @usage local kernel, bias = layer:get_weights()
function Layer:get_weights()
  require_weights(self)
  local copies = {}
  for i, weight in ipairs(self.weights) do copies[i] = weight:copy() end
  return table.unpack(copies)
end

--- Replaces the weights by others of the same shapes.
-- @tparam {tensor,...} values in the order of get_weights
function Layer:set_weights(values)
  require_weights(self)
  if type(values) ~= "table" or tensor.is_tensor(values) or #values ~= #self.weights then
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
-- @treturn integer all of them
-- @treturn integer those that training changes
function Layer:count_params()
  local total, trained = 0, 0
  for i, weight in ipairs(self.weights or {}) do
    total = total + weight.size
    if self.trainable and not self.weight_is_state[i] then trained = trained + weight.size end
  end
  return total, trained
end

--- Its arguments as plain values, for a stored model.
function Layer:get_config()
  local config = { name = self.name, trainable = self.trainable }
  for _, name in ipairs(self.own) do config[name] = Family.plain(self.arguments[name]) end
  if self.activation then config.activation = self.activation:plain() end
  return config
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

--- The mask of what the layer gives, a symbolic tensor or nil: passed on by layers that keep the places of a sample.
function Layer:compute_mask(inputs)
  return self.passes_mask and inputs[1].mask or nil
end

--- Second inputs that are not written as such: a mask that came along, or one given.
local function with_options(self, list, options)
  local inputs = table.move(list, 1, #list, 1, {})
  for _, name in ipairs(self.second_inputs) do inputs[#inputs + 1] = options[name] end
  if #inputs == 1 and self.reads_mask then inputs[2] = list[1].mask end
  return inputs
end

local function call_symbolic(self, list, options)
  if #list > 1 and not self.merges then
    blame("%s takes one input, got a list of %d; merge them first: nn.layers.concatenate{ a, b }", self:title(), #list)
  end
  local inputs, shapes = with_options(self, list, options), {}
  for i, input in ipairs(inputs) do shapes[i] = input.shape end
  local output = symbolic.new(self, inputs, self:build(shapes))
  output.read, output.options, output.mask = list, options, self:compute_mask(inputs)
  if not self.output then
    self.input, self.output = #list == 1 and list[1] or list, output
  end
  return output
end

--- Calling a layer: on symbolic tensors it adds itself to the graph, on real ones it computes.
-- @param inputs a symbolic tensor or a list of them, or a tensor or a list of tensors (n, ...)
-- @tparam[opt] table options training (false): whether dropout and its like act, for real tensors; mask: a tensor (n,
-- ...), 0 for places that do not count, for layers that heed one
-- @usage local h = Dense{ 30 }(input)
-- local y = Dropout{ 0.5 }(x, { training = true })
function Layer.__call(self, inputs, options)
  options = arguments.check(options or {}, { "training", "mask", table.unpack(self.second_inputs) }, self:title())
  if symbolic.is(inputs) or is_list_of(inputs, symbolic.is) then
    return call_symbolic(self, symbolic.is(inputs) and { inputs } or inputs, options)
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

local function check_common(class, a)
  check_name(class, a.name)
  if type(a.trainable) ~= "boolean" then
    blame("%s: trainable: expected true or false, got %s", class, tostring(a.trainable))
  elseif a.dtype ~= "float32" and class ~= "InputLayer" then -- data may be of any type
    blame("%s: dtype: layers compute in float32, got %s", class, tostring(a.dtype))
  end
end

--- Declares a kind of layer.
-- @tparam table definition class: Keras' name; engine: the engine's name; arguments: Keras' signature (what ends in
-- _initializer, _regularizer or _constraint is such an object, for the weight before that); merges: whether it takes a
-- list; passes_mask, reads_mask: what it does with masks; second_inputs: options of a call that are inputs; methods:
-- further or other methods; check: a function of the bound arguments and the layer; examples: { arguments, input shape
-- (or a list of them) } for the tests
-- @treturn function the constructor
function layer.define(definition)
  local all, own = {}, {}
  for i, entry in ipairs(definition.arguments) do all[i], own[i] = entry, entry[1] end
  table.move(COMMON, 1, #COMMON, #all + 1, all)
  local methods = setmetatable({
    engine = definition.engine, own = own, merges = definition.merges, passes_mask = definition.passes_mask,
    reads_mask = definition.reads_mask, second_inputs = definition.second_inputs or {},
  }, { __index = Layer })
  for name, method in pairs(definition.methods or {}) do methods[name] = method end
  methods.__call = methods.__call or Layer.__call
  layer.examples[definition.class] = definition.examples
  return family.define {
    class = definition.class,
    arguments = all,
    methods = methods,
    check = function(a, object)
      check_common(definition.class, a)
      object.name, object.trainable = a.name or names.unique(definition.class), a.trainable
      for _, name in ipairs(own) do
        local objects = family_of(name)
        if objects then a[name] = objects.get(a[name]) end
        if name == "activation" then object.activation = activations.get(a.activation) end
      end
      object.activity_regularizer = a.activity_regularizer
      if definition.check then definition.check(a, object) end
      if definition.engine then graph.check_layer(definition.engine, object:config(), definition.class) end
    end,
  }
end

layer.required = arguments.required

return layer
