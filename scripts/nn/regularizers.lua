--- Penalties on weights that training adds to the loss (`nn.regularizers`), with Keras' names, defaults and formulas.
--
-- A regularizer is called with a tensor: `nn.regularizers.L2{ 0.01 }(t)` is a number. Given to a layer, its value for
-- the weight is added in full to the loss of every batch, in training and in evaluation.
-- @module nn.regularizers
local rules = require "engine.rules"
local align = require "nn.losses.align"
local blame = require "nn.support.blame"
local Family = require "nn.support.family"
local function_object = require "nn.support.function_object"
local recording = require "nn.tape.recording"
local tensor = require "nn.tensor"

local regularizers, family = Family.new("regularizer", "regularizers", { has_second_names = true })

local methods = {}

local function backward(entry, gradients) return { entry.derivative * gradients[1] } end

-- A number; within a tape that tracks x, a tensor without axes.
function methods:__call(x)
  local floats = align.floats(x)
  if not recording.is_tracked(floats) then return (rules.regularize(self:config(), floats, self.class_name)) end
  local penalty, derivative = rules.regularize(self:config(), floats, self.class_name, true)
  local result = tensor.tensor(penalty)
  recording.add { inputs = { floats }, outputs = { result }, derivative = derivative, backward = backward }
  return result
end

local function define(class, list, lower, aliases, check)
  family.define {
    class = class,
    arguments = list,
    aliases = aliases,
    methods = setmetatable({
      config = function(self) return lower(self.arguments) end, -- the engine's arguments
      __call = methods.__call,
    }, { __index = methods }),
    check = function(a)
      for _, entry in ipairs(list) do
        local value = a[entry[1]]
        if type(entry[2]) == "number" and not (type(value) == "number" and value >= 0 and value < math.huge) then
          blame("%s: %s: expected a number of at least 0, got %s", class, entry[1], blame.got(value))
        end
      end
      if check then check(a) end
    end,
  }
end

--- l1 times the sum of absolute values.
-- @function L1
-- @tparam[opt=0.01] number l1
-- @treturn number, when called with a tensor
-- @usage nn.regularizers.L1{ 0.001 }(w)
define("L1", { { "l1", 0.01 } }, function(a) return { kind = "l1_l2", l1 = a.l1 } end)
--- l2 times the sum of squares.
-- @function L2
-- @tparam[opt=0.01] number l2
-- @treturn number, when called with a tensor
-- @usage nn.regularizers.L2{ 0.001 }(w)
define("L2", { { "l2", 0.01 } }, function(a) return { kind = "l1_l2", l2 = a.l2 } end)
--- Both.
-- @function L1L2
-- @tparam[opt=0] number l1
-- @tparam[opt=0] number l2
-- @treturn number, when called with a tensor
-- @usage nn.regularizers.L1L2{ l1 = 0.001, l2 = 0.01 }(w)
define("L1L2", { { "l1", 0 }, { "l2", 0 } }, function(a)
  return { kind = "l1_l2", l1 = a.l1, l2 = a.l2 }
end, { "l1_l2" })

local MODES = { rows = true, columns = true }

--- factor times the mean absolute cosine between the rows, or columns, of a matrix.
-- @function OrthogonalRegularizer
-- @tparam[opt=0.01] number factor
-- @tparam[opt="rows"] string mode or "columns"
-- @treturn number, when called with a tensor
-- @usage nn.regularizers.OrthogonalRegularizer{ mode = "columns" }(w)
define("OrthogonalRegularizer", { { "factor", 0.01 }, { "mode", "rows" } }, function(a)
  return { kind = "orthogonal", factor = a.factor, by_columns = a.mode == "columns" }
end, { "orthogonal" }, function(a)
  if not MODES[a.mode] then
    blame("OrthogonalRegularizer: mode: expected rows or columns, got %s", blame.got(a.mode))
  end
end)

-- Regularizers that are functions of the script: one number for a weight, computed with nn.ops. In a model they become
-- part of the graph.
family.of_function = function_object(regularizers, {
  is_own = true,
  config = function() end, -- the engine knows nothing of them
  __call = function(self, x)
    local result = self.arguments.fn(align.floats(x))
    if type(result) == "number" then return result end
    if not tensor.is_tensor(result) or result.size ~= 1 then
      blame.at(self.where, "the regularizer %s: expected one number, got %s", self:title(),
        result == nil and "nothing; does it lack a return?" or blame.got(result))
    end
    return recording.is_tracked(result) and result or result:item()
  end,
})

--- The regularizer that a user's value stands for.
-- `serialize` gives an object's class and arguments as plain values, from which `deserialize` (or `get`) makes another.
-- @function get
-- @param value a name such as "l2", an object, a function of the weight, or { class_name =, config = }
-- @treturn table the object
-- @raise where there is none of that name; the error tells the nearest
-- @usage
-- local object = nn.regularizers.get "l2"
-- print(nn.regularizers.deserialize(nn.regularizers.serialize(object)).class_name)
regularizers.get = function(value) return family.get(value, "regularizer") end
regularizers.serialize, regularizers.deserialize = family.serialize, regularizers.get
regularizers.family = family

return regularizers
