--- Tensors' operators and methods while a tape is open: those that have a gradient go through nn.ops if the tape tracks
-- an operand. When the last tape is closed the usual ones are back, so that they cost nothing outside of tapes.
local blame = require "nn.support.blame"
local engine = require "engine.tensor"
local recording = require "nn.tape.recording"
local variables = require "nn.tape.variables"

local operators = {}

local metatable, methods = engine.metatable, engine.methods
local is_tracked = recording.is_tracked
local plain_contiguous, plain_astype = methods.contiguous, methods.astype
-- What is exchanged: where, under which name, what is recorded and what stood there before.
local exchanged = {}
local recorded_methods = {} -- by name; a tensor's methods while a tape is open

local function ops() return require "nn.ops" end

-- A list from what may be one or several arguments.
local function list_of(first, ...)
  return type(first) == "table" and first or { first, ... }
end

-- Outside of tapes a reduction of everything gives a Lua number, which nnrun's own code counts on. A script gets a
-- tensor without axes, whose gradient can be taken. A method calls this last, so level 2 is the method's caller.
local function for_caller(result)
  if result.ndim > 0 or not blame.is_own(2) then return result end
  return result:item()
end

local ALIKE = { "abs", "sqrt", "exp", "log", "sin", "cos", "tanh", "floor", "round", "maximum", "minimum", "clip" }
local ARITHMETIC = { __add = "add", __sub = "subtract", __mul = "multiply", __div = "divide", __pow = "power" }
local REDUCTIONS = { "sum", "mean", "var", "std", "min", "max", "matmul" }

-- Methods with a meaning of their own: function(tensor, ...) that calls nn.ops.
local OWN = {
  reshape = function(t, ...) return ops().reshape(t, list_of(...)) end,
  flatten = function(t) return ops().ravel(t) end,
  transpose = function(t, ...)
    if select("#", ...) == 0 then return ops().transpose(t) end
    return ops().transpose(t, list_of(...))
  end,
  copy = function(t) return ops().reshape(t, t.shape) end,
  contiguous = function(t) return plain_contiguous(t) == t and t or ops().reshape(t, t.shape) end,
  astype = function(t, dtype)
    return dtype == "float32" and ops().reshape(t, t.shape) or plain_astype(t, dtype)
  end,
  gather = function(t, positions)
    local rows = engine.is_tensor(positions) and positions or engine.new(positions, "int32")
    local last = #t + 1
    return ops().take(t, engine.where(rows:lt(0), rows + last, rows) - 1, 1)
  end,
}

local function replace(where, name, make)
  local before = rawget(where, name)
  exchanged[#exchanged + 1] = { where = where, name = name, recorded = make(before), before = before }
end

local function binary(name)
  return function(before)
    return function(a, b)
      if is_tracked(a) or is_tracked(b) then return ops()[name](a, b) end
      return before(a, b)
    end
  end
end

local function method(twin)
  return function(before)
    return function(t, ...)
      if is_tracked(t) then return twin(t, ...) end
      return before(t, ...)
    end
  end
end

local function reduction(name)
  return function(before)
    return function(t, other)
      if is_tracked(t) or engine.is_tensor(other) and is_tracked(other) then
        return for_caller(ops()[name](t, other))
      end
      return before(t, other)
    end
  end
end

local function index(before)
  return function(t, key)
    local recorded = recorded_methods[key]
    if recorded then return recorded end
    if type(key) == "string" or not is_tracked(t) then return before(t, key) end
    return for_caller(ops().getitem(t, key))
  end
end

local function each(before)
  return function(t)
    if not is_tracked(t) then return before(t) end
    return function(_, i)
      if i < #t then return i + 1, ops().getitem(t, i + 1) end
    end, t, 0
  end
end

-- An assignment would change what the walk back reads.
local function assignment(before)
  return function(t, key, value)
    if not variables.is(t) and not blame.is_own(2) and is_tracked(t) then
      blame("a tensor that a tape tracks cannot be assigned to: make another one, as nn.ops.where and "
        .. "nn.ops.slice_update do, or keep the number in an nn.Variable")
    end
    if not variables.is(t) and not blame.is_own(2) and engine.is_tensor(value) and is_tracked(value) then
      blame("a tensor that a tape tracks was assigned to a part of another, through which no gradient passes: join "
        .. "parts with nn.ops.concatenate or nn.ops.stack, or assign nn.ops.stop_gradient(x)")
    end
    return before(t, key, value)
  end
end

-- Functions of tensors that are no methods: nn.concatenate, nn.stack and nn.where.
local function joining(name)
  return function(before)
    return function(tensors, axis)
      if recording.tracks(tensors) then return ops()[name](tensors, axis) end
      return before(tensors, axis)
    end
  end
end

local function where(before)
  return function(condition, a, b)
    if is_tracked(a) or is_tracked(b) then return ops().where(condition, a, b) end
    return before(condition, a, b)
  end
end

local function prepare()
  for metamethod, name in pairs(ARITHMETIC) do replace(metatable, metamethod, binary(name)) end
  replace(metatable, "__unm", method(function(t) return ops().negative(t) end))
  replace(metatable, "__index", index)
  replace(metatable, "__newindex", assignment)
  replace(metatable, "__pairs", each)
  for _, name in ipairs(ALIKE) do
    recorded_methods[name] = method(function(t, ...) return ops()[name](t, ...) end)(methods[name])
  end
  for _, name in ipairs(REDUCTIONS) do recorded_methods[name] = reduction(name)(methods[name]) end
  for name, twin in pairs(OWN) do recorded_methods[name] = method(twin)(methods[name]) end
  replace(engine, "concatenate", joining "concatenate")
  replace(engine, "stack", joining "stack")
  replace(engine, "where", where)
end

--- Lets operators and methods be recorded.
function operators.install()
  if #exchanged == 0 then prepare() end
  for i = 1, #exchanged do
    local exchange = exchanged[i]
    exchange.where[exchange.name] = exchange.recorded
  end
end

--- Puts the usual operators and methods back.
function operators.remove()
  for i = 1, #exchanged do
    local exchange = exchanged[i]
    exchange.where[exchange.name] = exchange.before
  end
end

return operators
