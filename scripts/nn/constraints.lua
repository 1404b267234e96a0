--- Limits that weights are brought within after each update (`nn.constraints`), with Keras' names, defaults and
-- formulas.
--
-- A constraint is called with a tensor: `nn.constraints.MaxNorm{ 2 }(t)` is a tensor within the limits. `axis` names
-- the axes along which a norm runs, from 1: for a kernel (in, units), 1 means the incoming weights of each unit.
-- @module nn.constraints
local rules = require "engine.rules"
local align = require "nn.losses.align"
local blame = require "nn.support.blame"
local Family = require "nn.support.family"
local function_object = require "nn.support.function_object"
local tensor = require "nn.tensor"

local constraints, family = Family.new("constraint", "constraints", { has_second_names = true })

local methods = {}

--- The axes from 0, positive.
local function axes_of(axis, ndim)
  local axes = {}
  for i, each in ipairs(type(axis) == "table" and axis or { axis }) do
    axes[i] = each < 0 and each + ndim or each - 1
  end
  return axes
end

-- The engine's arguments for a weight of that many axes.
function methods:config(ndim)
  local a = self.arguments
  return { kind = self.kind, min_value = a.min_value, max_value = a.max_value, rate = a.rate,
    axes = a.axis and axes_of(a.axis, ndim) }
end

function methods:__call(w)
  local t = align.floats(w)
  return rules.constrain(self:config(t.ndim), t, self.class_name)
end

local function check_axis(class, axis)
  for _, each in ipairs(type(axis) == "table" and axis or { axis }) do
    if math.type(each) ~= "integer" or each == 0 then
      blame("%s: axis: expected a position from 1, or a list of them, got %s", class, blame.got(each))
    end
  end
end

local function define(class, kind, list, aliases)
  family.define {
    class = class,
    arguments = list,
    aliases = aliases,
    methods = setmetatable({ kind = kind, __call = methods.__call }, { __index = methods }),
    check = function(a)
      for _, name in ipairs { "min_value", "max_value", "rate" } do
        if a[name] ~= nil and not (type(a[name]) == "number" and a[name] >= 0) then
          blame("%s: %s: expected a number of at least 0, got %s", class, name, blame.got(a[name]))
        end
      end
      check_axis(class, a.axis)
    end,
  }
end

--- Negative weights become 0.
-- @function NonNeg
-- @treturn tensor when called with one, of its shape
-- @usage nn.constraints.NonNeg{}(w)
define("NonNeg", "non_negative", {}, { "nonneg" })
--- Every norm is 1.
-- @function UnitNorm
-- @tparam[opt=1] integer|{integer,...} axis along which a norm runs
-- @treturn tensor when called with one, of its shape
-- @usage nn.constraints.UnitNorm{ axis = 1 }(w)
define("UnitNorm", "unit_norm", { { "axis", 1 } })
--- No norm is above max_value.
-- @function MaxNorm
-- @tparam[opt=2] number max_value
-- @tparam[opt=1] integer|{integer,...} axis along which a norm runs
-- @treturn tensor when called with one, of its shape
-- @usage nn.constraints.MaxNorm{ 3 }(w)
define("MaxNorm", "max_norm", { { "max_value", 2 }, { "axis", 1 } })
--- Norms go towards the range, by that part of the way.
-- @function MinMaxNorm
-- @tparam[opt=0] number min_value
-- @tparam[opt=1] number max_value
-- @tparam[opt=1] number rate from 0 to 1
-- @tparam[opt=1] integer|{integer,...} axis along which a norm runs
-- @treturn tensor when called with one, of its shape
-- @usage nn.constraints.MinMaxNorm{ min_value = 0.5, max_value = 1.5, rate = 0.9 }(w)
define("MinMaxNorm", "min_max_norm", { { "min_value", 0 }, { "max_value", 1 }, { "rate", 1 }, { "axis", 1 } })

-- Constraints that are functions of the script: from a weight to one of its shape. They are called in Lua after each
-- update.
family.of_function = function_object(constraints, {
  is_own = true,
  config = function() end, -- the engine knows nothing of them
  __call = function(self, w)
    local result = self.arguments.fn(w)
    if not tensor.is_tensor(result) or not align.same(result.shape, w.shape) then
      blame.at(self.where, "the constraint %s: expected a tensor of %s, got %s", self:title(), align.text(w.shape),
        result == nil and "nothing; does it lack a return?" or blame.got(result))
    end
    return result
  end,
})

--- The constraint that a user's value stands for.
-- `serialize` gives an object's class and arguments as plain values, from which `deserialize` (or `get`) makes another.
-- @function get
-- @param value a name such as "max_norm", an object, a function of the weight, or { class_name =, config = }
-- @treturn table the object
-- @raise where there is none of that name; the error tells the nearest
-- @usage
-- local object = nn.constraints.get "max_norm"
-- print(nn.constraints.deserialize(nn.constraints.serialize(object)).class_name)
constraints.get = function(value) return family.get(value, "constraint") end
constraints.serialize, constraints.deserialize = family.serialize, constraints.get
constraints.family = family

return constraints
