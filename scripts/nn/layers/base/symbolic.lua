--- What a layer gives before any data run: a shape, and how it came about. Models are made of these.
local properties = require "nn.support.properties"

local symbolic = {}

-- Methods are those that tensors have, as far as nn.ops has them.
local methods = {}
for _, name in ipairs {
  "abs", "sqrt", "exp", "log", "sin", "cos", "tanh", "floor", "round", "maximum", "minimum", "clip", "sum", "mean",
  "var", "std", "min", "max", "argmin", "argmax", "matmul", "reshape", "transpose",
} do
  methods[name] = function(self, first, ...)
    local is_lengths = (name == "reshape" or name == "transpose") and type(first) == "number"
    if is_lengths then return require "nn.ops"[name](self, { first, ... }) end
    return require "nn.ops"[name](self, first, ...)
  end
end
for method, name in pairs { eq = "equal", ne = "not_equal", lt = "less", le = "less_equal", gt = "greater",
  ge = "greater_equal", flatten = "ravel" } do
  methods[method] = function(...) return require "nn.ops"[name](...) end
end

local Symbolic = { __name = "nn.symbolic" }
properties.add(Symbolic, { methods = methods, title = "a symbolic tensor",
  readable = { "layer", "inputs", "shape", "call", "index", "mask", "read", "options" } })

--- @tparam table layer the layer (or model) that gives it
-- @tparam {symbolic,...} inputs what the layer read, a mask included
-- @tparam {integer,...} shape of one sample, -1 at open axes (see open_axes.lua); with the field is_whole the shape of
-- all samples together, where a length -k stands for k times their number
-- @tparam[opt] table call what the outputs of one call have in common; each call has its own
-- @tparam[opt] integer index which of the call's outputs it is (1)
function symbolic.new(layer, inputs, shape, call, index)
  return setmetatable({ layer = layer, inputs = inputs, shape = shape, call = call or {}, index = index or 1 },
    Symbolic)
end

function symbolic.is(value)
  return getmetatable(value) == Symbolic
end

local field_of = Symbolic.__index

-- x[{ {}, 1 }] is what it is for tensors.
function Symbolic:__index(key)
  if type(key) == "string" then return field_of(self, key) end
  return require "nn.ops".getitem(self, key)
end

function Symbolic:__tostring()
  local lengths = {}
  for i, length in ipairs(self.shape) do
    local of_samples = length == -1 and "n" or ("%dn"):format(-length)
    lengths[i] = length >= 0 and ("%d"):format(length) or self.shape.is_whole and of_samples or "None"
  end
  if not self.shape.is_whole then table.insert(lengths, 1, "n") end
  return ("<symbolic tensor (%s) of %s>"):format(table.concat(lengths, ", "), self.layer.name)
end

-- Arithmetic is that of nn.ops.
for operator, name in pairs {
  __add = "add", __sub = "subtract", __mul = "multiply", __div = "divide", __pow = "power", __mod = "mod",
  __idiv = "floor_divide",
} do
  Symbolic[operator] = function(a, b) return require "nn.ops"[name](a, b) end
end
function Symbolic:__unm() return require "nn.ops".negative(self) end

-- A comparison in Lua is true or false at once.
local function refuse_comparison()
  require "nn.support.blame"("a symbolic tensor has no numbers yet, so it cannot be compared with <, <=, > or >=: "
    .. "nn.ops.where(nn.ops.greater(x, 0), a, b) chooses for each number")
end
Symbolic.__lt, Symbolic.__le = refuse_comparison, refuse_comparison

-- nnrun itself asks whether two are the same one. Lua does not ask for `x == 0`, which is always false.
function Symbolic.__eq()
  if require("nn.support.blame").is_own(2) then return false end
  require "nn.support.blame"("two symbolic tensors have no numbers yet, so they cannot be compared with == or ~=: "
    .. "nn.ops.equal(a, b) compares their numbers, rawequal(a, b) tells whether they are one")
end

-- Without it Lua would count the fields of the table, which gives 0.
function Symbolic:__len()
  require "nn.support.blame"("a symbolic tensor has no length yet, as the number of samples is not known: nn.ops.mean "
    .. "takes the place of a sum divided by #x; x.shape is the shape of one sample")
end

--- All symbolic tensors that the given ones depend on, each after what it reads.
-- @tparam {symbolic,...} outputs
-- @tparam[opt] {[symbolic]=boolean} given where to stop: what these depend on is left out
-- @treturn {symbolic,...}
function symbolic.order(outputs, given)
  local sorted, seen = {}, {}
  local function visit(node)
    if seen[node] then return end
    seen[node] = true
    if not (given and given[node]) then
      for _, input in ipairs(node.inputs) do visit(input) end
    end
    sorted[#sorted + 1] = node
  end
  for _, output in ipairs(outputs) do visit(output) end
  return sorted
end

return symbolic
