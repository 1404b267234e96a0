--- What all operations share: how their arguments are read, and the one place where they are computed.
-- @submodule nn.ops
local engine = require "engine.operations"
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local layers = require("nn.layers.base").layers
local symbolic = require "nn.layers.base.symbolic"
local tensor = require "nn.tensor"
local trace = require "nn.ops.trace"

local base = {
  ops = {}, -- nn.ops, to which each family of operations adds its functions
  -- nil, or function(name, config, inputs, output): told of each operation that is computed
  recorder = nil,
}

-- ---- computing -----------------------------------------------------------------------------------------------------

--- A tensor from what a script may give in its place: a number or a nested table.
-- @tparam tensor|number|table value
-- @tparam string what starts the message of an error
-- @treturn tensor
function base.tensor(value, what)
  if tensor.is_tensor(value) or symbolic.is(value) then return value end
  if type(value) == "number" or type(value) == "table" and not getmetatable(value) then return tensor.tensor(value) end
  blame("%s: expected a tensor, a number or a nested table, got %s%s", what, blame.got(value),
    type(value) == "boolean" and ": == and ~= compare at once, not number by number; write nn.ops.equal(a, b)" or "")
end

--- Takes the tensors out of a list of operands of which some are symbolic.
-- @treturn {[integer]=tensor} by position
local function take_constants(operands)
  local constants, count = {}, 0
  for i = 1, #operands do
    local operand = operands[i]
    operands[i] = nil
    if symbolic.is(operand) then
      count = count + 1
      operands[count] = operand
    else
      constants[i] = operand
    end
  end
  return constants
end

--- Computes an operation of the engine's table. Everything of nn.ops comes through here.
-- @tparam string name in the engine's table
-- @tparam table config its arguments there
-- @tparam {tensor,...} inputs or what `base.tensor` takes
-- @treturn tensor float32; a symbolic tensor if an input is one
function base.run(name, config, inputs)
  local tensors, is_symbolic = {}, false
  for i, input in ipairs(inputs) do
    local operand = base.tensor(input, name)
    tensors[i] = trace.symbol_of(operand) or operand
    is_symbolic = is_symbolic or symbolic.is(tensors[i])
  end
  if is_symbolic then trace.count_operation() end
  if is_symbolic then return layers.Operation { name, config, constants = take_constants(tensors) }(tensors) end
  local output = engine.apply(name, config, tensors)
  if base.recorder then base.recorder(name, config, tensors, output) end
  return output
end

-- ---- axes ----------------------------------------------------------------------------------------------------------

--- The lengths of the axes; -1 for a batch that is not known yet.
-- @tparam tensor|symbolic x
-- @treturn {integer,...} a new list
function base.shape_of(x)
  if symbolic.is(x) and not x.shape.is_whole then return { -1, table.unpack(x.shape) } end
  if symbolic.is(x) then return table.move(x.shape, 1, #x.shape, 1, {}) end
  return table.move(x.shape, 1, x.ndim, 1, {})
end

--- The position of an axis, from 1.
-- @tparam string name of the operation, for messages
-- @tparam integer axis from 1, or from the end if negative
-- @tparam integer ndim
-- @treturn integer
function base.axis(name, axis, ndim)
  local position = math.type(axis) == "integer" and (axis < 0 and axis + ndim + 1 or axis)
  if not position or axis == 0 or position < 1 or position > ndim then
    blame("%s: axis: a tensor of %d axes has no axis %s", name, ndim, blame.got(axis))
  end
  return position
end

--- A copy, so that what an operation gives never shares memory with what it was given.
function base.copy(x)
  return base.ops.reshape(x, base.shape_of(x))
end

--- A tensor whose numbers are known, as they decide the result's shape. A symbolic one is an error.
function base.known(x, name)
  if symbolic.is(x) then
    blame("%s: expected a tensor, got a symbolic one: the numbers decide the shape of the result", name)
  end
  return x
end

--- What may be one value or a list of them as a list; nil is none.
function base.list(value)
  if value == nil then return {} end
  return type(value) == "table" and value or { value }
end

-- ---- defining ------------------------------------------------------------------------------------------------------

local function is_options(value) -- an empty list is a value, such as the shape of a scalar
  if type(value) ~= "table" or getmetatable(value) or next(value) == nil then return false end
  for key in pairs(value) do
    if type(key) ~= "string" then return false end
  end
  return true
end

--- What a call's arguments after the tensors mean: values by position, then perhaps a table of names.
function base.options_of(...)
  local count, given = select("#", ...), { ... }
  local last = given[count]
  if not is_options(last) then return given end
  given[count] = nil
  for name, value in pairs(last) do given[name] = value end
  return given
end

--- A function that reads the arguments of a call: first tensors, then options, by position or in a table of names.
-- @tparam string name of the operation, for messages
-- @tparam {string,...} operands names of the tensors
-- @tparam[opt] {{string,any,kind},...} options as in arguments.signature
-- @treturn function(...) which returns the list of tensors and the table of options
function base.reader(name, operands, options)
  local signature, count = arguments.signature(name, options or {}), #operands
  return function(...)
    local given = table.pack(...)
    local list = table.move(given, 1, count, 1, {})
    for i, operand in ipairs(operands) do
      if list[i] == nil then blame("%s: %s is missing", name, operand) end
    end
    return list, signature(base.options_of(table.unpack(given, count + 1, given.n)))
  end
end

--- Whether all are tensors of integers or whole numbers, and at least one is a tensor.
-- @tparam table operands a list
-- @treturn boolean
function base.are_whole(operands)
  local any = false
  for _, value in ipairs(operands) do
    local is_tensor = tensor.is_tensor(value)
    if is_tensor and value.dtype == "float32" or not is_tensor and math.type(value) ~= "integer" then return false end
    any = any or is_tensor
  end
  return any
end

--- Adds a function to nn.ops; one whose name has a point goes into a module within it, as "image.resize" does.
local function put(name, operation)
  local module, own = name:match "^(%l+)%.(.+)$"
  if not module then
    base.ops[name] = operation
    return
  end
  base.ops[module] = base.ops[module] or {}
  base.ops[module][own] = operation
end

-- A tail call would take the operation off the stack, where messages look for its name.
local function pass_on(...) return ... end

--- Adds an operation of the engine's table to nn.ops.
-- @tparam table definition [1]: its name; operands: names of the tensors ({ "x" }); options: as in `base.reader`;
-- engine: its name in the engine, if another; config: function(options, operands) that gives the engine's arguments
-- (the options themselves); integers: function(x1, x2, ..., options) that computes it where all operands are integers;
-- dtype: of the result, if not float32; aliases: further names
function base.define(definition)
  local name = definition[1]
  local read = base.reader(name, definition.operands or { "x" }, definition.options)
  local engine_name, config_of, integers = definition.engine or name, definition.config, definition.integers
  local function operation(...)
    local operands, options = read(...)
    if integers and base.are_whole(operands) then
      operands[#operands + 1] = options
      return pass_on(integers(table.unpack(operands)))
    end
    local result = base.run(engine_name, config_of and config_of(options, operands) or options, operands)
    return definition.dtype and tensor.is_tensor(result) and result:astype(definition.dtype) or result
  end
  blame.name(operation, name)
  put(name, operation)
  for _, alias in ipairs(definition.aliases or {}) do put(alias, operation) end
end

--- Adds an operation to nn.ops that is made of others.
-- @tparam table definition [1], operands, options and aliases as for `base.define`; compute: function(x1, x2, ...,
-- options); converts: false if the operands are no tensors (true)
function base.compose(definition)
  local name, compute = definition[1], definition.compute
  local read = base.reader(name, definition.operands or { "x" }, definition.options)
  local function operation(...)
    local operands, options = read(...)
    for i, operand in ipairs(operands) do
      operands[i] = definition.converts == false and operand or base.tensor(operand, name)
    end
    operands[#operands + 1] = options
    return pass_on(compute(table.unpack(operands)))
  end
  blame.name(operation, name)
  put(name, operation)
  for _, alias in ipairs(definition.aliases or {}) do put(alias, operation) end
end

return base
