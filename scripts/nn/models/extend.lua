--- Models of one's own: `nn.Model:extend{ name =, init =, call = }`.
--
-- Such a model holds one layer of one's own, its core, whose `call` is that of the model. So it is traced as layers
-- are, once the shapes of its inputs are known: from the first data that it sees, or by `model:build(shape)`.
-- @submodule nn.models
local as_list = require "nn.support.list"
local blame = require "nn.support.blame"
local classes = require "nn.layers.base.extend"
local compile = require "nn.models.compile"
local compute_loss = require "nn.models.compute_loss"
local contents = require "nn.models.contents"
local layer = require "nn.layers.base"
local invoke = require "nn.support.invoke"
local Model = require "nn.models.model"
local stored = require "nn.support.stored"

local Own = setmetatable({ __name = "nn.model", __call = Model.__call, __tostring = Model.__tostring,
  takes_shapes = true }, { __index = Model })

-- What it stands for in a digest: what models do, and the code of its class.
function Own:__digest() return { contents(self), self.definition } end

local function is_list_of_shapes(shape) return type(shape) == "table" and type(shape[1]) == "table" end

-- Gives the model its weights for samples of a shape; of several inputs for a list of shapes.
function Own:build(shape)
  if self.outputs then return end
  local inputs = {}
  for i, each in ipairs(is_list_of_shapes(shape) and shape or { shape }) do
    inputs[i] = layer.layers.Input { shape = each }
  end
  self:connect(inputs, { self.core(#inputs == 1 and inputs[1] or inputs) })
end

function Own:get_config()
  local config = stored.config_of(self, self.given)
  config.name, config.trainable, config.input_shape = self.name, self.trainable, self.input_shape
  return config
end

function Own:from_config(config) return self.class(stored.restore(config)) end

function Own:reset_state()
  for _, each in ipairs(self.layers) do
    if each.reset_state then each:reset_state() end
  end
end

-- What a layer of one's own has for its functions.
function Own:add_weight(options) return self.core:add_weight(options) end
function Own:add_loss(value) return self.core:add_loss(value) end
function Own:add_metric(value, options) return self.core:add_metric(value, options) end

--- The loss of a batch as compile was given it: that of each output by its weight, and `model.losses`.
-- Within a tape it is a tensor; to be called in `train_step` and `test_step`.
-- @function custom_model:compute_loss
-- @param x what the step was given, for functions that replace this one
-- @param y
-- @param y_pred what the model gave
-- @param[opt] sample_weight
-- @treturn number|tensor
-- @usage
-- local Line = nn.Model:extend{ name = "Line",
--   init = function(self) self.out = Dense{ 1 } end,
--   call = function(self, x) return self.out(x) end }
-- local line = Line{}
-- line:compile{ loss = "mse" }
-- print(line:compute_loss(x, nn.zeros{ 12, 1 }, line(x)))
function Own:compute_loss(_, y, y_pred, sample_weight)
  compile.require(self, "compute_loss")
  return (compute_loss(self, y, y_pred, sample_weight))
end

Model.finish(Own)

-- ---- objects -------------------------------------------------------------------------------------------------------

local is_taken = {} -- what models have, and so no field of a script's can be called
for _, name in ipairs(Own.__names()) do is_taken[name] = true end

local function set_field(self, name, value)
  classes.adopt(self.core, value, name)
  self.own_fields[name] = value
end

local COMMON = { name = true, trainable = true, input_shape = true }

-- What the constructor was given becomes fields, in the order of their names, so that layers have one.
local function set_given(self, given)
  local names = {}
  for name in pairs(given) do
    if not COMMON[name] then names[#names + 1] = name end
  end
  table.sort(names, function(a, b) return tostring(a) < tostring(b) end)
  for _, name in ipairs(names) do
    if is_taken[name] then
      blame("%s: %s: models have a field of that name already; choose another one", self.class_name, name)
    end
    self.given[name] = given[name]
    set_field(self, name, given[name])
  end
end

local function new_object(class, meta, given)
  if given == nil then given = {} end
  if type(given) ~= "table" or getmetatable(given) then
    blame("%s: expected a table of arguments, such as %s{ name = ... }, got %s", class.class_name, class.class_name,
      blame.got(given))
  end
  local self = Model.new(class.class_name, given.name)
  self.class_name = class.registered_name or class.class_name
  local core = class.core { name = self.name }
  rawset(core, "model", self)
  for name, value in pairs { class = class, definition = class.definition, core = core, own_fields = {}, given = {} } do
    rawset(self, name, value)
  end
  self.trainable, self.layers = given.trainable ~= false, as_list(core.all_layers, "layers")
  setmetatable(self, meta)
  set_given(self, given)
  if class.definition.init then class.definition.init(self) end
  if given.input_shape then self:build(given.input_shape) end
  return self
end

-- ---- classes -------------------------------------------------------------------------------------------------------

-- The class of the cores: layers whose functions are called with the model in their place.
local function core_class(definition)
  local function with_model(f)
    return f and function(core, ...) return invoke(f, rawget(core, "model"), ...) end
  end
  return layer.layers.Layer:extend { name = definition.name, build = with_model(definition.build),
    call = with_model(definition.call) }
end

local KNOWN = { "name", "init", "build", "call", "get_config", "train_step", "test_step", "compute_loss" }
-- Functions that replace no method of the model.
local IS_HIDDEN = { name = true, init = true, build = true, call = true, get_config = true }

local function new_meta(definition)
  local meta = { __name = "nn.model", __call = Own.__call, __digest = Own.__digest, __tostring = Own.__tostring,
    __names = Own.__names }
  function meta.__index(self, name)
    local value = not IS_HIDDEN[name] and definition[name] or nil
    if value == nil then value = rawget(self, "own_fields")[name] end
    if value == nil then value = Own.__index(self, name) end
    return value
  end
  function meta.__newindex(self, name, value)
    local is_own, is_c = blame.is_own(2)
    if is_own or is_c or is_taken[name] then return Own.__newindex(self, name, value) end
    set_field(self, name, value)
  end
  return meta
end

--- A class of models from Lua functions. Its objects are compiled, trained, asked and stored as other models.
-- What the constructor is given becomes fields of `self`, and layers and models that are assigned to fields belong to
-- the model. It has its weights as soon as it sees data, by `model:build(shape)`, or by `input_shape =` in the
-- constructor; for several inputs give a list of shapes.
-- @function Model.extend
-- @tparam table class name: its name; call: function(self, x, options), which gives a tensor or several, made with
-- layers and nn.ops (options.training tells training from other calls); init (optional): function(self), called by the
-- constructor, which makes the layers; build (optional): function(self, shape), where `self:add_weight` makes weights;
-- get_config (optional): function(self) that gives further fields to store; train_step, test_step (optional):
-- function(self, x, y, sample_weight), which `fit` and `evaluate` call in Lua for each batch of tensors, in place of
-- what they would do; it returns a table of numbers by name, which are averaged over the samples of an epoch. It finds
-- `self.optimizer` and `self:compute_loss(x, y, y_pred, sample_weight)`. Further functions become methods
-- @treturn table the class
-- @usage
-- local Residual = nn.Model:extend{ name = "Residual",
--   init = function(self)
--     self.hidden, self.out = Dense{ self.units, activation = "relu" }, Dense{ 1 }
--   end,
--   call = function(self, x) return self.out(self.hidden(x) + x) end }
-- local model = Residual{ units = 4 }
-- model:compile{ optimizer = "sgd", loss = "mse" }
-- model:fit(nn.ones{ 8, 4 }, nn.zeros{ 8, 1 }, { verbose = 0 })
-- @usage
-- local Stepped = nn.Model:extend{ name = "Stepped",
--   init = function(self) self.out = Dense{ 1 } end,
--   call = function(self, x) return self.out(x) end,
--   train_step = function(self, x, y)
--     local tape <close> = nn.GradientTape()
--     local loss = self:compute_loss(x, y, self(x, { training = true }))
--     self.optimizer:apply(tape:gradient(loss, self.trainable_variables), self.trainable_variables)
--     return { loss = loss:item() }
--   end }
-- local stepped = Stepped{}
-- stepped:compile{ optimizer = "sgd", loss = "mse" }
-- stepped:fit(nn.ones{ 8, 4 }, nn.zeros{ 8, 1 }, { verbose = 0 })
return function(_, definition)
  classes.check_definition("Model:extend", KNOWN, definition)
  local class = { class_name = definition.name, definition = definition, core = core_class(definition) }
  local meta = new_meta(definition)
  return setmetatable(class, { __call = function(_, given) return new_object(class, meta, given) end, is_class = true,
    __tostring = function() return "<class " .. definition.name .. ">" end })
end
