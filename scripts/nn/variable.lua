--- Variables (`nn.Variable`): tensors that training changes.
--
-- A variable is a tensor, so all that takes tensors takes it. Besides it has a name, whether it is trained, and
-- methods that change its numbers in place. A gradient tape watches it by itself if it is trained. The weights of
-- layers are variables as well.
--
--     local w = nn.Variable(nn.zeros{ 3 }, { name = "w" })
--     w:assign_sub(0.1 * gradient)
--     print(w.name, w.trainable, w)
-- @submodule nn.tensor
local align = require "nn.losses.align"
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local kinds = require "nn.support.kinds"
local names = require "nn.support.names"
local tensor = require "nn.tensor"
local variables = require "nn.tape.variables"

local variable = {}

local read = arguments.options("Variable", { { "name", nil, kinds.text }, { "trainable", true } })

--- A variable that begins with a value.
-- @function Variable
-- @tparam tensor|number|table value is copied; a tensor of integers stays one and is not trained
-- @tparam[opt] table options name ("variable", "variable_1" ...), trainable (true)
-- @treturn tensor
-- @usage local w = nn.Variable(nn.random.normal{ shape = { 3, 2 } }, { name = "w" })
function variable.Variable(value, options)
  local given = read(options)
  local key = type(value) == "table" and #value == 0 and next(value)
  if type(key) == "string" then
    blame("Variable: the value comes first, as in nn.Variable(0, { name = \"w\" }); got %s", key)
  end
  if type(value) ~= "number" and type(value) ~= "table" and not tensor.is_tensor(value) then
    blame("Variable: expected a tensor, a number or a nested table, got %s", blame.got(value))
  end
  local t = tensor.tensor(value)
  return variables.register(t, { name = given.name or names.unique "Variable", is_named = given.name ~= nil,
    trainable = given.trainable and t.dtype == "float32" })
end

-- ---- what a variable has besides a tensor's fields and methods -----------------------------------------------------

local methods, fields = tensor.methods, tensor.fields

-- Its own memory, one and the same for ever.
function fields.value(t) return variables.is(t) and t or nil end
function fields.name(t) return variables.name_of(t) end
function fields.trainable(t)
  if variables.is(t) then return variables.is_trainable(t) end
end

local function check(t, method, value)
  if not tensor.is_tensor(t) then blame("expected a variable; methods are called with a colon: v:%s(...)", method) end
  if not variables.is(t) then
    blame("%s: expected a variable, as nn.Variable makes, got %s; to a tensor assign with t[{}] = value", method,
      blame.got(t))
  end
  if type(value) == "number" then return value end
  local new = tensor.is_tensor(value) and value or tensor.tensor(value)
  if not align.same(new.shape, t.shape) then
    blame("%s: %s has shape %s, got a value of shape %s", method, variables.name_of(t), align.text(t.shape),
      align.text(new.shape))
  end
  return new
end

local function assign(t, value)
  t[{}] = value
  return t
end

--- Replaces the numbers of a variable. Also `assign_add` and `assign_sub`, which add to them or subtract.
-- @function tensor:assign
-- @tparam tensor|number|table value of the variable's shape, or one number for all
-- @treturn tensor the variable
-- @usage
-- local w = nn.Variable(nn.ones{ 3 })
-- w:assign{ 1, 2, 3 }:assign_add(1):assign_sub(w * 0.1)
function methods.assign(self, value) return assign(self, check(self, "assign", value)) end
function methods.assign_add(self, value) return assign(self, self + check(self, "assign_add", value)) end
function methods.assign_sub(self, value) return assign(self, self - check(self, "assign_sub", value)) end

return variable
