--- Optimizers (`nn.optimizers`), with Keras' names, defaults and formulas.
--
-- Given to `compile`, or used alone: `nn.optimizers.Adam{ learning_rate = 1e-3 }:apply_gradients{ { gradient, variable } }`
-- updates the variables (float32 tensors) in place.
local objects = require "engine.objects"
local graph = require "engine.graph"
local align = require "nn.align"
local blame = require "nn.blame"
local Family = require "nn.family"
local names = require "nn.names"
local tensor = require "nn.tensor"

local optimizers, family = Family.new("optimizer")

local methods = {}

--- The engine's arguments.
function methods:config()
  local values = {}
  for _, name in ipairs(self.fields) do values[name] = self.arguments[name] end
  return values
end

--- The rate at an update.
-- @tparam integer iteration updates done before
function methods:rate_at(iteration)
  local rate = self.learning_rate
  return type(rate) == "number" and rate or rate(iteration)
end

--- The names of the state vectors it keeps for each parameter.
function methods:slot_names()
  return objects.slots(self.engine, self:config())
end

local function slots_for(self, index, variable)
  self.variables = self.variables or {}
  if not self.variables[index] then
    local slots = {}
    for i in ipairs(self:slot_names()) do slots[i] = tensor.zeros(variable.shape) end
    self.variables[index] = slots
  end
  return self.variables[index]
end

--- One update of each variable by its gradient; the order of the pairs names the variables from call to call.
-- @tparam {{tensor,tensor},...} pairs_ gradient and variable; a variable is a contiguous float32 tensor
-- @usage optimizer:apply_gradients{ { gradient, variable } }
function methods:apply_gradients(pairs_)
  for index, pair in ipairs(pairs_) do
    local gradient, variable = align.floats(pair[1]), pair[2]
    if not align.same(gradient.shape, variable.shape) then
      blame("apply_gradients: gradient of shape %s for a variable of shape %s", align.text(gradient.shape),
        align.text(variable.shape))
    end
    objects.update(self.engine, self:config(), self.iterations, self:rate_at(self.iterations), variable, gradient,
      slots_for(self, index, variable))
  end
  self.iterations = self.iterations + 1
end

local function check_rate(class, rate)
  local callable = type(rate) == "table" and getmetatable(rate) and getmetatable(rate).__call
  if not callable and (type(rate) ~= "number" or rate < 0 or rate ~= rate) then
    blame("%s: learning_rate: expected a number of at least 0 or a schedule, got %s", class, tostring(rate))
  end
end

--- @tparam string class
-- @tparam number learning_rate its default
-- @tparam table list the engine's arguments and defaults, which follow learning_rate
local function define(class, learning_rate, list)
  local engine = class:lower()
  local all, fields = { { "learning_rate", learning_rate } }, {}
  for i, entry in ipairs(list) do all[i + 1], fields[i] = entry, entry[1] end
  all[#all + 1] = { "name", names.snake_case(class) }
  local own = setmetatable({ engine = engine, fields = fields }, { __index = methods })
  family.define {
    class = class,
    arguments = all,
    methods = own,
    check = function(a, object)
      check_rate(class, a.learning_rate)
      object.learning_rate, object.iterations = a.learning_rate, 0
      graph.check_optimizer(engine, object:config(), class)
    end,
  }
end

--- Gradient descent: SGD{ learning_rate = 0.01, momentum = 0, nesterov = false }
define("SGD", 0.01, { { "momentum", 0 }, { "nesterov", false } })
--- RMSprop{ learning_rate = 0.001, rho = 0.9, momentum = 0, epsilon = 1e-7, centered = false }
define("RMSprop", 0.001, { { "rho", 0.9 }, { "momentum", 0 }, { "epsilon", 1e-7 }, { "centered", false } })
--- Adam{ learning_rate = 0.001, beta_1 = 0.9, beta_2 = 0.999, epsilon = 1e-7, amsgrad = false }
define("Adam", 0.001, { { "beta_1", 0.9 }, { "beta_2", 0.999 }, { "epsilon", 1e-7 }, { "amsgrad", false } })

--- The optimizer that a user's value stands for.
function optimizers.get(value) return family.get(value, "optimizer") end
optimizers.family = family

return optimizers
